-- rule: sslbinding-edit-needs-reboot
-- SPDX-License-Identifier: Apache-2.0
-- code: D10
-- title: The TLS binding was edited in the registry, and http.sys does not know of it yet
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http
-- uses: server/http-sslcert
-- explains: 403.7.* 413.*.*
-- strength: must
-- message: {live}Binding {endpoint} of site "{site}": the registry says {registry}, http.sys uses {api}. It reads the registry only when it starts.
--   {late}Binding {endpoint} of site "{site}" was changed at {modified|time}, after Windows was started ({booted|time}). Where that was done with a registry
--   editor, http.sys does not know of it.
-- confirm: What http.sys uses must differ from the registry. Alike: refuted.
--   $ {show_command|command}
-- remedy: See what http.sys uses:
--
--   $ {show_command|command}
--
--   Then make the change again with netsh, which applies at once, or start Windows again.
-- interrupts: A restart interrupts everything on this server.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
WITH both AS (
  SELECT machine, site, endpoint, iis AS registry, http_sys AS api, entry, line, '' AS live, NULL AS late, NULL AS modified FROM binding_mismatch WHERE what = 'source'
  UNION ALL
  SELECT p.machine, p.site, p.endpoint, NULL, NULL, p.binding_entry, p.binding_line, NULL, '', p.modified
  FROM cert_place p JOIN machine m ON m.machine = p.machine
  WHERE p.modified > m.booted AND p.machine NOT IN (SELECT machine FROM ssl_binding WHERE source <> 'registry'))
SELECT b.machine, b.site, b.endpoint AS subject, b.endpoint, b.registry, b.api, b.live, b.late, b.modified, m.booted,
  iif(b.live IS NULL, 'info', 'warning') AS severity, iif(b.live IS NULL, 'may', 'must') AS strength, c.show_command,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint)) AS evidence
FROM both b CROSS JOIN machine m ON m.machine = b.machine CROSS JOIN ssl_binding_command c ON c.machine = b.machine AND c.endpoint = b.endpoint
GROUP BY b.machine, b.endpoint
ORDER BY b.machine, b.endpoint
