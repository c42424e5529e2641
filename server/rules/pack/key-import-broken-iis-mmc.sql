-- rule: key-import-broken-iis-mmc
-- SPDX-License-Identifier: Apache-2.0
-- code: I14
-- title: http.sys cannot use the certificate of a binding: its key was not imported for the machine
-- severity: error
-- confidence: V
-- role: server
-- needs: server/log-event
-- uses: server/reg-http server/http-sslcert server/iis-config
-- strength: seen
-- message: http.sys wrote {total} time(s), the last at {last|time}, that it cannot use the configuration of {endpoint} ({hex}, "a specified logon session does not exist"): the private key of its certificate was imported for a user, or without being kept (0x80070520 when it
--   is bound).
-- confirm: Test the key of the machine's certificate: it must fail, or be in a user's container.
--   $ certutil -verifystore My
-- remedy: Import the PFX for the machine, then bind it again.
--
--   $ certutil -importpfx My <file.pfx>
--   $ netsh http show sslcert
--   undo: $ certutil -delstore My <serial number>
-- interrupts: Nothing is served there now.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT e.machine, coalesce(e.endpoint, 'http.sys') AS subject, coalesce(e.endpoint, 'a binding') AS endpoint, hex32(e.error) AS hex, count(*) AS total,
  -- the record was made anew since, or no path there wants certificates
  CASE WHEN max(e.time) < max(b.modified) THEN 'info' WHEN max(w.endpoint) IS NULL AND max(b.endpoint) IS NOT NULL THEN 'warning' END AS severity, iif(max(e.time) < max(b.modified), 'may', NULL) AS strength, max(e.time) AS last,
  json_array(json_object('entry', max(iif(e.nth = 1, e.entry, NULL)), 'line', max(iif(e.nth = 1, e.line, NULL)), 'excerpt', 'HttpEvent ' || e.event_id || ' ' || hex32(e.error))) AS evidence
FROM (SELECT *, row_number() OVER (PARTITION BY machine, endpoint ORDER BY time DESC, entry, line) AS nth FROM event WHERE area = 'http' AND event_id = 15021
  AND error IN (3221225567, 2147943712, 1312)) e
JOIN event_computer c ON c.machine = e.machine AND c.computer IS e.computer AND c.own
LEFT JOIN (SELECT machine, lower(endpoint) AS endpoint, max(modified) AS modified FROM ssl_binding GROUP BY machine, lower(endpoint)) b ON b.machine = e.machine AND b.endpoint = lower(e.endpoint)
LEFT JOIN (SELECT DISTINCT machine, lower(endpoint) AS endpoint FROM cert_place) w ON w.machine = e.machine AND w.endpoint = lower(e.endpoint)
GROUP BY e.machine, e.endpoint
ORDER BY e.machine, e.endpoint
