-- rule: iismap-disabled-with-entries
-- SPDX-License-Identifier: Apache-2.0
-- code: B02
-- title: Client certificate mappings are made, but the mapping is switched off
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.*
-- strength: must
-- message: Site "{site}" has {entries} mapping(s) (first: {entry}:{line}), but iisClientCertificateMappingAuthentication is not enabled at any of
--   its paths: no certificate is mapped to an account.
-- confirm: "enabled" must be false for the site.
--   $ %windir%\system32\inetsrv\appcmd list config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication
-- remedy: Switch it on, at the site or at the path that is meant.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /enabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /enabled:false /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.site AS subject, count(*) AS entries, m.entry, min(m.line) AS line,
  CASE WHEN EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = m.machine AND w.site = m.site AND (w.negotiates OR w.requires)
      -- where the anonymous user comes in, the application may look at the certificate itself: what is left of a mapping then breaks nothing
      AND (EXISTS (SELECT 1 FROM site_path p WHERE p.machine = w.machine AND p.path = w.path AND p.anonymous = 0)
        OR EXISTS (SELECT 1 FROM symptom y WHERE y.machine = w.machine AND y.site = w.site AND y.status = 401)))
    THEN 'error' ELSE 'warning' END AS severity,
  (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  json_array(json_object('entry', m.entry, 'line', min(m.line), 'excerpt', m.kind)) AS evidence
FROM certificate_mapping m
WHERE m.depth = 1 AND m.enabled
  AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.site = m.site)
  AND NOT EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.site = m.site AND p.iis_mapping)
GROUP BY m.machine, m.site
ORDER BY m.machine, m.site
