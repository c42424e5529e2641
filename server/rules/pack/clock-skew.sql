-- rule: clock-skew
-- SPDX-License-Identifier: Apache-2.0
-- code: L09
-- title: The clock of the server is not in step
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/log-event
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.17.* 403.13.*
-- message: W32Time wrote event {event_id} {count} time(s), the last at {last|time}: {meaning}. A clock that is wrong makes valid certificates and
--   revocation lists invalid.
-- confirm: The offset must be larger than what the certificate or list is beyond its dates; a few seconds refute it.
--   $ w32tm /stripchart /computer:<time server> /samples:3 /dataonly
-- remedy: Compare the clock with a source that can be trusted (in UTC), then set it right.
--
--   $ w32tm /query /status
--   $ w32tm /resync
-- references: https://learn.microsoft.com/windows-server/networking/windows-time-service/windows-time-service-tools-and-settings
-- since: 1
SELECT e.machine, 'W32Time ' || e.event_id AS subject, e.event_id, sum(e.count) AS count, min(e.first) AS first, max(e.last) AS last, e.meaning,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v
   WHERE v.machine = e.machine AND v.area = 'time' AND v.event_id = e.event_id) AS evidence
FROM event_seen e JOIN machine m ON m.machine = e.machine
WHERE e.own AND e.area = 'time' AND e.event_id IN (36, 50, 129, 142) AND e.last > coalesce(m.collected, e.last) - 14 * 86400000
GROUP BY e.machine, e.event_id
HAVING e.event_id <> 129 OR sum(e.count) >= 5  -- at a start of the machine it is ordinary
ORDER BY e.machine, e.event_id
