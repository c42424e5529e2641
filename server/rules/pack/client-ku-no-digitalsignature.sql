-- rule: client-ku-no-digitalsignature
-- SPDX-License-Identifier: Apache-2.0
-- code: H08
-- title: The client certificate may not be used for signatures (key usage)
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- strength: may
-- message: The key usage of {name} is {key_usage}, without digitalSignature: .NET leaves such a certificate out without a word, and in TLS 1.2 and 1.3
--   the client proves with a signature that it has the key.
-- confirm: The key usage printed must be without Digital Signature. Refuted when another program of this client presents the certificate and is served.
--   $ certutil -user -v -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -v -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Have it issued again from a template whose key usage has digital signature, and import the new one.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.3
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, c.key_usage,
  iif(EXISTS (SELECT 1 FROM symptom s WHERE s.status = 403 AND s.substatus = 7), o.severity, 'warning') AS severity,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
WHERE c.key_usage IS NOT NULL AND ',' || c.key_usage || ',' NOT LIKE '%,digitalSignature,%'
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
