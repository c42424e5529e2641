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
WITH asked AS MATERIALIZED ( -- requests that ended as those do that were asked late; any other failure has other reasons
  SELECT machine, site, agent, entry, line, row_number() OVER (PARTITION BY machine, site ORDER BY agent, entry, line) AS nth FROM request_agent
  WHERE ((status = 403 AND substatus = 7) OR (status = 500 AND win32 IN (64, 995, 2147943395)))
    AND (agent LIKE 'Go-http-client%' OR agent LIKE 'Java/1_.%' OR agent LIKE 'Java/2_.%' OR agent LIKE 'python-requests%' OR agent LIKE 'node%' OR agent LIKE 'reqwest%' OR agent LIKE 'axios%'))
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, b.modified AS changed, group_concat(DISTINCT '"' || r.agent || '"') AS agents,
  json_array(json_object('entry', max(iif(r.nth = 1, r.entry, NULL)), 'line', max(iif(r.nth = 1, r.line, NULL)), 'excerpt', min(r.agent)),
    json_object('entry', b.binding_entry, 'line', b.binding_line)) AS evidence
FROM asked r JOIN late_binding b ON b.machine = r.machine AND b.site = r.site
GROUP BY b.machine, b.site, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
