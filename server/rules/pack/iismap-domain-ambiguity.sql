-- rule: iismap-domain-ambiguity
-- SPDX-License-Identifier: Apache-2.0
-- code: B20
-- title: Mapped accounts are named without a domain, and Windows does not know them
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/log-iis
-- explains: 401.1.1326 401.1.2147943726
-- strength: seen
-- message: Site "{site}" maps certificates to {users} ({entry}:{line}): no domain is named and defaultLogonDomain is empty, so the account is looked for on
--   this server. {total} request(s) ended with 401.1 and win32 1326, unknown user name or bad password.
-- confirm: Does the server have local accounts of these names?
--   $ net user
-- remedy: Write the account with its domain (DOMAIN\user or user@domain), or name the domain once for all.
--
--   $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /defaultLogonDomain:{domain|cmd} /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {site|cmd} -section:system.webServer/security/authentication/iisClientCertificateMappingAuthentication /defaultLogonDomain:"" /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
WITH bare AS (
  SELECT m.machine, m.site, group_concat(DISTINCT '"' || m.user_name || '"') AS users, max(iif(m.nth = 1, m.entry, NULL)) AS entry, max(iif(m.nth = 1, m.line, NULL)) AS line
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, site ORDER BY entry, line) AS nth FROM site_mapping
    WHERE enabled AND user_name IS NOT NULL AND user_name <> '' AND instr(user_name, '\') = 0 AND instr(user_name, '@') = 0) m WHERE m.user_name IS NOT NULL
    AND EXISTS (SELECT 1 FROM effective_config c WHERE c.machine = m.machine AND c.path = m.site AND c.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication' AND c.attribute = 'defaultLogonDomain' AND c.value = '')
  GROUP BY m.machine, m.site)
SELECT s.machine, s.site, s.site AS path, s.site AS subject, b.users, b.entry, b.line, sum(s.count) AS total,
  coalesce((SELECT nullif(x.domain, '') FROM machine x WHERE x.machine = s.machine), '<domain>') AS domain,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.users)) AS evidence
FROM symptom s JOIN bare b ON b.machine = s.machine AND b.site = s.site
WHERE s.status = 401 AND s.substatus = 1 AND s.win32 IN (1326, 2147943726)
GROUP BY s.machine, s.site
ORDER BY s.machine, s.site
