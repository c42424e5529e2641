-- rule: iismap-no-cert-requested
-- SPDX-License-Identifier: Apache-2.0
-- code: B22
-- title: Certificates are mapped to accounts at a path that never asks for one
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- explains: 401.2.*
-- strength: must
-- message: "{path}" maps client certificates to accounts, but its sslFlags "{ssl_flags}" ({entry}:{line}) ask for none, and no https binding of the site does:
--   the mapping never has a certificate to look at.
-- remedy: Ask for the certificate.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted; requests without a certificate are refused from then on.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/iisclientcertificatemappingauthentication/ https://learn.microsoft.com/iis/get-started/introduction-to-iis/iis-modules-overview
-- since: 1
SELECT w.machine, w.site, w.path, w.path AS subject, coalesce(w.ssl_flags, 'None') AS ssl_flags, w.ssl_flags_entry AS entry, w.ssl_flags_line AS line,
  (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.ssl_flags_entry) AS changed,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || coalesce(w.ssl_flags, 'None') || '"')) AS evidence
FROM cert_wanted w JOIN site_path p ON p.machine = w.machine AND p.path = w.path AND p.iis_mapping AND p.broken = 0
WHERE NOT coalesce(w.negotiates, 0) AND NOT coalesce(w.requires, 0)
  AND EXISTS (SELECT 1 FROM effective_binding b WHERE b.machine = w.machine AND b.site = w.site)
  AND NOT EXISTS (SELECT 1 FROM effective_binding b WHERE b.machine = w.machine AND b.site = w.site AND (b.negotiate OR b.endpoint IS NULL))
  AND NOT EXISTS (SELECT 1 FROM cert_wanted u JOIN site_path v ON v.machine = u.machine AND v.path = u.path AND v.iis_mapping
    WHERE u.machine = w.machine AND u.site = w.site AND length(u.path) < length(w.path)
      AND lower(substr(w.path, 1, length(u.path) + 1)) = lower(u.path) || '/' AND NOT coalesce(u.negotiates, 0) AND NOT coalesce(u.requires, 0))
ORDER BY w.machine, w.path
