-- rule: log-no-entries-at-all
-- SPDX-License-Identifier: Apache-2.0
-- code: M09
-- title: Handshakes fail, and no failed request stands in any log: it ends before there is a request
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-iis! server/log-httperr! server/log-event
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: Schannel and http.sys tell of {count} failure(s) of TLS on {machine}, from {first|time} to {last|time} ({words}), and neither the IIS logs nor
--   HTTPERR, which cover that time, hold a request that failed: the connection ends in the handshake.
-- remedy: Look at what the events say, at the http.sys record of the binding, and at a capture or a probe of the handshake; the log of the site
--   cannot show it.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis
-- since: 1
WITH seen AS (
  SELECT e.machine, sum(e.count) AS count, min(e.first) AS first, max(e.last) AS last, group_concat(DISTINCT e.area || ' ' || e.event_id) AS words
  FROM (SELECT * FROM event_seen ORDER BY area, event_id) e
  WHERE e.own AND ((e.area = 'schannel' AND e.event_id IN (36870, 36871, 36872, 36873, 36874, 36886, 36888) AND coalesce(e.side, 'server') = 'server') OR (e.area = 'http' AND e.event_id = 15021))
  GROUP BY e.machine)
SELECT s.machine, 'handshakes' AS subject, s.count, s.first, s.last, s.words,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM (SELECT * FROM event_evidence
    WHERE machine = s.machine AND area IN ('schannel', 'http') AND event_id IN (36870, 36871, 36872, 36873, 36874, 36886, 36888, 15021) ORDER BY time DESC, entry, record LIMIT 3) v) AS evidence
FROM seen s
WHERE EXISTS (SELECT 1 FROM log_file l WHERE l.machine = s.machine AND l.kind = 'iis' AND l.first <= s.last AND l.last >= s.first)
  AND NOT EXISTS (SELECT 1 FROM symptom_failures y WHERE y.failures > 0 AND y.machine = s.machine AND y.last >= s.first - 60000 AND y.first <= s.last + 60000)
  AND NOT EXISTS (SELECT 1 FROM http_error_count h WHERE h.machine = s.machine AND h.last >= s.first - 60000 AND h.first <= s.last + 60000 AND h.reason <> 'Timer_ConnectionIdle')
ORDER BY s.machine
