-- rule: key-folder-acl-broken
-- SPDX-License-Identifier: Apache-2.0
-- code: I03
-- title: The rights of the folder of private keys were changed: new keys cannot be made
-- severity: error
-- confidence: V
-- role: server
-- needs: server/key-acl
-- strength: may
-- message: The folder {folder} no longer lets everyone create keys in it ({rights}): programs that are not administrators cannot make or import a key, and TLS can fail for them (KB278381).
--   Schannel wrote event 36870 {told}.
-- confirm: The list must lack Everyone with the right to write (RD,WD,...), this folder only.
--   $ icacls {folder|cmd}
-- remedy: Give it the rights back that Windows sets: administrators in full, everyone special rights, for this folder only.
--
--   $ icacls {folder|cmd} /save <rights.txt>
--   $ icacls {folder|cmd} /grant *S-1-1-0:(RD,WD,AD,REA,WEA,RA,WA,RC,S) *S-1-5-32-544:(F)
--   undo: $ icacls <its parent folder> /restore <rights.txt>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls https://learn.microsoft.com/troubleshoot/windows-server/certificates-and-public-key-infrastructure-pki/default-permissions-machinekeys-folders
-- since: 1
SELECT m.machine, f.object AS subject, f.object AS folder, w.words AS told, iif(w.words IS NULL, 'warning', 'error') AS severity,
  group_concat(f.kind || ' ' || f.sid || ' ' || hex32(f.mask), ', ') AS rights,
  json_array(json_object('entry', min(f.entry), 'excerpt', f.object)) AS evidence
FROM machine m JOIN (SELECT machine, object, position, sid, kind, mask, inherit_only, entry FROM access_entry WHERE lower(object) LIKE '%\microsoft\crypto\rsa\machinekeys' ORDER BY object, position) f ON f.machine = m.machine
LEFT JOIN event_told w ON w.machine = m.machine AND w.area = 'schannel' AND w.event_id = 36870 AND w.side IS 'server'
WHERE m.is_server
GROUP BY m.machine, f.object
-- everyone, or all who are logged on: a right to add files (2), and no entry that denies it
HAVING max(f.kind = 'allow' AND NOT f.inherit_only AND f.sid IN ('S-1-1-0', 'S-1-5-11', 'S-1-5-32-545') AND (f.mask & 2) > 0) = 0
  OR max(f.kind = 'deny' AND NOT f.inherit_only AND f.sid IN ('S-1-1-0', 'S-1-5-11', 'S-1-5-32-545') AND (f.mask & 2) > 0)
ORDER BY m.machine, f.object
