-- rule: client-rsapss-tpm
-- SPDX-License-Identifier: Apache-2.0
-- code: H20
-- title: The key is in a TPM, which may not do what TLS asks for
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.* 500.0.64
-- strength: may
-- message: The key of {name} is in the TPM ("{provider}"). TPMs of version 1.16 and before fail at RSA-PSS signatures (0x40290423), which TLS
--   1.3 and many TLS 1.2 servers ask for.
-- confirm: CAPI2 or the program must report 0x40290423, or a capture show that the client breaks off instead of sending its CertificateVerify. The version of the TPM's specification:
--   PS> Get-WmiObject -Namespace root\cimv2\Security\MicrosoftTpm -Class Win32_Tpm | Select-Object SpecVersion,ManufacturerVersion
-- remedy: Update the firmware of the TPM; or take the RSAE-PSS algorithms out of the list of the client, as a test.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, k.provider,
  -- the version of the TPM is in no evidence, and most of them sign
  iif(EXISTS (SELECT 1 FROM symptom s WHERE (s.status = 403 AND s.substatus = 7) OR (s.status = 500 AND s.win32 = 64)), NULL, 'info') AS severity,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
LEFT JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
WHERE k.provider = 'Microsoft Platform Crypto Provider' AND (o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
