-- rule: iismap-renewal-pending
-- SPDX-License-Identifier: Apache-2.0
-- code: B28
-- title: A mapped certificate expires within 30 days
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config
-- message: Site "{site}" maps {name} ({thumbprint}) at {entry}:{line}; it expires on {not_after|time}. The certificate that replaces it needs
--   an entry of its own.
-- remedy: Add the new certificate to the one-to-one mappings before that day.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.site || ': ' || m.thumbprint AS subject, m.thumbprint, m.entry, m.line, coalesce(c.subject, 'a certificate') AS name, c.not_after,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', 'certificate ' || m.thumbprint)) AS evidence
FROM site_mapping m JOIN certificate c ON c.machine = m.machine AND c.thumbprint = m.thumbprint JOIN machine v ON v.machine = m.machine
WHERE m.enabled AND c.not_after BETWEEN v.collected AND v.collected + 2592000000
ORDER BY m.machine, m.site, m.line
