-- rule: dotnet-cert-not-attached
-- SPDX-License-Identifier: Apache-2.0
-- code: J07
-- title: A .NET program calls without having been given a client certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/log-iis
-- explains: 403.7.*
-- message: {what}
-- confirm: Tracing of System.Net in the program ("Left with 0 client certificates to choose from", or no certificate attached at all) decides; refuted when it names the certificate as chosen.
-- remedy: {how}
-- references: https://learn.microsoft.com/dotnet/api/system.net.http.httpclienthandler.clientcertificates https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf/clientcertificate-of-clientcredentials-element
-- since: 1
WITH caller AS ( -- WCF clients whose configuration names no certificate, and the host that they call
  SELECT w.*, lower(substr(substr(w.address, instr(w.address, '://') + 3), 1, coalesce(nullif(instr(replace(substr(w.address, instr(w.address, '://') + 3), ':', '/'), '/'), 0), 1000) - 1)) AS host
  FROM wcf_endpoint w
  WHERE w.is_client AND w.client_credential_type = 'Certificate' AND w.security_mode IN ('Transport', 'TransportWithMessageCredential') AND w.find_type IS NULL AND w.address LIKE 'https://%')
-- told of the server that is called: there it shows
SELECT b.machine, b.site, NULL AS path, 'called from ' || w.machine || ' ' || w.path || ' ' || coalesce(w.contract, '') AS subject,
  'The WCF client of "' || w.path || '" on ' || w.machine || ' (' || w.entry || ':' || w.line || ') calls ' || w.address || ', which is site "' || b.site
    || '" here, with clientCredentialType="Certificate", and its configuration names no certificate (no clientCredentials/clientCertificate): unless its code sets one, its requests arrive without.' AS what,
  'On ' || w.machine || ', name the certificate in an endpoint behaviour (clientCredentials, clientCertificate with findValue, storeLocation and storeName) that the endpoint refers to, or set ClientCredentials.ClientCertificate in code.' AS how,
  json_array(json_object('entry', w.entry, 'line', w.line, 'excerpt', 'clientCredentialType="Certificate"')) AS evidence
FROM caller w JOIN binding b ON b.protocol = 'https' AND lower(b.host) = w.host
WHERE EXISTS (SELECT 1 FROM cert_wanted c WHERE c.machine = b.machine AND c.site = b.site AND (c.negotiates OR c.requires))
GROUP BY b.machine, b.site, w.machine, w.path, w.contract
UNION ALL
SELECT machine, site, place, coalesce(place, site, '') || ' ' || client,
  '"' || agent_text || '" from ' || client || ' was refused ' || count || ' time(s) at "' || coalesce(place, site, '') || '" (403.7), while others are served there: .NET presents a certificate only when the program attaches it.',
  'Attach the certificate with its key: handler.ClientCertificates.Add(certificate) with ClientCertificateOptions Manual; in PowerShell Invoke-WebRequest -Certificate or -CertificateThumbprint.',
  (SELECT json_group_array(json_object('entry', q.entry, 'line', q.line, 'excerpt', q.excerpt)) FROM refused_request q WHERE q.machine = r.machine AND q.place IS r.place AND q.client = r.client) AS evidence
FROM refused_program r
WHERE family = 'dotnet'
ORDER BY 1, 4
