-- rule: crl-signature-or-issuer
-- SPDX-License-Identifier: Apache-2.0
-- code: G17
-- title: The revocation list was signed by another key than the one that issued the certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/cert-store:CA!
-- applies: EXISTS (SELECT 1 FROM revocation_checked WHERE machine = :machine)
-- explains: 403.13.2148081682 403.13.2148081683
-- message: The list of "{issuer}" on {machine} was not signed by any key of that CA that is known here (a CA that was renewed with a new key signs its lists with the new one): it says nothing of
--   {name}.
-- confirm: The list must not verify against the CA certificate that issued the client's.
--   $ certutil -verify <list.crl> <issuer.cer>
-- remedy: Publish the list that is signed by the key which issued the certificates: a CA has one for each of its keys (certutil -crl makes them all).
--
--   $ certutil -crl
--   $ certutil -addstore CA <list.crl>
--   undo: $ certutil -delstore CA <list>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://www.rfc-editor.org/rfc/rfc5280#section-6.3
-- since: 1
SELECT v.machine, c.thumbprint || ': ' || l.sha1 AS subject, '"' || coalesce(c.subject_cn, c.subject) || '" (' || c.thumbprint || ')' AS name, l.issuer,
  json_array(json_object('entry', l.entry, 'excerpt', l.issuer || ' ' || coalesce(iso(l.next_update), '')), json_object('thumbprint', c.thumbprint)) AS evidence
FROM revocation_link v JOIN certificate c ON c.machine = v.holder AND c.thumbprint = v.thumbprint
JOIN store_crl l ON l.machine = v.machine AND l.issuer_der = c.issuer_der AND l.signed = 0
WHERE NOT EXISTS (SELECT 1 FROM store_crl g WHERE g.machine = l.machine AND g.issuer_der = l.issuer_der AND g.signed IS NOT 0)
GROUP BY v.machine, c.thumbprint
ORDER BY v.machine, c.thumbprint
