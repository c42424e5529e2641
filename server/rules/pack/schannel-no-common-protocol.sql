-- rule: schannel-no-common-protocol
-- SPDX-License-Identifier: Apache-2.0
-- code: K01
-- title: Client and server have no TLS version in common
-- severity: error
-- confidence: V
-- role: server
-- needs: server/reg-schannel client/reg-schannel
-- strength: must
-- message: {machine} allows {server_list}, and the client {client} allows {client_list}: no handshake can succeed (alert 70, events 36871,
--   36874).
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
SELECT s.machine, c.machine AS subject, c.machine AS client, coalesce(nullif(group_concat(iif(s.value, replace(s.setting, ' Server', ''), NULL), ', '), ''), 'none') AS server_list,
  coalesce(nullif(group_concat(iif(c.value, replace(c.setting, ' Client', ''), NULL), ', '), ''), 'none') AS client_list,
  json_group_array(json_object('key', s.key, 'name', 'Enabled', 'value', '' || s.value)) AS evidence
FROM machine m CROSS JOIN machine k ON k.is_client AND k.machine <> m.machine CROSS JOIN schannel_setting s ON s.machine = m.machine
CROSS JOIN schannel_setting c ON c.machine = k.machine AND c.setting = replace(s.setting, ' Server', ' Client')
WHERE m.is_server AND s.setting >= 'S' AND s.setting < 'U' AND s.setting GLOB '[ST][SL][LS] [0-9].[0-9] Server'
GROUP BY s.machine, c.machine HAVING sum(s.value IS NULL OR c.value IS NULL) = 0 AND sum(s.value AND c.value) = 0
ORDER BY s.machine, c.machine
