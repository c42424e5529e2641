-- rule: access-cert-not-requested
-- SPDX-License-Identifier: Apache-2.0
-- code: A01
-- title: The path never asks for a client certificate
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- explains: 401.2.*
-- strength: must
-- message: "{path}" has sslFlags "{ssl_flags}": no certificate is asked for there, but {reason}.
--   {binding_text}
-- why: "{path}" does not ask for a certificate (sslFlags "{ssl_flags}"), but {reason}.
-- confirm: The flags that hold must be without SslNegotiateCert and SslRequireCert; refuted when a trace of a refused request shows a client certificate.
--   $ %windir%\system32\inetsrv\appcmd list config {path|cmd} -section:system.webServer/security/access
-- remedy: Require the certificate (leave SslRequireCert out to accept requests without one as well).
--
--   $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:"Ssl,SslNegotiateCert,SslRequireCert" /commit:apphost
--   undo: $ %windir%\system32\inetsrv\appcmd set config {path|cmd} -section:system.webServer/security/access /sslFlags:{ssl_flags|cmd} /commit:apphost
-- interrupts: The application is restarted; requests without a certificate are refused from then on.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/access
-- since: 1
WITH expected AS (
  SELECT p.machine, p.site, p.path, 'a client certificate mapping is enabled for it' AS reason, 1 AS rank FROM site_path p
    WHERE (p.iis_mapping OR p.ad_mapping)
    -- one that is switched on above, for others, harms nobody where users come in without a certificate as well: a page for probes, a public site
    AND (NOT EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = p.machine AND o.path = p.path AND o.attribute = 'enabled' AND lower(o.value) = 'true'
        AND o.section IN ('system.webServer/security/authentication/anonymousAuthentication', 'system.webServer/security/authentication/windowsAuthentication',
          'system.webServer/security/authentication/basicAuthentication', 'system.webServer/security/authentication/digestAuthentication'))
      OR EXISTS (SELECT 1 FROM effective_config o WHERE o.machine = p.machine AND o.path = p.path AND o.attribute = 'enabled' AND lower(o.value) = 'true'
        AND o.section LIKE 'system.webServer/security/authentication/%CertificateMappingAuthentication' AND o.origin IN ('location', 'own')))
  UNION ALL
  SELECT p.machine, p.site, p.path, 'its WCF service wants a certificate from its clients (clientCredentialType="Certificate")', 2
    FROM wcf_endpoint w JOIN site_path p ON p.machine = w.machine AND lower(p.path) = lower(w.path)
    WHERE w.is_client = 0 AND w.client_credential_type = 'Certificate' AND w.security_mode IN ('Transport', 'TransportWithMessageCredential')
  UNION ALL
  SELECT machine, site, path, 'the complaint expects one at ' || url, 3 FROM complaint_place),
silent AS MATERIALIZED (
  SELECT u.machine, u.site, u.path FROM cert_wanted u JOIN site_path v ON v.machine = u.machine AND v.path = u.path
    WHERE (v.iis_mapping OR v.ad_mapping) AND NOT coalesce(u.negotiates, 0) AND NOT coalesce(u.requires, 0)),
https AS (
  SELECT machine, site, max(coalesce(negotiate, 0)) AS negotiate, max(endpoint) AS endpoint FROM effective_binding GROUP BY machine, site)
SELECT w.machine, w.site, w.path, w.path AS subject, coalesce(w.ssl_flags, 'None') AS ssl_flags, e.reason, min(e.rank) AS rank,
  iif(h.negotiate, 'warning', NULL) AS severity,
  iif(h.negotiate, 'The binding ' || h.endpoint || ' asks for one in the handshake, which IIS then does not use.', NULL) AS binding_text,
  (SELECT f.modified FROM config_file f WHERE f.machine = w.machine AND f.entry = w.ssl_flags_entry) AS changed,
  json_array(json_object('entry', w.ssl_flags_entry, 'line', w.ssl_flags_line, 'excerpt', 'sslFlags="' || coalesce(w.ssl_flags, 'None') || '"')) AS evidence
FROM cert_wanted w
JOIN expected e ON e.machine = w.machine AND e.path = w.path
JOIN https h ON h.machine = w.machine AND h.site = w.site
WHERE NOT coalesce(w.negotiates, 0) AND NOT coalesce(w.requires, 0)
  -- a mapping that a path inherits is told of where it is enabled, not at each path below
  AND (e.rank > 1 OR NOT EXISTS (SELECT 1 FROM silent u WHERE u.machine = w.machine AND u.site = w.site AND length(u.path) < length(w.path)
      AND lower(substr(w.path, 1, length(u.path) + 1)) = lower(u.path) || '/'))
GROUP BY w.machine, w.path
ORDER BY w.machine, w.path
