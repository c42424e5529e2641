-- rule: client-critical-unknown-ext
-- SPDX-License-Identifier: Apache-2.0
-- code: H26
-- title: The client certificate, or an authority above it, has a critical extension that the server does not know
-- severity: info
-- confidence: I
-- role: client
-- needs: client/cert-store:My
-- uses: server/cert-store:CA server/cert-store:Root
-- explains: 403.16.*
-- strength: must
-- message: "{subject_name}" in the chain of {name} has a critical extension that Windows does not know, as {server} judges it (CERT_E_CRITICAL, 0x800B0105).
-- remedy: Have the certificate issued again without that extension, or with it not critical.
-- references: https://www.rfc-editor.org/rfc/rfc5280#section-4.2 https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-cert_trust_status
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, min(h.machine) AS server, min(coalesce(h.subject, h.thumbprint)) AS subject_name,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN chain h ON h.leaf = o.thumbprint AND h.leaf_machine = o.machine AND h.path = 0
JOIN machine v ON v.machine = h.machine AND v.is_server
WHERE h.status LIKE '%CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT%'
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
