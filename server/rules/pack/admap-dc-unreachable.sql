-- rule: admap-dc-unreachable
-- SPDX-License-Identifier: Apache-2.0
-- code: C17
-- title: The server reaches no domain controller, so certificates cannot be mapped
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/log-event
-- applies: EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine)
-- explains: 401.1.* 401.2.* 403.12.* 403.16.*
-- strength: seen
-- message: {count} time(s) the System log says that {what}, from {first|time} to {last|time}, and "{path}" maps certificates by Active
--   Directory.
-- confirm: The secure channel must fail now as well, at the time of a failing request; refuted when it answers NERR_Success.
--   $ nltest /sc_verify:{domain|cmd}
-- remedy: Find out which way is closed: 88, 135, 389, 445 and 3268 to the domain controllers.
--
--   $ nltest /sc_verify:{domain|cmd}
-- references: https://learn.microsoft.com/troubleshoot/windows-server/active-directory/netlogon-event-id-5719-group-policy-event-1129
-- since: 1
WITH seen AS (
  SELECT machine, iif(area = 'netlogon', 'no domain controller could be reached (Netlogon 5719)', 'a certificate was not mapped, since no domain controller answered (Schannel ' || event_id || ', ' || hex32(error) || ')') AS what,
    area, event_id, error, sum(count) AS count, min(first) AS first, max(last) AS last
  FROM event_seen
  WHERE own AND ((area = 'netlogon' AND event_id = 5719) OR (area = 'schannel' AND event_id IN (36877, 36878, 36879) AND error IN (2148074252, 1311, 2147943711)))
  GROUP BY machine, area, event_id, error)
SELECT s.machine, s.site, s.path, e.area || ' ' || e.event_id || coalesce(' ' || hex32(nullif(e.error, 0)), '') AS subject, e.what, e.count, e.first, e.last, m.domain,
  iif(e.failed, 'error', 'info') AS severity, iif(e.failed, 'seen', 'may') AS strength,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v
   WHERE v.machine = e.machine AND v.area = e.area AND v.event_id = e.event_id AND v.error IS e.error) AS evidence
FROM admap_server s JOIN (SELECT x.*, -- at a start of the machine it is ordinary: it counts where requests failed in the same minute, or for want of a logon server (1311)
    EXISTS (SELECT 1 FROM event_request q WHERE q.machine = x.machine AND q.area = x.area AND q.event_id = x.event_id AND q.error IS x.error AND q.status IN (401, 403))
      OR EXISTS (SELECT 1 FROM symptom y WHERE y.machine = x.machine AND y.status IN (401, 403) AND y.win32 IN (1311, 2147943711, 3221225566)) AS failed FROM seen x) e ON e.machine = s.machine JOIN machine m ON m.machine = s.machine
ORDER BY s.machine, subject
