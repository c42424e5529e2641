-- rule: ca-store-self-signed
-- SPDX-License-Identifier: Apache-2.0
-- code: F05
-- title: A self-signed certificate stands in Intermediate CAs instead of Trusted Root
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/cert-store:CA server/cert-store:Root!
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.2148204809 403.7.*
-- message: {name} is self-signed and stands in LocalMachine\CA, not in LocalMachine\Root: it is no anchor there, and chains that end in it
--   are not trusted.
-- confirm: The chain must end in this certificate and be refused as untrusted (0x800B0109).
--   $ certutil -verify <client.cer>
-- remedy: Move it to Trusted Root when it is meant to be trusted.
--
--   [9200-] PS> Move-Item -LiteralPath {ca_path|ps} -Destination Cert:\LocalMachine\Root
--   [9200-] undo: PS> Move-Item -LiteralPath {root_path|ps} -Destination Cert:\LocalMachine\CA
--   [-9199] $ certutil -store CA {subject|cmd} <ca.cer>
--   [-9199] $ certutil -addstore Root <ca.cer>
--   [-9199] $ certutil -delstore CA {subject|cmd}
--   [-9199] undo: $ certutil -addstore CA <ca.cer>
--   [-9199] undo: $ certutil -delstore Root {subject|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/errors-403-7-reject-client-certificate-request
-- since: 1
SELECT s.machine, s.thumbprint AS subject, '"' || coalesce(c.subject, s.thumbprint) || '" (' || s.thumbprint || ')' AS name,
  'Cert:\LocalMachine\CA\' || upper(s.thumbprint) AS ca_path, 'Cert:\LocalMachine\Root\' || upper(s.thumbprint) AS root_path,
  json_array(json_object('thumbprint', s.thumbprint, 'store', 'LocalMachine\CA'), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM machine m CROSS JOIN store_certificate s ON s.machine = m.machine CROSS JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
WHERE m.is_server AND s.location = 'LocalMachine' AND lower(s.store) = 'ca' AND c.self_signed = 1 AND s.thumbprint <> 'fee449ee0e3965a5246f000e87fde2a065fd89d4' -- Root Agency: of Windows
  AND NOT EXISTS (SELECT 1 FROM store_certificate r WHERE r.machine = s.machine AND r.thumbprint = s.thumbprint AND r.location = 'LocalMachine' AND lower(r.store) = 'root')
GROUP BY s.machine, s.thumbprint
ORDER BY s.machine, s.thumbprint
