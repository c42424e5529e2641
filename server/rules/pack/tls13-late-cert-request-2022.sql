-- rule: tls13-late-cert-request-2022
-- SPDX-License-Identifier: Apache-2.0
-- code: E07
-- title: With TLS 1.3 the server cannot ask for a certificate late: it resets the connection
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/reg-schannel! server/reg-system
-- applies: (SELECT CASE WHEN value THEN EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine) ELSE 0 END
--   FROM windows_default WHERE machine = :machine AND name = 'late request is reset')
-- explains: 403.7.*
-- strength: must
-- outranks: sslbinding-negotiate-missing client-cert-absent client-cert-no-private-key client-cert-expired
--   client-cert-not-yet-valid client-eku-no-clientauth client-chain-incomplete client-truststore-root-missing
--   issuer-list-on-issuer-absent issuer-list-off-info issuer-list-too-large ie-autoselect-single
--   key-acl-identity-missing
-- message: {windows} (build {build}) serves site "{site}" at {endpoint} with TLS 1.3, the paths ask for client certificates (for example
--   "{first_path}"), and the binding does not negotiate one in the first handshake. TLS 1.3 has no renegotiation: the server resets the connection, and nothing is logged.
-- why: TLS 1.3 is on at {endpoint}, and a certificate cannot be asked for after the handshake there.
-- confirm: A client held to TLS 1.2 must be asked for its certificate and served, and one with TLS 1.3 be reset at the same path.
--   $ curl.exe -v --tls-max 1.2 --cert <certificate> https://<host>/<path>
--   $ {show_command|command}
-- remedy: Let http.sys ask for the certificate in the first handshake; all other parameters of the binding are kept.
--
--   $ {show_command|command}
--   $ {update_command|command}
--   undo: $ {undo_update|command}
--
--   Where clients without a certificate must not be asked, turn TLS 1.3 off for this binding instead (disabletls13=enable).
-- interrupts: Every client that connects to this binding is asked for a certificate from then on, also for paths and sites that need none.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
--   https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://github.com/dotnet/aspnetcore/issues/41162
-- since: 1
SELECT b.machine, b.site, b.endpoint || iif((SELECT count(*) FROM late_binding o WHERE o.machine = b.machine AND o.tree = b.tree AND o.endpoint = b.endpoint) > 1, ' of ' || b.site, '') AS subject, b.endpoint, b.first_path, m.build, coalesce(m.windows, 'Windows') AS windows,
  b.modified AS changed,
  c.show_command, c.update_command, c.undo_update,
  json_array(json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags)),
    json_object('key', t.key, 'name', 'Enabled', 'value', iif(t.is_set, 'set: on', 'not set: on by default')),
    json_object('entry', b.ssl_flags_entry, 'line', b.ssl_flags_line)) AS evidence
FROM late_binding b JOIN machine m ON m.machine = b.machine JOIN windows_default d ON d.machine = b.machine AND d.name = 'late request is reset' AND d.value
JOIN schannel_setting t ON t.machine = b.machine AND t.setting = 'TLS 1.3 Server' AND t.value = 1
LEFT JOIN ssl_binding_command c ON c.machine = b.machine AND c.tree = b.tree AND c.endpoint = b.endpoint
WHERE b.flags & 64 = 0 AND b.negotiates
ORDER BY b.machine, b.site, b.endpoint
