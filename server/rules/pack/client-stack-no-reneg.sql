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
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, group_concat(DISTINCT '"' || r.agent || '"') AS agents,
  json_array(json_object('entry', min(r.entry), 'line', min(r.line), 'excerpt', min(r.agent)), json_object('entry', b.binding_entry, 'line', b.binding_line)) AS evidence
FROM late_binding b JOIN request r ON r.machine = b.machine AND r.site = b.site AND r.status >= 400
WHERE r.agent LIKE 'Go-http-client%' OR r.agent LIKE 'Java/1_.%' OR r.agent LIKE 'python-requests%' OR r.agent LIKE 'node%' OR r.agent LIKE 'reqwest%' OR r.agent LIKE 'axios%'
GROUP BY b.machine, b.site, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
