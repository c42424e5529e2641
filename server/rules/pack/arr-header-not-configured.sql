-- rule: arr-header-not-configured
-- SPDX-License-Identifier: Apache-2.0
-- code: L02
-- title: Application Request Routing does not hand the client certificate on
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- uses: server/log-freb
-- explains: 401.2.* 403.0.*
-- message: {what}
-- confirm: A failed-request trace of the server behind, with request headers, must be without X-ARR-ClientCert; and the proxy's own flags must ask for a certificate for ARR to have one.
--   $ %windir%\system32\inetsrv\appcmd list config {proxy_path|cmd} -section:system.webServer/security/access
-- remedy: On the proxy: ask for the certificate at its site, and see that a header is named under "Forward encoded client certificate in the following header" (X-ARR-ClientCert; an
--   empty field switches it off).
--
--   $ %windir%\system32\inetsrv\appcmd set config {proxy_path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {proxy_path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The proxy's site is restarted; browsers ask their users for a certificate from then on.
-- references: https://learn.microsoft.com/archive/blogs/asiatech/configuring-arr-with-client-certificate https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2008-R2-and-2008/dd443526(v=ws.10)
-- since: 1
SELECT p.machine, p.site, p.path, 'proxy ' || p.path || ' ' || coalesce(p.rule, '') AS subject,
  'The rule "' || coalesce(p.rule, '?') || '" of "' || p.path || '" sends requests to ' || p.url || ', and sslFlags there is "' || coalesce(w.ssl_flags, 'None')
    || '": the proxy asks for no client certificate and has none to hand on, but ' || e.reason || '.' AS what,
  p.path AS proxy_path, coalesce(w.ssl_flags, 'None') AS ssl_flags,
  json_array(json_object('entry', p.entry, 'line', p.line, 'excerpt', p.url), json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line)) AS evidence
FROM reverse_proxy p JOIN cert_wanted w ON w.machine = p.machine AND w.path = p.path AND NOT coalesce(w.negotiates, 0) AND NOT coalesce(w.requires, 0)
JOIN ( -- certificates are expected there
  SELECT c.machine, c.path, 'the complaint names a certificate at ' || c.url AS reason FROM complaint_place c
    JOIN complaint q ON q.url = c.url AND coalesce(q.thumbprint, '') <> ''
  UNION SELECT x.machine, x.path, x.backend || ' wants one at "' || min(b.path) || '"' FROM proxied_site x JOIN cert_wanted b ON b.machine = x.backend AND b.site = x.backend_site
    AND (b.negotiates OR b.requires) GROUP BY x.machine, x.path, x.backend) e ON e.machine = p.machine AND e.path = p.path
GROUP BY p.machine, p.path, p.rule
UNION ALL
SELECT t.machine, t.site, t.place, 'traced ' || coalesce(t.place, t.site, '') || ' ' || coalesce(t.client, '?'),
  count(*) || ' traced request(s) that ended with ' || max(t.status) || ' at "' || coalesce(t.place, t.site, '?') || '" came from ' || coalesce(t.client, '?') || ' through Application Request Routing (' || max(t.names)
    || ') without X-ARR-ClientCert: the proxy handed no client certificate on.',
  NULL, NULL, json_array(json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)), 'excerpt', max(iif(t.nth = 1, t.names, NULL))))
FROM proxied_trace t WHERE t.is_arr AND NOT t.has_certificate AND (t.status LIKE '401%' OR t.status = '403')
  -- any other 401 is the ordinary life of a web site
  AND (EXISTS (SELECT 1 FROM site_path m WHERE m.machine = t.machine AND m.path = t.place AND (m.iis_mapping OR m.ad_mapping))
    OR EXISTS (SELECT 1 FROM complaint q WHERE coalesce(q.thumbprint, '') <> ''))
GROUP BY t.machine, t.place, t.client
ORDER BY 1, 4
