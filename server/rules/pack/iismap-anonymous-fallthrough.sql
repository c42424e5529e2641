-- rule: iismap-anonymous-fallthrough
-- SPDX-License-Identifier: Apache-2.0
-- code: B23
-- title: Certificates that are not mapped run as the anonymous user
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- tags: security
-- message: At "{path}" certificate mapping and anonymous authentication are both enabled: a certificate that is not mapped is let in as the
--   anonymous user, without a word.
-- confirm: A request with a certificate that is not mapped must be answered, with "-" for its user in the log.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication
-- remedy: Switch anonymous authentication off where every user is to be mapped.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:false /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:true /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject,
  (SELECT json_group_array(json_object('entry', c.entry, 'line', c.line, 'excerpt', c.section)) FROM effective_config c WHERE c.machine = p.machine AND c.path = p.path
    AND c.attribute = 'enabled' AND (c.section LIKE '%/iisClientCertificateMappingAuthentication' OR c.section LIKE '%/anonymousAuthentication') AND c.entry IS NOT NULL) AS evidence
FROM site_path p
WHERE p.iis_mapping AND p.anonymous AND p.broken = 0
  -- where nobody is asked, nobody presents one
  AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = p.machine AND w.path = p.path AND (w.negotiates OR w.requires))
  AND EXISTS (SELECT 1 FROM site_mapping m WHERE m.machine = p.machine AND m.site = p.site AND m.enabled)
  AND NOT EXISTS (SELECT 1 FROM wcf_endpoint e WHERE e.machine = p.machine AND e.is_client = 0 AND lower(e.path) = lower(p.path))
  AND NOT EXISTS (SELECT 1 FROM site_path u WHERE u.machine = p.machine AND u.site = p.site AND u.iis_mapping AND u.anonymous
    AND length(u.path) < length(p.path) AND substr(p.path, 1, length(u.path) + 1) = u.path || '/')
ORDER BY p.machine, p.path
