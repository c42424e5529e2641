-- rule: key-hsm-offline
-- SPDX-License-Identifier: Apache-2.0
-- code: I13
-- title: The provider that holds the key is not installed
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My client/reg-system
-- applies: CASE WHEN EXISTS (SELECT 1 FROM registry_key WHERE machine = :machine AND absent = 0 AND (key LIKE 'HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Providers\%' OR key LIKE 'HKLM\SOFTWARE\Microsoft\Cryptography\Defaults\Provider\%')) THEN 1 ELSE 'the list of the providers that are installed was not collected' END
-- explains: 403.7.*
-- message: The key of {name} is in "{provider}", which is not among the providers that are registered on {machine}: the certificate is shown with its key, and cannot be used.
-- confirm: The list must be without that provider, or the test of the key fail in it.
--   $ certutil -csplist
--   $ certutil -store My {thumbprint|cmd}
-- remedy: Install the software of the device (in the bitness of the program that uses the key), and see that it answers.
--
--   $ certutil -csplist
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://learn.microsoft.com/windows/win32/seccng/cng-key-storage-providers
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, k.provider,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('key', l.folder)) AS evidence
FROM client_offer o JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
JOIN (SELECT 1 AS cng, 'HKLM\SYSTEM\CurrentControlSet\Control\Cryptography\Providers' AS folder UNION ALL SELECT 0, 'HKLM\SOFTWARE\Microsoft\Cryptography\Defaults\Provider') l ON l.cng = (k.provider_type = 0)
WHERE (o.usable OR o.named) AND coalesce(k.provider, '') <> '' AND k.provider NOT LIKE 'Microsoft %'
  AND EXISTS (SELECT 1 FROM registry_key r WHERE r.machine = o.machine AND r.absent = 0 AND lower(r.key) LIKE lower(l.folder) || '\%')
  AND NOT EXISTS (SELECT 1 FROM registry_key r WHERE r.machine = o.machine AND r.absent = 0 AND lower(r.key) = lower(l.folder || '\' || k.provider))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
