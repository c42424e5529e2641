-- rule: iismap-module-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: B01
-- title: Certificate mapping is enabled, and the module that does it is not installed
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: must
-- message: "{path}" has {what} enabled, but the module IISCertificateMappingAuthenticationModule is missing ({where}): nobody maps the
--   certificate, and requests end with 401.2.
-- confirm: The list must be without IISCertificateMappingAuthenticationModule.
--   $ %windir%\system32\inetsrv\appcmd list modules
-- remedy: Install the feature, or add the module again where it was taken away.
--
--   [9200-] PS> Install-WindowsFeature Web-Cert-Auth
--   [9200-] undo: PS> Uninstall-WindowsFeature Web-Cert-Auth
--   [-9199] PS> Import-Module ServerManager
--   [-9199] PS> Add-WindowsFeature Web-Cert-Auth
--   [-9199] undo: PS> Remove-WindowsFeature Web-Cert-Auth
-- interrupts: Installing a feature may restart the IIS services.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject, 'IIS client certificate mapping' AS what,
  iif(g.value = 'absent', 'not in globalModules', 'not in modules at this path') AS "where",
  json_array(json_object('entry', coalesce(m.entry, g.entry, p.ssl_flags_entry), 'line', coalesce(m.line, g.line, p.ssl_flags_line))) AS evidence
FROM site_path p
JOIN effective_config m ON m.machine = p.machine AND m.path = p.path AND m.section = 'system.webServer/modules' AND m.attribute = 'IISCertificateMappingAuthenticationModule'
JOIN effective_config g ON g.machine = p.machine AND g.path = p.path AND g.section = 'system.webServer/globalModules' AND g.attribute = 'IISCertificateMappingAuthenticationModule'
WHERE p.iis_mapping AND p.broken = 0 AND (m.value = 'absent' OR g.value = 'absent')
  -- told of where it begins, not at each path below
  AND NOT EXISTS (SELECT 1 FROM site_path u WHERE u.machine = p.machine AND u.site = p.site AND u.iis_mapping AND length(u.path) < length(p.path)
    AND substr(p.path, 1, length(u.path) + 1) = u.path || '/')
ORDER BY p.machine, p.path
