-- rule: http2-late-cert-request
-- SPDX-License-Identifier: Apache-2.0
-- code: E09
-- title: HTTP/2 is on, and the certificate is asked for after the handshake
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http server/reg-system
-- message: Site "{site}" speaks HTTP/2 at {endpoint} and asks for the certificate late, which HTTP/2 forbids: the server answers
--   HTTP_1_1_REQUIRED. Browsers try again with HTTP/1.1; gRPC and other programs fail.
-- confirm: A request over HTTP/2 must end with HTTP_1_1_REQUIRED, and over HTTP/1.1 be asked for its certificate.
--   $ curl.exe -v --http2 --cert <certificate> https://<host>/<path>
--   $ curl.exe -v --http1.1 --cert <certificate> https://<host>/<path>
-- remedy: Negotiate in the first handshake.
--
--   $ {show_command|command}
--   $ {update_command|command}
--   undo: $ {undo_update|command}
-- interrupts: Every client that connects to this binding is asked for a certificate from then on.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://www.rfc-editor.org/rfc/rfc9113
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, c.show_command, c.update_command, c.undo_update, b.modified AS changed,
  json_array(json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags)),
    json_object('key', s.key, 'name', 'EnableHttp2Tls', 'value', iif(s.is_set, '' || s.value, 'not set: on'))) AS evidence
FROM late_binding b JOIN windows_default d ON d.machine = b.machine AND d.name = 'HTTP/2' AND d.value
JOIN schannel_setting s ON s.machine = b.machine AND s.setting = 'EnableHttp2Tls' AND s.value <> 0
LEFT JOIN ssl_binding_command c ON c.machine = b.machine AND c.tree = b.tree AND c.endpoint = b.endpoint
WHERE b.flags & 16 = 0 AND b.negotiates
ORDER BY b.machine, b.site, b.endpoint
