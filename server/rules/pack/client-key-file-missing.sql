-- rule: client-key-file-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: H03
-- title: The private key that the client certificate names is gone
-- severity: error
-- confidence: P
-- role: client
-- needs: client/cert-store:My client/key-acl!
-- explains: 403.7.*
-- strength: must
-- message: {name} says that its key is in container "{container}" of {provider}, and there is no such file in any of the key folders that
--   were read ("Keyset does not exist", Schannel 36870): the certificate cannot be used.
--   Only {found} is there: what stands behind "_" is the MachineGuid of another installation (a clone, an image, a restored profile).
--   Schannel wrote event 36870 {told}.
-- confirm: The test of the key must end with "Keyset does not exist" (0x80090016), run as the user who fails. "Access denied" instead is another cause: the rights of the file.
--   $ certutil -user -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Import the PFX again; the key cannot be brought back from the certificate.
--
--   $ certutil -user -importpfx My <file.pfx>{is_user|command}
--   $ certutil -importpfx My <file.pfx>{is_machine|command}
--   undo: $ certutil -user -delstore My {thumbprint|cmd}{is_user|command}
--   undo: $ certutil -delstore My {thumbprint|cmd}{is_machine|command}
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine,
  coalesce(k.container, '?') AS container, coalesce(k.provider, 'its provider') AS provider,
  (SELECT w.words FROM event_told w WHERE w.machine = o.machine AND w.area = 'schannel' AND w.event_id = 36870 AND w.side IS 'client') AS told,
  (SELECT min(f.file_name) FROM key_file f WHERE f.machine = o.machine AND length(k.file_name) > 60 AND substr(f.file_name, 1, 33) = substr(k.file_name, 1, 33)) AS found,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
LEFT JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
WHERE k.present = 0 AND (o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
