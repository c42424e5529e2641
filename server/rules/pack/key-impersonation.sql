-- rule: key-impersonation
-- SPDX-License-Identifier: Apache-2.0
-- code: I12
-- title: The key is opened as the user who is impersonated
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- message: "{path}" impersonates its users (identity impersonate true), and its WCF client picks a certificate by {find_type} "{find_value}": the key is then opened as the user who made the request, and not as {account}.
-- confirm: The call must fail for users and work where the program does not impersonate (at its start, say); Schannel 36870 at the time names the user.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.web/identity
-- remedy: Let the call run as the pool again (revert the impersonation around it), or grant the users read on the key file. To switch it off for the application:
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.web/identity /impersonate:false
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.web/identity /impersonate:true
-- interrupts: The application is recycled.
-- references: https://learn.microsoft.com/previous-versions/dotnet/netframework-4.0/72wdk8cc(v=vs.100)
-- since: 1
WITH owner AS ( -- the application at or above the place of each WCF client
  SELECT e.rowid AS id, (SELECT a.app_pool FROM application a WHERE a.machine = e.machine
      AND (lower(e.path) = lower(a.path) OR lower(substr(e.path, 1, length(a.path) + 1)) = lower(a.path) || '/') ORDER BY length(a.path) DESC LIMIT 1) AS app_pool
  FROM wcf_endpoint e WHERE e.is_client AND coalesce(e.find_value, '') <> '')
SELECT e.machine, i.site, e.path, e.path AS subject, coalesce(e.find_type, 'FindBySubjectDistinguishedName') AS find_type, e.find_value, coalesce(p.account, 'the pool') AS account,
  json_array(json_object('entry', i.entry, 'line', i.line, 'excerpt', 'impersonate ' || i.value), json_object('entry', e.entry, 'line', e.line, 'excerpt', e.find_value)) AS evidence
FROM owner o JOIN wcf_endpoint e ON e.rowid = o.id
JOIN effective_config i ON i.machine = e.machine AND lower(i.path) = lower(e.path) AND i.section = 'system.web/identity' AND i.attribute = 'impersonate' AND i.value = 'true'
LEFT JOIN app_pool p ON p.machine = e.machine AND lower(p.app_pool) = lower(o.app_pool)
GROUP BY e.machine, e.path
ORDER BY e.machine, e.path
