-- rule: crl-ldap-only
-- SPDX-License-Identifier: Apache-2.0
-- code: G06
-- title: Revocation lists stand in the directory only, and the server is in no domain
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/cert-store:CA!
-- applies: EXISTS (SELECT 1 FROM revocation_checked WHERE machine = :machine)
-- explains: 403.13.2148081683
-- message: {name} names its revocation list by ldap only ({urls}), and {machine} is in no domain: it cannot ask the directory, and does not know whether the certificate is revoked (0x80092013).
-- confirm: The retrieval must fail for each ldap address; refuted when the server fetches it.
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Publish the list at an http address as well, and issue certificates that name it (on the CA, properties, Extensions). Until then bring the list to the server by hand.
--
--   $ certutil -addstore CA <list.crl>
--   undo: $ certutil -delstore CA <list>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT v.machine, c.thumbprint AS subject, '"' || coalesce(c.subject_cn, c.subject) || '" (' || c.thumbprint || ')' AS name, coalesce(c.issuer_cn, c.issuer) AS issuer,
  (SELECT group_concat(url) FROM (SELECT DISTINCT u.url FROM certificate_url u WHERE u.thumbprint = c.thumbprint AND u.kind = 'cdp' ORDER BY u.url)) AS urls,
  json_array(json_object('thumbprint', c.thumbprint)) AS evidence
FROM revocation_link v JOIN certificate c ON c.machine = v.holder AND c.thumbprint = v.thumbprint
JOIN machine m ON m.machine = v.machine AND m.domain = ''
WHERE EXISTS (SELECT 1 FROM certificate_url u WHERE u.thumbprint = c.thumbprint AND u.kind = 'cdp')
  AND NOT EXISTS (SELECT 1 FROM certificate_url u WHERE u.thumbprint = c.thumbprint AND u.kind = 'cdp' AND u.url NOT LIKE 'ldap:%')
  AND NOT EXISTS (SELECT 1 FROM certificate_url o WHERE o.thumbprint = c.thumbprint AND o.kind = 'ocsp' AND o.url LIKE 'http://%')
  AND NOT EXISTS (SELECT 1 FROM store_crl l JOIN machine x ON x.machine = l.machine WHERE l.machine = v.machine AND l.issuer_der = c.issuer_der AND coalesce(l.next_update, x.collected + 1) > x.collected)
GROUP BY v.machine, c.thumbprint
ORDER BY v.machine, c.thumbprint
