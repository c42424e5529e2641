-- rule: client-cert-revoked
-- SPDX-License-Identifier: Apache-2.0
-- code: G01
-- title: The client certificate is revoked
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-iis
-- explains: 403.13.2148081680 403.13.2148204812
-- outranks: crl-unreachable
-- message: At "{place}" {total} request(s) ended with 403.13 and win32 {win32} ({hex}, revoked), the last at {last|time}.
--   {name} was revoked on {revoked|time}{reason_text}, says the list of {issuer}, and {machine} looks at such lists.
-- why: {told}
-- confirm: Which certificate it is and which list names it:
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Issue a new certificate to the client. A revocation cannot be taken back, except of one on hold.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, max(s.last) AS last, NULL AS name, NULL AS revoked, NULL AS reason_text, NULL AS issuer, 'seen' AS strength,
  'The log itself says that the certificate is revoked (' || hex32(s.win32) || ').' AS told,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 403 AND s.substatus = 13 AND s.win32 IN (2148081680, 2148204812)
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
UNION ALL
SELECT r.machine, NULL, NULL, r.thumbprint, NULL, NULL, NULL, NULL, NULL, o.name, r.revoked, coalesce(' (' || r.reason || ')', ''), r.issuer, 'must',
  o.name || ' stands in the list of ' || r.issuer || ' that is in the evidence.',
  json_array(json_object('entry', r.entry, 'excerpt', r.issuer), json_object('thumbprint', r.thumbprint, 'store', o.location || '\' || o.store))
FROM certificate_revoked r JOIN machine m ON m.machine = r.machine AND m.is_server
JOIN client_offer o ON o.thumbprint = r.thumbprint AND (o.usable OR o.named)
JOIN revocation_checked v ON v.machine = r.machine
WHERE o.named OR NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits AND NOT EXISTS (SELECT 1 FROM certificate_revoked q WHERE q.thumbprint = f.thumbprint))
GROUP BY r.machine, r.thumbprint
ORDER BY 1, 4
