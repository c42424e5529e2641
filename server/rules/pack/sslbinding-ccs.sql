-- rule: sslbinding-ccs
-- SPDX-License-Identifier: Apache-2.0
-- code: D21
-- title: Central certificates: one record of http.sys serves all hosts of the port
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: {hosts} host(s) of port {port} use the record "{endpoint}" for central certificates ({entry}:{line}): whether a client certificate is negotiated,
--   and the store of trusted issuers, hold for all of them. Of the sites, {wanting} ask for certificates and {others} do not.
-- confirm: One record of central certificates must be there for the port, and its negotiation hold for all of its hosts.
--   $ netsh http show sslcert
-- remedy: Give the site that asks for certificates an SNI binding with a certificate of its own (sslFlags 1); or set the flags on the record of the port, for all.
--
--   $ {update_command|command}
--   undo: $ {undo_update|command}
-- references: https://learn.microsoft.com/iis/get-started/whats-new-in-iis-8/iis-80-centralized-ssl-certificate-support-ssl-scalability-and-manageability https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
WITH shared AS (
  SELECT b.machine, b.endpoint, b.port, count(DISTINCT lower(b.host)) AS hosts, min(b.entry) AS entry, min(b.line) AS line,
    count(DISTINCT CASE WHEN w.site IS NOT NULL THEN b.site END) AS wanting, count(DISTINCT CASE WHEN w.site IS NULL THEN b.site END) AS others,
    min(w.site) AS site, max(b.negotiate) AS negotiate
  FROM effective_binding b LEFT JOIN (SELECT DISTINCT machine, site FROM cert_wanted WHERE negotiates OR requires) w ON w.machine = b.machine AND w.site = b.site
  WHERE b.tree = 'ccs' GROUP BY b.machine, b.endpoint)
SELECT s.machine, s.site, s.endpoint AS subject, s.endpoint, s.port, s.hosts, s.entry, s.line, s.wanting, s.others,
  iif(s.others > 0, 'warning', 'info') AS severity, iif(s.negotiate, NULL, c.update_command) AS update_command, iif(s.negotiate, NULL, c.undo_update) AS undo_update,
  json_array(json_object('entry', s.entry, 'line', s.line, 'excerpt', s.endpoint)) AS evidence
FROM machine v CROSS JOIN shared s ON s.machine = v.machine LEFT JOIN ssl_binding_command c ON c.machine = s.machine AND c.tree = 'ccs' AND c.endpoint = s.endpoint
WHERE EXISTS (SELECT 1 FROM effective_binding x WHERE x.machine = v.machine AND x.tree = 'ccs') AND s.wanting > 0
ORDER BY s.machine, s.endpoint
