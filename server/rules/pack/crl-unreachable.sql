-- rule: crl-unreachable
-- SPDX-License-Identifier: Apache-2.0
-- code: G02
-- title: Revocation lists cannot be fetched: the server cannot know whether the certificate is revoked
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-iis
-- uses: server/log-event
-- explains: 403.13.2148081683
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 403.13 and win32 {win32} ({hex}, revocation server offline), the last at {last|time}:
--   the server reached none of the addresses in the certificates, or what it got has expired.
--   CAPI2 says which could not be fetched: {urls}.
-- confirm: Fetch all lists as the machine itself does; the address that fails is the cause.
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Find out which address fails, as the machine itself (the proxy of WinHTTP counts, not that of a user), then open the way or
--   publish the list again.
--
--   $ certutil -verify -urlfetch <client.cer>
--   $ netsh winhttp show proxy
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  (SELECT group_concat(DISTINCT e.target) FROM (SELECT * FROM event ORDER BY target) e WHERE e.machine = s.machine AND e.area = 'capi2' AND e.event_id = 53 AND e.error > 0) AS urls,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 13 AND s.win32 = 2148081683
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
