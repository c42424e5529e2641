-- rule: webconfig-ignored
-- SPDX-License-Identifier: Apache-2.0
-- code: A16
-- title: IIS does not read a web.config that sets certificate or authentication settings
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- message: {file} sets {sections}, but IIS does not read it: {why_text}.
-- confirm: What the file sets must be missing in what holds for the path.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Allow the file, or write the settings into applicationHost.config (/commit:apphost).
--
--   $ %windir%\system32\inetsrv\appcmd set apppool {pool|cmd} /enableConfigurationOverride:true
--   undo: $ %windir%\system32\inetsrv\appcmd set apppool {pool|cmd} /enableConfigurationOverride:false
-- interrupts: The application pool is recycled.
-- references: https://learn.microsoft.com/iis/configuration/system.applicationhost/applicationpools/add/
-- since: 1
SELECT c.machine, c.path, c.entry AS subject, coalesce(c.source, c.entry) AS file, coalesce(c.why, 'it is switched off at a higher level') AS why_text,
  (SELECT group_concat(s, ', ') FROM (SELECT DISTINCT section AS s FROM config_fragment g WHERE g.machine = c.machine AND g.entry = c.entry
    AND (g.section LIKE '%/security/access' OR g.section LIKE '%/security/authentication/%' OR g.section LIKE '%/serverRuntime') ORDER BY 1)) AS sections,
  (SELECT min(a.app_pool) FROM application a JOIN app_pool o ON o.machine = a.machine AND lower(o.app_pool) = lower(a.app_pool) AND o.enable_configuration_override = 0
    WHERE a.machine = c.machine AND (c.path = a.path OR substr(c.path, 1, length(a.path) + 1) = a.path || '/')) AS pool, c.modified AS changed,
  json_array(json_object('entry', c.entry, 'line', min(f.line), 'excerpt', min(f.section))) AS evidence
FROM config_file c JOIN config_fragment f ON f.machine = c.machine AND f.entry = c.entry
  AND (f.section LIKE '%/security/access' OR f.section LIKE '%/security/authentication/%' OR f.section LIKE '%/serverRuntime')
WHERE c.level = 'web' AND c.used = 0
GROUP BY c.machine, c.entry
ORDER BY c.machine, c.entry
