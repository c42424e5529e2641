-- rule: client-cert-wrong-hive
-- SPDX-License-Identifier: Apache-2.0
-- code: H13
-- title: The certificate stands in the machine's store, and a browser looks into the user's
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My!
-- uses: client/key-acl
-- explains: 403.7.*
-- message: {name} stands in LocalMachine\My, and the users of {machine} have no certificate of their own that would do: browsers present what
--   is in the user's store.
-- confirm: Run as that user: the personal store must hold no certificate with a key for client authentication.
--   $ certutil -user -store My
-- remedy: Where a user is to present it, import it for the user.
--
--   $ certutil -user -importpfx My <file.pfx>
--   undo: $ certutil -user -delstore My {thumbprint|cmd}
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint AS subject, o.name, o.thumbprint,
  iif(EXISTS (SELECT 1 FROM symptom s WHERE s.status = 403 AND s.substatus = 7), 'warning', 'info') AS severity, json_array(json_object('thumbprint', o.thumbprint, 'store', 'LocalMachine\My')) AS evidence
FROM client_offer o WHERE o.location = 'LocalMachine' AND o.usable
  AND EXISTS (SELECT 1 FROM item i WHERE i.machine = o.machine AND i.kind = 'cert-store' AND i.location <> 'LocalMachine' AND lower(i.store) = 'my')
  AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.location <> 'LocalMachine' AND f.usable)
  -- the complaint names an account that looks into the machine's store: it has no store of its own here
  AND NOT EXISTS (SELECT 1 FROM complaint c JOIN key_access k ON k.machine = c.machine AND lower(k.account) = lower(c.account) AND k.thumbprint = o.thumbprint
    WHERE c.machine = o.machine AND NOT EXISTS (SELECT 1 FROM item i WHERE i.machine = o.machine AND i.kind = 'cert-store' AND i.user = k.sid))
ORDER BY o.machine, o.thumbprint
