-- rule: root-eku-restricted
-- SPDX-License-Identifier: Apache-2.0
-- code: F24
-- title: A CA of the chain is not trusted for client authentication
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing
-- message: The chain of {name} goes through {link} in {store}, which may not be used for client authentication there (its purposes were
--   limited): 403.16, 0x800B0110.
-- confirm: The properties of that CA in the store (CERT_ENHKEY_USAGE_PROP_ID or a disallowed usage) must be without client authentication, and the chain end in CERT_TRUST_IS_NOT_VALID_FOR_USAGE.
--   $ certutil -v -store Root {thumbprint|cmd}
--   $ certutil -verify <client.cer>
-- remedy: In the certificate console of the machine, open its properties and choose "Enable all purposes for this certificate".
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, c.not_after, coalesce(h.store, '?') AS store,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE ' ' || h.status || ' ' LIKE '% CERT_TRUST_IS_NOT_VALID_FOR_USAGE %' AND h.position > 0
  AND coalesce(c.client_auth, 1) AND (c.key_usage IS NULL OR instr(',' || c.key_usage || ',', ',keyCertSign,') > 0)  -- its own limits: F25, F27
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
