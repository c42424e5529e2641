-- rule: log-masked-error
-- SPDX-License-Identifier: Apache-2.0
-- code: M08
-- title: The 403.7 hides another error that came just before it
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-iis
-- message: At "{place}" {n} time(s) a request ended with {first_status}.{first_substatus} (win32 {first_win32}) and the same client got 403.7
--   right after it: the first of the two is the one to look for.
-- remedy: See the diagnosis of the first error; the 403.7 only follows it.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT p.machine, p.site, coalesce(p.place, p.site, '') AS path, coalesce(p.place, p.site, '') AS place, coalesce(p.place, p.site, '') || ' ' || p.first_status || '.' || p.first_substatus || '.' || p.first_win32 AS subject,
  sum(p.count) AS n, p.first_status, p.first_substatus, p.first_win32,
  (SELECT json_array(json_object('entry', r.first_entry, 'line', r.first_line), json_object('entry', r.then_entry, 'line', r.then_line)) FROM request_pair r WHERE r.machine = p.machine AND r.place IS p.place
    AND r.first_status = p.first_status AND r.first_win32 IS p.first_win32 ORDER BY r.first_time LIMIT 1) AS evidence
FROM request_pair_count p WHERE p.count > coalesce(p.by_chance, 0) * 2
GROUP BY p.machine, p.site, p.place, p.first_status, p.first_substatus, p.first_win32
ORDER BY p.machine, p.site, p.place, p.first_status
