-- rule: iismap-and-admap-both
-- SPDX-License-Identifier: Apache-2.0
-- code: B27
-- title: IIS mapping and Active Directory mapping are both enabled for a path
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- message: At "{path}" iisClientCertificateMappingAuthentication and clientCertificateMappingAuthentication are both enabled. Which of the
--   two names the user cannot be relied on.
-- confirm: "enabled" must be true in both sections.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/clientCertificateMappingAuthentication
-- remedy: Keep the one that is meant; this switches Active Directory mapping off.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/clientCertificateMappingAuthentication /enabled:false /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/clientCertificateMappingAuthentication /enabled:true /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject,
  (SELECT json_group_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', c.section)) FROM effective_config c WHERE c.machine = p.machine AND c.path = p.path
    AND c.attribute = 'enabled' AND c.section LIKE '%CertificateMappingAuthentication') AS evidence
FROM site_path p
WHERE p.iis_mapping AND p.ad_mapping AND p.broken = 0 AND NOT EXISTS (SELECT 1 FROM site_path u WHERE u.machine = p.machine AND u.site = p.site
  AND u.iis_mapping AND u.ad_mapping AND length(u.path) < length(p.path) AND substr(p.path, 1, length(u.path) + 1) = u.path || '/')
ORDER BY p.machine, p.path
