-- rule: iismap-manytoone-deny
-- SPDX-License-Identifier: Apache-2.0
-- code: B13
-- title: A many-to-one mapping denies the client's certificate (403.12), or stands where it never does
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- explains: 403.12.*
-- strength: must
-- message: {denies}Mapping "{mapping}" of site "{site}" ({entry}:{line}) denies access, and it is the first one that {name} fits: 403.12.
--   {dead}Mapping "{mapping}" of site "{site}" ({entry}:{line}) denies access, and {name} fits it, but "{before}" stands before it and lets that
--   certificate in: the first one that fits counts.
-- confirm: A failed-request trace must name IISCertificateMappingAuthenticationModule with 403.12. Refuted when a client whose certificate fits no rule that denies gets it as well.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: {denies}Make the rules of that mapping narrower, or put a mapping that allows this certificate before it.
--   {dead}Put the mapping that denies before the one that allows.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/manytoonemappings/add/ https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH fit AS (
  SELECT t.*, row_number() OVER (PARTITION BY machine, site, thumbprint ORDER BY position) AS nth,
    first_value(mapping) OVER (PARTITION BY machine, site, thumbprint ORDER BY position) AS before,
    first_value(permission_mode) OVER (PARTITION BY machine, site, thumbprint ORDER BY position) AS before_mode
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, site, thumbprint, position ORDER BY client) AS copy FROM mapping_trial WHERE fits) t WHERE t.copy = 1)
SELECT f.machine, f.site, f.site AS path, f.site || ': ' || f.mapping || ' ' || f.thumbprint AS subject, f.mapping, f.name, f.before, f.entry, f.line, (SELECT c.modified FROM config_file c WHERE c.machine = f.machine AND c.entry = f.entry) AS changed,
  iif(f.nth = 1, '', NULL) AS denies, iif(f.nth = 1, NULL, '') AS dead, 
  -- a client that has another certificate, which is let in, need not present this one
  iif(f.nth = 1 AND o.other IS NULL, 'error', 'warning') AS severity, iif(f.nth = 1 AND o.other IS NULL, 'must', 'may') AS strength,
  json_array(json_object('thumbprint', f.thumbprint), json_object('entry', f.entry, 'line', f.line, 'excerpt', 'permissionMode="Deny"')) AS evidence
FROM machine v CROSS JOIN fit f ON f.machine = v.machine LEFT JOIN (SELECT DISTINCT machine, site, client, thumbprint AS other FROM fit WHERE nth = 1 AND permission_mode = 'Allow') o
  ON o.machine = f.machine AND o.site = f.site AND o.client = f.client AND o.other <> f.thumbprint
WHERE EXISTS (SELECT 1 FROM mapping_trial x WHERE x.machine = v.machine AND x.permission_mode = 'Deny') AND f.permission_mode = 'Deny' AND (f.nth = 1 OR f.before_mode IS NOT 'Deny')
  AND NOT EXISTS (SELECT 1 FROM site_mapping o WHERE o.machine = f.machine AND o.site = f.site AND o.kind = 'oneToOne' AND o.enabled AND o.thumbprint = f.thumbprint)
GROUP BY f.machine, f.site, f.mapping, f.thumbprint
ORDER BY f.machine, f.site, subject
