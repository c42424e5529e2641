-- rule: sni-stripped
-- SPDX-License-Identifier: Apache-2.0
-- code: L13
-- title: A device in front connects without a server name, and finds another binding, or none
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/attachment
-- explains: 403.7.*
-- strength: seen
-- message: {n} connection(s) from {client} to {address} name no server (SNI), as {entry} shows, and site "{site}" is served by name only ({endpoint}): they get {fallback}.
-- confirm: A try without a name must fail or find the other record, and one with the name succeed.
--   $ netsh http show sslcert
-- remedy: Let the device send the host name in its handshakes (SNI), for its probes as well; or make a record for 0.0.0.0:{port} with the settings of that site.
--
--   $ netsh http show sslcert
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://www.rfc-editor.org/rfc/rfc6066#section-3
-- since: 1
WITH own AS MATERIALIZED (SELECT DISTINCT machine, server_ip FROM request WHERE server_ip IS NOT NULL)
SELECT b.machine, b.site, b.site || ' from ' || h.client_address AS subject, count(DISTINCT h.connection) AS n, h.client_address AS client, h.server_address || ':' || h.server_port AS address, min(h.entry) AS entry, b.endpoint, b.port,
  coalesce('the record ' || f.endpoint || ', which does not ask for client certificates', 'no record, and are reset') AS fallback,
  json_array(json_object('entry', min(h.entry), 'excerpt', 'connection ' || min(h.connection)), json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint)) AS evidence
FROM handshake h JOIN effective_binding b ON b.machine = h.machine AND b.port = h.server_port AND b.tree = 'sni'
LEFT JOIN ssl_binding f ON f.machine = b.machine AND f.tree = 'ip' AND f.port = b.port AND f.ip IN ('0.0.0.0', h.server_address)
WHERE h.source = 'capture' AND h.client_hello AND h.sni IS NULL AND h.local IS NOT 1 AND h.client_address IS NOT NULL
  -- arriving here, not going out
  AND (b.ip = h.server_address OR EXISTS (SELECT 1 FROM own a WHERE a.machine = h.machine AND a.server_ip = h.server_address))
  AND (f.endpoint IS NULL OR (f.negotiate = 0 AND b.negotiate))
  AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
GROUP BY b.machine, b.site, b.endpoint, h.client_address, h.server_address, h.server_port
ORDER BY b.machine, b.site, h.client_address
