-- rule: access-section-locked
-- SPDX-License-Identifier: Apache-2.0
-- code: A06
-- title: A web.config sets a section that is locked: every request there ends with 500.19
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {file} (line {line}) sets {section}, which is locked at a higher level{hresult_text}: IIS answers every request at "{path}" with
--   500.19 and looks at nothing else.
-- confirm: IIS must refuse the file itself (0x80070021), with the line; refuted when it lists the section.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:{section|cmd}
-- remedy: Take the section out of that web.config, and set it in applicationHost.config instead.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:{section|cmd}{settings|command} /commit:apphost
--
--   Or allow it to be set in files below the site.
--
--   $ %windir%\system32\inetsrv\appcmd unlock config {site|cmd} -section:{section|cmd} /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd lock config {site|cmd} -section:{section|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration
-- since: 1
SELECT e.machine, e.path AS subject, e.path, e.section, e.line, e.entry,
  (SELECT p.site FROM site_path p WHERE p.machine = e.machine AND lower(p.path) = lower(e.path)) AS site,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry), e.entry, 'a web.config') AS file,
  iif(e.hresult IS NULL, '', ' (' || e.hresult || ')') AS hresult_text,
  coalesce((SELECT group_concat(' /' || s.attribute || ':' || coalesce(quote_cmd(s.value), '<value>'), '') FROM (SELECT DISTINCT f.attribute, f.value FROM config_fragment f
    WHERE f.machine = e.machine AND f.entry = e.entry AND f.section = e.section AND f.attribute IN ('sslFlags', 'enabled') ORDER BY f.line) s), '') AS settings,
  (SELECT f.modified FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry) AS changed,
  json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.section)) AS evidence
FROM (SELECT machine, path, min(section) AS section, hresult, min(line) AS line, entry FROM config_refused
  WHERE kind = 'locked' AND (section LIKE '%/security/access' OR section LIKE '%/security/authentication/%')
    AND section NOT LIKE '%/iisClientCertificateMappingAuthentication'
  GROUP BY machine, path) e
WHERE e.path IS NOT NULL
ORDER BY e.machine, e.path
