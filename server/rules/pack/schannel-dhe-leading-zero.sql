-- rule: schannel-dhe-leading-zero
-- SPDX-License-Identifier: Apache-2.0
-- code: K12
-- title: One in 256 handshakes with TLS_DHE fails while only one side counts leading zeros (KB4557473)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-system
-- uses: server/log-event
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {machine} ({windows}, build {build}.{ubr}) lacks the update of 25 February 2020 (KB4537806, build 14393.3542; KB4557473), and TLS_DHE suites are on ({suites}): with a peer that has
--   it, as Windows Server 2019 and later, about one handshake in 256 fails.
--   {event_text}
-- confirm: The number of the update must be the lower one, and failed handshakes be of TLS_DHE suites, about one in 256.
--   $ reg query "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion" /v UBR
-- remedy: Install the current cumulative update; until then prefer ECDHE, by switching the TLS_DHE suites off.
--
--   [14393-] PS> Get-TlsCipherSuite -Name TLS_DHE | Select-Object Name
--   [14393-] PS> Disable-TlsCipherSuite -Name TLS_DHE_RSA_WITH_AES_256_GCM_SHA384
--   [14393-] undo: PS> Enable-TlsCipherSuite -Name TLS_DHE_RSA_WITH_AES_256_GCM_SHA384
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/troubleshoot/windows-server/certificates-and-public-key-infrastructure-pki/apps-forcibly-closed-tls-connection-errors
-- since: 1
WITH state AS (
  SELECT m.machine, coalesce(m.windows, 'Windows') AS windows, m.build, v.number AS ubr, v.key, v.entry, v.line,
    (SELECT count(*) FROM schannel_order s WHERE s.machine = m.machine AND s.list = 'cipher suites') AS n,
    (SELECT count(*) FROM schannel_order s WHERE s.machine = m.machine AND s.list = 'cipher suites' AND s.name LIKE 'TLS\_DHE\_%' ESCAPE '\') AS dhe
  FROM machine m JOIN windows_default p ON p.machine = m.machine AND p.name = 'TLS_DHE from UBR'
  JOIN registry_value v ON v.machine = m.machine AND lower(v.key) LIKE '%\windows nt\currentversion' AND lower(v.name) = 'ubr' AND v.number < p.value
  WHERE m.is_server)
SELECT s.machine, 'UBR' AS subject, s.windows, s.build, s.ubr, iif(s.n, s.dhe || ' in the list that is set', 'by Windows'' own list') AS suites,
  -- without a failure that looks like it it is a matter of updates
  iif(t.words IS NULL, 'info', NULL) AS severity, 'Schannel wrote of alerts, as it does then: ' || t.words || '.' AS event_text,
  json_array(json_object('key', s.key, 'name', 'UBR', 'value', '' || s.ubr), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM state s LEFT JOIN (SELECT machine, sum(count) || ' time(s), the last at ' || iso(max(last)) AS words FROM event_seen
  WHERE own AND area = 'schannel' AND event_id IN (36887, 36888) AND code IN (20, 51) GROUP BY machine) t ON t.machine = s.machine
WHERE s.n = 0 OR s.dhe > 0
GROUP BY s.machine
ORDER BY s.machine
