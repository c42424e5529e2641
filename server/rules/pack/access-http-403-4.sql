-- rule: access-http-403-4
-- SPDX-License-Identifier: Apache-2.0
-- code: A14
-- title: Plain http was used where TLS is required (403.4)
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-iis
-- explains: 403.4.*
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 403.4: they came by http, and the path requires TLS. That is no fault of a certificate.
-- remedy: Use https; where a load balancer ends TLS and forwards http, let it pass TLS through, or the certificate never reaches IIS.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 4
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
