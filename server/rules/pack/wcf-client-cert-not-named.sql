-- rule: wcf-client-cert-not-named
-- SPDX-License-Identifier: Apache-2.0
-- code: J07
-- title: A WCF client is to present a certificate, and its configuration names none
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- uses: server/log-event
-- message: The WCF client of "{place}" ({entry}:{line}) calls {address} with clientCredentialType="Certificate", and its configuration names no certificate (no
--   clientCredentials/clientCertificate): unless its code sets one, the call fails or arrives without.
--   Schannel of {machine} wrote of asked-for certificates that were not found (event 36875): {told}.
-- confirm: Tracing of System.Net in the program shows no certificate attached ("Left with 0 client certificates to choose from"). Refuted when its code sets one.
-- remedy: Name the certificate in an endpoint behaviour (clientCredentials, clientCertificate with findValue, storeLocation and storeName) that the endpoint refers to, or set
--   ClientCredentials.ClientCertificate in code.
-- references: https://learn.microsoft.com/dotnet/framework/configure-apps/file-schema/wcf/clientcertificate-of-clientcredentials-element
-- since: 1
SELECT w.machine, w.path || ' ' || coalesce(w.contract, '') || ' ' || coalesce(w.address, '') AS subject, w.path AS place, w.entry, min(w.line) AS line, coalesce(w.address, 'its service') AS address,
  -- code may set one, and often does
  iif(max(t.words) IS NULL, 'info', NULL) AS severity, max(t.words) AS told,
  json_array(json_object('entry', w.entry, 'line', min(w.line), 'excerpt', 'clientCredentialType="Certificate"')) AS evidence
FROM wcf_endpoint w LEFT JOIN event_told t ON t.machine = w.machine AND t.area = 'schannel' AND t.event_id = 36875 AND t.side IS 'client'
WHERE w.is_client AND w.client_credential_type = 'Certificate' AND w.security_mode IN ('Transport', 'TransportWithMessageCredential') AND w.find_type IS NULL
GROUP BY w.machine, w.path, w.contract, w.address
ORDER BY w.machine, w.path, w.contract, w.address
