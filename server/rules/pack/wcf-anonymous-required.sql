-- rule: wcf-anonymous-required
-- SPDX-License-Identifier: Apache-2.0
-- code: J16
-- title: A WCF service with client certificates needs anonymous authentication, and it is off
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- explains: 401.2.* 500.0.*
-- strength: must
-- message: The WCF service {service} at "{path}" ({entry}:{line}) takes client certificates on the transport (mode {mode}), and anonymous
--   authentication is off at "{path}": WCF refuses to start the service, or IIS answers 401.2.
-- why: The WCF service at "{path}" wants client certificates on the transport, and anonymous authentication is off there.
-- confirm: Open the service's .svc on the server itself: the page must say that it requires Anonymous authentication; the Application log has it (System.ServiceModel) as well.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication
-- remedy: Switch anonymous authentication on for this path; the certificate is still required by sslFlags.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:true /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/authentication/anonymousAuthentication /enabled:false /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/dotnet/framework/wcf/feature-details/transport-security-with-certificate-authentication
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject, w.entry, w.line, w.security_mode AS mode,
  coalesce('"' || w.service || '"', '(' || coalesce(w.binding_name, w.binding, 'unnamed') || ')') AS service,
  (SELECT f.modified FROM config_file f WHERE f.machine = p.machine AND f.entry = w.entry) AS changed,
  json_array(json_object('entry', w.entry, 'line', w.line, 'excerpt', 'clientCredentialType="Certificate"'),
    json_object('entry', a.entry, 'line', a.line, 'excerpt', 'anonymousAuthentication enabled="false"')) AS evidence
FROM site_path p CROSS JOIN (SELECT *, row_number() OVER (PARTITION BY machine, lower(path) ORDER BY line, service) AS nth FROM wcf_endpoint
  WHERE is_client = 0 AND client_credential_type = 'Certificate' AND security_mode IN ('Transport', 'TransportWithMessageCredential')) w
  ON w.machine = p.machine AND lower(w.path) = lower(p.path)
LEFT JOIN effective_config a ON a.machine = p.machine AND a.path = p.path AND a.attribute = 'enabled'
  AND a.section = 'system.webServer/security/authentication/anonymousAuthentication'
WHERE w.nth = 1 AND p.anonymous = 0 AND p.broken = 0
ORDER BY p.machine, p.path
