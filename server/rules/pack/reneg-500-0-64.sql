-- rule: reneg-500-0-64
-- SPDX-License-Identifier: Apache-2.0
-- code: E01
-- title: The certificate is asked for too late: renegotiation is aborted (500, win32 64), and a 403.7 follows
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert server/log-iis|server/log-freb
-- uses: server/web-config server/log-freb
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64 500.0.995 500.0.2147943395
-- strength: seen
-- outranks: sslbinding-negotiate-missing client-cert-absent client-cert-no-private-key client-cert-expired
--   client-cert-not-yet-valid client-eku-no-clientauth client-chain-incomplete client-truststore-root-missing
--   issuer-list-on-issuer-absent issuer-list-off-info issuer-list-too-large ie-autoselect-single
--   key-acl-identity-missing root-store-non-self-signed server-root-missing server-intermediate-missing
--   tls13-late-cert-request-2022 tls13-late-cert-request-2025
-- message: The http.sys binding {endpoint} of site "{site}" does not negotiate client certificates (DefaultFlags {flags}), so IIS asks
--   for the certificate only after it has read the request, by renegotiation, and that was aborted.
--   In the log {pairs} request(s) ended with 500 and win32 64, each followed by a 403.7 of the same client: first at {first_time|time},
--   last at {last_time|time}, for example client {client} ({first_entry}:{first_line}, then {then_entry}:{then_line}).
--   {trace_text}
-- why: {log_why}
--   {trace_text}
--   The binding {endpoint} has no client-certificate negotiation, so the certificate is asked for by renegotiation; the 403.7 only masks
--   the 500 before it.
-- confirm: The record must say that negotiation is disabled.
--   $ netsh http show sslcert
-- remedy: Let http.sys ask for the certificate in the first handshake, by changing this very binding. All its other parameters are kept.
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
--
--   Then try again with a new connection (close all browser windows). Where the change is made in the registry instead of with netsh
--   (DefaultFlags with bit 2 set), it counts only after the HTTP service or the machine was restarted.
-- interrupts: Every client that connects to this binding is asked for a certificate from then on, also for paths and sites that need none.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
--   https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
--   https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH shown AS ( -- of each site by its log and by its traces
  SELECT machine, site, sum(pairs) AS pairs, sum(by_chance) AS by_chance, min(first) AS first_time, max(last) AS last_time,
    sum(traces) AS traces, min(entry) AS entry, min(line) AS line, min(module) AS module
  FROM (
    SELECT machine, site, count AS pairs, coalesce(by_chance, 0) AS by_chance, first, last, NULL AS traces, NULL AS entry, NULL AS line, NULL AS module
    FROM request_pair_count
    WHERE first_status = 500 AND (first_win32 = 64 OR first_win32 = 995 OR first_win32 = 2147943395) AND then_status = 403 AND then_substatus = 7
    UNION ALL
    SELECT t.machine, t.site, NULL, NULL, NULL, NULL, 1, t.entry, v.line, v.module
    FROM trace t JOIN trace_event v ON v.machine = t.machine AND v.entry = t.entry
    WHERE v.name = 'MODULE_SET_RESPONSE_ERROR_STATUS' AND v.error_code = 2147943395)
  GROUP BY machine, site)
SELECT b.machine, b.site, b.endpoint || iif((SELECT count(*) FROM late_binding o WHERE o.machine = b.machine AND o.tree = b.tree AND o.endpoint = b.endpoint) > 1, ' of ' || b.site, '') AS subject, b.endpoint, hex32(b.flags) AS flags, s.pairs, s.first_time, s.last_time,
  x.client, x.first_entry, x.first_line, x.then_entry, x.then_line,
  CASE WHEN s.traces IS NULL AND s.pairs < s.by_chance THEN 'warning' END AS severity,
  CASE WHEN s.traces IS NULL AND s.pairs < s.by_chance THEN 'may' END AS strength,
  'The log shows ' || s.pairs || ' failure(s) 500 with win32 64, each followed by a 403.7 of the same client within a minute.' AS log_why,
  'The failed-request trace ' || s.entry || ' shows ' || coalesce(s.module, 'IIS') || ' setting 0x800703e3 (the I/O operation has been '
    || 'aborted) while the certificate was asked for.' AS trace_text,
  b.modified AS changed, c.show_command, c.update_command, c.delete_command, c.add_command, c.undo_update, c.undo_delete, c.undo_add,
  c.gap_note, c.unsaid,
  (SELECT json_group_array(json(e)) FROM (
    SELECT json_object('entry', x.first_entry, 'line', x.first_line, 'excerpt', '500 0 64, client ' || x.client) AS e WHERE x.first_entry IS NOT NULL
    UNION ALL SELECT json_object('entry', x.then_entry, 'line', x.then_line, 'excerpt', '403 7, client ' || x.client) WHERE x.then_entry IS NOT NULL
    UNION ALL SELECT json_object('entry', s.entry, 'line', s.line, 'excerpt', 'MODULE_SET_RESPONSE_ERROR_STATUS 0x800703e3') WHERE s.entry IS NOT NULL
    UNION ALL SELECT json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags)))) AS evidence
FROM shown s CROSS JOIN late_binding b ON b.machine = s.machine AND b.site = s.site
LEFT JOIN request_pair x ON x.rowid = (SELECT id FROM (SELECT r.rowid AS id, min(r.first_time) FROM request_pair r WHERE r.machine = b.machine AND r.site = b.site -- the first one
  AND r.first_status = 500 AND (r.first_win32 = 64 OR r.first_win32 = 995 OR r.first_win32 = 2147943395) AND r.then_status = 403 AND r.then_substatus = 7))
LEFT JOIN ssl_binding_command c ON c.machine = b.machine AND c.tree = b.tree AND c.endpoint = b.endpoint
WHERE s.pairs > 0 OR s.traces > 0
ORDER BY b.machine, b.site, b.endpoint
