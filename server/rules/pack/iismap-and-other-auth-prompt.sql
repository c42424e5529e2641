-- rule: iismap-and-other-auth-prompt
-- SPDX-License-Identifier: Apache-2.0
-- code: B25
-- title: Another authentication is on beside the certificate mapping, and asks users for a password
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: may
-- message: At "{path}" the certificate mapping and {others} authentication are enabled together: a client without a certificate, or with one that is not
--   mapped, is asked for a name and password instead of being told that its certificate is the matter.
-- confirm: The answer 401.2 must carry WWW-Authenticate headers of that scheme, and the user see a prompt for a name. With the other scheme off the 401.2 stays: the mapping itself is the matter.
-- remedy: Switch the other authentication off while the problem is looked for.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/windowsAuthentication /enabled:false /commit:apphost{windows|command}
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/basicAuthentication /enabled:false /commit:apphost{basic|command}
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/windowsAuthentication /enabled:true /commit:apphost{windows|command}
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/basicAuthentication /enabled:true /commit:apphost{basic|command}
-- interrupts: Users who sign in with a password there cannot do so while it is off.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
WITH others AS MATERIALIZED (
  SELECT machine, path, max(section LIKE '%/windowsAuthentication') AS windows, max(section LIKE '%/basicAuthentication') AS basic,
    max(iif(nth = 1, entry, NULL)) AS entry, max(iif(nth = 1, line, NULL)) AS line
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, path ORDER BY entry IS NULL, entry, line) AS nth FROM effective_config
  WHERE attribute = 'enabled' AND lower(value) = 'true' AND section IN ('system.webServer/security/authentication/windowsAuthentication', 'system.webServer/security/authentication/basicAuthentication'))
  GROUP BY machine, path)
SELECT p.machine, p.site, p.path, p.path AS subject, (SELECT f.modified FROM config_file f WHERE f.machine = p.machine AND f.entry = o.entry) AS changed, iif(o.windows, '', NULL) AS windows, iif(o.basic, '', NULL) AS basic,
  iif(o.windows AND o.basic, 'Windows and Basic', iif(o.windows, 'Windows', 'Basic')) AS others,
  json_array(json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM site_path p CROSS JOIN others o ON o.machine = p.machine AND o.path = p.path
WHERE p.iis_mapping AND p.broken = 0 AND NOT EXISTS (
  SELECT 1 FROM site_path u JOIN others v ON v.machine = u.machine AND v.path = u.path
  WHERE u.machine = p.machine AND u.iis_mapping AND length(u.path) < length(p.path)
    AND lower(substr(p.path, 1, length(u.path) + 1)) = lower(u.path) || '/')
ORDER BY p.machine, p.path
