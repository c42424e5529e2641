-- rule: key-in-other-profile
-- SPDX-License-Identifier: Apache-2.0
-- code: I05
-- title: The machine's certificate has its key in a user's profile
-- severity: error
-- confidence: P
-- role: server
-- needs: server/cert-store:My server/key-acl
-- message: {name} in LocalMachine\My has its key in the profile of one user (container "{container}", no machine key set): only that user can
--   use it, no service and no application pool.
-- confirm: The test of the key must fail for the machine ("Keyset does not exist") and succeed for the user who imported it.
--   $ certutil -verifystore My {thumbprint|cmd}
-- remedy: Import the PFX again, for the machine.
--
--   $ certutil -importpfx My <file.pfx>
--   undo: $ certutil -delstore My {thumbprint|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT k.machine, k.thumbprint AS subject, k.thumbprint, coalesce(k.container, '?') AS container, '"' || coalesce(c.subject_cn, c.subject, k.thumbprint) || '" (' || k.thumbprint || ')' AS name,
  iif(EXISTS (SELECT 1 FROM effective_binding b WHERE b.machine = k.machine AND b.thumbprint = k.thumbprint) OR c.client_auth, NULL, 'info') AS severity,
  json_array(json_object('thumbprint', k.thumbprint, 'store', 'LocalMachine\My'), json_object('entry', k.entry, 'line', k.line)) AS evidence
FROM private_key k LEFT JOIN certificate c ON c.machine = k.machine AND c.thumbprint = k.thumbprint
WHERE k.location = 'LocalMachine' AND lower(k.store) = 'my' AND k.flags & 32 = 0 AND coalesce(k.present, 0) = 0 AND k.provider LIKE 'Microsoft %' AND k.provider NOT LIKE '%Smart Card%' AND k.provider NOT LIKE '%Platform%'
ORDER BY k.machine, k.thumbprint
