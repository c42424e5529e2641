-- rule: wcf-mex-https-get
-- SPDX-License-Identifier: Apache-2.0
-- code: J18
-- title: Metadata of a WCF service is behind the requirement of a client certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.0.*
-- strength: may
-- message: {what}
-- confirm: Asked for its metadata (?wsdl) without a certificate the service must answer 403.7, and with one give it out.
-- remedy: {how}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/dotnet/framework/wcf/feature-details/metadata-architecture-overview https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf/servicemetadata
-- since: 1
SELECT w.machine, w.site, w.path, w.path || ' mex ' || coalesce(e.service, '') AS subject, NULL AS severity,
  'The service ' || coalesce('"' || e.service || '"', '(unnamed)') || ' at "' || w.path || '" (' || e.entry || ':' || min(e.line) || ') has a metadata endpoint with mexHttpsBinding, which asks for no client certificate, and sslFlags there is "'
    || w.ssl_flags || '": WCF may refuse to start the service (the SSL settings do not match), and tools that fetch the metadata without a certificate get 403.7.' AS what,
  'Take the endpoint out, or give it a custom binding whose httpsTransport has requireClientCertificate="true"; or serve the metadata in a directory of its own that requires no certificate.' AS how,
  json_array(json_object('entry', e.entry, 'line', min(e.line), 'excerpt', 'binding="mexHttpsBinding"'), json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"')) AS evidence
FROM wcf_endpoint e CROSS JOIN cert_wanted w ON w.machine = e.machine AND lower(w.path) = lower(e.path) AND w.requires
WHERE e.is_client = 0 AND e.binding = 'mexHttpsBinding'
GROUP BY w.machine, w.path, e.service
UNION ALL
SELECT w.machine, w.site, w.path, rtrim(w.path || ' get ' || b.name), 'info',
  'The metadata of the WCF services at "' || w.path || '" is to be had by https (' || b.entry || ':' || b.line || ', httpsGetEnabled), where sslFlags is "' || w.ssl_flags || '": tools that fetch it without a certificate get 403.7.',
  'Fetch it with a certificate, or serve the metadata in a directory of its own that requires none, or switch httpsGetEnabled off.',
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', 'httpsGetEnabled="true"'))
FROM wcf_behavior b CROSS JOIN cert_wanted w ON w.machine = b.machine AND lower(w.path) = lower(b.path) AND w.requires
WHERE b.gets_https AND EXISTS (SELECT 1 FROM wcf_endpoint e WHERE e.machine = b.machine AND e.path = b.path AND e.is_client = 0 AND e.behavior = b.name)
GROUP BY w.machine, w.path, b.name
ORDER BY 1, 4
