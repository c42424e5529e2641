-- rule: ctl-store-empty-or-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: F15
-- title: A binding names a store of trusted issuers that is empty or not there
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/reg-http|server/http-sslcert
-- uses: server/cert-store
-- explains: 403.16.* 403.7.*
-- message: The binding {endpoint} names "{store}" as its store of trusted issuers, and {problem}: all roots of the machine may count instead,
--   or none.
-- confirm: The store must be empty, or not be there; whether all roots count then, or none, a client tells whose root is in Trusted Root.
--   $ certutil -store {store|cmd}
-- remedy: Put the CAs into that store, or make the record again without sslctlstorename.
--
--   $ certutil -addstore {store|cmd} <ca.cer>
--   undo: $ certutil -delstore {store|cmd} <thumbprint of the CA>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT b.machine, b.endpoint AS subject, b.endpoint, b.ctl_store AS store, iif(i.outcome = 'absent', 'no such store is on this machine', 'it is empty') AS problem, b.modified AS changed,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultSslCtlStoreName ' || b.ctl_store)) AS evidence
FROM ssl_binding b JOIN item i ON i.machine = b.machine AND i.kind = 'cert-store' AND i.location = 'LocalMachine' AND lower(i.store) = lower(b.ctl_store) AND i.outcome IN ('ok', 'absent')
WHERE coalesce(b.ctl_store, '') <> '' AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = b.machine AND s.location = 'LocalMachine' AND lower(s.store) = lower(b.ctl_store))
GROUP BY b.machine, b.endpoint
ORDER BY b.machine, b.endpoint
