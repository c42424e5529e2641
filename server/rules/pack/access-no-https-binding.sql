-- rule: access-no-https-binding
-- SPDX-License-Identifier: Apache-2.0
-- code: A13
-- title: The site wants client certificates and has no https binding
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.4.* 403.7.*
-- strength: must
-- message: "{first_path}" of site "{site}" asks for client certificates ({ssl_flags_entry}:{ssl_flags_line}), but the site has no binding of protocol
--   https: a certificate cannot be asked for over http.
-- confirm: No binding of the site may be of protocol https.
--   [-9199] PS> Import-Module WebAdministration
--   PS> Get-WebBinding -Name {site|ps}
-- remedy: Add an https binding (and its certificate record in http.sys).
--
--   [-9199] PS> Import-Module WebAdministration
--   PS> New-WebBinding -Name {site|ps} -Protocol https -Port 443
--   undo: PS> Remove-WebBinding -Name {site|ps} -Protocol https -Port 443
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
SELECT w.machine, w.site, w.site AS subject, (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.ssl_flags_entry) AS changed, min(w.path) AS first_path, w.ssl_flags_entry, w.ssl_flags_line,
  iif(max(w.requires OR w.requires_ssl), NULL, 'warning') AS severity, -- else http is served without a certificate
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"')) AS evidence
FROM cert_wanted w
WHERE (w.negotiates OR w.requires)
  AND NOT EXISTS (SELECT 1 FROM binding b WHERE b.machine = w.machine AND b.site = w.site AND lower(b.protocol) = 'https')
GROUP BY w.machine, w.site
ORDER BY w.machine, w.site
