-- rule: mtu-fragmentation
-- SPDX-License-Identifier: Apache-2.0
-- code: L08
-- title: The client's certificate is sent again and again, and never arrives
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/attachment
-- explains: 500.0.64
-- strength: seen
-- message: In {entry} {n} connection(s) of {machine} to {name} ({address}) end in this way: the server asks for a certificate, the client sends it, sends it again, and it is never acknowledged. Packets
--   of that size are dropped on the way: a smaller MTU there, whose ICMP messages are filtered.
-- confirm: A packet of full size does not get through unfragmented, a smaller one does.
--   $ ping -f -l 1472 <server>
--   $ ping -f -l 1300 <server>
-- remedy: Let ICMP "fragmentation needed" pass, or clamp the MSS at the firewall or VPN; as a test, lower the MTU of the client.
--
--   $ netsh interface ipv4 show subinterfaces
--   $ netsh interface ipv4 set subinterface "<name>" mtu=1300 store=active
--   undo: $ netsh interface ipv4 set subinterface "<name>" mtu=<former MTU> store=active
-- interrupts: Nothing is interrupted; with store=active the change ends at the next start.
-- references: https://www.rfc-editor.org/rfc/rfc2923 https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-interface
-- since: 1
SELECT h.machine, lower(coalesce(h.sni, h.server_address, '?')) || ' in ' || h.entry AS subject, h.entry, count(*) AS n, lower(coalesce(h.sni, '?')) AS name, coalesce(h.server_address, '?') || ':' || coalesce(h.server_port, '?') AS address,
  json_array(json_object('entry', h.entry, 'excerpt', 'connection ' || min(h.connection))) AS evidence
FROM handshake h JOIN machine m ON m.machine = h.machine AND m.is_client
WHERE h.source = 'capture' AND h.asked = 'yes' AND NOT h.completed AND h.unanswered_by = 'client' AND h.lost = 0
GROUP BY h.machine, h.entry, lower(coalesce(h.sni, h.server_address, '?'))
ORDER BY h.machine, h.entry, subject
