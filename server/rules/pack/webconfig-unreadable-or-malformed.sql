-- rule: webconfig-unreadable-or-malformed
-- SPDX-License-Identifier: Apache-2.0
-- code: A17
-- title: A configuration file cannot be read as XML (500.19)
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.19.*
-- strength: must
-- outranks: access-cert-not-requested access-require-without-negotiate access-accept-only sslbinding-negotiate-missing
-- message: {file} (line {line}): {text}. IIS answers every request at {place} with 500.19{hresult}, whatever the certificate.
-- remedy: Mend the XML at that line; a text editor that shows matching elements, or IIS Manager, says where it breaks.
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT e.machine, (SELECT p.site FROM site_path p WHERE p.machine = e.machine AND lower(p.path) = lower(e.path)) AS site, e.path,
  coalesce(e.path, 'the whole server') || coalesce(': ' || e.section, '') AS subject, coalesce('"' || e.path || '"', 'the whole server') AS place,
  coalesce(e.section, 'the file') AS section, e.message AS text, e.entry, e.line, coalesce(' (' || e.hresult || ')', '') AS hresult,
  coalesce((SELECT f.source FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry), e.entry, 'a configuration file') AS file,
  (SELECT f.modified FROM config_file f WHERE f.machine = e.machine AND f.entry = e.entry) AS changed, json_array(json_object('entry', e.entry, 'line', e.line, 'excerpt', e.message)) AS evidence
FROM (SELECT *, row_number() OVER (PARTITION BY machine, path, section ORDER BY entry, line) AS nth FROM config_error WHERE kind IN ('malformed')) e
WHERE e.nth = 1
ORDER BY e.machine, e.path, e.section
