-- rule: chain-nameconstraints
-- SPDX-License-Identifier: Apache-2.0
-- code: F26
-- title: The client certificate has a name that a CA of its chain does not allow
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.*
-- message: {link} in the chain of {name} constrains the names of what is below it ({constraints}), and the chain does not keep to that ({status}): 0x800B0114, CERT_E_INVALID_NAME.
-- remedy: Issue the client certificate with names that the CA allows, or by another CA.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT t.machine, t.leaf || ': ' || h.thumbprint AS subject, '"' || t.subject || '" (' || t.leaf || ')' AS name, '"' || coalesce(c.subject, h.subject) || '" (' || h.thumbprint || ')' AS link,
  h.status, h.thumbprint, coalesce(h.store, '?') AS store,
  coalesce((SELECT group_concat(n.kind || ' ' || n.value, '; ') FROM (SELECT * FROM certificate_constraint ORDER BY kind, value) n WHERE n.machine = h.machine AND n.thumbprint = h.thumbprint), 'they cannot be read') AS constraints,
  json_array(json_object('thumbprint', t.leaf), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM server_chain t JOIN chain h ON h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NOT NULL
LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
WHERE h.position > 0 AND (h.status LIKE '%NAME_CONSTRAINT%')
GROUP BY t.machine, t.leaf, h.thumbprint
ORDER BY t.machine, t.leaf, h.position
