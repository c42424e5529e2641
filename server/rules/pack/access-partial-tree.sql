-- rule: access-partial-tree
-- SPDX-License-Identifier: Apache-2.0
-- code: A12
-- title: Only a part of the site asks for client certificates, and its binding does not negotiate them
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- message: In site "{site}" "{asks}" asks for a client certificate and "{open}" does not, and {endpoint} does not negotiate one in the first
--   handshake: whoever opens "{open}" first has a connection without a certificate, and the next request must renegotiate.
-- confirm: The two paths must have different flags, and the record no negotiation. Refuted when the record negotiates.
--   $ %windir%\system32\inetsrv\appcmd list config {asks|cmd} -section:system.webServer/security/access
--   $ %windir%\system32\inetsrv\appcmd list config {open|cmd} -section:system.webServer/security/access
--   $ netsh http show sslcert
-- remedy: Negotiate in the first handshake (see sslbinding-negotiate-missing), or give the paths that want a certificate a host name of
--   their own.
-- interrupts: See sslbinding-negotiate-missing.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.endpoint AS subject, b.endpoint, b.first_path AS asks, min(w.path) AS open,
  json_array(json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags)),
    json_object('entry', b.ssl_flags_entry, 'line', b.ssl_flags_line)) AS evidence
FROM late_binding b JOIN cert_wanted w ON w.machine = b.machine AND w.site = b.site AND NOT w.negotiates AND NOT w.requires
GROUP BY b.machine, b.site, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
