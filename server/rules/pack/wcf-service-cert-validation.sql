-- rule: wcf-service-cert-validation
-- SPDX-License-Identifier: Apache-2.0
-- code: J19
-- title: The WCF service checks client certificates more strictly than IIS
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/cert-store:TrustedPeople!
-- uses: client/cert-store:My
-- explains: 403.0.* 500.0.*
-- strength: may
-- message: {what}
-- confirm: The message log or the trace of the service names the reason (SecurityTokenValidationException).
-- remedy: {how}
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf/authentication-of-clientcertificate-element https://learn.microsoft.com/dotnet/framework/wcf/feature-details/working-with-certificates
-- since: 1
WITH checked AS ( -- behaviours of services that take client certificates
  SELECT b.*, p.site, p.path AS place FROM wcf_behavior b JOIN site_path p ON p.machine = b.machine AND lower(p.path) = lower(b.path)
  WHERE EXISTS (SELECT 1 FROM wcf_endpoint e WHERE e.machine = b.machine AND e.path = b.path AND e.is_client = 0 AND e.behavior = b.name
    AND (e.client_credential_type = 'Certificate' OR e.message_credential_type = 'Certificate'))),
people AS (
  SELECT machine, thumbprint FROM store_certificate WHERE location = 'LocalMachine' AND lower(store) = 'trustedpeople')
SELECT b.machine, b.site, b.place AS path, b.place || ' ' || coalesce(nullif(b.name, ''), 'default') || coalesce(' ' || o.thumbprint, '') AS subject, 'warning' AS severity,
  'The service behaviour of "' || b.place || '" (' || b.entry || ':' || b.line || ') has certificateValidationMode PeerTrust: only certificates in LocalMachine\TrustedPeople are accepted, and '
    || coalesce('the client certificate ' || o.name || ' of ' || o.machine || ' is not there', 'that store is empty') || '.' AS what,
  'Put the client certificate (without its key) into the store TrustedPeople of the server: certutil -addstore TrustedPeople <file.cer>; or set certificateValidationMode to ChainTrust or PeerOrChainTrust.' AS how,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', 'certificateValidationMode="PeerTrust"'), json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM checked b LEFT JOIN client_meant o ON o.machine <> b.machine
WHERE b.validation_mode = 'PeerTrust' AND b.trusted_location = 'LocalMachine'
  AND NOT EXISTS (SELECT 1 FROM people t WHERE t.machine = b.machine AND (o.thumbprint IS NULL OR t.thumbprint = o.thumbprint))
GROUP BY b.machine, b.place, b.name, o.thumbprint
UNION ALL
SELECT b.machine, b.site, b.place, b.place || ' ' || coalesce(nullif(b.name, ''), 'default') || ' ' || o.thumbprint || ' revocation', 'warning',
  'The service behaviour of "' || b.place || '" (' || b.entry || ':' || b.line || ') checks revocation online (revocationMode Online), and the client certificate ' || o.name || ' of ' || o.machine
    || ' names no place where it could be looked up.',
  'Issue client certificates with a CRL distribution point, or set revocationMode of that behaviour to NoCheck where that is acceptable.',
  json_array(json_object('entry', b.entry, 'line', b.line), json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store))
FROM checked b JOIN client_meant o ON o.machine <> b.machine
WHERE b.validation_mode IN ('ChainTrust', 'PeerOrChainTrust') AND b.revocation_mode = 'Online' AND coalesce(o.self_signed, 0) = 0
  AND EXISTS (SELECT 1 FROM certificate c WHERE c.machine = o.machine AND c.thumbprint = o.thumbprint)
  AND NOT EXISTS (SELECT 1 FROM certificate_url u WHERE u.machine = o.machine AND u.thumbprint = o.thumbprint AND u.kind IN ('cdp', 'ocsp'))
GROUP BY b.machine, b.place, b.name, o.thumbprint
ORDER BY 1, 4
