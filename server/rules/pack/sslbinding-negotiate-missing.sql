-- rule: sslbinding-negotiate-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: D08
-- title: The http.sys binding does not ask for the client certificate in the first handshake
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64 500.0.995 500.0.2147943395 413.*.*
-- strength: may
-- message: Site "{site}" asks for client certificates at {paths} configured path(s) (for example "{first_path}"), but the binding {endpoint}
--   that serves it has DefaultFlags {flags}: negotiation (2) is off. The certificate is asked for late, by renegotiation, which fails for
--   requests with a body, over HTTP/2, with TLS 1.3 and for clients that do not renegotiate.
-- why: The binding {endpoint} of site "{site}" does not negotiate client certificates, so each is asked for by renegotiation, which can fail.
-- confirm: "Negotiate Client Certificate" of the record must be disabled. Refuted when the same client fails with it enabled.
--   $ {show_command|command}
-- remedy: Let http.sys ask in the first handshake; all other parameters of the binding are kept.
--
--   $ {show_command|command}
--   $ {update_command|command}
--   $ {delete_command|command}
--   $ {add_command|command}
--   {gap_note}
--   netsh has no word for this part of the binding, note it before it is lost: {unsaid}.
--   undo: $ {undo_update|command}
--   undo: $ {undo_delete|command}
--   undo: $ {undo_add|command}
-- interrupts: Every client that connects to this binding is asked for a certificate from then on, also for paths and sites that need none.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, b.endpoint || iif((SELECT count(*) FROM late_binding o WHERE o.machine = b.machine AND o.tree = b.tree AND o.endpoint = b.endpoint) > 1, ' of ' || b.site, '') AS subject, b.endpoint, hex32(b.flags) AS flags, b.paths, b.first_path, b.modified AS changed,
  CASE WHEN EXISTS (SELECT 1 FROM symptom s WHERE s.machine = b.machine AND s.site = b.site
    AND ((s.status = 500 AND (s.win32 = 64 OR s.win32 = 995 OR s.win32 = 2147943395)) OR s.status = 413)) THEN 'error' ELSE 'warning' END AS severity,
  c.show_command, c.update_command, c.delete_command, c.add_command, c.undo_update, c.undo_delete, c.undo_add, c.gap_note, c.unsaid,
  json_array(json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags)),
    json_object('entry', b.ssl_flags_entry, 'line', b.ssl_flags_line)) AS evidence
FROM late_binding b
LEFT JOIN ssl_binding_command c ON c.machine = b.machine AND c.tree = b.tree AND c.endpoint = b.endpoint
ORDER BY b.machine, b.site, b.endpoint
