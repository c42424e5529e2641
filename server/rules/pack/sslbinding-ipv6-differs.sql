-- rule: sslbinding-ipv6-differs
-- SPDX-License-Identifier: Apache-2.0
-- code: D14
-- title: The record for IPv6 differs from the one for IPv4
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: [::]:{port} and 0.0.0.0:{port} differ: {endpoint} has DefaultFlags {flags}, 0.0.0.0 has {other_flags}. A client that comes by IPv6
--   ("localhost" as well) may be treated differently.
-- remedy: Give both the same parameters.
--
--   $ netsh http show sslcert ipport=[::]:{port|command}
--   $ netsh http show sslcert ipport=0.0.0.0:{port|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, b.port, hex32(o.flags) AS other_flags,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
JOIN ssl_binding o ON o.machine = b.machine AND o.tree = 'ip' AND o.ip = '0.0.0.0' AND o.port = b.port AND o.source = b.source
WHERE b.tree = 'ip' AND b.ip = '[::]' AND (o.negotiate <> b.negotiate OR o.check_mode <> b.check_mode OR coalesce(o.ctl_store, '') <> coalesce(b.ctl_store, ''))
ORDER BY b.machine, b.tree, b.endpoint
