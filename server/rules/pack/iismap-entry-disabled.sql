-- rule: iismap-entry-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: B07
-- title: A client certificate mapping is switched off
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- message: The {kind} mapping {what} to {user_text} ({entry}:{line}), which site "{site}" uses, has enabled="false": whoever presents that
--   certificate is not mapped.
-- confirm: The entry must be shown with enabled="false", and be the one of the client that fails.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Enable the entry when it is meant to be used.
--
--   [-9199] PS> Import-Module WebAdministration
--   PS> Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|command} -Name enabled -Value $true
--   undo: PS> Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|command} -Name enabled -Value $false
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.site || ': ' || coalesce(m.name, m.thumbprint, 'line ' || m.line) AS subject, m.kind, m.entry, m.line,
  coalesce('"' || m.name || '"', 'of certificate ' || m.thumbprint, 'of a certificate that does not decode') AS what,
  coalesce('"' || m.user_name || '"', 'an account') AS user_text,
  quote_ps('/system.webServer/security/authentication/iisClientCertificateMappingAuthentication/' || m.kind || 'Mappings/add[' || m.nth || ']') AS filter, (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.kind || ' enabled="false"')) AS evidence
FROM machine v CROSS JOIN (SELECT *, row_number() OVER (PARTITION BY machine, site, kind ORDER BY position) AS nth FROM site_mapping) m ON m.machine = v.machine
WHERE EXISTS (SELECT 1 FROM site_mapping x WHERE x.machine = v.machine AND x.enabled = 0) AND m.enabled = 0 AND m.from_path <> '' AND NOT EXISTS (SELECT 1 FROM site_mapping o WHERE o.machine = m.machine AND o.site = m.site AND o.enabled
    AND o.kind = m.kind AND coalesce(o.thumbprint, o.name) = coalesce(m.thumbprint, m.name))
ORDER BY m.machine, m.site, m.line
