-- rule: apppool-identity-changed
-- SPDX-License-Identifier: Apache-2.0
-- code: I07
-- title: The key may be read by the account that the pool had before
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My client/key-acl
-- uses: server/iis-config client/http-sslcert client/reg-http
-- explains: 403.7.*
-- message: The key of {name} may be read by {former}, under which no application pool of {machine} runs now; {account}, which does, may not read it (file {path}). That is what a move from Windows Server 2008 to a newer one, or a
--   change of the pool's identity, leaves behind.
-- confirm: The file's list of rights must not have the account of today, nor a group that it is in.
--   $ icacls {path|cmd}
-- remedy: Grant the identity of today, and take the former one out when nothing else runs under it.
--
--   $ icacls {path|cmd} /grant {grant|cmd}
--   undo: $ icacls {path|cmd} /remove:g {account|cmd}
-- interrupts: Nothing is interrupted; the pool may have to be recycled.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/icacls https://learn.microsoft.com/iis/configuration/system.applicationhost/applicationpools/add/processmodel
-- since: 1
SELECT k.machine, k.account || ' on ' || k.thumbprint AS subject, k.account, k.account || ':R' AS grant, k.path, o.name,
  CASE a.sid WHEN 'S-1-5-20' THEN 'NT AUTHORITY\NETWORK SERVICE' WHEN 'S-1-5-19' THEN 'NT AUTHORITY\LOCAL SERVICE' ELSE a.sid END AS former,
  json_array(json_object('entry', a.entry, 'excerpt', a.sid), json_object('thumbprint', k.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM key_access k JOIN client_offer o ON o.machine = k.machine AND o.thumbprint = k.thumbprint AND o.location = 'LocalMachine' AND (o.usable OR o.named)
JOIN app_pool p ON p.machine = k.machine AND lower(p.account) = lower(k.account) AND coalesce(p.auto_start, 1)
JOIN application u ON u.machine = p.machine AND lower(u.app_pool) = lower(p.app_pool)
JOIN access_entry a ON a.machine = k.machine AND a.object = k.path AND a.kind = 'allow' AND a.mask & 1 AND a.sid IN ('S-1-5-20', 'S-1-5-19')
WHERE k.can_read = 'no'
  AND NOT EXISTS (SELECT 1 FROM app_pool q JOIN application x ON x.machine = q.machine AND lower(x.app_pool) = lower(q.app_pool) WHERE q.machine = k.machine AND q.sid = a.sid)
  AND NOT EXISTS (SELECT 1 FROM ssl_binding b WHERE b.machine = k.machine AND b.thumbprint = k.thumbprint)
  AND NOT EXISTS (SELECT 1 FROM key_access y JOIN app_pool q ON q.machine = y.machine AND lower(q.account) = lower(y.account) -- another pool reads it: that is the one which uses it
    WHERE y.machine = k.machine AND y.thumbprint = k.thumbprint AND y.can_read <> 'no')
GROUP BY k.machine, k.account, k.thumbprint
ORDER BY k.machine, k.account, k.thumbprint
