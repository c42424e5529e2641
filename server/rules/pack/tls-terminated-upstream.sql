-- rule: tls-terminated-upstream
-- SPDX-License-Identifier: Apache-2.0
-- code: L01
-- title: A proxy or load balancer in front takes TLS apart, and the client certificate stays there
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-freb|server/log-iis
-- uses: server/log-iis server/log-freb client/tls-probe client/attachment
-- explains: 403.7.*
-- strength: seen
-- message: {what}
-- confirm: A handshake to the address that clients use, and one to this server itself, show whether it is the same certificate and whether both ask for one.
--   $ openssl s_client -connect <public address:443> -servername <name>
-- remedy: Let the device pass TCP through (layer 4) for this name, so that the handshake is the server's; or have it ask for the client certificate itself and hand it
--   on in a header that only it can set, and take the requirement of a certificate off this site.
-- references: https://learn.microsoft.com/archive/blogs/asiatech/configuring-arr-with-client-certificate https://learn.microsoft.com/aspnet/core/security/authentication/certauth
-- since: 1
SELECT t.machine, t.site, t.place AS path, coalesce(t.place, t.site, '') || ' ' || coalesce(t.client, '?') AS subject, 'error' AS severity, 'seen' AS strength,
  count(*) || ' traced request(s) that ended with 403.7 at "' || coalesce(t.place, t.site, '?') || '" came from ' || coalesce(t.client, 'a proxy') || ' with the header(s) ' || max(t.names)
    || ': that proxy has a TLS connection of its own to this server, in which the client''s certificate cannot be presented.' AS what,
  json_array(json_object('entry', max(iif(t.nth = 1, t.entry, NULL)), 'line', max(iif(t.nth = 1, t.line, NULL)), 'excerpt', max(iif(t.nth = 1, t.names, NULL)))) AS evidence
FROM proxied_trace t
WHERE t.status = '403.7' AND NOT t.is_arr
GROUP BY t.machine, t.place, t.client
UNION ALL
SELECT s.machine, s.site, s.place, coalesce(s.place, s.site, '') || ' by its clients', 'warning', 'may',
  'All ' || s.n || ' requests that ended with 403.7 at "' || coalesce(s.place, s.site, '') || '" came from ' || s.clients || ' address(es) with ' || s.agents
    || ' or more different user agents, and none was ever served there: this looks like a proxy or load balancer that takes TLS apart, so that the certificates of those behind it do not arrive.',
  json_array(json(s.seen))
FROM (SELECT y.machine, y.site, y.place, sum(y.count) AS n, max(y.clients) AS clients,
    EXISTS (SELECT 1 FROM request_client c WHERE c.machine = y.machine AND c.place IS y.place AND c.status = 403 AND c.substatus = 7 AND (c.client LIKE '10.%' OR c.client LIKE '192.168.%'
      OR (c.client LIKE '172.%' AND CAST(substr(c.client, 5) AS INTEGER) BETWEEN 16 AND 31))) AS internal,
    (SELECT count(DISTINCT r.agent) FROM request_agent r WHERE r.machine = y.machine AND coalesce(r.place, r.site, '') = coalesce(y.place, y.site, '') AND r.status = 403 AND r.substatus = 7) AS agents,
    (SELECT json_object('entry', r.entry, 'line', r.line) FROM request r WHERE r.machine = y.machine AND coalesce(r.place, r.site, '') = coalesce(y.place, y.site, '') AND r.status = 403
      AND r.substatus = 7 ORDER BY r.entry, r.line LIMIT 1) AS seen
  FROM request_symptom y WHERE y.status = 403 AND y.substatus = 7 GROUP BY y.machine, y.site, y.place HAVING max(y.clients) <= 2 AND sum(y.count) >= 20) s
WHERE s.agents >= iif(s.internal, 3, 5) -- many users may share one public address (NAT), and hardly an internal one
  AND NOT EXISTS (SELECT 1 FROM request_count o WHERE o.machine = s.machine AND o.place IS s.place AND o.status BETWEEN 200 AND 399)
  AND NOT EXISTS (SELECT 1 FROM proxied_trace t WHERE t.machine = s.machine AND t.place IS s.place AND t.status = '403.7')
UNION ALL
SELECT h.server, h.site, NULL, 'handshake ' || h.name || ' on ' || h.machine, 'error', 'seen',
  'On ' || h.machine || ' the certificate ' || h.server_thumbprint || coalesce(' of "' || max(c.subject_cn) || '", issued by "' || max(c.issuer_cn) || '",', '') || ' came for ' || h.name || ' (' || coalesce(max(h.server_address), '?')
    || '), and it is not the one that ' || h.endpoint || ' presents: a device in front ends TLS, and the client''s certificate is given to it, or asked for by nobody.',
  json_array(json_object('entry', min(h.entry)), json_object('entry', h.binding_entry, 'line', h.binding_line, 'excerpt', h.endpoint))
FROM client_handshake h LEFT JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.server_thumbprint
WHERE h.is_other AND h.asks AND NOT EXISTS (SELECT 1 FROM inspection_product v WHERE lower(c.issuer) LIKE v.pattern)
GROUP BY h.server, h.site, h.endpoint, h.machine, h.name, h.server_thumbprint
ORDER BY 1, 4
