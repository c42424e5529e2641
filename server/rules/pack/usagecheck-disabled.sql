-- rule: usagecheck-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: G12
-- title: The usage of client certificates is not checked
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- tags: security
-- message: The binding {endpoint} has DefaultSslCertCheckMode {mode} with 0x10000: a certificate that is not meant for client authentication
--   is accepted.
-- confirm: "Usage Check" of the record must be disabled.
--   $ netsh http show sslcert {selector|command}
-- remedy: Set usagecheck=enable, with all other parameters of the record.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT p.machine, min(p.site) AS site, p.tree || ' ' || p.endpoint AS subject, p.endpoint, hex32(b.check_mode) AS mode, b.freshness_time AS freshness, b.url_retrieval_timeout AS timeout,
  CASE p.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(p.endpoint), '<endpoint>') AS selector, b.modified AS changed,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultSslCertCheckMode ' || hex32(b.check_mode))) AS evidence
FROM cert_place p JOIN ssl_binding b ON b.machine = p.machine AND b.tree = p.tree AND b.endpoint = p.endpoint
WHERE b.check_mode & 65536
GROUP BY p.machine, p.tree, p.endpoint
ORDER BY p.machine, p.tree, p.endpoint
