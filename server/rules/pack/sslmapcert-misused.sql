-- rule: sslmapcert-misused
-- SPDX-License-Identifier: Apache-2.0
-- code: A22
-- title: SslMapCert is set at a path that never asks for a certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- message: "{path}" has sslFlags "{ssl_flags}" ({entry}:{line}): SslMapCert maps a certificate, but nothing asks for one (SslNegotiateCert is
--   missing).
-- confirm: The flags that hold must have SslMapCert and not SslNegotiateCert.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Add SslNegotiateCert, or leave SslMapCert out: IIS' own one-to-one and many-to-one mappings do not need it.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
SELECT w.machine, w.site, w.path, w.path AS subject, w.ssl_flags, w.ssl_flags_entry AS entry, w.ssl_flags_line AS line,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || w.ssl_flags || '"')) AS evidence
FROM cert_wanted w
WHERE lower(w.ssl_flags) LIKE '%sslmapcert%' AND NOT w.negotiates AND (w.path = w.site OR w.ssl_flags_origin IN ('location', 'own'))
ORDER BY w.machine, w.path
