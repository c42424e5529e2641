-- rule: root-duplicate-in-root-and-authroot
-- SPDX-License-Identifier: Apache-2.0
-- code: F31
-- title: Roots stand in Trusted Root twice
-- severity: info
-- confidence: I
-- role: server
-- needs: server/cert-store:Root
-- message: {total} certificate(s) stand both in the store Root itself and among the third-party roots (AuthRoot), for example "{example}". It does no harm; whoever takes one
--   out must take out both.
-- remedy: Nothing needs to be done.
-- references: https://learn.microsoft.com/windows/win32/seccrypto/system-store-locations
-- since: 1
SELECT a.machine, 'LocalMachine\Root' AS subject, count(DISTINCT a.thumbprint) AS total, min(coalesce(c.subject, a.thumbprint)) AS example,
  json_array(json_object('thumbprint', min(a.thumbprint), 'store', 'LocalMachine\Root'), json_object('thumbprint', min(b.thumbprint), 'store', 'LocalMachine\AuthRoot')) AS evidence
FROM machine m CROSS JOIN store_certificate b ON b.machine = m.machine AND b.location = 'LocalMachine' AND lower(b.store) = 'root' AND b.physical = 'AuthRoot'
CROSS JOIN store_certificate a ON a.machine = b.machine AND a.thumbprint = b.thumbprint
LEFT JOIN certificate c ON c.machine = a.machine AND c.thumbprint = a.thumbprint
WHERE m.is_server AND a.location = 'LocalMachine' AND lower(a.store) = 'root' AND a.physical = 'Registry'
GROUP BY a.machine
ORDER BY a.machine
