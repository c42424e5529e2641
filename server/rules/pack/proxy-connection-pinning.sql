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
-- confirm: Captured between proxy and server: requests of several users on one TLS connection, whose handshake had one certificate or none. Refuted when each user has a connection of his own and still gets 403.7.
-- remedy: Let the proxy keep one connection to the server for each of its clients (affinity, no multiplexing), or end client authentication at the proxy.
-- references: https://learn.microsoft.com/archive/blogs/asiatech/configuring-arr-with-client-certificate
-- since: 1
WITH proxy AS (
  SELECT t.machine, t.site, t.place, t.client, max(t.names) AS names, max(t.entry) AS entry, max(t.line) AS line, sum(c.count) / count(DISTINCT t.entry) AS n, min(c.first) AS first, max(c.last) AS last
  FROM proxied_trace t JOIN request_client c ON c.machine = t.machine AND c.place IS t.place AND c.client = t.client AND c.status = 403 AND c.substatus = 7
  GROUP BY t.machine, t.place, t.client)
SELECT x.machine, x.site, x.place AS path, coalesce(x.place, x.site, '') AS place, coalesce(x.place, x.site, '') || ' ' || x.client AS subject, x.client, x.names, x.n,
  json_array(json_object('entry', x.entry, 'line', x.line, 'excerpt', x.names)) AS evidence
FROM machine v CROSS JOIN proxy x ON x.machine = v.machine
-- nobody but such proxies comes: those who are served come through them as well
CROSS JOIN (SELECT machine, place, count(DISTINCT client) AS proxies FROM proxied_trace GROUP BY machine, place) p ON p.machine = x.machine AND p.place IS x.place
WHERE EXISTS (SELECT 1 FROM proxied_trace t WHERE t.machine = v.machine) AND x.n >= 3 AND p.proxies >= (SELECT max(o.clients) FROM request_count o WHERE o.machine = x.machine AND o.place IS x.place AND o.status BETWEEN 200 AND 399
  AND o.first <= x.last AND o.last >= x.first)
ORDER BY x.machine, x.place, x.client
