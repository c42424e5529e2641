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
WITH folder AS (
  SELECT machine, object, sid, kind, mask, entry,
    -- everyone, or all who are logged on: a right to add files (2)
    NOT inherit_only AND (sid = 'S-1-1-0' OR sid = 'S-1-5-11' OR sid = 'S-1-5-32-545') AND (mask & 2) > 0 AS adds
  FROM access_entry WHERE lower(object) LIKE '%\microsoft\crypto\rsa\machinekeys' ORDER BY object, sid, kind, mask),
told AS (
  SELECT machine, words FROM event_told WHERE area = 'schannel' AND event_id = 36870 AND side IS 'server')
SELECT f.machine, f.object AS subject, f.object AS folder, (SELECT t.words FROM told t WHERE t.machine = f.machine) AS told,
  iif(EXISTS (SELECT 1 FROM told t WHERE t.machine = f.machine AND t.words IS NOT NULL), 'error', 'warning') AS severity,
  group_concat(f.kind || ' ' || f.sid || ' ' || hex32(f.mask), ', ') AS rights,
  json_array(json_object('entry', min(f.entry), 'excerpt', f.object)) AS evidence
FROM folder f CROSS JOIN machine m ON m.machine = f.machine AND m.is_server
GROUP BY f.machine, f.object
-- nobody of them is allowed to, or an entry denies it
HAVING max(f.kind = 'allow' AND f.adds) = 0 OR max(f.kind = 'deny' AND f.adds)
ORDER BY f.machine, f.object
