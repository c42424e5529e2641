-- rule: sslbinding-server-cert-invalid
-- SPDX-License-Identifier: Apache-2.0
-- code: D04
-- title: The server certificate of a binding is not valid
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert server/cert-store:My
-- message: The binding {endpoint} presents {name}: {problem}. A client that checks it breaks the handshake off before it sends a certificate.
-- confirm: The client must log why it broke off: Schannel events 36881 to 36884 there, or alerts 42 to 48 received on the server (36887). A client that is served at this binding refutes it for that client.
--   $ netsh http show sslcert {selector|command}
-- remedy: Renew the certificate and bind the new one, with all other parameters of the record.
--
--   $ netsh http show sslcert {selector|command}
-- interrupts: New connections use the new certificate.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, '"' || coalesce(c.subject_cn, c.subject, b.thumbprint) || '" (' || b.thumbprint || ')' AS name,
  CASE WHEN c.not_after < m.collected THEN 'it expired on ' || iso(c.not_after) WHEN c.not_before > m.collected THEN 'it is not valid before ' || iso(c.not_before)
    ELSE 'its extended key usage has no server authentication' END AS problem, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
JOIN certificate c ON c.machine = b.machine AND c.thumbprint = b.thumbprint
WHERE b.serves AND (c.not_after < m.collected OR c.not_before > m.collected OR (c.eku IS NOT NULL AND ' ' || c.eku || ' ' NOT LIKE '% 1.3.6.1.5.5.7.3.1 %' AND ' ' || c.eku || ' ' NOT LIKE '% 2.5.29.37.0 %'))
ORDER BY b.machine, b.tree, b.endpoint
