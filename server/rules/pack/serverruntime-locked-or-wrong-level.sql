-- rule: serverruntime-locked-or-wrong-level
-- SPDX-License-Identifier: Apache-2.0
-- code: A23
-- title: uploadReadAheadSize is set where it is locked, or for a path that is not there
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {locked}{file} (line {line}) sets serverRuntime, which is locked at a higher level: IIS answers every request at "{path}" with 500.19.
--   {dead}{file} (line {line}) sets serverRuntime for "{location}", which no site has: the value has no effect.
-- confirm: IIS must refuse the file (0x80070021), or list the default 49152 for the path that is meant.
--   $ %windir%\system32\inetsrv\appcmd list config {target|cmd} -section:system.webServer/serverRuntime
-- remedy: Set it for the site in applicationHost.config.
--
--   $ %windir%\system32\inetsrv\appcmd set config {target|cmd} -section:system.webServer/serverRuntime /uploadReadAheadSize:{value|cmd} /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd clear config {target|cmd} -section:system.webServer/serverRuntime /commit:apphost
--
--   {locked}Then take the section out of that web.config.
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/serverruntime https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration
-- since: 1
WITH wrong AS (
  SELECT e.machine, e.path, e.entry, min(e.line) AS line, '' AS locked, NULL AS dead, NULL AS location, 'error' AS severity, 'must' AS strength, e.path AS target
  FROM config_refused e WHERE e.kind = 'locked' AND e.path IS NOT NULL AND e.section = 'system.webServer/serverRuntime' GROUP BY e.machine, e.path
  UNION ALL
  SELECT f.machine, NULL, f.entry, min(f.line), NULL, '', f.location, 'warning', 'may', '<site>'
  FROM config_fragment f WHERE f.matched = 0 AND f.location IS NOT NULL AND f.section = 'system.webServer/serverRuntime' AND f.attribute IS NOT NULL
  GROUP BY f.machine, f.location, f.entry)
SELECT w.machine, coalesce(w.path, w.location) AS subject, w.path, w.line, w.entry, w.locked, w.dead, w.location, w.severity, w.strength, w.target,
  (SELECT p.site FROM site_path p WHERE p.machine = w.machine AND lower(p.path) = lower(w.path)) AS site,
  coalesce((SELECT f.value FROM config_fragment f WHERE f.machine = w.machine AND f.entry = w.entry AND f.section = 'system.webServer/serverRuntime'
    AND f.attribute = 'uploadReadAheadSize' ORDER BY f.line LIMIT 1), '<bytes>') AS value,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = w.machine AND f.entry = w.entry), w.entry, 'a configuration file') AS file,
  (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.entry) AS changed,
  json_array(json_object('entry', w.entry, 'line', w.line, 'excerpt', 'serverRuntime')) AS evidence
FROM wrong w
ORDER BY w.machine, subject
