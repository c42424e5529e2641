-- rule: iismap-manytoone-off
-- SPDX-License-Identifier: Apache-2.0
-- code: B06
-- title: Many-to-one client certificate mappings are made, but that kind of mapping is switched off
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: must
-- message: Site "{site}" has {entries} many-to-one mapping(s) (first: {entry}:{line}) and the mapping is enabled, but manyToOneCertificateMappingsEnabled is false at every path
--   where it is enabled: they do nothing.
-- confirm: "manyToOneCertificateMappingsEnabled" must be false for the site.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Switch that kind of mapping on.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /manyToOneCertificateMappingsEnabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /manyToOneCertificateMappingsEnabled:false /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
WITH enabled AS (
  SELECT machine, site, path FROM effective_config WHERE section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication' AND attribute = 'enabled' AND lower(value) = 'true')
SELECT m.machine, m.site, m.site AS subject, count(*) AS entries, m.entry, min(m.line) AS line,
  CASE WHEN EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = m.machine AND w.site = m.site AND (w.negotiates OR w.requires))
    THEN 'error' ELSE 'warning' END AS severity,
  (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  json_array(json_object('entry', m.entry, 'line', min(m.line), 'excerpt', m.kind)) AS evidence
FROM certificate_mapping m
WHERE m.depth = 1 AND m.enabled AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.site = m.site) AND m.kind = 'manyToOne'
  AND EXISTS (SELECT 1 FROM enabled s WHERE s.machine = m.machine AND s.site = m.site)
  AND NOT EXISTS (SELECT 1 FROM enabled s WHERE s.machine = m.machine AND s.site = m.site AND NOT EXISTS (SELECT 1 FROM effective_config o
    WHERE o.machine = s.machine AND o.path = s.path AND o.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
      AND o.attribute = 'manyToOneCertificateMappingsEnabled' AND lower(o.value) = 'false'))
GROUP BY m.machine, m.site
ORDER BY m.machine, m.site
