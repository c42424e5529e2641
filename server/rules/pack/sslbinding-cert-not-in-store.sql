-- rule: sslbinding-cert-not-in-store
-- SPDX-License-Identifier: Apache-2.0
-- code: D02
-- title: The certificate of an http.sys binding is not in its store
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert server/cert-store:My!
-- strength: must
-- message: The binding {endpoint} names certificate {thumbprint}, which is not in LocalMachine\{store}: every TLS handshake there is reset,
--   before any client certificate.
-- confirm: The store must be without it. HttpEvent 15021 names the endpoint at each try.
--   $ certutil -store {store|cmd} {thumbprint|cmd}
-- remedy: Import the certificate with its private key into LocalMachine\{store}, then make the record again.
--
--   $ certutil -importpfx {store|cmd} <file.pfx>
--   undo: $ certutil -delstore {store|cmd} {thumbprint|cmd}
--
--   $ netsh http show sslcert {selector|command}
-- interrupts: Service is not interrupted: nothing is served there now.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, b.thumbprint, coalesce(nullif(b.store, ''), 'MY') AS store, CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  iif(EXISTS (SELECT 1 FROM cert_place w WHERE w.machine = b.machine AND w.tree = b.tree AND w.endpoint = b.endpoint), NULL, 'warning') AS severity, -- nobody is to present a certificate there
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM ssl_record b JOIN machine m ON m.machine = b.machine
WHERE b.serves AND b.thumbprint IS NOT NULL AND b.tree <> 'ccs' AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = b.machine AND s.thumbprint = b.thumbprint AND s.location = 'LocalMachine' AND lower(s.store) = lower(coalesce(nullif(b.store, ''), 'MY')))
  AND EXISTS (SELECT 1 FROM item i WHERE i.machine = b.machine AND i.kind = 'cert-store' AND i.outcome = 'ok' AND i.location = 'LocalMachine' AND lower(i.store) = lower(coalesce(nullif(b.store, ''), 'MY')))
ORDER BY b.machine, b.tree, b.endpoint
