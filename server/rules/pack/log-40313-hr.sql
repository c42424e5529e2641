-- rule: log-40313-hr
-- SPDX-License-Identifier: Apache-2.0
-- code: M03
-- title: The server refused certificates because of revocation (403.13)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-iis
-- message: At "{place}" {total} request(s) ended with 403.13, win32 {win32} ({hex}): {meaning}.
-- remedy: This is the symptom, not its cause: see the diagnosis.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  CASE s.win32 WHEN 2148081680 THEN 'the certificate is revoked' WHEN 2148081682 THEN 'revocation cannot be checked, no list is named' WHEN 2148081683 THEN 'the revocation server was not reached' WHEN 2148204812 THEN 'the certificate was revoked by its issuer' ELSE 'revoked, or not to be known' END AS meaning,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 13
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
