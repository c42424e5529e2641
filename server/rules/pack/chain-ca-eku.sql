-- rule: chain-ca-eku
-- SPDX-License-Identifier: Apache-2.0
-- code: F27
-- title: A CA of the chain is not for client certificates
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing
-- message: The chain of {name} goes through {link}, whose own usages ({usages}) do not include client authentication: the chain is not good for it
--   (0x800B0110, CERT_E_WRONG_USAGE).
-- confirm: The chain must show CERT_TRUST_IS_NOT_VALID_FOR_USAGE at that element.
--   $ certutil -verify <client.cer>
-- remedy: Have that CA certificate issued again without enhanced key usages, or with client authentication (1.3.6.1.5.5.7.3.2), and put it into the store in place of
--   this one.
--
--   $ certutil -addstore CA <ca.cer>
--   $ certutil -delstore {store|cmd} {thumbprint|cmd}{is_here|command}
--   undo: $ certutil -addstore {store|cmd} <former.cer>{is_here|command}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, coalesce(h.store, '?') AS store, iif(h.store IS NULL OR h.store = 'sent', NULL, '') AS is_here,
  coalesce(nullif(c.eku, ''), 'none') AS usages,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE h.position > 0 AND ' ' || h.status || ' ' LIKE '% CERT_TRUST_IS_NOT_VALID_FOR_USAGE %' AND c.client_auth = 0
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
