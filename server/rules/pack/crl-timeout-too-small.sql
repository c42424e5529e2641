-- rule: crl-timeout-too-small
-- SPDX-License-Identifier: Apache-2.0
-- code: G10
-- title: The time limit for fetching revocation lists is in milliseconds, and far too short
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- explains: 403.13.2148081683
-- outranks: crl-unreachable
-- message: The binding {endpoint} gives {timeout} ms to fetch a revocation list: it is likely meant as seconds. A list that is not there in
--   time makes 403.13.
-- confirm: "URL Retrieval Timeout" of the record must be that number of milliseconds, and fetching the list take longer.
--   $ netsh http show sslcert {selector|command}
--   $ certutil -verify -urlfetch <client.cer>
-- remedy: Set urlretrievaltimeout=15000, with all other parameters of the record.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT p.machine, min(p.site) AS site, p.tree || ' ' || p.endpoint AS subject, p.endpoint, hex32(b.check_mode) AS mode, b.freshness_time AS freshness, b.url_retrieval_timeout AS timeout,
  CASE p.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(p.endpoint), '<endpoint>') AS selector, b.modified AS changed,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultSslCertCheckMode ' || hex32(b.check_mode))) AS evidence
FROM cert_place p JOIN ssl_binding b ON b.machine = p.machine AND b.tree = p.tree AND b.endpoint = p.endpoint
WHERE b.url_retrieval_timeout BETWEEN 1 AND 999
GROUP BY p.machine, p.tree, p.endpoint
ORDER BY p.machine, p.tree, p.endpoint
