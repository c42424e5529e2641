-- rule: authorization-denies-mapped-user
-- SPDX-License-Identifier: Apache-2.0
-- code: B26
-- title: The authorization rules let no mapped account in
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.* 401.0.*
-- strength: must
-- message: Certificates are mapped to "{user}" at "{path}", and the authorization rules there ({entry}:{line}) {why}.
-- confirm: A failed-request trace names UrlAuthorizationModule as the one that answers. Refuted when another module does.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authorization
-- remedy: Allow the account before the rule that denies it.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authorization /+{allow|cmd}
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authorization /-{allow|cmd}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authorization/
-- since: 1
WITH rules AS (
  SELECT machine, site, path, position, min(entry) AS entry, min(line) AS line, lower(max(CASE WHEN attribute = 'accessType' THEN value END)) AS access,
    ',' || replace(lower(coalesce(max(CASE WHEN attribute = 'users' THEN value END), '')), ' ', '') || ',' AS users,
    coalesce(max(CASE WHEN attribute = 'roles' THEN value END), '') AS roles, coalesce(max(CASE WHEN attribute = 'verbs' THEN value END), '') AS verbs
  FROM path_item WHERE section = 'system.webServer/security/authorization' AND collection = ''
  GROUP BY machine, site, path, position),
judged AS (
  SELECT p.machine, p.site, p.path, m.user_name AS user, min(r.entry) AS entry, min(r.line) AS line,
    -- groups are not known here, and an account may be written in another form than in the mapping
    max(r.roles <> '' OR r.verbs <> '' OR (instr(r.users, lower(m.bare)) AND NOT instr(r.users, ',' || lower(m.user_name) || ','))) AS vague,
    min(CASE WHEN r.access = 'deny' AND (r.users LIKE '%,*,%' OR instr(r.users, ',' || lower(m.user_name) || ',')) THEN r.position END) AS denied,
    min(CASE WHEN r.access = 'allow' AND (r.users LIKE '%,*,%' OR instr(r.users, ',' || lower(m.user_name) || ',')) THEN r.position END) AS allowed
  FROM (SELECT machine, site, user_name, CASE WHEN instr(user_name, '\') THEN substr(user_name, instr(user_name, '\') + 1)
    WHEN instr(user_name, '@') > 1 THEN substr(user_name, 1, instr(user_name, '@') - 1) ELSE user_name END AS bare
    FROM site_mapping WHERE enabled AND user_name <> '') m CROSS JOIN site_path p ON p.machine = m.machine AND p.site = m.site
  CROSS JOIN rules r ON r.machine = p.machine AND r.path = p.path
  WHERE p.iis_mapping AND p.broken = 0
  GROUP BY p.machine, p.path, m.user_name)
SELECT j.machine, j.site, j.path, (SELECT f.modified FROM config_file f WHERE f.machine = j.machine AND f.entry = j.entry) AS changed, j.path || ' ' || j.user AS subject, j.user, j.entry, j.line,
  iif(j.denied IS NOT NULL, 'deny it', 'allow others only') AS why, '[accessType=' || char(39) || 'Allow' || char(39) || ',users=' || char(39) || replace(j.user, char(39), '') || char(39) || ']' AS allow,
  json_array(json_object('entry', j.entry, 'line', j.line, 'excerpt', 'authorization')) AS evidence
FROM judged j
WHERE NOT j.vague AND j.allowed IS NULL
ORDER BY j.machine, j.path, j.user
