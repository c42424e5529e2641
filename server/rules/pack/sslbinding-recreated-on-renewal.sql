-- rule: sslbinding-recreated-on-renewal
-- SPDX-License-Identifier: Apache-2.0
-- code: D12
-- title: The http.sys record was made anew without its flags, as when a certificate is renewed
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/log-iis server/log-event
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64 500.0.995 413.*.*
-- strength: seen
-- message: http.sys wrote that the record {endpoint} was deleted and made anew at {at|time} (events 15300, 15301); it does not ask for certificates in the first
--   handshake now (DefaultFlags {flags}), and the first {status} at "{site}" came {after} after that.
--   {others} of this server, with the same application id, still ask for them.
-- confirm: "Negotiate Client Certificate" of the record must be disabled now, and what renews certificates here (a task, a service) have run at that time.
--   $ netsh http show sslcert {selector|command}
--   $ schtasks /query /fo list
-- remedy: Set the flags again, and let the renewal do it, too: in its script, or by "Certificate Rebind" of IIS 8.5 and later, which keeps them.
--
--   $ netsh http show sslcert {selector|command}
-- references: https://github.com/win-acme/win-acme/issues/1768 https://learn.microsoft.com/iis/get-started/whats-new-in-iis-85/certificate-rebind-in-iis85
-- since: 1
WITH made AS (
  SELECT c.machine, lower(c.endpoint) AS endpoint, max(c.time) AS at, c.entry, c.line
  FROM event c
  WHERE c.area = 'http' AND c.event_id = 15301 AND c.endpoint IS NOT NULL
    AND EXISTS (SELECT 1 FROM event d WHERE d.machine = c.machine AND d.area = 'http' AND d.event_id = 15300 AND lower(d.endpoint) = lower(c.endpoint)
      AND d.time BETWEEN c.time - 600000 AND c.time)
  GROUP BY c.machine, lower(c.endpoint)),
failed AS (
  SELECT machine, site, min(first) AS first, min(status || '.' || substatus) AS status FROM symptom
  WHERE (status = 403 AND substatus = 7) OR (status = 500 AND substatus = 0) OR status = 413
  GROUP BY machine, site)
SELECT b.machine, b.site, b.site AS path, b.tree || ' ' || b.endpoint AS subject, b.endpoint, hex32(b.flags) AS flags, m.at, f.status,
  -- of what was before, the log must say something
  iif(EXISTS (SELECT 1 FROM request_count k WHERE k.machine = b.machine AND k.site = b.site AND k.first < m.at), 'seen', 'may') AS strength,
  CASE WHEN f.first - m.at < 7200000 THEN ((f.first - m.at) / 60000) || ' minutes' WHEN f.first - m.at < 172800000 THEN ((f.first - m.at) / 3600000) || ' hours'
    ELSE ((f.first - m.at) / 86400000) || ' days' END AS after,
  CASE b.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END || coalesce(quote_netsh(b.endpoint), '<endpoint>') AS selector,
  (SELECT count(*) || ' record(s)' FROM ssl_binding o JOIN ssl_binding s ON s.machine = o.machine AND lower(s.app_id) = lower(o.app_id)
   WHERE s.machine = b.machine AND s.tree = b.tree AND s.endpoint = b.endpoint AND o.negotiate AND o.endpoint <> b.endpoint HAVING count(*) > 0) AS others,
  json_array(json_object('entry', m.entry, 'line', m.line, 'excerpt', 'event 15301, ' || b.endpoint), json_object('entry', b.binding_entry, 'line', b.binding_line, 'excerpt', b.endpoint || ' DefaultFlags ' || hex32(b.flags))) AS evidence
FROM late_binding b JOIN made m ON m.machine = b.machine AND m.endpoint = lower(b.endpoint) JOIN failed f ON f.machine = b.machine AND f.site = b.site
WHERE f.first BETWEEN m.at - 60000 AND m.at + 7 * 86400000
GROUP BY b.machine, b.tree, b.endpoint
ORDER BY b.machine, b.tree, b.endpoint
