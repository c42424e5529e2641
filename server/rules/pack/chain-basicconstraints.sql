-- rule: chain-basicconstraints
-- SPDX-License-Identifier: Apache-2.0
-- code: F25
-- title: A certificate of the chain may not issue certificates
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.*
-- strength: must
-- outranks: server-root-missing
-- message: The chain of {name} goes through {link}, and {what}: the certificate is refused (0x80096019, TRUST_E_BASIC_CONSTRAINTS).
-- confirm: The chain must show TRUST_E_BASIC_CONSTRAINTS (0x80096019) at that element.
--   $ certutil -verify <client.cer>
-- remedy: Have that CA certificate issued again with basicConstraints critical, CA:TRUE, a path length that allows what is below it, and keyCertSign; then put the new one into the
--   store of the servers and of the clients.
--
--   $ certutil -addstore CA <ca.cer>
--   undo: $ certutil -delstore CA <serial number>
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, coalesce(h.store, '?') AS store,
  CASE WHEN ' ' || h.status || ' ' NOT LIKE '% CERT_TRUST_INVALID_BASIC_CONSTRAINTS %' THEN 'its key usage (' || c.key_usage || ') does not include the signing of certificates'
    WHEN coalesce(c.is_ca, 0) = 0 THEN 'it does not say that it is a CA' || iif(c.version = 1, ' (it is of version 1)', '')
    ELSE 'its path length of ' || coalesce(c.path_length, '?') || ' allows fewer CAs below it than there are' END AS what,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE h.position > 0 AND (' ' || h.status || ' ' LIKE '% CERT_TRUST_INVALID_BASIC_CONSTRAINTS %'
    OR (' ' || h.status || ' ' LIKE '% CERT_TRUST_IS_NOT_VALID_FOR_USAGE %' AND c.key_usage IS NOT NULL AND instr(',' || c.key_usage || ',', ',keyCertSign,') = 0))
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
