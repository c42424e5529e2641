-- rule: admap-issuer-not-in-ntauth
-- SPDX-License-Identifier: Apache-2.0
-- code: C08
-- title: The CA of the client certificate is not in NTAuth: Active Directory mapping refuses it
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/cert-store:NTAuth! client/cert-store:My
-- explains: 401.1.* 401.2.* 403.12.* 403.16.*
-- strength: must
-- message: {name} was issued by "{issuer}", which is not in the NTAuth store of {machine}: Active Directory mapping accepts only what such
--   CAs issued (0x800B0112).
-- confirm: The issuer's thumbprint may be in none of the two lists, the server's and the directory's. Where it is in the directory only, gpupdate brings it.
--   $ certutil -enterprise -store NTAuth
--   $ certutil -viewstore "ldap:///CN=NTAuthCertificates,CN=Public Key Services,CN=Services,CN=Configuration,<domain>"
-- remedy: Publish the CA for the domain, then let the server refresh its policy.
--
--   $ certutil -dspublish -f <issuer.cer> NTAuthCA
--   $ gpupdate /force
--   undo: $ certutil -viewdelstore "ldap:///CN=NTAuthCertificates,CN=Public Key Services,CN=Services,CN=Configuration,<domain>"
-- interrupts: Service is not interrupted; domain members see the CA after their next policy refresh.
-- references: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/import-third-party-ca-to-enterprise-ntauth-store
-- since: 1
SELECT p.machine, p.site, min(p.path) AS path, o.thumbprint AS subject, o.name, coalesce(o.issuer, 'its issuer') AS issuer,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store),
    (SELECT json_object('entry', i.entry) FROM item i WHERE i.machine = p.machine AND i.store = 'NTAuth' AND i.entry IS NOT NULL LIMIT 1)) AS evidence
FROM site_path p CROSS JOIN client_offer o ON o.usable
WHERE p.ad_mapping AND p.broken = 0
  AND NOT EXISTS (SELECT 1 FROM store_certificate n JOIN certificate c ON c.machine = n.machine AND c.thumbprint = n.thumbprint
    WHERE n.machine = p.machine AND lower(n.store) = 'ntauth' AND c.subject_der = o.issuer_der)
  -- the one that is meant, or the only kind that this client has
  AND (o.named OR NOT EXISTS (SELECT 1 FROM client_offer f JOIN certificate c ON c.subject_der = f.issuer_der
    JOIN store_certificate n ON n.machine = c.machine AND n.thumbprint = c.thumbprint
    WHERE f.machine = o.machine AND f.usable AND n.machine = p.machine AND lower(n.store) = 'ntauth'))
GROUP BY p.machine, o.thumbprint
ORDER BY p.machine, o.thumbprint
