-- rule: key-machineguid-mismatch
-- SPDX-License-Identifier: Apache-2.0
-- code: I09
-- title: The key file belongs to another installation of Windows
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/cert-store:My server/key-acl!
-- message: The key of {name} should be in {expected}, and only {found} is there: the part after "_" is the MachineGuid of another
--   installation (a clone, an image, a restored disk).
-- confirm: The test of the key must end with "Keyset does not exist", and MachineGuid not be what stands behind "_" in the name of the file.
--   $ certutil -verifystore My {thumbprint|cmd}
--   $ reg query HKLM\SOFTWARE\Microsoft\Cryptography /v MachineGuid
-- remedy: Import the PFX again.
--
--   $ certutil -importpfx My <file.pfx>
--   undo: $ certutil -delstore My {thumbprint|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT k.machine, k.thumbprint AS subject, k.thumbprint, k.file_name AS expected, min(f.file_name) AS found, '"' || coalesce(c.subject_cn, c.subject, k.thumbprint) || '" (' || k.thumbprint || ')' AS name,
  json_array(json_object('thumbprint', k.thumbprint, 'store', 'LocalMachine\My'), json_object('entry', min(f.entry), 'excerpt', min(f.path))) AS evidence
FROM private_key k JOIN key_file f ON f.machine = k.machine AND substr(f.file_name, 1, 33) = substr(k.file_name, 1, 33) AND lower(f.file_name) <> lower(k.file_name)
LEFT JOIN certificate c ON c.machine = k.machine AND c.thumbprint = k.thumbprint
WHERE k.location = 'LocalMachine' AND length(k.file_name) > 60 AND NOT EXISTS (SELECT 1 FROM key_file g WHERE g.machine = k.machine AND lower(g.file_name) = lower(k.file_name))
GROUP BY k.machine, k.thumbprint
ORDER BY k.machine, k.thumbprint
