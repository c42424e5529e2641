-- rule: chain-cert-disallowed
-- SPDX-License-Identifier: Apache-2.0
-- code: F19
-- title: A certificate of the chain is in Untrusted Certificates
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Disallowed
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing server-intermediate-missing
-- message: The server refuses {name}: {link} of its chain is distrusted (store Disallowed, or the list of distrusted certificates;
--   0x800B0111).
-- confirm: The chain must show CERT_TRUST_IS_EXPLICIT_DISTRUST at that element (0x800B0111).
--   $ certutil -verify <client.cer>
--   $ certutil -store Disallowed
-- remedy: Find out why it was distrusted. When it was a mistake, take it out.
--
--   $ certutil -delstore Disallowed {thumbprint|cmd}
--   undo: $ certutil -addstore Disallowed <certificate.cer>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, c.not_after, coalesce(h.store, '?') AS store,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE ' ' || h.status || ' ' LIKE '% CERT_TRUST_IS_EXPLICIT_DISTRUST %' AND h.position >= 0
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
