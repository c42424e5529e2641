-- rule: sslbinding-shared-ip-port
-- SPDX-License-Identifier: Apache-2.0
-- code: D15
-- title: A site that wants certificates shares its binding with one that does not
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: Sites "{site}" and "{other}" are both served by {endpoint}, which negotiates client certificates: visitors of "{other}" are asked
--   for one too.
-- remedy: Give the site that wants certificates a host name of its own (SNI), where that disturbs.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT a.machine, a.site, a.site || ' / ' || b.site AS subject, b.site AS other, a.endpoint,
  json_array(json_object('entry', a.entry, 'line', a.line, 'excerpt', a.endpoint || ' DefaultFlags ' || hex32(a.flags)), json_object('entry', b.iis_entry, 'line', b.iis_line, 'excerpt', b.information)) AS evidence
FROM effective_binding a JOIN effective_binding b ON b.machine = a.machine AND b.tree = a.tree AND b.endpoint = a.endpoint AND b.site <> a.site
WHERE a.negotiate AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = a.machine AND w.site = a.site AND (w.negotiates OR w.requires))
  AND NOT EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
GROUP BY a.machine, a.site, b.site
ORDER BY a.machine, a.site, b.site
