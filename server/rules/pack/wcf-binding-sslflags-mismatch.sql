-- rule: wcf-binding-sslflags-mismatch
-- SPDX-License-Identifier: Apache-2.0
-- code: J17
-- title: The WCF binding wants a certificate, and IIS does not require one
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 500.0.*
-- strength: must
-- message: The WCF service {service} at "{path}" ({entry}:{line}) wants a certificate on the transport, and sslFlags there is "{ssl_flags}"
--   without SslRequireCert: WCF refuses to start the service ("the SSL settings do not match").
-- confirm: Open the service's .svc on the server itself: the page must say that the SSL settings do not match those of IIS.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Make both say the same.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/dotnet/framework/wcf/feature-details/transport-security-with-certificate-authentication
-- since: 1
SELECT w.machine, w.site, w.path, w.path AS subject, (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = e.entry) AS changed, coalesce('"' || min(e.service) || '"', '(unnamed)') AS service, e.entry, min(e.line) AS line, coalesce(w.ssl_flags, 'None') AS ssl_flags,
  json_array(json_object('entry', e.entry, 'line', min(e.line), 'excerpt', 'clientCredentialType="Certificate"'), json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || coalesce(w.ssl_flags, 'None') || '"')) AS evidence
FROM wcf_endpoint e JOIN cert_wanted w ON w.machine = e.machine AND lower(w.path) = lower(e.path)
WHERE e.is_client = 0 AND e.client_credential_type = 'Certificate' AND e.security_mode IN ('Transport', 'TransportWithMessageCredential') AND w.negotiates AND NOT w.requires
GROUP BY w.machine, w.path
ORDER BY w.machine, w.path
