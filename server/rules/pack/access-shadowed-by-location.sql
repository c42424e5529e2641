-- rule: access-shadowed-by-location
-- SPDX-License-Identifier: Apache-2.0
-- code: A08
-- title: A certificate setting stands in a file, and another file replaces it
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- message: {file} (line {line}) sets sslFlags "{value}" for "{path}", but {winner}:{winner_line} sets "{effective}" for the same path, and
--   that one holds.
-- confirm: The flags that hold must be "{effective}", not "{value}".
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Keep one of the two: take the one that holds away when the other is meant, or write what is meant where it holds ({winner}, line
--   {winner_line}).
-- references: https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration
-- since: 1
SELECT f.machine, p.site, p.path, p.path || ': ' || f.entry || ':' || f.line AS subject, f.value, f.entry, f.line, p.ssl_flags AS effective,
  p.ssl_flags_entry AS winner, p.ssl_flags_line AS winner_line,
  coalesce((SELECT c.source FROM config_file c WHERE c.machine = f.machine AND c.entry = f.entry), f.entry) AS file, (SELECT c.modified FROM config_file c WHERE c.machine = f.machine AND c.entry = f.entry) AS changed,
  json_array(json_object('entry', f.entry, 'line', f.line, 'excerpt', 'sslFlags="' || f.value || '"'),
    json_object('entry', p.ssl_flags_entry, 'line', p.ssl_flags_line, 'excerpt', 'sslFlags="' || p.ssl_flags || '"')) AS evidence
FROM config_fragment f JOIN site_path p ON p.machine = f.machine AND lower(p.path) = lower(f.path)
WHERE f.section = 'system.webServer/security/access' AND f.attribute = 'sslFlags' AND f.path <> '' AND f.matched AND p.broken = 0
  AND (p.ssl_flags_entry <> f.entry OR p.ssl_flags_line <> f.line) AND replace(lower(f.value), ' ', '') <> replace(lower(p.ssl_flags), ' ', '')
  AND (lower(f.value) LIKE '%cert%' OR lower(p.ssl_flags) LIKE '%cert%')
  AND EXISTS (SELECT 1 FROM config_file c WHERE c.machine = f.machine AND c.entry = f.entry AND c.used)
ORDER BY f.machine, p.path, f.entry, f.line
