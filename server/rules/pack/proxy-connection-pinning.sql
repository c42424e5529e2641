-- rule: proxy-connection-pinning
-- SPDX-License-Identifier: Apache-2.0
-- code: L12
-- title: A reverse proxy shares its connections among users, some of which carry a certificate
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-freb server/log-iis
-- explains: 403.7.*
-- message: {client}, which is a proxy ({names}), was refused {n} time(s) at "{place}" for want of a certificate (403.7), and served there in between. A proxy that sends the requests of
--   several users over one TLS connection gives them the certificate of another, or none.
-- remedy: Let the proxy keep one connection to the server for each of its clients (affinity, no multiplexing), or end client authentication at the proxy.
-- references: https://learn.microsoft.com/archive/blogs/asiatech/configuring-arr-with-client-certificate
-- since: 1
SELECT t.machine, t.site, t.place AS path, coalesce(t.place, t.site, '') AS place, coalesce(t.place, t.site, '') || ' ' || t.client AS subject, t.client, max(t.names) AS names, c.n,
  json_array(json_object('entry', max(t.entry), 'line', max(t.line), 'excerpt', max(t.names))) AS evidence
FROM proxied_trace t JOIN (SELECT machine, place, client, sum(count) AS n, min(first) AS first, max(last) AS last FROM request_client
  WHERE status = 403 AND substatus = 7 GROUP BY machine, place, client) c ON c.machine = t.machine AND c.place IS t.place AND c.client = t.client
-- nobody but such proxies comes: those who are served come through them as well
JOIN (SELECT machine, place, count(DISTINCT client) AS proxies FROM proxied_trace GROUP BY machine, place) p ON p.machine = t.machine AND p.place IS t.place
WHERE c.n >= 3 AND p.proxies >= (SELECT max(o.clients) FROM request_count o WHERE o.machine = t.machine AND o.place IS t.place AND o.status BETWEEN 200 AND 399
  AND o.first <= c.last AND o.last >= c.first)
GROUP BY t.machine, t.place, t.client
ORDER BY t.machine, t.place, t.client
