-- rule: iismap-manytoone-too-broad
-- SPDX-License-Identifier: Apache-2.0
-- code: B15
-- title: A many-to-one mapping takes certificates of any trusted authority
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- tags: security
-- message: Mapping "{name}" of site "{site}" ({entry}:{line}) {why}: any authority that the server trusts can issue a certificate that becomes {user}.
-- confirm: The rules of that mapping must say nothing of the issuer. Refuted when the binding trusts a store with a few authorities only.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
--   $ netsh http show sslcert
-- remedy: Add a rule about the issuer, and let the binding trust only the authorities that are meant (a CTL store).
--
--   [-9199] PS> Import-Module WebAdministration
--   PS> Add-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|ps} -Name '.' -Value @{certificateField='Issuer';certificateSubField='CN';matchCriteria='<name of the CA>'}
--   undo: PS> Remove-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|ps} -Name '.' -AtElement @{certificateField='Issuer';certificateSubField='CN';matchCriteria='<name of the CA>'}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/manytoonemappings/add/rules/
-- since: 1
SELECT m.machine, m.site, m.site AS path, m.site || ' ' || coalesce(m.name, m.line) AS subject, coalesce(m.name, '?') AS name, m.entry, m.line,
  coalesce('"' || m.user_name || '"', 'its account') AS user,
  iif(max(r.field = 'Issuer'), 'has only rules that fit everything', 'has no rule about the issuer') AS why,
  'system.webServer/security/authentication/iisClientCertificateMappingAuthentication/manyToOneMappings/add[@name=' || char(39) || replace(coalesce(m.name, ''), char(39), '') || char(39) || ']/rules' AS filter,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.name)) AS evidence
FROM site_mapping m JOIN mapping_rule r ON r.machine = m.machine AND r.path = m.from_path AND r.mapping IS m.name
WHERE m.kind = 'manyToOne' AND m.enabled AND m.permission_mode = 'Allow'
GROUP BY m.machine, m.site, m.from_path, m.name
HAVING max(r.field = 'Issuer' AND trim(coalesce(r.criteria, ''), '*') <> '') = 0
ORDER BY m.machine, m.site, subject
