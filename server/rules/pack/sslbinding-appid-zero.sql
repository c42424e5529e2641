-- rule: sslbinding-appid-zero
-- SPDX-License-Identifier: Apache-2.0
-- code: D05
-- title: An http.sys binding is broken: it has no application or no certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert
-- message: The binding {endpoint} has {problem}: such a record is left by a tool that did not finish, and handshakes there can fail.
-- confirm: The record must be without a hash, or with an application id of zeros.
--   $ netsh http show sslcert {selector|command}
-- remedy: Delete the record and make it again with certificate and application.
--
--   $ netsh http show sslcert {selector|command}
--   $ netsh http delete sslcert {selector|command}
--   $ netsh http add sslcert {selector|command} certhash=<certificate hash> appid={appid|command} certstorename=MY clientcertnegotiation={negotiation|command}
--   undo: $ netsh http delete sslcert {selector|command}
-- interrupts: Between delete and add connections to this address are refused: run both in one go.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, iif(b.thumbprint IS NULL OR replace(b.thumbprint, '0', '') = '', 'no certificate hash', 'an application id of zeros') AS problem,
  iif(b.flags & 2, 'enable', 'disable') AS negotiation, '"{4dc3e181-e14b-4a21-b022-59fc669b0914}"' AS appid, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.serves AND b.tree <> 'ccs' AND (b.thumbprint IS NULL OR replace(b.thumbprint, '0', '') = '' OR replace(b.app_id, '0', '') = '{----}')
ORDER BY b.machine, b.tree, b.endpoint
