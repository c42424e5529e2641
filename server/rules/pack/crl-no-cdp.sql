-- rule: crl-no-cdp
-- SPDX-License-Identifier: Apache-2.0
-- code: G04
-- title: The certificate says nowhere whether it is revoked, and the server insists on knowing
-- severity: error
-- confidence: P
-- role: server
-- needs: server/log-iis
-- explains: 403.13.2148081682
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 403.13 and win32 {win32} ({hex}, no revocation check possible): a certificate of the
--   chain names no revocation list and no OCSP responder that answers for it.
-- confirm: Both must be without an address: "CRL Distribution Points" and the OCSP entry of "Authority Information Access"; and the chain end with CRYPT_E_NO_REVOCATION_CHECK.
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Issue certificates with an http address of a revocation list, or put the list into the store of the server.
--
--   $ certutil -addstore CA <list.crl>
--   undo: $ certutil -delstore CA <list>
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 13 AND s.win32 = 2148081682
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
