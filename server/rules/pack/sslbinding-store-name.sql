-- rule: sslbinding-store-name
-- SPDX-License-Identifier: Apache-2.0
-- code: D22
-- title: An http.sys record names a certificate store that is not there
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert
-- message: The binding {endpoint} looks for its certificate in LocalMachine\{store}, and no such store was found on this machine.
-- confirm: The store must not be found, or be empty.
--   $ certutil -store {store|cmd}
-- remedy: Set the record again with certstorename=MY (or WebHosting), with all its other parameters.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, b.store, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.serves AND coalesce(b.store, '') <> '' AND lower(b.store) NOT IN ('my', 'webhosting') AND EXISTS (SELECT 1 FROM item i WHERE i.machine = b.machine AND i.kind = 'cert-store' AND i.location = 'LocalMachine' AND lower(i.store) = lower(b.store) AND i.outcome = 'absent')
ORDER BY b.machine, b.tree, b.endpoint
