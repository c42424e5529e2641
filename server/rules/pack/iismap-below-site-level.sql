-- rule: iismap-below-site-level
-- SPDX-License-Identifier: Apache-2.0
-- code: B03
-- title: A client certificate mapping stands below the site, where IIS does not read it
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.* 401.1.*
-- strength: must
-- message: The {kind_text} mapping {what} to {user_text} stands at "{path}" ({entry}:{line}). IIS reads mappings at the site only (here
--   "{site}"), so this one does nothing.
--   {also_text}
-- why: A mapping stands at "{path}" instead of at the site "{site}", where nobody reads it.
-- confirm: The list for the site must be without this entry. Refuted when it is there too.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Make the mapping again at the site, with the account's password, then remove the one below it.
--
--   [-9199] PS> Import-Module WebAdministration
--   PS> $m = '/system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
--   PS> Get-WebConfiguration -PSPath {ps_path|ps} -Location {location|ps} -Filter "$m/oneToOneMappings/add" | ForEach-Object { Add-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter "$m/oneToOneMappings" -Name '.' -Value @{enabled=$_.enabled; userName=$_.userName; password='<password>'; certificate=$_.certificate} }{one_to_one|command}
--   PS> Add-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter "$m/manyToOneMappings" -Name '.' -Value @{name={name|ps}; enabled=$true; permissionMode={permission_mode|ps}; userName={user_name|ps}; password='<password>'}{many_to_one|command}
--   PS> Set-WebConfigurationProperty -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter $m -Name enabled -Value $true
--   PS> Clear-WebConfiguration -PSPath {ps_path|ps} -Location {location|ps} -Filter "$m/{collection|command}"
--   undo: PS> Clear-WebConfiguration -PSPath 'MACHINE/WEBROOT/APPHOST' -Location {site|ps} -Filter "$m/{collection|command}"{was_empty|command}
--
--   {rules_note}
--   Note the entries before they are cleared: the undo removes what was added at the site and does not bring back what stood below it.
--   {had_own}To take it back, remove what was added from the mappings of the site, which has others of its own, by hand (Configuration Editor).
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, coalesce(m.site, m.path) AS site, m.path, m.entry, m.line, m.name, m.user_name,
  coalesce(m.permission_mode, 'Allow') AS permission_mode,
  m.path || ': ' || m.kind || ' ' || coalesce(m.name, m.thumbprint, 'line ' || m.line) AS subject,
  iif(m.kind = 'oneToOne', 'one-to-one', 'many-to-one') AS kind_text,
  coalesce('"' || m.name || '"', 'of certificate ' || m.thumbprint, 'of a certificate that does not decode') AS what,
  coalesce('"' || m.user_name || '"', 'an account') AS user_text,
  iif(m.kind = 'oneToOne', '', NULL) AS one_to_one, iif(m.kind = 'oneToOne', NULL, '') AS many_to_one,
  iif(m.kind = 'oneToOne', 'oneToOneMappings', 'manyToOneMappings') AS collection,
  iif(m.file_level = 'web', 'MACHINE/WEBROOT/APPHOST/' || m.path, 'MACHINE/WEBROOT/APPHOST') AS ps_path,
  iif(m.file_level = 'web', '', m.path) AS location,
  iif(w.n > 0, NULL, '') AS was_empty, iif(w.n > 0, '', NULL) AS had_own,
  iif(m.kind = 'oneToOne', NULL, 'The rules of the mapping (field, sub-field, pattern) have to be made again as well.') AS rules_note,
  CASE WHEN t.n > 0 THEN 'The same mapping stands at the site as well, where it is read.' END AS also_text,
  CASE WHEN t.n > 0 THEN 'info' WHEN p.iis_mapping OR EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = m.machine
    AND lower(w.path) = lower(m.path) AND (w.negotiates OR w.requires)) THEN 'error' ELSE 'warning' END AS severity,
  iif(t.n > 0, 'may', NULL) AS strength,
  (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.kind || ' ' || coalesce(m.name, m.thumbprint, ''))) AS evidence
FROM machine v CROSS JOIN (SELECT a.*, row_number() OVER (PARTITION BY a.machine, a.path, a.kind, coalesce(a.name, a.thumbprint, a.line) ORDER BY a.line) AS nth
  FROM certificate_mapping a WHERE a.depth >= 2) m ON m.machine = v.machine
LEFT JOIN site_path p ON p.machine = m.machine AND lower(p.path) = lower(m.path)
LEFT JOIN (SELECT machine, lower(site) AS site, kind, coalesce(thumbprint, name) AS what, count(*) AS n FROM certificate_mapping
    WHERE depth <= 1 AND enabled GROUP BY machine, lower(site), kind, coalesce(thumbprint, name)) t
  ON t.machine = m.machine AND t.site = lower(m.site) AND t.kind = m.kind AND t.what = coalesce(m.thumbprint, m.name)
LEFT JOIN (SELECT machine, lower(site) AS site, kind, count(*) AS n FROM certificate_mapping WHERE depth = 1 GROUP BY machine, lower(site), kind) w
  ON w.machine = m.machine AND w.site = lower(m.site) AND w.kind = m.kind
WHERE EXISTS (SELECT 1 FROM certificate_mapping x WHERE x.machine = v.machine AND x.depth >= 2) AND m.nth = 1 AND NOT EXISTS (SELECT 1 FROM stopped_site x WHERE x.machine = m.machine AND lower(x.site) = lower(m.site))
  AND NOT EXISTS (SELECT 1 FROM stopped_path x WHERE x.machine = m.machine AND lower(x.path) = lower(m.path))
ORDER BY m.machine, m.path, m.line
