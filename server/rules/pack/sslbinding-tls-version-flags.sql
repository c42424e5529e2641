-- rule: sslbinding-tls-version-flags
-- SPDX-License-Identifier: Apache-2.0
-- code: D17
-- title: A binding switches off TLS versions that clients may need
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: The binding {endpoint} has DefaultFlags {flags}: {what}.
-- confirm: A client held to TLS 1.2 must be refused, and one with TLS 1.3 be served.
--   $ curl.exe -vk --tls-max 1.2 https://<host>/
-- remedy: Set the record again without that flag, with all its other parameters.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, 'TLS 1.2 is off for it, so that only TLS 1.3 is left: clients without it cannot connect, and a certificate can be asked for in the first handshake only' AS what, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.flags & 4096 AND EXISTS (SELECT 1 FROM cert_place u WHERE u.machine = b.machine AND u.tree = b.tree AND u.endpoint = b.endpoint)
ORDER BY b.machine, b.tree, b.endpoint
