-- rule: arr-backend-requires-cert
-- SPDX-License-Identifier: Apache-2.0
-- code: L03
-- title: The server behind Application Request Routing asks for a client certificate, and the proxy has none to present
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- uses: server/log-iis server/log-freb
-- explains: 403.7.* 502.*.12044 502.*.2147954444
-- strength: must
-- message: {what}
-- confirm: The log of the proxy shows 502.3 with 12044 (a certificate is needed) for the same requests, that of the server behind it 403.7 from the proxy's address.
-- remedy: Ask for the certificate at the proxy's site, let it go on in the header X-ARR-ClientCert, and take the requirement off the server behind it
--   (there the header is then to be believed only from the proxy's address).
--
--   $ %windir%\system32\inetsrv\appcmd set config {backend_path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {backend_path|cmd} -section:system.webServer/security/access /sslFlags:{backend_flags|cmd} /commit:apphost
--
--   {where_note}
-- interrupts: The application behind is restarted, and accepts requests without a certificate from then on.
-- references: https://learn.microsoft.com/archive/blogs/asiatech/configuring-arr-with-client-certificate https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
WITH asked AS NOT MATERIALIZED ( -- each site of the case that a proxy leads to, with a path of it that wants a certificate
  SELECT p.machine AS proxy, p.site AS proxy_site, p.path AS proxy_path, p.rule, p.url, p.entry, p.line, p.backend, p.backend_site, min(w.path) AS path,
    max(w.requires) AS requires, w.ssl_flags, w.ssl_flags_entry, w.ssl_flags_line
  FROM proxied_site p JOIN cert_wanted w ON w.machine = p.backend AND w.site = p.backend_site AND (w.negotiates OR w.requires)
  WHERE p.scheme = 'https'
  GROUP BY p.machine, p.site, p.path, p.rule, p.backend, p.backend_site)
SELECT a.proxy AS machine, a.proxy_site AS site, a.proxy_path AS path, 'proxy ' || a.proxy_path || ' ' || coalesce(a.rule, '') AS subject,
  iif(a.requires, 'error', 'warning') AS severity, 'must' AS strength,
  'The rule "' || coalesce(a.rule, '?') || '" of "' || a.proxy_path || '" sends requests to ' || a.url || ', and "' || a.path || '" on ' || a.backend || ' has sslFlags "' || coalesce(a.ssl_flags, 'None')
    || '": in its own TLS connection the proxy cannot present the client''s certificate, and the answer is 502.3.' AS what,
  a.path AS backend_path, a.ssl_flags AS backend_flags, 'Run it on ' || a.backend || '.' AS where_note,
  json_array(json_object('entry', a.entry, 'line', a.line, 'excerpt', a.url)) AS evidence
FROM asked a
GROUP BY a.proxy, a.proxy_path, a.rule -- of a farm the first server
UNION ALL
SELECT a.backend, a.backend_site, a.path, 'behind ' || a.proxy || ' ' || a.path, iif(a.requires, 'error', 'warning'), 'must',
  '"' || a.path || '" has sslFlags "' || coalesce(a.ssl_flags, 'None') || '", and ' || a.proxy || ' sends requests to it by the rule "' || coalesce(a.rule, '?') || '" of "' || a.proxy_path
    || '" (Application Request Routing): in its own TLS connection the proxy cannot present the client''s certificate.',
  a.path, a.ssl_flags, NULL, json_array(json_object('entry', a.ssl_flags_entry, 'line', a.ssl_flags_line, 'excerpt', 'sslFlags="' || coalesce(a.ssl_flags, 'None') || '"'))
FROM asked a WHERE a.backend <> a.proxy
GROUP BY a.backend, a.backend_site, a.path, a.proxy -- by whichever of its rules
UNION ALL
SELECT t.machine, t.site, t.place, 'traced ' || coalesce(t.place, t.site, '') || ' ' || coalesce(t.client, '?'), 'error', 'seen',
  count(*) || ' traced request(s) that ended with 403.7 at "' || coalesce(t.place, t.site, '?') || '" came from ' || coalesce(t.client, '?') || ' with the header(s) ' || max(t.names)
    || ': that is Application Request Routing, which has a TLS connection of its own and no certificate to present in it.',
  t.place, (SELECT w.ssl_flags FROM cert_wanted w WHERE w.machine = t.machine AND w.path = t.place), NULL,
  json_array(json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)), 'excerpt', max(iif(t.nth = 1, t.names, NULL))))
FROM proxied_trace t WHERE t.status = '403.7' AND t.is_arr
GROUP BY t.machine, t.place, t.client
UNION ALL
SELECT s.machine, s.site, s.place, 'answers ' || coalesce(s.place, s.site, ''), 'error', 'seen',
  sum(s.count) || ' request(s) at "' || coalesce(s.place, s.site, '') || '" ended with 502 and 12044: the server behind this proxy asked it for a client certificate, and it has none to present.',
  NULL, NULL, NULL,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', '502 ' || coalesce(r.substatus, '') || ' ' || r.win32) AS e FROM request r
    WHERE r.machine = s.machine AND r.place IS s.place AND r.status = 502 AND r.win32 IN (12044, 2147954444) ORDER BY r.time, r.entry, r.line LIMIT 3))
FROM symptom s WHERE s.status = 502 AND s.win32 IN (12044, 2147954444)
GROUP BY s.machine, s.site, s.place
ORDER BY 1, 4
