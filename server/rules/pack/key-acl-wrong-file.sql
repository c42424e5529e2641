-- rule: key-acl-wrong-file
-- SPDX-License-Identifier: Apache-2.0
-- code: I02
-- title: The right to read was granted on another key file than that of the certificate
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My client/key-acl
-- explains: 403.7.*
-- message: {account} may read the key file {other}, which belongs to no certificate of this machine, and may not read that of {name}, which is {path}: after another import, or with another provider, a
--   certificate has another file.
-- confirm: "Unique container name" must be the name of the file without the right, not that of the other.
--   $ certutil -store My {thumbprint|cmd}
--   $ icacls {path|cmd}
-- remedy: Grant it read on the file of the certificate of today.
--
--   $ icacls {path|cmd} /grant {grant|cmd}
--   undo: $ icacls {path|cmd} /remove:g {account|cmd}
-- interrupts: Nothing is interrupted; the program may have to be restarted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT k.machine, k.account || ' on ' || k.thumbprint AS subject, k.account, k.account || ':R' AS grant, k.path, min(a.object) AS other, o.name, k.thumbprint,
  json_array(json_object('entry', a.entry, 'excerpt', min(a.object)), json_object('thumbprint', k.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM key_access k JOIN client_offer o ON o.machine = k.machine AND o.thumbprint = k.thumbprint AND (o.usable OR o.named)
JOIN access_entry a ON a.machine = k.machine AND a.sid = k.sid AND a.kind = 'allow' AND a.mask & 1 AND NOT a.inherit_only AND lower(a.object) <> lower(k.path)
JOIN key_file f ON f.machine = a.machine AND f.path = a.object
WHERE k.can_read = 'no'
  -- containers that Windows, IIS and .NET keep for themselves: rights on them are ordinary (causes §4)
  AND substr(lower(f.file_name), 1, 32) NOT IN ('6de9cb26d2b98c01ec4e9e8b34824aa2', '76944fb33636aeddb9590521c2e8815a', 'c2319c42033a5ca7f44e731bfd3fa2b5',
    'd6d986f09a1ee04e24c949879fdb506c', 'f686aace6942fb7f7ceb231212eef4a4', '7a436fe806e483969f48a894af2fe9a1', 'f0e91f6485ac2d09485e4ec18135601e', '597367cc37b886d7ee6c493e3befb421')
  AND NOT EXISTS (SELECT 1 FROM private_key p WHERE p.machine = a.machine AND lower(p.path) = lower(a.object))
  AND NOT EXISTS (SELECT 1 FROM key_access y WHERE y.machine = k.machine AND y.account = k.account AND y.can_read = 'yes'
    AND EXISTS (SELECT 1 FROM client_offer z WHERE z.machine = y.machine AND z.thumbprint = y.thumbprint AND z.usable))
GROUP BY k.machine, k.account, k.thumbprint
ORDER BY k.machine, k.account, k.thumbprint
