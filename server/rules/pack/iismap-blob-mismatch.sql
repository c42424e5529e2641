-- rule: iismap-blob-mismatch
-- SPDX-License-Identifier: Apache-2.0
-- code: B09
-- title: The client has another certificate than the one that is mapped
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config client/cert-store:My
-- explains: 401.1.* 401.2.*
-- strength: must
-- message: Site "{site}" maps certificate {mapped} ({entry}:{line}) to {user_text}, but the client {client} has {have}: same subject and
--   issuer, another certificate. One-to-one mappings compare every byte.
-- confirm: A failed-request trace has the certificate that came (CERT_SUBJECT and its serial number): it must be the client's new one.
--   PS> Get-Item {cert_path|ps} | Format-List Thumbprint,SerialNumber,NotBefore
-- remedy: Map the new certificate: put its Base64 into the entry's "certificate", and take the old one out when nobody has it any more.
--
--   PS> [Convert]::ToBase64String((Get-Item {cert_path|ps}).RawData)
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/
-- since: 1
SELECT m.machine, m.site, -- where the anonymous user comes in as well, nobody is refused
  iif(EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.site = m.site AND p.iis_mapping AND p.anonymous = 0), NULL, 'warning') AS severity, m.site || ': ' || m.thumbprint || ' / ' || o.thumbprint AS subject, m.thumbprint AS mapped, m.entry, m.line, o.machine AS client, o.name AS have,
  coalesce('"' || m.user_name || '"', 'an account') AS user_text, (SELECT f.modified FROM config_file f WHERE f.machine = m.machine AND f.entry = m.entry) AS changed,
  'Cert:\' || o.location || '\My\' || upper(o.thumbprint) AS cert_path,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', 'certificate ' || m.thumbprint),
    json_object('thumbprint', o.thumbprint, 'store', o.location || '\My')) AS evidence
FROM site_mapping m JOIN certificate c ON c.machine = m.machine AND c.thumbprint = m.thumbprint
JOIN client_offer o ON o.usable AND o.thumbprint <> m.thumbprint AND o.issuer_der = c.issuer_der
JOIN certificate d ON d.machine = o.machine AND d.thumbprint = o.thumbprint AND d.subject_der = c.subject_der
WHERE m.kind = 'oneToOne' AND m.enabled
  AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = m.machine AND p.site = m.site AND p.iis_mapping)
  AND NOT EXISTS (SELECT 1 FROM site_mapping k WHERE k.machine = m.machine AND k.site = m.site AND k.enabled AND k.thumbprint = o.thumbprint)
  AND NOT EXISTS (SELECT 1 FROM client_offer k WHERE k.machine = o.machine AND k.user IS o.user AND k.usable AND k.thumbprint = m.thumbprint)
  -- a rule takes it in
  AND NOT EXISTS (SELECT 1 FROM mapping_trial t WHERE t.machine = m.machine AND t.site = m.site AND t.client = o.machine AND t.thumbprint = o.thumbprint AND t.fits
    AND t.permission_mode = 'Allow')
GROUP BY m.machine, m.site, m.thumbprint, o.thumbprint
ORDER BY m.machine, m.site, m.line, o.machine, o.thumbprint
