-- rule: key-orphan-sid
-- SPDX-License-Identifier: Apache-2.0
-- code: I04
-- title: The rights on a private key name an application pool that is not there any more
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/key-acl
-- message: The key file {file} (of {names}) grants rights to {sid}, an application pool that this server does not have (any more): a renamed
--   pool has another SID.
-- remedy: Grant the pool of today, then take the old entry out.
--
--   $ icacls {file|cmd} /remove:g {star|cmd}
--   undo: $ icacls {file|cmd} /grant {grant|cmd}
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls
-- since: 1
SELECT a.machine, a.object || ' ' || a.sid AS subject, a.object AS file, a.sid, '*' || a.sid AS star, '*' || a.sid || ':R' AS grant,
  (SELECT group_concat(DISTINCT coalesce(c.subject_cn, c.subject, k.thumbprint)) FROM private_key k LEFT JOIN certificate c ON c.machine = k.machine AND c.thumbprint = k.thumbprint WHERE k.machine = a.machine AND k.path = a.object) AS names,
  json_array(json_object('entry', a.entry, 'excerpt', a.sid)) AS evidence
FROM access_entry a
WHERE a.sid LIKE 'S-1-5-82-%-%-%-%-%' AND NOT EXISTS (SELECT 1 FROM app_pool p WHERE p.machine = a.machine AND p.sid = a.sid)
  AND NOT EXISTS (SELECT 1 FROM identity i WHERE i.machine = a.machine AND i.sid = a.sid)
  AND EXISTS (SELECT 1 FROM private_key k WHERE k.machine = a.machine AND k.path = a.object) AND EXISTS (SELECT 1 FROM app_pool p WHERE p.machine = a.machine)
GROUP BY a.machine, a.object, a.sid
ORDER BY a.machine, a.object, a.sid
