-- rule: client-sha512-tls12
-- SPDX-License-Identifier: Apache-2.0
-- code: H22
-- title: The chain of the client certificate has SHA-512 signatures, which this Windows does not offer in TLS 1.2
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- uses: server/reg-system client/reg-system
-- explains: 403.7.* 500.0.64
-- strength: may
-- message: {what} is signed with SHA-512, and {old} ({windows}) does not offer SHA-512 in TLS 1.2 unless KB2973337 is installed, of which the evidence says nothing.
-- confirm: On {old} the update is listed, or it is not.
--   PS> Get-HotFix -Id KB2973337
-- remedy: Install KB2973337 there, or have the certificate issued with SHA-256.
-- references: https://support.microsoft.com/kb/2973337
-- since: 1
WITH link AS (
  SELECT o.*, min(c.thumbprint) AS signed, min(coalesce(c.subject_cn, c.subject)) AS signed_name FROM client_meant o
  JOIN chain h ON h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0
  JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint WHERE c.self_signed = 0 AND c.signature_hash = 'SHA512'
  GROUP BY o.machine, o.thumbprint, o.location, o.user),
old AS (
  SELECT m.machine, coalesce(m.windows, 'build ' || m.build) AS windows, m.is_server FROM machine m JOIN windows_default d ON d.machine = m.machine AND d.name = 'SHA-512' AND d.value = 0
  WHERE NOT EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = m.machine AND s.list = 'signature algorithms' AND s.name LIKE '%/SHA512'))
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, -- most of them have the update by now: a warning only where requests fail so
  iif(EXISTS (SELECT 1 FROM symptom s WHERE (s.status = 403 AND s.substatus = 7) OR (s.status = 500 AND s.substatus = 0 AND s.win32 = 64)), 'warning', 'info') AS severity, min(d.machine) AS old, min(d.windows) AS windows,
  iif(o.signed = o.thumbprint, 'The certificate ' || o.name, '"' || o.signed_name || '" in the chain of ' || o.name) AS what,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM link o CROSS JOIN old d ON d.machine = o.machine OR d.is_server
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
