-- rule: iismap-duplicate-blob
-- SPDX-License-Identifier: Apache-2.0
-- code: B11
-- title: One certificate is mapped to two accounts
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config
-- message: Site "{site}" maps certificate {thumbprint} to {users}: the first entry wins ({entry}:{line}).
-- remedy: Keep the entry that is meant.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.site || ': ' || m.thumbprint AS subject, m.thumbprint, min(m.entry) AS entry, min(m.line) AS line,
  group_concat('"' || m.user_name || '"', ', ') AS users,
  json_group_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.user_name)) AS evidence
FROM certificate_mapping m WHERE m.depth = 1 AND m.kind = 'oneToOne' AND m.enabled AND m.thumbprint IS NOT NULL AND m.user_name IS NOT NULL
GROUP BY m.machine, m.site, m.thumbprint HAVING min(lower(m.user_name)) <> max(lower(m.user_name))
ORDER BY m.machine, m.site, m.thumbprint
