-- rule: client-key-legacy-provider
-- SPDX-License-Identifier: Apache-2.0
-- code: H17
-- title: The key is in a provider that cannot sign with SHA-256
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.* 500.0.64
-- message: The key of {name} is in "{provider}" (type 1), which knows no SHA-256: with TLS 1.2 the client cannot prove that it has the key
--   (0x80090008).
-- confirm: "Provider" must be that one. With TLS 1.2 off at the client, as a test, the request succeeds; refuted when it fails there too.
--   $ certutil -user -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Import the certificate with its key again.
--
--   $ certutil -user -csp "Microsoft Software Key Storage Provider" -importpfx My <file.pfx>{is_user|command}
--   $ certutil -csp "Microsoft Software Key Storage Provider" -importpfx My <file.pfx>{is_machine|command}
--   undo: $ certutil -user -delstore My {thumbprint|cmd}{is_user|command}
--   undo: $ certutil -delstore My {thumbprint|cmd}{is_machine|command}
-- interrupts: The PFX must be at hand.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, k.provider,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
LEFT JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
WHERE k.provider_type = 1 AND (k.provider LIKE 'Microsoft Base Cryptographic Provider%' OR k.provider LIKE 'Microsoft Enhanced Cryptographic Provider%' OR k.provider LIKE 'Microsoft Strong Cryptographic Provider%') AND (o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
