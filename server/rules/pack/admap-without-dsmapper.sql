-- rule: admap-without-dsmapper
-- SPDX-License-Identifier: Apache-2.0
-- code: C01
-- title: Active Directory mapping is enabled, and the http.sys binding does not map
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- explains: 401.1.* 401.2.* 403.12.*
-- strength: must
-- message: "{path}" has clientCertificateMappingAuthentication enabled, but the binding {endpoint} of site "{site}" has DefaultFlags {flags}:
--   the DS mapper (1) is off, so no certificate becomes a Windows account.
-- confirm: "DS Mapper Usage" of the record must be disabled.
--   $ {show_command|command}
-- remedy: Turn the mapper on for this binding; keep all its other parameters (netsh http show sslcert shows them).
--
--   $ {show_command|command}
--   $ {mapper_command|command}
--   undo: $ {undo_command|command}
-- interrupts: Certificates on this binding are looked up in Active Directory from then on.
-- references: https://learn.microsoft.com/iis/configuration/system.webserver/security/authentication/clientcertificatemappingauthentication https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, min(p.path) AS path, b.site || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, b.modified AS changed, c.show_command,
  replace(replace(c.update_command, 'dsmapperusage=disable', 'dsmapperusage=enable'), ' clientcertnegotiation=enable', ' clientcertnegotiation=' || iif(b.negotiate, 'enable', 'disable')) AS mapper_command,
  c.undo_update AS undo_command,
  json_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM site_path p CROSS JOIN effective_binding b ON b.machine = p.machine AND b.site = p.site
LEFT JOIN ssl_binding_command c ON c.machine = b.machine AND c.tree = b.tree AND c.endpoint = b.endpoint
WHERE p.ad_mapping AND p.broken = 0 AND b.endpoint IS NOT NULL AND b.ds_mapper = 0
  -- where nobody is asked for a certificate that is the matter (access-cert-not-requested), or the switch is the server's and the site public
  AND ((b.negotiate AND p.anonymous = 0) OR EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = p.machine AND w.path = p.path AND (w.negotiates OR w.requires)))
GROUP BY b.machine, b.site, b.tree, b.endpoint
ORDER BY b.machine, b.site, b.endpoint
