-- rule: httperr-reasons
-- SPDX-License-Identifier: Apache-2.0
-- code: M10
-- title: http.sys itself refused or dropped requests
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-httperr
-- message: HTTPERR of {machine} names "{reason}" {n} time(s){site_text}: {meaning}.
-- remedy: This is a symptom: set it beside the requests of the same minute in the log of the site.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/aspnet/site-behavior-performance/error-logging-http-apis
-- since: 1
SELECT e.machine, coalesce(e.site_id, 0) || ' ' || e.reason AS subject, e.reason, sum(e.count) AS n, coalesce(' for site ' || e.site_id, '') AS site_text,
  CASE e.reason WHEN 'Connection_Dropped' THEN 'the connection went while a request was being answered' WHEN 'FieldLength' THEN 'a header is longer than MaxFieldLength, as a forwarded certificate may be' WHEN 'RequestLength' THEN 'the headers are longer than MaxRequestBytes'
    WHEN 'Connection_Abandoned_By_ReqQueue' THEN 'the worker process of the site ended' WHEN 'Timer_EntityBody' THEN 'the body of a request did not come in time' WHEN 'Forbidden' THEN 'a request was forbidden' ELSE 'the request was given up' END AS meaning,
  (SELECT json_group_array(json(x)) FROM (SELECT json_object('entry', h.entry, 'line', h.line, 'excerpt', h.reason) AS x FROM http_error h WHERE h.machine = e.machine AND h.reason = e.reason AND h.site_id IS e.site_id ORDER BY h.time LIMIT 3)) AS evidence
FROM http_error_count e
WHERE e.reason IN ('Connection_Dropped', 'Connection_Abandoned_By_ReqQueue', 'Timer_EntityBody', 'Timer_HeaderWait', 'Request_Cancelled', 'FieldLength', 'RequestLength', 'Forbidden', 'BadRequest')
GROUP BY e.machine, e.site_id, e.reason
ORDER BY e.machine, e.site_id, e.reason
