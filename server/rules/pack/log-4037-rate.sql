-- rule: log-4037-rate
-- SPDX-License-Identifier: Apache-2.0
-- code: M01
-- title: Requests are refused because no client certificate came with them (403.7)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/log-iis
-- message: At "{place}" {total} request(s) from {clients} client(s) ended with 403.7, first at {first|time}, last at {last|time}{example_text}.
--   {answered_text}
--   {preflight_text}
--   {monitor_text}
-- remedy: This is the symptom, not its cause: see the diagnosis.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT machine, site, path, path AS place, path AS subject, total, clients, first, last, severity, answered_text, preflight_text, monitor_text, evidence,
  coalesce(', for example ' || json_extract(evidence, '$[0].excerpt'), '') AS example_text
FROM (
  SELECT s.machine, s.site, s.place, coalesce(s.place, s.site, '') AS path, sum(s.count) AS total, max(s.clients) AS clients, min(s.first) AS first, max(s.last) AS last,
    iif(sum(s.count) > sum(coalesce(s.answered, 0)) + sum(coalesce(s.preflights, 0)) + sum(s.monitors), 'warning', 'info') AS severity,
    CASE WHEN sum(s.monitors) > 0 THEN sum(s.monitors) || ' of them were of monitors, as their user agents or their interval say.' END AS monitor_text,
    CASE WHEN sum(s.answered) > 0 THEN sum(s.answered) || ' of them were followed by a success of the same client within a minute, as when a browser asks its user.' END AS answered_text,
    CASE WHEN sum(s.preflights) > 0 THEN sum(s.preflights) || ' of them were OPTIONS requests, which browsers send without a certificate.' END AS preflight_text,
    (SELECT json_group_array(json_object('entry', entry, 'line', line, 'excerpt', coalesce(method, '') || ' ' || coalesce(url, '') || ' 403 7 from ' || coalesce(client, '?')))
     FROM (SELECT entry, line, method, url, client FROM request r WHERE r.status = 403 AND r.substatus = 7 AND r.machine = s.machine AND coalesce(r.place, r.site, '') = coalesce(s.place, s.site, '') ORDER BY r.time, r.entry, r.line LIMIT 3)) AS evidence
  FROM symptom_failures s
  WHERE s.status = 403 AND s.substatus = 7
  GROUP BY s.machine, s.site, s.place)
ORDER BY machine, site, place
