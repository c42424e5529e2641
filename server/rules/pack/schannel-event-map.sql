-- rule: schannel-event-map
-- SPDX-License-Identifier: Apache-2.0
-- code: K15
-- title: Schannel, CAPI2 or http.sys wrote why a credential or a certificate could not be used
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-event|client/log-event
-- uses: server/cert-store
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {who} wrote event {event_id} of {area} {count} time(s){side_text}, from {first|time} to {last|time}: {meaning}.
--   Error {hex}{text}.
--   The internal state is {state}.
--   What is wrong with the chain: {status}.
--   The endpoint is {endpoint}.
--   It was asked for by {process}.
--   It names {names}.
--   Judged by the stores of {who}, the chain of that certificate has {chain}.
--   In the same minutes {requests} request(s) failed ({statuses}), at "{place}" among others.
-- remedy: This is a symptom: set the times beside those of the failures.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11)
-- since: 1
WITH seen AS (
  SELECT iif(e.own, e.machine, e.computer) AS who, e.machine AS at, e.computer, s.machine, e.area, e.event_id, e.side, e.code, e.error, e.error_text, e.state, e.process, e.status, e.count, e.first, e.last, e.meaning
  FROM event_seen e JOIN machine m ON m.machine = e.machine JOIN (SELECT DISTINCT machine FROM cert_server) s ON s.machine = e.machine OR (m.is_client AND NOT m.is_server AND e.own)
  WHERE e.failed AND ((e.area = 'schannel' AND e.event_id NOT IN (36887, 36888) AND e.meaning IS NOT NULL) OR (e.area = 'http' AND e.event_id IN (15005, 15021))
    OR (e.area = 'capi2' AND e.event_id IN (11, 30, 41, 53, 70) AND lower(e.process) IN ('lsass.exe', 'w3wp.exe', 'svchost.exe'))))
SELECT e.machine, iif(e.area = 'schannel', '', e.area || ' ') || e.event_id || coalesce(' ' || e.side, '') || coalesce(' ' || hex32(nullif(e.error, 0)), '') || coalesce(' ' || e.state, '') || coalesce(' ' || e.status, '') || coalesce(' ' || e.process, '') || iif(e.who = e.machine, '', ' on ' || e.who) AS subject,
  e.who, e.area, e.event_id, e.status, sum(e.count) AS count, min(e.first) AS first, max(e.last) AS last, e.meaning, coalesce(' as ' || e.side, '') AS side_text,
  hex32(nullif(e.error, 0)) AS hex, coalesce(' (' || e.error_text || ')', '') AS text, e.state, e.process, b.requests, b.statuses, b.place,
  (SELECT group_concat(DISTINCT x.subject) FROM (SELECT * FROM event ORDER BY subject) x WHERE x.machine = e.at AND x.area = e.area AND x.computer IS e.computer AND x.event_id = e.event_id AND x.error IS e.error AND x.status IS e.status AND x.process IS e.process) AS names,
  (SELECT group_concat(DISTINCT x.endpoint) FROM (SELECT * FROM event ORDER BY endpoint) x WHERE x.machine = e.at AND x.area = e.area AND x.computer IS e.computer AND x.event_id = e.event_id AND x.error IS e.error) AS endpoint,
  (SELECT group_concat(DISTINCT t.status) FROM event x JOIN chain_status t ON t.machine = x.machine AND t.leaf = x.thumbprint AND t.leaf_machine = x.machine AND t.path = 0
   WHERE x.machine = e.at AND x.area = e.area AND x.computer IS e.computer AND x.event_id = e.event_id AND x.error IS e.error AND x.side IS e.side) AS chain,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v
   WHERE v.machine = e.at AND v.computer IS e.computer AND v.area = e.area AND v.event_id = e.event_id AND v.side IS e.side AND v.code IS e.code AND v.state IS e.state AND v.process IS e.process AND v.error IS e.error AND v.status IS e.status) AS evidence
FROM seen e
LEFT JOIN event_beside b ON b.machine = e.who AND b.area = e.area AND b.event_id = e.event_id AND b.side IS e.side AND b.code IS e.code AND b.state IS e.state AND b.process IS e.process AND b.error IS e.error AND b.status_words IS e.status
GROUP BY e.machine, e.at, e.who, e.area, e.event_id, e.side, e.error, e.state, e.status, e.process
ORDER BY e.machine, e.at, e.who, e.area, e.event_id, e.side, e.error, e.state, e.status, e.process
