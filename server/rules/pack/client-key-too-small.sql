-- rule: client-key-too-small
-- SPDX-License-Identifier: Apache-2.0
-- code: H10
-- title: The RSA key of the client certificate, or of an authority above it, is too short
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- uses: server/reg-system server/cert-store:CA
-- explains: 403.16.*
-- strength: must
-- message: {what}
-- confirm: CAPI2 event 11 on the server must show CERT_TRUST_HAS_WEAK_SIGNATURE or a weak key for the chain; the length is in "Public Key Length".
--   $ certutil -dump <client.cer>
-- remedy: Have the certificate issued again with a key of 2048 bits or more.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn375961(v=ws.11) https://learn.microsoft.com/security-updates/SecurityAdvisories/2012/2661254
-- since: 1
WITH link AS (
  SELECT o.machine, o.thumbprint AS leaf, o.location, o.user, o.store, o.name, o.entry, o.line, o.severity, c.thumbprint, coalesce(c.subject_cn, c.subject) AS subject, c.key_bits AS bits
  FROM client_meant o CROSS JOIN chain h ON h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0
  CROSS JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint WHERE upper(c.key_algorithm) LIKE '%RSA%' AND c.key_bits < 4096),
limited AS ( -- by the policy of each server; without one by what Windows does by itself
  SELECT v.machine AS server, coalesce((SELECT max(p.value) FROM chain_policy p WHERE p.machine = v.machine AND lower(p.name) = 'minrsapubkeybitlength'), 1023) AS least
  FROM machine v WHERE v.is_server
  UNION ALL SELECT NULL, 1023 WHERE NOT EXISTS (SELECT 1 FROM machine WHERE is_server))
SELECT l.machine, l.leaf || ' ' || l.location || coalesce(' ' || l.user, '') || iif(l.thumbprint = l.leaf, '', ' ' || l.thumbprint) AS subject, l.severity,
  iif(l.thumbprint = l.leaf, 'The certificate ' || l.name, '"' || l.subject || '" in the chain of ' || l.name) || ' has an RSA key of ' || l.bits || ' bits, and '
    || coalesce(min(m.server), 'Windows (KB2661254)') || ' refuses less than ' || max(m.least) || ' in every chain: 403.16.' AS what,
  json_array(json_object('thumbprint', l.thumbprint, 'store', l.location || '\' || l.store), json_object('entry', l.entry, 'line', l.line)) AS evidence
FROM limited m CROSS JOIN link l ON l.bits < m.least
GROUP BY l.machine, l.leaf, l.location, l.user, l.thumbprint
ORDER BY l.machine, l.leaf, l.location, l.user, l.thumbprint
