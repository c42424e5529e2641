-- rule: iismap-user-state
-- SPDX-License-Identifier: Apache-2.0
-- code: B17
-- title: A mapped account cannot log on
-- severity: error
-- confidence: P
-- role: server
-- needs: server/log-iis server/iis-config
-- explains: 401.1.1331 401.1.1909 401.1.1330 401.1.1907 401.1.1793 401.1.1328 401.1.1329 401.1.1311 401.1.2147943731 401.1.2147944309 401.1.2147943730 401.1.2147944307
--   401.1.2147944193 401.1.2147943728 401.1.2147943729 401.1.2147943711 401.1.3221225572 401.1.3221225566 401.1.3221225583 401.1.3221225584 401.1.3221225585
--   401.1.3221225586 401.1.3221225875 401.1.3221226020 401.1.3221226036
-- strength: seen
-- message: At "{place}" {total} request(s) ended with 401.1 and win32 {win32}: {meaning}. The site maps certificates to {users}.
-- confirm: The Security log of the server holds event 4625 of this account at the same second.
--   $ wevtutil qe Security /q:"*[System[EventID=4625]]" /c:5 /rd:true /f:text
-- remedy: Mend the account where it is kept; the password of an account that certificates are mapped to should not expire.
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
  CASE CASE s.win32 WHEN 3221225586 THEN 1331 WHEN 3221226036 THEN 1909 WHEN 3221225585 THEN 1330 WHEN 3221226020 THEN 1907 WHEN 3221225875 THEN 1793 WHEN 3221225583 THEN 1328
      WHEN 3221225584 THEN 1329 WHEN 3221225566 THEN 1311 WHEN 3221225572 THEN 1317 ELSE s.win32 & 65535 END WHEN 1331 THEN 'the account is disabled' WHEN 1909 THEN 'the account is locked out' WHEN 1330 THEN 'its password has expired' WHEN 1907 THEN 'its password must be changed first' WHEN 1793 THEN 'the account has expired' WHEN 1328 THEN 'it may not log on at this hour'
    WHEN 1329 THEN 'it may not log on at this machine' WHEN 1311 THEN 'no domain controller was reached' WHEN 1317 THEN 'there is no account of that name' ELSE 'Windows refused the account' END AS meaning,
  coalesce((SELECT group_concat(u, ', ') FROM (SELECT DISTINCT '"' || m.user_name || '"' AS u FROM site_mapping m WHERE m.machine = s.machine AND m.site = s.site AND m.enabled ORDER BY 1 LIMIT 5)), 'no named account') AS users,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', coalesce(r.method, '') || ' ' || coalesce(r.url, '') || ' ' || r.status || ' ' || r.substatus || ' ' || r.win32) AS e
    FROM request r WHERE r.machine = s.machine AND r.place IS s.place AND r.status = s.status AND r.substatus IS s.substatus AND r.win32 IS s.win32 ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s
WHERE s.status = 401 AND s.substatus = 1 AND s.win32 IN (1331, 1909, 1330, 1907, 1793, 1328, 1329, 1311, -- as they are, as HRESULT, as a status of NT
  2147943731, 2147944309, 2147943730, 2147944307, 2147944193, 2147943728, 2147943729, 2147943711,
  3221225572, 3221225566, 3221225583, 3221225584, 3221225585, 3221225586, 3221225875, 3221226020, 3221226036) AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = s.machine AND p.path = coalesce(s.place, s.site) AND p.iis_mapping)
GROUP BY s.machine, s.site, s.place, s.status, s.substatus, s.win32
ORDER BY s.machine, s.site, s.place, s.win32
