-- rule: schannel-no-common-protocol
-- SPDX-License-Identifier: Apache-2.0
-- code: K01
-- title: Client and server have no TLS version in common
-- severity: error
-- confidence: V
-- role: server
-- needs: server/reg-schannel
-- uses: client/reg-schannel
-- applies: CASE WHEN NOT EXISTS (SELECT 1 FROM schannel_setting WHERE machine = :machine AND setting GLOB '[ST][SL][LS] [0-9].[0-9] Server' AND setting <> 'SSL 2.0 Server' AND coalesce(value, 1)) THEN 1
--   WHEN NOT EXISTS (SELECT 1 FROM machine k WHERE k.is_client AND k.machine <> :machine) THEN 'no client machine in this case'
--   WHEN EXISTS (SELECT 1 FROM item i JOIN machine k ON k.machine = i.machine AND k.is_client AND k.machine <> :machine WHERE i.kind = 'reg-schannel' AND i.outcome IN ('ok', 'absent')) THEN 1
--   ELSE 'the settings of the client are not known' END
-- strength: must
-- message: {what}: no handshake can succeed (alert 70, events 36871, 36874).
-- confirm: Both lists of keys must be as told; a capture shows the version in ClientHello, answered by alert 70 or a reset.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols /s
-- remedy: Switch TLS 1.2 on where it is off.
--
--   $ reg export HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols <saved.reg>
--   $ reg add "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server" /v Enabled /t REG_DWORD /d 1 /f
--   $ reg add "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server" /v DisabledByDefault /t REG_DWORD /d 0 /f
--   undo: $ reg delete "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server" /v Enabled /f
--   undo: $ reg delete "HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Protocols\TLS 1.2\Server" /v DisabledByDefault /f
--   undo: $ reg import <saved.reg>
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, c.machine AS subject, c.machine AS client, s.machine || ' allows ' || coalesce(nullif(group_concat(iif(s.value, replace(s.setting, ' Server', ''), NULL), ', '), ''), 'none')
    || ', and the client ' || c.machine || ' allows ' || coalesce(nullif(group_concat(iif(c.value, replace(c.setting, ' Client', ''), NULL), ', '), ''), 'none') AS what,
  json_group_array(json_object('key', s.key, 'name', 'Enabled', 'value', '' || s.value)) AS evidence
FROM schannel_setting s CROSS JOIN machine m ON m.machine = s.machine CROSS JOIN machine k ON k.is_client AND k.machine <> m.machine
CROSS JOIN schannel_setting c ON c.machine = k.machine AND c.setting = replace(s.setting, ' Server', ' Client')
WHERE m.is_server AND s.setting >= 'S' AND s.setting < 'U' AND s.setting GLOB '[ST][SL][LS] [0-9].[0-9] Server'
GROUP BY s.machine, c.machine HAVING sum(s.value IS NULL OR c.value IS NULL) = 0 AND sum(s.value AND c.value) = 0
UNION ALL -- whatever the client is: what no TLS client begins with (SSL 2.0) does not count
SELECT m.machine, 'no protocol', NULL, m.machine || ' has SSL 3.0 and all of TLS switched off for servers',
  json_group_array(json_object('key', s.key, 'name', 'Enabled', 'value', '' || s.value))
FROM machine m JOIN schannel_setting s ON s.machine = m.machine AND s.setting GLOB '[ST][SL][LS] [0-9].[0-9] Server' AND s.setting <> 'SSL 2.0 Server'
WHERE m.is_server AND NOT EXISTS (SELECT 1 FROM machine k WHERE k.is_client AND k.machine <> m.machine)
GROUP BY m.machine HAVING sum(s.value IS NULL) = 0 AND sum(s.value) = 0
ORDER BY 1, 2
