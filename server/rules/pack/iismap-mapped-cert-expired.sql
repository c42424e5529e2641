-- rule: iismap-mapped-cert-expired
-- SPDX-License-Identifier: Apache-2.0
-- code: B10
-- title: A mapped certificate has expired
-- severity: info
-- confidence: I
-- role: server
-- needs: server/iis-config server/web-config
-- message: Site "{site}" maps {name} ({thumbprint}) at {entry}:{line}; it expired on {not_after|time}. Whoever still has it is refused
--   (403.17) before any mapping.
-- remedy: Map the certificate that replaced it, and take this entry out.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, m.site || ': ' || m.thumbprint AS subject, m.thumbprint, m.entry, m.line, coalesce(c.subject, 'a certificate') AS name, c.not_after,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', 'certificate ' || m.thumbprint)) AS evidence
FROM site_mapping m JOIN certificate c ON c.machine = m.machine AND c.thumbprint = m.thumbprint JOIN machine v ON v.machine = m.machine
WHERE m.enabled AND c.not_after < v.collected
ORDER BY m.machine, m.site, m.line
