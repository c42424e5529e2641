-- rule: chain-ambiguous-cross-sign
-- SPDX-License-Identifier: Apache-2.0
-- code: F22
-- title: An issuer of the client certificate stands in several versions, and one of them leads to a bad chain
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.*
-- message: The issuer "{issuer}" of {name} stands {versions} times on {machine}, and not all of its chains are good: {good} ends well, {bad} does not ({status}).
--   Windows takes one of them; which one can change with what it has cached.
-- confirm: The chain that Windows builds must go through the unwanted version. certutil prints each element with its thumbprint; CAPI2 event 11 shows it at the time of a request.
--   $ certutil -verify <client.cer>
-- remedy: Take the version that is not wanted out of the store (or put it into Untrusted Certificates when something brings it back).
--
--   $ certutil -delstore {store|cmd} {bad_thumbprint|cmd}
--   undo: $ certutil -addstore {store|cmd} <certificate.cer>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status https://support.microsoft.com/help/2831004
-- since: 1
WITH fork AS ( -- the first link in which a bad path of the same leaf differs from the best one
  SELECT b.machine, b.leaf, b.leaf_machine, b.status, min(g.position) AS position, b.path
  FROM chain_status t JOIN chain_status b ON b.machine = t.machine AND b.leaf = t.leaf AND b.leaf_machine = t.leaf_machine AND b.path > 0
  JOIN chain g ON g.machine = t.machine AND g.leaf = t.leaf AND g.leaf_machine = t.leaf_machine AND g.path = 0
  JOIN chain h ON h.machine = b.machine AND h.leaf = b.leaf AND h.leaf_machine = b.leaf_machine AND h.path = b.path AND h.position = g.position
    AND h.thumbprint <> g.thumbprint
  WHERE t.path = 0 AND t.status = 'CERT_TRUST_NO_ERROR' AND b.status <> 'CERT_TRUST_NO_ERROR'
  GROUP BY b.machine, b.leaf, b.leaf_machine, b.path)
SELECT f.machine, f.leaf || ': ' || h.thumbprint AS subject, o.name, g.thumbprint AS good, h.thumbprint AS bad, h.thumbprint AS bad_thumbprint, h.subject AS issuer,
  f.status, coalesce(h.store, 'CA') AS store,
  (SELECT count(DISTINCT c.thumbprint) FROM certificate c JOIN store_certificate s ON s.machine = c.machine AND s.thumbprint = c.thumbprint
     WHERE c.machine = f.machine AND c.subject = h.subject AND s.location = 'LocalMachine') AS versions,
  iif(EXISTS (SELECT 1 FROM symptom y WHERE y.machine = f.machine AND y.status = 403 AND y.substatus = 16), NULL, 'info') AS severity,
  json_array(json_object('thumbprint', g.thumbprint, 'store', g.store), json_object('thumbprint', h.thumbprint, 'store', h.store)) AS evidence
FROM fork f CROSS JOIN chain h ON h.machine = f.machine AND h.leaf = f.leaf AND h.leaf_machine = f.leaf_machine AND h.path = f.path AND h.position = f.position
JOIN chain g ON g.machine = f.machine AND g.leaf = f.leaf AND g.leaf_machine = f.leaf_machine AND g.path = 0 AND g.position = f.position
JOIN client_offer o ON o.machine = f.leaf_machine AND o.thumbprint = f.leaf AND (o.usable OR o.named)
JOIN cert_server w ON w.machine = f.machine
WHERE h.store IS NOT 'sent'
GROUP BY f.machine, f.leaf, h.thumbprint
ORDER BY f.machine, f.leaf, h.thumbprint
