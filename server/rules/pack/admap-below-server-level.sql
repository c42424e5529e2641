-- rule: admap-below-server-level
-- SPDX-License-Identifier: Apache-2.0
-- code: C05
-- title: Active Directory mapping is enabled for a site only, not for the server
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: may
-- message: "{path}" has clientCertificateMappingAuthentication enabled ({entry}:{line}), the server has not. IIS Manager knows the switch for the server only, and
--   its service reads it when it starts{since_text}.
-- confirm: The server-wide switch must be false. Refuted when mapping works for this path after W3SVC was started again, with the configuration as it is.
--   $ %windir%\system32\inetsrv\appcmd list config -section:system.webServer/security/authentication/clientCertificateMappingAuthentication
-- remedy: Enable it for the server, and start the service again.
--
--   $ %windir%\system32\inetsrv\appcmd set config -section:system.webServer/security/authentication/clientCertificateMappingAuthentication /enabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config -section:system.webServer/security/authentication/clientCertificateMappingAuthentication /enabled:false /commit:apphost
--
--   $ net stop was /y & net start w3svc
-- interrupts: All sites of this server are restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication
-- since: 1
SELECT p.machine, p.site, min(p.path) AS path, p.site AS subject, c.entry, c.line,
  iif(f.modified > m.booted, '; the file was changed after Windows was started', '') AS since_text,
  iif(f.modified > m.booted, 'warning', 'info') AS severity, f.modified AS changed,
  json_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', 'clientCertificateMappingAuthentication enabled="true"')) AS evidence
FROM site_path p JOIN machine m ON m.machine = p.machine
JOIN effective_config c ON c.machine = p.machine AND c.path = p.path AND c.attribute = 'enabled'
  AND c.section = 'system.webServer/security/authentication/clientCertificateMappingAuthentication'
LEFT JOIN config_file f ON f.machine = p.machine AND f.entry = c.entry AND f.level = 'apphost'
WHERE p.ad_mapping AND p.broken = 0 AND c.entry IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM config_fragment s WHERE s.machine = p.machine AND s.path = '' AND s.section = c.section AND s.attribute = 'enabled' AND lower(s.value) = 'true')
GROUP BY p.machine, p.site
ORDER BY p.machine, p.site
