-- rule: apppool-profile-not-loaded
-- SPDX-License-Identifier: Apache-2.0
-- code: I06
-- title: The web application takes its certificate from a profile that is not loaded
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- strength: may
-- message: The WCF client of "{path}" takes its certificate from CurrentUser\{store}, and its pool {pool} ({account}) does not load the profile of its account (loadUserProfile false): the store and its keys are not there
--   (0x80070002, 0x8009000B).
-- confirm: loadUserProfile of the pool must be false. The program's own error must be 0x80070002 or 0x8009000B, "cannot find the file" or "key not valid for use".
--   $ %windir%\system32\inetsrv\appcmd list apppool {pool|cmd} /text:processModel.loadUserProfile
-- remedy: Load the profile, or put the certificate into LocalMachine\My and give the pool the right to read its key.
--
--   $ %windir%\system32\inetsrv\appcmd set apppool {pool|cmd} /processModel.loadUserProfile:true
--   undo: $ %windir%\system32\inetsrv\appcmd set apppool {pool|cmd} /processModel.loadUserProfile:false
-- interrupts: The pool is recycled.
-- references: https://learn.microsoft.com/iis/configuration/system.applicationhost/applicationpools/add/processmodel
-- since: 1
WITH owner AS ( -- the application at or above the place of each WCF client
  SELECT e.rowid AS id, (SELECT a.app_pool FROM application a WHERE a.machine = e.machine
      AND (lower(e.path) = lower(a.path) OR lower(substr(e.path, 1, length(a.path) + 1)) = lower(a.path) || '/') ORDER BY length(a.path) DESC LIMIT 1) AS app_pool
  FROM wcf_endpoint e WHERE e.is_client AND coalesce(e.find_value, '') <> '')
SELECT e.machine, substr(e.path, 1, instr(e.path || '/', '/') - 1) AS site, e.path, e.path || ' ' || p.app_pool AS subject, coalesce(e.store, 'My') AS store, p.app_pool AS pool, p.account,
  'warning' AS severity,
  json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', 'storeLocation CurrentUser'), json_object('entry', p.entry, 'line', p.line, 'excerpt', p.app_pool)) AS evidence
FROM owner o JOIN wcf_endpoint e ON e.rowid = o.id JOIN app_pool p ON p.machine = e.machine AND lower(p.app_pool) = lower(o.app_pool)
WHERE e.store_location = 'CurrentUser' AND p.load_user_profile = 0
GROUP BY e.machine, e.path, p.app_pool
ORDER BY e.machine, e.path, p.app_pool
