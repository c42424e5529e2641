-- rule: iismap-manytoone-empty-rules
-- SPDX-License-Identifier: Apache-2.0
-- code: B14
-- title: A many-to-one mapping has no rules
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config
-- tags: security
-- message: Mapping "{name}" of site "{site}" ({entry}:{line}) has no rules: take it that every certificate which the server trusts becomes {user}.
-- remedy: Add at least a rule about the issuer.
--
--   [-9199] PS> Import-Module WebAdministration
--   PS> Add-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|ps} -Name '.' -Value @{certificateField='Issuer';certificateSubField='CN';matchCriteria='<name of the CA>'}
--   undo: PS> Remove-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter {filter|ps} -Name '.' -AtElement @{certificateField='Issuer';certificateSubField='CN';matchCriteria='<name of the CA>'}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/manytoonemappings/add/rules/
-- since: 1
SELECT m.machine, m.site, m.site AS path, m.site || ' ' || coalesce(m.name, m.line) AS subject, coalesce(m.name, '?') AS name, m.entry, m.line,
  coalesce('"' || m.user_name || '"', 'its account') AS user,
  'system.webServer/security/authentication/iisClientCertificateMappingAuthentication/manyToOneMappings/add[@name=' || char(39) || replace(coalesce(m.name, ''), char(39), '') || char(39) || ']/rules' AS filter,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.name)) AS evidence
FROM site_mapping m
WHERE m.kind = 'manyToOne' AND m.enabled AND m.permission_mode = 'Allow'
  AND NOT EXISTS (SELECT 1 FROM mapping_rule r WHERE r.machine = m.machine AND r.path = m.from_path AND r.mapping IS m.name)
ORDER BY m.machine, m.site, subject
