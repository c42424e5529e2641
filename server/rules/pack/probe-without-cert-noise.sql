-- rule: probe-without-cert-noise
-- SPDX-License-Identifier: Apache-2.0
-- code: A19
-- title: A monitor asks without a certificate at a fixed interval
-- severity: info
-- confidence: I
-- role: server
-- needs: server/log-iis
-- message: {client} ({agent}) asked {n} times for "{place}" without a certificate, every {seconds} seconds: this looks like a health probe,
--   not like a user.
-- remedy: Let the probe ask for a path with sslFlags "None" or "Ssl"; do not count these as failures.
-- references: https://learn.microsoft.com/troubleshoot/developer/webapps/iis/www-administration-management/http-status-code
-- since: 1
SELECT c.machine, c.site, coalesce(c.place, c.site, '') || ' ' || c.client AS subject, coalesce(c.place, c.site, '') AS place, coalesce(c.place, c.site, '') AS path, c.client, coalesce(c.agent, 'no user agent') AS agent, c.count AS n, c.gap / 1000 AS seconds,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', r.entry, 'line', r.line) AS e FROM request r WHERE r.machine = c.machine AND r.place IS c.place AND r.status = 403 AND r.substatus = 7 AND r.client = c.client ORDER BY r.time LIMIT 2)) AS evidence
FROM request_client c
WHERE c.status = 403 AND c.substatus = 7 AND c.count >= 10 AND c.one_agent AND c.answered = 0 AND c.gap >= 1000 AND c.gap_spread * 10 <= c.gap
ORDER BY c.machine, c.site, c.place, c.client
