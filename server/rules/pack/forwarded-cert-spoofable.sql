-- rule: forwarded-cert-spoofable
-- SPDX-License-Identifier: Apache-2.0
-- code: L11
-- title: A certificate arrives in a header, and the site is reachable without the proxy that sets it
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-freb server/log-iis
-- tags: security
-- message: {client} hands client certificates on to "{place}" in a header ({names}), and in one hour {n} addresses were served at that site, of which the traces show {proxies} as such a
--   proxy: whoever reaches the site himself can set that header, with a certificate whose key he does not have.
-- confirm: A request to the site itself, past the proxy, with the header set by hand must be taken for that of its certificate. Refuted when addresses other than the proxy's are refused.
--   $ curl.exe -vk -H "<header>: <certificate>" https://<address of the server>/
-- remedy: Let only the proxy reach the site (a rule of the firewall, or of IP restrictions as below), and have the proxy remove that header from what it receives.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/ipSecurity /allowUnlisted:false /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/ipSecurity /allowUnlisted:true /commit:apphost
--
--   Before that, add the address {client} as an allowed one.
-- interrupts: All other addresses are refused from then on.
-- references: https://learn.microsoft.com/aspnet/core/security/authentication/certauth https://www.rfc-editor.org/rfc/rfc9440
-- since: 1
SELECT t.machine, t.site, t.place AS path, coalesce(t.place, t.site, '') AS place, coalesce(t.place, t.site, '') || ' ' || t.client AS subject, t.client, max(t.names) AS names,
  o.n, p.proxies,
  json_array(json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)), 'excerpt', max(iif(t.nth = 1, t.names, NULL)))) AS evidence
FROM proxied_trace t JOIN (SELECT machine, site, max(clients) AS n FROM request_count WHERE status BETWEEN 200 AND 399 GROUP BY machine, site) o ON o.machine = t.machine AND o.site = t.site
JOIN (SELECT machine, site, count(DISTINCT client) AS proxies FROM proxied_trace GROUP BY machine, site) p ON p.machine = t.machine AND p.site = t.site
WHERE t.has_certificate AND t.client IS NOT NULL AND o.n > p.proxies
GROUP BY t.machine, t.place, t.client
ORDER BY t.machine, t.place, t.client
