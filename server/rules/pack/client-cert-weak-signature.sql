-- rule: client-cert-weak-signature
-- SPDX-License-Identifier: Apache-2.0
-- code: H09
-- title: The client certificate, or an authority above it, is signed with a weak hash
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- uses: server/reg-system server/cert-store:CA
-- explains: 403.16.*
-- strength: must
-- message: {what}
-- confirm: CAPI2 event 11 on the server must show CERT_TRUST_HAS_WEAK_SIGNATURE for the chain, at the time of a request. Refuted when the same chain verifies there.
--   $ wevtutil sl Microsoft-Windows-CAPI2/Operational /e:true /ms:33554432
-- remedy: Have the certificate issued again with SHA-256.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn375961(v=ws.11)
-- since: 1
WITH link AS NOT MATERIALIZED ( -- certificates of the chain whose signature counts: all but a root
  SELECT o.machine, o.thumbprint AS leaf, o.location, o.user, o.store, o.name, o.entry, o.line, o.severity, c.thumbprint, coalesce(c.subject_cn, c.subject) AS subject, c.signature_hash AS hash
  FROM client_meant o JOIN chain h ON h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0
  JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint WHERE c.self_signed = 0 AND (c.signature_hash = 'MD2' OR c.signature_hash = 'MD4' OR c.signature_hash = 'MD5' OR c.signature_hash = 'SHA1')),
refused AS ( -- servers whose policy refuses it
  SELECT l.leaf, l.machine, l.thumbprint, min(h.machine) AS server FROM link l JOIN chain h ON h.leaf = l.leaf AND h.leaf_machine = l.machine AND h.thumbprint = l.thumbprint AND h.path = 0
  JOIN machine v ON v.machine = h.machine AND v.is_server WHERE h.status LIKE '%CERT_TRUST_HAS_WEAK_SIGNATURE%' GROUP BY l.leaf, l.machine, l.thumbprint)
SELECT l.machine, l.leaf || ' ' || l.location || coalesce(' ' || l.user, '') || iif(l.thumbprint = l.leaf, '', ' ' || l.thumbprint) AS subject,
  CASE WHEN r.server IS NOT NULL THEN l.severity WHEN l.hash = 'SHA1' THEN 'info' ELSE 'warning' END AS severity, iif(r.server IS NULL, 'may', NULL) AS strength,
  iif(l.thumbprint = l.leaf, 'The certificate ' || l.name, '"' || l.subject || '" in the chain of ' || l.name) || ' is signed with ' || l.hash
    || CASE WHEN r.server IS NOT NULL THEN ', which ' || r.server || ' refuses by its policy for weak signatures (CertDllCreateCertificateChainEngine\Config): 403.16.'
      WHEN l.hash = 'SHA1' THEN '. Windows still takes that for client authentication, unless a policy says otherwise.'
      ELSE '. Servers with TLS 1.2 offer no such signature, and TLS 1.3 forbids it.' END AS what,
  json_array(json_object('thumbprint', l.thumbprint, 'store', l.location || '\' || l.store), json_object('entry', l.entry, 'line', l.line)) AS evidence
FROM link l LEFT JOIN refused r ON r.leaf = l.leaf AND r.machine = l.machine AND r.thumbprint = l.thumbprint
GROUP BY l.machine, l.leaf, l.location, l.user, l.thumbprint
ORDER BY l.machine, l.leaf, l.location, l.user, l.thumbprint
