-- rule: chain-ca-expired
-- SPDX-License-Identifier: Apache-2.0
-- code: F20
-- title: A CA certificate in the chain of the client certificate is not valid at this time
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.17.*
-- strength: must
-- message: The chain of {name} goes through {link}, which is not valid when {machine} was looked at (it expires on {not_after|time}): the
--   certificate is refused (403.16, or 403.17).
-- confirm: The chain must show CERT_TRUST_IS_NOT_TIME_VALID at that element, with the clock right.
--   $ certutil -verify <client.cer>
--   $ w32tm /query /status
-- remedy: Renew the CA certificate and put the new one into the store; take the old one out when both have the same key.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, c.not_after, coalesce(h.store, '?') AS store,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE ' ' || h.status || ' ' LIKE '% CERT_TRUST_IS_NOT_TIME_VALID %' AND h.position > 0
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
