-- rule: iismap-blob-malformed
-- SPDX-License-Identifier: Apache-2.0
-- code: B08
-- title: The certificate of a one-to-one mapping is not one line of Base64
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.1.* 401.2.*
-- strength: must
-- message: The one-to-one mapping to {user_text} at "{path}" ({entry}:{line}) holds no certificate that IIS can read: {problem}. It matches
--   nobody.
-- confirm: A failed-request trace of a mapped client must name IISCertificateMappingAuthenticationModule, with 401.1 and 0x80093102, or no match at all.
-- remedy: Write the whole certificate again, as one line of Base64 of its DER. PowerShell gives it; appcmd cuts texts of that length.
--
--   PS> [Convert]::ToBase64String((Get-Item Cert:\CurrentUser\My\<thumbprint>).RawData)
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.path || ': line ' || m.line AS subject, coalesce(nullif(m.path, ''), 'the server') AS path, m.entry, m.line, m.blob_problem AS problem,
  coalesce('"' || m.user_name || '"', 'an account') AS user_text, (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  iif(m.enabled AND m.depth <= 1 AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.iis_mapping AND (m.path = '' OR p.site = m.site)),
    'error', 'warning') AS severity,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', m.blob_problem)) AS evidence
FROM certificate_mapping m WHERE m.kind = 'oneToOne' AND m.blob_problem IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = m.machine AND t.site = m.site)
ORDER BY m.machine, m.path, m.line
