-- rule: iismap-section-locked
-- SPDX-License-Identifier: Apache-2.0
-- code: B04
-- title: A web.config sets the client certificate mapping, which is locked: every request there ends with 500.19
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {file} (line {line}) sets iisClientCertificateMappingAuthentication, which is locked at a higher level{hresult_text}: IIS answers every request
--   at "{path}" with 500.19 and looks at nothing else.
-- confirm: IIS must refuse the file itself (0x80070021), with the line; refuted when it lists the section.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Take the section out of that web.config, and set it for the site in applicationHost.config: mappings are read from there in any case.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /enabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd clear config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT e.machine, e.path AS subject, e.path, min(e.line) AS line, e.entry,
  (SELECT p.site FROM site_path p WHERE p.machine = e.machine AND lower(p.path) = lower(e.path)) AS site,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry), e.entry, 'a web.config') AS file,
  iif(e.hresult IS NULL, '', ' (' || e.hresult || ')') AS hresult_text,
  (SELECT f.modified FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry) AS changed,
  json_array(json_object('entry', e.entry, 'line', min(e.line), 'excerpt', e.message)) AS evidence
FROM config_refused e
WHERE e.kind = 'locked' AND e.path IS NOT NULL AND e.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
GROUP BY e.machine, e.path
ORDER BY e.machine, e.path
