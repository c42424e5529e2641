-- rule: auth-none-enabled
-- SPDX-License-Identifier: Apache-2.0
-- code: B24
-- title: No authentication is enabled at a path that wants certificates: everybody gets 401.2
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: must
-- message: At "{path}" anonymous, Windows, Basic, Digest and both certificate mappings are off: IIS has nobody that could name the user, and
--   every request ends with 401.2, with the right certificate too.
-- why: No authentication scheme is enabled at "{path}".
-- confirm: Every "enabled" in these sections must be false for the path; a failed-request trace shows no module at AUTHENTICATE_REQUEST that sets a user.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication
-- remedy: Enable what is meant. Where the application looks at the certificate itself, that is anonymous authentication; the certificate
--   stays required.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:false /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
WITH schemes AS ( -- paths that ask for a certificate, and whether a way to log on is enabled there
  SELECT w.*, (SELECT max(lower(e.value) = 'true') FROM effective_config e WHERE e.machine = w.machine AND e.path = w.path AND e.attribute = 'enabled'
      AND e.section > 'system.webServer/security/authentication/' AND e.section < 'system.webServer/security/authentication0') AS any
  FROM cert_wanted w WHERE w.negotiates OR w.requires),
told AS (
  SELECT s.*, (SELECT min(e.entry) FROM effective_config e WHERE e.machine = s.machine AND e.path = s.path AND e.attribute = 'enabled'
      AND e.section > 'system.webServer/security/authentication/' AND e.section < 'system.webServer/security/authentication0') AS entry,
    (SELECT min(e.line) FROM effective_config e WHERE e.machine = s.machine AND e.path = s.path AND e.attribute = 'enabled'
      AND e.section > 'system.webServer/security/authentication/' AND e.section < 'system.webServer/security/authentication0') AS line
  FROM schemes s WHERE s.any = 0)
SELECT s.machine, s.site, s.path, s.path AS subject, (SELECT f.modified FROM config_file f WHERE f.machine = s.machine AND f.entry = coalesce(a.entry, s.entry)) AS changed,
  -- modules of other products may name the user (Exchange does so): certain only where the log shows the 401.2, and usual where a certificate is only accepted
  iif(EXISTS (SELECT 1 FROM symptom y WHERE y.machine = s.machine AND y.status = 401 AND y.substatus = 2
    AND (lower(y.place) = lower(s.path) OR lower(substr(y.place, 1, length(s.path) + 1)) = lower(s.path) || '/')), 'error', iif(s.requires, 'warning', 'info')) AS severity,
  json_array(json_object('entry', coalesce(a.entry, s.entry), 'line', coalesce(a.line, s.line), 'excerpt', 'anonymousAuthentication enabled="false"')) AS evidence
FROM told s
LEFT JOIN effective_config a ON a.machine = s.machine AND a.path = s.path AND a.attribute = 'enabled'
  AND a.section = 'system.webServer/security/authentication/anonymousAuthentication'
WHERE
  -- a WCF service is told what it needs, and mappings that are switched off are told so
  NOT EXISTS (SELECT 1 FROM wcf_endpoint e WHERE e.machine = s.machine AND lower(e.path) = lower(s.path) AND e.is_client = 0)
  AND NOT EXISTS (SELECT 1 FROM certificate_mapping m WHERE m.machine = s.machine AND m.site = s.site AND m.enabled)
ORDER BY s.machine, s.path
