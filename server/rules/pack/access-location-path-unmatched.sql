-- rule: access-location-path-unmatched
-- SPDX-License-Identifier: Apache-2.0
-- code: A09
-- title: A <location> names a path that no site has: its certificate settings are never used
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- message: <location path="{location}"> ({entry}:{line}) sets {sections}, but no site, application or directory of this server has that path:
--   the settings never apply.
-- confirm: Neither list may have a site or an application of that name.
--   $ %windir%\system32\inetsrv\appcmd list site
--   $ %windir%\system32\inetsrv\appcmd list app
-- remedy: Write the path as IIS has it: the name of the site (not its number), then the application, with "/" between them and none at the
--   ends.
-- references: https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration
-- since: 1
WITH lost AS (
  SELECT machine, location, count(DISTINCT entry) AS files FROM config_fragment WHERE matched = 0 AND location IS NOT NULL GROUP BY machine, location)
SELECT f.machine, f.location || iif(o.files > 1, ' in ' || f.entry, '') AS subject, f.location, f.entry, min(f.line) AS line, group_concat(DISTINCT f.section) AS sections, (SELECT c.modified FROM config_file c WHERE c.machine = f.machine AND c.entry = f.entry) AS changed,
  json_array(json_object('entry', f.entry, 'line', min(f.line), 'excerpt', '<location path="' || f.location || '">')) AS evidence
FROM config_fragment f JOIN lost o ON o.machine = f.machine AND o.location = f.location
WHERE f.matched = 0 AND f.location IS NOT NULL AND (f.section LIKE '%/security/access' OR f.section LIKE '%CertificateMappingAuthentication')
GROUP BY f.machine, f.location, f.entry
ORDER BY f.machine, f.location, f.entry
