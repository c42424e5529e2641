-- rule: client-ecdsa-legacy-csp
-- SPDX-License-Identifier: Apache-2.0
-- code: H19
-- title: The client certificate has an elliptic curve key, and its provider knows none
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- strength: must
-- message: {name} has an elliptic curve key ({curve}), and the store ties it to "{provider}" (type {provider_type}), an old provider that has no such keys: the client cannot use it.
-- confirm: "Provider" must be the old one, and the test of the key must fail.
--   $ certutil -user -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Import it again into a key storage provider.
--
--   $ certutil -user -csp "Microsoft Software Key Storage Provider" -importpfx My <file.pfx>{is_user|command}
--   $ certutil -csp "Microsoft Software Key Storage Provider" -importpfx My <file.pfx>{is_machine|command}
--   undo: $ certutil -user -delstore My {thumbprint|cmd}{is_user|command}
--   undo: $ certutil -delstore My {thumbprint|cmd}{is_machine|command}
-- interrupts: The PFX must be at hand.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, o.severity, coalesce(c.curve, c.key_algorithm) AS curve, k.provider, k.provider_type,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
WHERE k.provider_type > 0 AND (upper(c.key_algorithm) LIKE 'EC%' OR c.curve IS NOT NULL)
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
