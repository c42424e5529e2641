-- rule: log-40316-hr
-- SPDX-License-Identifier: Apache-2.0
-- code: M02
-- title: The server refused certificates as not trusted or not valid (403.16)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-iis
-- message: At "{place}" {total} request(s) ended with 403.16, win32 {win32} ({hex}): {meaning}.
-- remedy: This is the symptom, not its cause: see the diagnosis.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  CASE s.win32 WHEN 2148204809 THEN 'the chain ends in a root that is not trusted' WHEN 2148204810 THEN 'the chain cannot be built, an intermediate is missing' WHEN 2148204816 THEN 'the certificate may not be used for this' WHEN 2148204817 THEN 'a certificate of the chain is distrusted'
    WHEN 2148204818 THEN 'the CA is not trusted for Active Directory' WHEN 2148204801 THEN 'a certificate is not valid at this time' WHEN 2148204820 THEN 'a name is outside of what its CA may issue' WHEN 2148204805 THEN 'an unknown critical extension' ELSE 'the chain was not accepted' END AS meaning,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 16
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
