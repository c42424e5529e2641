-- rule: client-stack-no-reneg
-- SPDX-License-Identifier: Apache-2.0
-- code: E12
-- title: Clients that cannot be asked for a certificate late use this site
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/log-iis
-- explains: 403.7.* 500.0.64 500.0.995
-- strength: seen
-- message: Requests to site "{site}" come from {agents}, which do not renegotiate by default, and {endpoint} asks for the certificate that
--   way.
-- confirm: The program's own error names renegotiation ("tls: no renegotiation", alert 100). Refuted when the same program fails at a binding that negotiates in the first handshake.
-- remedy: Negotiate in the first handshake (see sslbinding-negotiate-missing).
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
WITH asked AS NOT MATERIALIZED ( -- requests that ended as those do that were asked late; any other failure has other reasons
  SELECT machine, site, agent, entry, line FROM request_agent
  WHERE ((status = 403 AND substatus = 7) OR (status = 500 AND (win32 = 64 OR win32 = 995 OR win32 = 2147943395)))
    AND (agent LIKE 'Go-http-client%' OR agent LIKE 'Java/1_.%' OR agent LIKE 'Java/2_.%' OR agent LIKE 'python-requests%' OR agent LIKE 'node%' OR agent LIKE 'reqwest%' OR agent LIKE 'axios%')),
sites AS (
  SELECT machine, site FROM asked GROUP BY machine, site)
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, b.modified AS changed,
  (SELECT group_concat('"' || agent || '"') FROM (SELECT DISTINCT r.agent FROM asked r WHERE r.machine = b.machine AND r.site = b.site ORDER BY r.agent)) AS agents,
  json_array(json((SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', r.agent) FROM asked r WHERE r.machine = b.machine AND r.site = b.site
      ORDER BY r.agent, r.entry, r.line LIMIT 1)),
    json_object('entry', b.binding_entry, 'line', b.binding_line)) AS evidence
FROM sites s CROSS JOIN late_binding b ON b.machine = s.machine AND b.site = s.site
GROUP BY b.machine, b.site, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
