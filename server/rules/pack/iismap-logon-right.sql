-- rule: iismap-logon-right
-- SPDX-License-Identifier: Apache-2.0
-- code: B18
-- title: A mapped account lacks the right to log on in this way
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-iis server/iis-config
-- explains: 401.1.1385 401.1.2147943785 401.1.3221225819
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 401.1 and win32 {win32} (logon type not granted). logonMethod is {method}, which needs
--   the right {logon_right}.
-- confirm: The rights in force of the server, with the account and its groups.
--   $ secedit /export /areas USER_RIGHTS /cfg rights.inf
-- remedy: Grant that right to the account (secpol.msc, or the group policy that sets it), and see that no "Deny" of the same kind names it.
--   {by_network}Or log on by the network.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /logonMethod:Network /commit:apphost{by_network|command}
--   undo: $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /logonMethod:{method|cmd} /commit:apphost{by_network|command}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') || ' ' || s.win32 AS subject, coalesce(s.place, s.site, '') AS place,
  sum(s.count) AS total, s.win32, hex32(s.win32) AS hex, min(s.first) AS first, max(s.last) AS last,
  -- a path that takes names and passwords as well has such answers of its own
  iif(EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = s.machine AND o.path = coalesce(s.place, s.site) AND o.attribute = 'enabled' AND lower(o.value) = 'true'
    AND o.section IN ('system.webServer/security/authentication/windowsAuthentication', 'system.webServer/security/authentication/basicAuthentication',
      'system.webServer/security/authentication/digestAuthentication')), 'warning', NULL) AS severity,
  iif(EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = s.machine AND o.path = coalesce(s.place, s.site) AND o.attribute = 'enabled' AND lower(o.value) = 'true'
    AND o.section IN ('system.webServer/security/authentication/windowsAuthentication', 'system.webServer/security/authentication/basicAuthentication',
      'system.webServer/security/authentication/digestAuthentication')), 'may', NULL) AS strength,
  coalesce((SELECT c.value FROM effective_config c WHERE c.machine = s.machine AND c.path = s.site AND c.attribute = 'logonMethod' AND c.section LIKE '%/iisClientCertificateMappingAuthentication'), 'ClearText') AS method,
  coalesce((SELECT CASE lower(c.value) WHEN 'interactive' THEN 'Allow log on locally' WHEN 'batch' THEN 'Log on as a batch job' END FROM effective_config c WHERE c.machine = s.machine AND c.path = s.site AND c.attribute = 'logonMethod' AND c.section LIKE '%/iisClientCertificateMappingAuthentication'), 'Access this computer from the network') AS logon_right,
  -- Network and ClearText need the same right: changing one into the other mends nothing
  (SELECT '' FROM effective_config c WHERE c.machine = s.machine AND c.path = s.site AND c.attribute = 'logonMethod' AND c.section LIKE '%/iisClientCertificateMappingAuthentication'
     AND lower(c.value) IN ('interactive', 'batch')) AS by_network,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 401 AND s.substatus = 1 AND s.win32 IN (1385, 2147943785, 3221225819) AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = s.machine AND p.path = coalesce(s.place, s.site) AND p.iis_mapping)
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
