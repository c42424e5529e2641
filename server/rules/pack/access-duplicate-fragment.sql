-- rule: access-duplicate-fragment
-- SPDX-License-Identifier: Apache-2.0
-- code: A10
-- title: The same section stands twice for one path (500.19)
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {file} (line {line}) sets {section} for {place} a second time: {text}. IIS answers every request there with 500.19{hresult}.
-- confirm: IIS must refuse the file itself, with the line; refuted when it lists the section.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:{section|cmd}
-- remedy: Merge the two into one.
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/get-started/planning-for-security/how-to-use-locking-in-iis-configuration
-- since: 1
SELECT e.machine, (SELECT p.site FROM site_path p WHERE p.machine = e.machine AND lower(p.path) = lower(e.path)) AS site, e.path,
  coalesce(e.path, 'the whole server') || coalesce(': ' || e.section, '') AS subject, coalesce('"' || e.path || '"', 'the whole server') AS place,
  coalesce(e.section, 'the file') AS section, e.message AS text, e.entry, e.line, coalesce(' (' || e.hresult || ')', '') AS hresult,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry), e.entry, 'a configuration file') AS file,
  (SELECT f.modified FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry) AS changed, json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.message)) AS evidence
FROM config_refused e
WHERE e.nth = 1 AND e.kind = 'duplicate' AND (e.section LIKE '%/security/%' OR e.section LIKE '%/serverRuntime')
ORDER BY e.machine, e.path, e.section
