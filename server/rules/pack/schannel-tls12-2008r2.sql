-- rule: schannel-tls12-2008r2
-- SPDX-License-Identifier: Apache-2.0
-- code: K02
-- title: TLS 1.2 is off on the server
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel server/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: TLS 1.2 is {how} on {windows}, and no newer version is on: clients of today do not connect.
-- confirm: A client held to TLS 1.2 must be refused (alert 70 or a reset).
--   $ curl.exe -vk --tlsv1.2 https://<host>/
-- remedy: Switch it on.
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
SELECT s.machine, 'TLS 1.2 Server' AS subject, iif(s.is_set, 'switched off', 'off by default') AS how, coalesce(m.windows, 'this Windows') AS windows,
  json_array(json_object('key', s.key, 'name', 'Enabled', 'value', iif(s.is_set, 'off', 'not set'))) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'TLS 1.2 Server' AND s.value = 0 AND NOT EXISTS (SELECT 1 FROM schannel_setting t WHERE t.machine = s.machine AND t.setting = 'TLS 1.3 Server' AND t.value)
ORDER BY s.machine
