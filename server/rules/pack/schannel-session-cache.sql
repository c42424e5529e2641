-- rule: schannel-session-cache
-- SPDX-License-Identifier: Apache-2.0
-- code: K11
-- title: TLS sessions are kept for another time than the default
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: ServerCacheTime is {value} ms (default 36000000): {effect}.
-- remedy: Go back to the default.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v ServerCacheTime /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v ServerCacheTime /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'ServerCacheTime' AS subject, s.value, s.key,
  iif(s.value = 0, 'sessions are not taken up again, and clients may be asked again and again', 'a client may go on with its former certificate for so long') AS effect,
  json_array(json_object('key', s.key, 'name', 'ServerCacheTime', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'ServerCacheTime' AND s.is_set AND s.value <> 36000000
ORDER BY s.machine
