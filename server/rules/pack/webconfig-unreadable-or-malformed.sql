-- rule: webconfig-unreadable-or-malformed
-- SPDX-License-Identifier: Apache-2.0
-- code: A17
-- title: IIS cannot use a configuration file (500.19)
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {file} (line {line}): {text}. IIS answers every request at {place} with 500.19{hresult}, whatever the certificate.
-- confirm: IIS must refuse the file itself, with the line; refuted when it lists the section.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Mend the file at that line; the error page of a request made on the server itself shows the line as well. A section that is not
--   declared belongs to a module that is not installed: install it, or take the section out. What is locked, or there twice, has to go.
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT e.machine, (SELECT p.site FROM site_path p WHERE p.machine = e.machine AND lower(p.path) = lower(e.path)) AS site, e.path,
  coalesce(e.path, 'the whole server') || coalesce(': ' || e.section, '') AS subject, coalesce('"' || e.path || '"', 'the whole server') AS place,
  coalesce(e.section, 'the file') AS section, e.message AS text, e.entry, e.line, coalesce(' (' || e.hresult || ')', '') AS hresult,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry), e.entry, 'a configuration file') AS file,
  (SELECT f.modified FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry) AS changed, json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.message)) AS evidence
FROM machine m CROSS JOIN (SELECT *, row_number() OVER (PARTITION BY machine, path, section ORDER BY entry, line) AS turn FROM config_refused WHERE kind IN ('malformed', 'unknown-section', 'bad-value')
  OR (kind = 'unknown-flag' AND section NOT LIKE '%/security/access')
  OR (kind = 'locked' AND section NOT LIKE '%/security/access' AND section NOT LIKE '%/security/authentication/%' AND section NOT LIKE '%/serverRuntime')
  OR (kind = 'duplicate' AND section NOT LIKE '%/security/%' AND section NOT LIKE '%/serverRuntime')) e ON e.machine = m.machine
WHERE EXISTS (SELECT 1 FROM config_refused r WHERE r.machine = m.machine) AND e.turn = 1
ORDER BY e.machine, e.path, e.section
