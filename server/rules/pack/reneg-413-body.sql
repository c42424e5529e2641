-- rule: reneg-413-body
-- SPDX-License-Identifier: Apache-2.0
-- code: E02
-- title: Requests with a body fail with 413, because the certificate is asked for while the body waits
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/log-iis
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 413.*.* 403.7.*
-- strength: seen
-- outranks: sslbinding-negotiate-missing client-cert-absent client-cert-no-private-key client-cert-expired
--   client-cert-not-yet-valid client-eku-no-clientauth client-chain-incomplete client-truststore-root-missing
--   issuer-list-on-issuer-absent issuer-list-off-info issuer-list-too-large ie-autoselect-single
--   key-acl-identity-missing
-- message: At "{path}" {failures} request(s) ended with 413 (last at {last_time|time}). The path asks for a client certificate, the binding
--   {endpoint} does not negotiate one, and so the body has to be read before the certificate can be asked for: what is larger than
--   uploadReadAheadSize ({read_ahead} bytes) is refused.
-- why: {failures} request(s) ended with 413 at a path that asks for a certificate, and the binding {endpoint} asks for it late.
-- confirm: The record must say that negotiation is disabled; a request with a small body, or a GET before it, succeeds.
--   $ netsh http show sslcert
-- remedy: Preferred: let http.sys ask for the certificate in the first handshake; all other parameters of the binding are kept.
--
--   $ {update_command|command}
--   $ {delete_command|command}
--   $ {add_command|command}
--   {gap_note}
--   undo: $ {undo_update|command}
--   undo: $ {undo_delete|command}
--   undo: $ {undo_add|command}
--
--   Otherwise: let IIS read more of the body ahead (it is held in memory).
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/serverRuntime /uploadReadAheadSize:1048576 /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/serverRuntime /uploadReadAheadSize:{read_ahead|cmd} /commit:apphost
-- interrupts: Every client that connects to this binding is asked for a certificate from then on, also for paths and sites that need none.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/serverruntime
--   https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT p.machine, p.site, p.path, p.path || ' at ' || p.endpoint AS subject, p.endpoint, sum(s.count) AS failures, max(s.last) AS last_time,
  coalesce(r.value, '49152') AS read_ahead, p.modified AS changed,
  c.update_command, c.delete_command, c.add_command, c.undo_update, c.undo_delete, c.undo_add, c.gap_note,
  (SELECT json_group_array(json(e)) FROM (
    SELECT json_object('entry', q.entry, 'line', q.line, 'excerpt', coalesce(q.method, '') || ' ' || coalesce(q.url, '') || ' 413') AS e
      FROM request q WHERE q.machine = p.machine AND q.place = p.path AND q.status = 413 AND q.entry = (SELECT min(z.entry) FROM request z
        WHERE z.machine = p.machine AND z.place = p.path AND z.status = 413) GROUP BY q.entry HAVING q.line = min(q.line)
    UNION ALL SELECT json_object('entry', p.binding_entry, 'line', p.binding_line, 'excerpt', p.endpoint || ' DefaultFlags ' || hex32(p.flags)))) AS evidence
FROM symptom s CROSS JOIN (SELECT DISTINCT machine, site, path, negotiates, negotiate, tree, endpoint, flags, modified, binding_entry, binding_line FROM cert_place) p -- several names, one record
  ON p.machine = s.machine AND p.path = s.place
LEFT JOIN effective_config r ON r.machine = p.machine AND r.path = p.path AND r.section = 'system.webServer/serverRuntime'
  AND r.attribute = 'uploadReadAheadSize'
LEFT JOIN ssl_binding_command c ON c.machine = p.machine AND c.tree = p.tree AND c.endpoint = p.endpoint
WHERE s.status = 413 AND p.negotiates AND p.endpoint IS NOT NULL AND p.negotiate = 0
  AND NOT EXISTS (SELECT 1 FROM request q WHERE q.machine = p.machine AND q.place = p.path AND q.status = 413
    GROUP BY q.place HAVING max(q.bytes_received) <= CAST(coalesce(r.value, '49152') AS INTEGER))
GROUP BY p.machine, p.path, p.tree, p.endpoint
ORDER BY p.machine, p.path, p.endpoint
