-- rule: sslbinding-reject-flag
-- SPDX-License-Identifier: Apache-2.0
-- code: D16
-- title: An http.sys record refuses every connection
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert
-- message: The binding {endpoint} has DefaultFlags {flags} with REJECT (8): connections there are refused during the handshake.
-- confirm: The record must say that connections are rejected; a connection to it ends during the handshake.
--   $ netsh http show sslcert {selector|command}
--   $ curl.exe -vk https://<host>/
-- remedy: Delete the record and add it without reject=enable, with all its other parameters.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.serves AND b.flags & 8
ORDER BY b.machine, b.tree, b.endpoint
