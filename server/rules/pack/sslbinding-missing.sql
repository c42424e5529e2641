-- rule: sslbinding-missing
-- SPDX-License-Identifier: Apache-2.0
-- code: D01
-- title: An https binding of IIS has no certificate record in http.sys
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert
-- uses: server/log-event
-- strength: must
-- message: Site "{site}" has the https binding {information} ({entry}:{line}), but http.sys has no record that fits it: a connection is
--   accepted and reset at the first TLS message, and nothing is logged.
--   http.sys wrote event 15021 for it {told}.
-- confirm: The list must lack the endpoint.
--   $ netsh http show sslcert
-- remedy: Choose the server certificate and make the record.
--
--   $ netsh http add sslcert {selector|command} certhash=<certificate hash> appid="{4dc3e181-e14b-4a21-b022-59fc669b0914}" certstorename=MY clientcertnegotiation=enable
--   undo: $ netsh http delete sslcert {selector|command}
-- interrupts: Service is not interrupted: nothing is served there now.
-- references: https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT b.machine, b.site, b.site || ' ' || b.information AS subject, b.information, b.iis_entry AS entry, b.iis_line AS line,
  (SELECT count(*) || ' time(s), the last at ' || iso(max(e.time)) FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
   WHERE e.machine = b.machine AND e.area = 'http' AND e.event_id = 15021 AND e.endpoint LIKE '%:' || b.port HAVING count(*) > 0) AS told,
  CASE WHEN EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
    THEN 'error' ELSE 'warning' END AS severity,
  CASE WHEN coalesce(b.iis_ssl_flags, 0) & 2 THEN 'ccs=' || b.port
    WHEN coalesce(b.iis_ssl_flags, 0) & 1 AND coalesce(b.host, '') <> '' THEN 'hostnameport=' || coalesce(quote_netsh(b.host || ':' || b.port), '<host:port>')
    ELSE 'ipport=' || coalesce(quote_netsh(replace(b.ip, '*', '0.0.0.0') || ':' || b.port), '<address:port>') END AS selector,
  json_array(json_object('entry', b.iis_entry, 'line', b.iis_line, 'excerpt', b.information)) AS evidence
FROM effective_binding b
WHERE b.endpoint IS NULL AND b.port IS NOT NULL
ORDER BY b.machine, b.site, b.information
