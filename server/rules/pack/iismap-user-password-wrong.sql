-- rule: iismap-user-password-wrong
-- SPDX-License-Identifier: Apache-2.0
-- code: B16
-- title: The password of a mapped account is wrong
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-iis server/iis-config
-- explains: 401.1.1326 401.1.2147943726 401.1.3221225581
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 401.1 and win32 {win32} (unknown user or wrong password): the certificate was mapped,
--   and Windows refused to log the account on. The site maps to {users}.
-- confirm: The Security log of the server holds event 4625 of this account at the same second.
--   $ wevtutil qe Security /q:"*[System[EventID=4625]]" /c:5 /rd:true /f:text
-- remedy: Enter the password of the account again, at the entry of the site.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/ https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
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
  coalesce((SELECT group_concat(u, ', ') FROM (SELECT DISTINCT '"' || m.user_name || '"' AS u FROM site_mapping m WHERE m.machine = s.machine AND m.site = s.site AND m.enabled ORDER BY 1 LIMIT 5)), 'no named account') AS users,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 401 AND s.substatus = 1 AND s.win32 IN (1326, 2147943726, 3221225581) AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = s.machine AND p.path = coalesce(s.place, s.site) AND p.iis_mapping)
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
