-- rule: access-require-without-negotiate
-- SPDX-License-Identifier: Apache-2.0
-- code: A02
-- title: The path requires a client certificate but never asks for one
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- strength: must
-- outranks: client-cert-absent client-cert-no-private-key client-cert-expired client-cert-not-yet-valid client-eku-no-clientauth
--   client-chain-incomplete client-truststore-root-missing issuer-list-on-issuer-absent issuer-list-too-large ie-autoselect-single
--   key-acl-identity-missing sslbinding-negotiate-missing
-- message: "{path}" has sslFlags "{ssl_flags}" ({ssl_flags_entry}:{ssl_flags_line}): SslRequireCert without SslNegotiateCert. {binding_text}
-- why: "{path}" requires a certificate (SslRequireCert) and does not ask for one (no SslNegotiateCert). {binding_text}
-- confirm: The flags that hold must have SslRequireCert and not SslNegotiateCert. A capture of a handshake without a CertificateRequest, and no second handshake after the request, confirm it.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Ask for the certificate as well.
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
SELECT p.machine, p.site, p.path, p.path AS subject, p.ssl_flags, p.ssl_flags_entry, p.ssl_flags_line,
  iif(min(coalesce(p.negotiate, 0)), 'warning', NULL) AS severity, iif(min(coalesce(p.negotiate, 0)), 'may', NULL) AS strength,
  CASE WHEN min(coalesce(p.negotiate, 0)) THEN 'It works only because every binding of the site negotiates certificates.'
    ELSE 'The binding ' || min(CASE WHEN coalesce(p.negotiate, 0) = 0 THEN coalesce(p.endpoint, p.information) END)
      || ' does not negotiate certificates either, so every request there ends with 403.7.' END AS binding_text,
  (SELECT f.modified FROM config_file f WHERE f.machine = p.machine AND f.entry = p.ssl_flags_entry) AS changed,
  json_array(json_object('entry', p.ssl_flags_entry, 'line', p.ssl_flags_line, 'excerpt', 'sslFlags="' || p.ssl_flags || '"')) AS evidence
FROM cert_place p
WHERE p.requires AND NOT p.negotiates AND (p.path = p.site OR p.ssl_flags_origin IN ('location', 'own'))
GROUP BY p.machine, p.path
ORDER BY p.machine, p.path
