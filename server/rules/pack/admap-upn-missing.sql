-- rule: admap-upn-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: C06
-- title: The client certificate names no account: it has neither a UPN nor a security identifier
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- explains: 401.1.* 401.2.* 403.12.*
-- message: "{path}" maps certificates by Active Directory, and {name} has no user principal name in its alternative names, nor the security
--   identifier extension. It can only be mapped by an altSecurityIdentities value of the account.
-- confirm: Refuted when altSecurityIdentities of the account that is meant names this certificate.
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Get-ADUser <account> -Properties userPrincipalName,altSecurityIdentities
-- remedy: Have the certificate issued from a template that puts the UPN (and the SID, KB5014754) into it, or set altSecurityIdentities of
--   the account in a strong form.
-- references: https://support.microsoft.com/help/5014754 https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication
-- since: 1
WITH named AS MATERIALIZED (
  SELECT DISTINCT thumbprint FROM certificate_name WHERE kind IN ('upn', 'sid')),
other AS MATERIALIZED (
  SELECT DISTINCT f.machine FROM client_offer f JOIN named n ON n.thumbprint = f.thumbprint WHERE f.usable)
SELECT p.machine, p.site, min(p.path) AS path, o.thumbprint AS subject, o.name, json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM site_path p JOIN client_offer o ON o.usable
WHERE p.ad_mapping AND p.broken = 0
  AND o.thumbprint NOT IN (SELECT thumbprint FROM named) AND o.machine NOT IN (SELECT machine FROM other)
GROUP BY p.machine, o.thumbprint
ORDER BY p.machine, o.thumbprint
