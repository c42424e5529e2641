-- rule: sslbinding-server-key-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: D03
-- title: The server certificate of a binding has no usable private key
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert server/cert-store:My server/key-acl!
-- strength: must
-- message: The binding {endpoint} names {name} in LocalMachine\{store}, and {problem}: Schannel cannot answer a handshake there (events
--   36869, 36870).
--   Schannel wrote event 36870 {told}.
-- confirm: The test of the key must fail.
--   $ certutil -verifystore {store|cmd} {thumbprint|cmd}
-- remedy: Join certificate and key again when the key still exists, else import the PFX.
--
--   $ certutil -store {store|cmd} {thumbprint|cmd} <saved.cer>
--   $ certutil -repairstore {store|cmd} {thumbprint|cmd}
--   $ certutil -importpfx {store|cmd} <file.pfx>
--   undo: $ certutil -addstore {store|cmd} <saved.cer>
-- interrupts: Service is not interrupted: nothing is served there now.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, b.thumbprint, s.store,
  (SELECT w.words FROM event_told w WHERE w.machine = b.machine AND w.area = 'schannel' AND w.event_id = 36870 AND w.side IS 'server') AS told, '"' || coalesce(c.subject_cn, c.subject, b.thumbprint) || '" (' || b.thumbprint || ')' AS name,
  iif(s.has_key_property = 0, 'it has no private key', 'the file of its key (' || coalesce(k.container, '?') || ') is in none of the folders that were read') AS problem,
  iif(EXISTS (SELECT 1 FROM cert_place w WHERE w.machine = b.machine AND w.tree = b.tree AND w.endpoint = b.endpoint), NULL, 'warning') AS severity, -- nobody is to present a certificate there
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
CROSS JOIN store_certificate s ON s.machine = b.machine AND s.thumbprint = b.thumbprint AND lower(s.store) = lower(coalesce(nullif(b.store, ''), 'MY'))
LEFT JOIN certificate c ON c.machine = b.machine AND c.thumbprint = b.thumbprint
LEFT JOIN private_key k ON k.machine = b.machine AND k.thumbprint = b.thumbprint AND k.location = 'LocalMachine' AND lower(k.store) = lower(s.store)
WHERE b.serves AND s.location = 'LocalMachine' AND (s.has_key_property = 0 OR k.present = 0)
GROUP BY b.machine, b.tree, b.endpoint
ORDER BY b.machine, b.tree, b.endpoint
