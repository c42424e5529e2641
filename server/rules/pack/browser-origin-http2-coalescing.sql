-- rule: browser-origin-http2-coalescing
-- SPDX-License-Identifier: Apache-2.0
-- code: J23
-- title: Browsers may use the connection of another host name, in which no certificate was asked for
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-http server/cert-store:My
-- explains: 403.7.*
-- message: {host} (site "{site}") asks for a client certificate, and {other} (site "{other_site}") does not; both have the address {address}, HTTP/2 and the same server certificate {name}, which
--   names both. A browser that has a connection to {other} may send requests for {host} over it, where no certificate was asked for.
-- confirm: In a private window opened for this host alone the certificate is asked for, and after a visit of the other host it is not; chrome://net-export shows the session that is shared. Refuted when both behave alike.
-- remedy: Give {host} an address or a certificate of its own; or switch HTTP/2 off at its binding (from Windows Server 2019 on).
--
--   $ {show_command|command}
-- references: https://www.rfc-editor.org/rfc/rfc9113#name-connection-reuse https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
WITH spoken AS ( -- host names of bindings that speak HTTP/2, with the certificate that names them
  SELECT b.machine, b.site, lower(b.host) AS host, coalesce(b.ip, '*') AS ip, b.port, b.thumbprint, b.tree, b.endpoint, b.negotiate, b.entry, b.line,
    EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires)) AS asks
  FROM effective_binding b JOIN windows_default d ON d.machine = b.machine AND d.name = 'HTTP/2' AND d.value
  JOIN schannel_setting s ON s.machine = b.machine AND s.setting = 'EnableHttp2Tls' AND s.value <> 0
  WHERE coalesce(b.host, '') NOT IN ('', '*') AND b.thumbprint IS NOT NULL AND b.flags & 16 = 0
    AND EXISTS (SELECT 1 FROM certificate_name n WHERE n.machine = b.machine AND n.thumbprint = b.thumbprint AND n.kind = 'dns' AND (lower(n.value) = lower(b.host)
      OR (n.value LIKE '*.%' AND lower(substr(b.host, instr(b.host, '.'))) = lower(substr(n.value, 2))))))
SELECT a.machine, a.site, a.host || ' and ' || o.host AS subject, a.host, o.host AS other, o.site AS other_site, a.ip || ':' || a.port AS address,
  '"' || coalesce(c.subject_cn, c.subject, a.thumbprint) || '"' AS name, k.show_command,
  json_array(json_object('entry', a.entry, 'line', a.line, 'excerpt', a.endpoint), json_object('entry', o.entry, 'line', o.line, 'excerpt', o.endpoint)) AS evidence
FROM spoken a JOIN spoken o ON o.machine = a.machine AND o.thumbprint = a.thumbprint AND o.port = a.port AND o.host <> a.host AND (o.ip = a.ip OR '*' IN (o.ip, a.ip))
LEFT JOIN certificate c ON c.machine = a.machine AND c.thumbprint = a.thumbprint
LEFT JOIN ssl_binding_command k ON k.machine = a.machine AND k.tree = a.tree AND k.endpoint = a.endpoint
WHERE a.asks AND NOT o.asks AND o.negotiate = 0
GROUP BY a.machine, a.host, o.host
ORDER BY a.machine, a.host, o.host
