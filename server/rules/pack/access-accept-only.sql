-- rule: access-accept-only
-- SPDX-License-Identifier: Apache-2.0
-- code: A03
-- title: The path accepts a client certificate but does not require one
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 401.2.*
-- strength: may
-- message: "{path}" has sslFlags "{ssl_flags}" ({ssl_flags_entry}:{ssl_flags_line}): a client without a certificate passes here, one with a bad
--   certificate is refused all the same (403.16, 403.13, 403.17).
--   {only_text}
-- confirm: Confirmed when a request without any certificate ends with 401.2 there and one with a mapped certificate does not. The flags that hold:
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Require the certificate where every client has one, so that a missing one is told as such (403.7).
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted; requests without a certificate are refused from then on.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
WITH schemes AS (
  SELECT machine, path,
    max(attribute = 'enabled' AND lower(value) = 'true' AND section LIKE '%CertificateMappingAuthentication') AS mapping,
    max(attribute = 'enabled' AND lower(value) = 'true' AND (section LIKE '%/anonymousAuthentication' OR section LIKE '%/basicAuthentication'
      OR section LIKE '%/windowsAuthentication' OR section LIKE '%/digestAuthentication')) AS other
  FROM effective_config WHERE section LIKE 'system.webServer/security/authentication/%' GROUP BY machine, path)
SELECT w.machine, w.site, w.path, w.path AS subject, w.ssl_flags, w.ssl_flags_entry, w.ssl_flags_line,
  iif(s.mapping AND NOT s.other, 'warning', 'info') AS severity,
  iif(s.mapping AND NOT s.other, 'A certificate mapping is the only authentication there, so a client without a certificate ends with 401.2.', NULL) AS only_text,
  (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.ssl_flags_entry) AS changed,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"')) AS evidence
FROM cert_wanted w LEFT JOIN schemes s ON s.machine = w.machine AND s.path = w.path
WHERE w.negotiates AND NOT w.requires AND (w.path = w.site OR w.ssl_flags_origin IN ('location', 'own'))
ORDER BY w.machine, w.path
