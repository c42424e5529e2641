-- rule: sslbinding-inconsistent
-- SPDX-License-Identifier: Apache-2.0
-- code: D13
-- title: Bindings of one site treat client certificates differently
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert
-- uses: server/log-iis
-- explains: 403.7.* 500.0.64
-- message: Site "{site}" has https bindings with different settings: {list}. It works at one address and fails at the other.
-- confirm: The records of the site must differ in what is told. A client that works at one address and fails at the other confirms it.
--   $ netsh http show sslcert
-- remedy: Give all records of the site the same parameters.
--
--   $ netsh http show sslcert
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http https://learn.microsoft.com/windows/win32/api/http/ns-http-http_service_config_ssl_param
-- since: 1
SELECT b.machine, b.site, b.site AS subject, group_concat(b.endpoint || ' ' || b.what, '; ') AS list,
  json_group_array(json_object('entry', b.entry, 'line', b.line, 'excerpt', b.endpoint || ' ' || b.what)) AS evidence
FROM (SELECT DISTINCT machine, site, endpoint, entry, line, 'negotiates ' || iif(negotiate, 'yes', 'no') || ', DS mapper ' || iif(ds_mapper, 'yes', 'no') || ', check mode ' || hex32(check_mode)
    || coalesce(', trust store ' || nullif(ctl_store, ''), '') AS what
  FROM (SELECT machine, site, endpoint, entry, line, negotiate, ds_mapper, check_mode, ctl_store FROM effective_binding WHERE endpoint IS NOT NULL
    UNION ALL -- which of both records IPv6 gets is documented nowhere (causes §2): it counts where clients that come by IPv6 fail
    SELECT b.machine, b.site, x.endpoint, x.entry, x.line, x.negotiate, x.ds_mapper, x.check_mode, x.ctl_store
    FROM effective_binding b JOIN ssl_binding x ON x.machine = b.machine AND x.tree = 'ip' AND x.ip = '[::]' AND x.port = b.port
    WHERE b.endpoint = '0.0.0.0:' || b.port AND EXISTS (SELECT 1 FROM request_client c WHERE c.machine = b.machine AND c.site = b.site AND c.client LIKE '%:%'
      AND ((c.status = 403 AND c.substatus = 7) OR (c.status = 500 AND c.win32 = 64))))
  ORDER BY endpoint) b
WHERE EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
GROUP BY b.machine, b.site HAVING min(b.what) <> max(b.what)
ORDER BY b.machine, b.site
