-- rule: admap-not-domain-joined
-- SPDX-License-Identifier: Apache-2.0
-- code: C04
-- title: Active Directory mapping is enabled on a server that is in no domain
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-system
-- explains: 401.1.* 401.2.* 403.12.*
-- strength: must
-- outranks: admap-without-dsmapper
-- message: "{path}" has clientCertificateMappingAuthentication enabled, but {machine} belongs to no Active Directory domain (Tcpip\Parameters
--   Domain is empty): no certificate can be mapped.
-- confirm: PartOfDomain must be False.
--   PS> Get-WmiObject Win32_ComputerSystem | Select-Object PartOfDomain,Domain
-- remedy: Join the domain, or map with IIS (iisClientCertificateMappingAuthentication) instead.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject,
  json_array(json_object('key', 'HKLM\SYSTEM\CurrentControlSet\Services\Tcpip\Parameters', 'name', 'Domain', 'value', 'empty'),
    (SELECT json_object('entry', c.entry, 'line', c.line, 'excerpt', 'clientCertificateMappingAuthentication') FROM effective_config c WHERE c.machine = p.machine
      AND c.path = p.path AND c.attribute = 'enabled' AND c.section LIKE '%/clientCertificateMappingAuthentication')) AS evidence
FROM site_path p JOIN machine m ON m.machine = p.machine
WHERE p.ad_mapping AND p.broken = 0 AND m.domain = '' AND NOT EXISTS (SELECT 1 FROM site_path u WHERE u.machine = p.machine AND u.site = p.site AND u.ad_mapping
  AND length(u.path) < length(p.path) AND substr(p.path, 1, length(u.path) + 1) = u.path || '/')
ORDER BY p.machine, p.path
