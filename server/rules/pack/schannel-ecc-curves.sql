-- rule: schannel-ecc-curves
-- SPDX-License-Identifier: Apache-2.0
-- code: K07
-- title: The curve of the client certificate is not in the list of curves
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/reg-system client/cert-store:My
-- uses: client/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64
-- strength: may
-- message: The key of {name} on {client} is on the curve {curve}, and {where_set} has a list of curves set without it ({list}): the handshake may end with alert 40.
-- confirm: The list must be without the curve; Schannel writes alert 40 (event 36888) at the time of the request.
--   [14393-] PS> Get-TlsEccCurve
-- remedy: Add the curve on {where_set} (a list set by policy is changed there).
--
--   [14393-] PS> Enable-TlsEccCurve -Name {curve|ps}
--   [14393-] undo: PS> Disable-TlsEccCurve -Name {curve|ps}
-- interrupts: A restart is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/manage-tls https://learn.microsoft.com/powershell/module/tls/enable-tlsecccurve
-- since: 1
WITH name(curve, windows) AS (VALUES ('prime256v1', 'NistP256'), ('secp384r1', 'NistP384'), ('secp521r1', 'NistP521')),
listed AS (
  SELECT machine, group_concat(name, ', ') AS list, min(key) AS key, min(entry) AS entry, min(line) AS line
  FROM (SELECT * FROM schannel_order WHERE list = 'curves' ORDER BY machine, position) GROUP BY machine)
SELECT v.machine, o.thumbprint || ' of ' || o.machine || ' at ' || l.machine AS subject, o.machine AS client, o.name, n.windows AS curve, l.list, l.machine AS where_set,
  json_array(json_object('key', l.key, 'name', 'EccCurves', 'value', substr(l.list, 1, 300)), json_object('entry', l.entry, 'line', l.line), json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM cert_server v CROSS JOIN client_meant o ON o.machine <> v.machine CROSS JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint CROSS JOIN name n ON n.curve = c.curve
CROSS JOIN listed l ON l.machine IN (v.machine, o.machine)
WHERE EXISTS (SELECT 1 FROM schannel_order WHERE list = 'curves')
  AND NOT EXISTS (SELECT 1 FROM schannel_order s WHERE s.machine = l.machine AND s.list = 'curves' AND lower(s.name) = lower(n.windows))
GROUP BY v.machine, o.machine, o.thumbprint, l.machine
ORDER BY v.machine, o.machine, o.thumbprint, l.machine
