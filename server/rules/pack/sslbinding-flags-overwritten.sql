-- rule: sslbinding-flags-overwritten
-- SPDX-License-Identifier: Apache-2.0
-- code: D11
-- title: The flags of a binding lost a bit that is needed as well
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: The binding {endpoint} has DefaultFlags {flags}: negotiation (2) is set, the DS mapper (1) is not, and {others} of this server
--   have both. The bits have to be added, not put in place of each other.
-- confirm: "DS Mapper Usage" must be disabled and "Negotiate Client Certificate" enabled, and others of this server have both.
--   $ netsh http show sslcert {selector|command}
-- remedy: Set both: dsmapperusage=enable clientcertnegotiation=enable, with all other parameters.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, (SELECT count(*) FROM ssl_binding o WHERE o.machine = b.machine AND o.flags & 3 = 3) || ' record(s)' AS others, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.serves AND b.flags & 3 = 2 AND (b.machine, lower(b.app_id)) IN (SELECT machine, lower(app_id) FROM ssl_binding WHERE flags & 3 = 3)
ORDER BY b.machine, b.tree, b.endpoint
