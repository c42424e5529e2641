-- rule: admap-cross-forest
-- SPDX-License-Identifier: Apache-2.0
-- code: C18
-- title: The name in the client's certificate belongs to another domain than the server
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- applies: EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine)
-- message: {name} carries the user principal name "{upn}", the server is a member of "{domain}". Where that account is in another forest, the root and the issuing CA
--   must be published there as well (NTAuth), and the two forests must trust each other.
-- remedy: Ask where the account is.
--
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Get-ADUser -LDAPFilter {filter|ps} -Server {suffix|ps}
--
--   In that forest publish the issuing CA:
--
--   $ certutil -dspublish -f <ca.cer> NTAuthCA
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication https://support.microsoft.com/help/5014754
-- since: 1
SELECT s.machine, s.site, o.thumbprint AS subject, o.name, n.value AS upn, m.domain, '(userPrincipalName=' || n.value || ')' AS filter,
  substr(n.value, instr(n.value, '@') + 1) AS suffix,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM admap_server s JOIN machine m ON m.machine = s.machine AND coalesce(m.domain, '') <> ''
JOIN client_offer o ON o.usable JOIN certificate_name n ON n.machine = o.machine AND n.thumbprint = o.thumbprint AND n.kind = 'upn' AND instr(n.value, '@')
WHERE lower(substr(n.value, instr(n.value, '@'))) <> '@' || lower(m.domain)
  AND lower(n.value) NOT LIKE '%.' || lower(m.domain) AND lower(m.domain) NOT LIKE '%.' || lower(substr(n.value, instr(n.value, '@') + 1))
GROUP BY s.machine, o.thumbprint
ORDER BY s.machine, o.thumbprint
