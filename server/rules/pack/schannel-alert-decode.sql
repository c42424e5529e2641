-- rule: schannel-alert-decode
-- SPDX-License-Identifier: Apache-2.0
-- code: K14
-- title: Handshakes ended with a fatal TLS alert
-- severity: info
-- confidence: V
-- role: server
-- needs: server/log-event
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {count} time(s) this server {did} alert {code} ({name}), from {first|time} to {last|time}.
--   It means that {meaning}.
--   In the same minutes {requests} request(s) failed ({statuses}), at "{place}" among others.
-- remedy: This is a symptom: set the times beside those of the failures. An alert that this server sends about a certificate is about
--   the client's; one that it receives is about its own.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11) https://www.rfc-editor.org/rfc/rfc8446#section-6.2
-- since: 1
SELECT e.machine, iif(e.event_id = 36887, 'received ', 'sent ') || e.code AS subject, iif(e.event_id = 36887, 'received', 'sent') AS did, e.code, coalesce(e.alert, 'not known') AS name,
  sum(e.count) AS count, min(e.first) AS first, max(e.last) AS last,
  CASE WHEN e.alert_meaning IS NULL THEN NULL WHEN e.event_id = 36887 THEN 'the other side did not accept the certificate of this one' ELSE 'this server did not accept the certificate of the client' END AS meaning,
  b.requests, b.statuses, b.place,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v
   WHERE v.machine = e.machine AND v.computer IS e.computer AND v.area = e.area AND v.event_id = e.event_id AND v.code IS e.code AND v.state IS e.state AND v.process IS e.process AND v.error IS e.error) AS evidence
FROM event_seen e
LEFT JOIN event_beside b ON b.machine = e.machine AND b.area = e.area AND b.event_id = e.event_id AND b.code IS e.code AND b.state IS e.state AND b.process IS e.process AND b.error IS e.error
WHERE e.own AND e.area = 'schannel' AND e.event_id IN (36887, 36888) AND e.code IS NOT NULL
GROUP BY e.machine, e.event_id, e.code
ORDER BY e.machine, e.event_id, e.code
