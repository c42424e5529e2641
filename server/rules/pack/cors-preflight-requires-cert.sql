-- rule: cors-preflight-requires-cert
-- SPDX-License-Identifier: Apache-2.0
-- code: A18
-- title: Browsers send CORS preflights without a certificate, and they are refused
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-iis
-- explains: 403.7.*
-- message: At "{place}" {n} OPTIONS request(s) ended with 403.7: a browser never sends a certificate with a preflight, so a page of another
--   origin cannot use this path.
-- confirm: The developer tools of the browser must show the OPTIONS request refused and "CORS" named as the reason; refuted when the page's own requests to that path are refused, too.
-- remedy: Serve page and interface from one origin; or accept certificates there (without SslRequireCert) and let the application insist on
--   them.
-- references: https://fetch.spec.whatwg.org/
-- since: 1
SELECT s.machine, s.site, coalesce(s.place, s.site, '') AS path, coalesce(s.place, s.site, '') AS place, coalesce(s.place, s.site, '') AS subject, sum(s.preflights) AS n,
  iif(sum(s.preflights) >= (SELECT sum(t.count) FROM symptom t WHERE t.machine = s.machine AND t.place IS s.place AND t.status = 403
    AND t.substatus = 7), 'seen', 'may') AS strength,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line, 'excerpt', 'OPTIONS ' || coalesce(r.url, '') || ' 403 7') AS e FROM request r
    WHERE r.machine = s.machine AND r.place IS s.place AND r.status = 403 AND r.substatus = 7 AND r.method = 'OPTIONS' ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
FROM symptom s WHERE s.status = 403 AND s.substatus = 7 AND s.preflights > 0
GROUP BY s.machine, s.site, s.place
ORDER BY s.machine, s.site, s.place
