-- rule: sslbinding-ip-shadows-sni
-- SPDX-License-Identifier: Apache-2.0
-- code: D06
-- title: A record for one IP address hides the binding of the site
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- explains: 403.7.* 500.0.64
-- message: Site "{site}" is served by host name ({information}), but http.sys also has a record for the address {endpoint}, which wins for
--   connections to it: {difference}.
-- confirm: A connection to that address must get the certificate of the record for the address, with the site's name in its handshake as well.
--   $ netsh http show sslcert {selector|command}
-- remedy: Give both records the same settings, or delete the one for the address when nothing needs it.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
WITH asking AS NOT MATERIALIZED ( -- https bindings of sites with a path that wants a certificate
  SELECT * FROM effective_binding b WHERE EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))),
wanted AS ( -- the record that the binding of the site means; only: the address that the binding itself names
  SELECT machine, site, information, port, thumbprint, negotiate, ctl_store, check_mode, entry, line, endpoint, flags, NULL AS only FROM asking WHERE tree IN ('sni', 'ccs')
  UNION ALL
  SELECT b.machine, b.site, b.information, b.port, n.thumbprint, n.negotiate, n.ctl_store, n.check_mode, n.entry, n.line, n.endpoint, n.flags, b.endpoint
  FROM asking b JOIN ssl_binding n ON n.machine = b.machine AND n.tree = 'sni' AND lower(n.endpoint) = lower(b.host || ':' || b.port)
  WHERE b.tree = 'ip' AND b.iis_ssl_flags & 1 AND coalesce(b.host, '') <> '')
SELECT b.machine, b.site, b.site || ': ' || b.information || ' / ' || x.endpoint AS subject, b.information, x.endpoint, x.modified AS changed,
  'ipport=' || coalesce(quote_netsh(x.endpoint), '<endpoint>') AS selector,
  -- an address that IIS gives to a site by itself: names of other sites lead elsewhere, as a rule
  iif(EXISTS (SELECT 1 FROM binding o WHERE o.machine = x.machine AND o.protocol = 'https' AND o.port = x.port AND o.ip = x.ip AND o.site <> b.site), 'info', NULL) AS severity,
  CASE WHEN x.negotiate <> b.negotiate THEN iif(x.negotiate, 'it negotiates client certificates and the binding of the site does not', 'it does not negotiate client certificates, the binding of the site does')
    WHEN x.thumbprint IS NOT b.thumbprint THEN 'it has another server certificate' ELSE 'it checks client certificates in another way' END AS difference,
  json_array(json_object('entry', x.entry, 'line', x.line, 'excerpt', x.endpoint || ' DefaultFlags ' || hex32(x.flags)),
    json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM wanted b JOIN ssl_binding x ON x.machine = b.machine AND x.tree = 'ip' AND x.port = b.port AND x.ip NOT IN ('0.0.0.0', '[::]', '127.0.0.1', '[::1]')
WHERE (b.only IS NULL OR b.only = x.endpoint) AND (x.negotiate <> b.negotiate OR coalesce(x.ctl_store, '') <> coalesce(b.ctl_store, '') OR x.check_mode <> b.check_mode)
GROUP BY b.machine, b.site, b.information, x.endpoint
ORDER BY b.machine, b.site, b.information, x.endpoint
