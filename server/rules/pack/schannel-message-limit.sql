-- rule: schannel-message-limit
-- SPDX-License-Identifier: Apache-2.0
-- code: K09
-- title: The limit for handshake messages is lower than the default
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: MessageLimitServerClientAuth is {value} bytes (default 32768): a certificate with a long chain or many names is too large, and the
--   connection is reset.
-- remedy: Go back to the default.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'MessageLimitServerClientAuth' AS subject, s.value, s.key,
  json_array(json_object('key', s.key, 'name', 'MessageLimitServerClientAuth', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'MessageLimitServerClientAuth' AND s.is_set AND s.value < 32768
ORDER BY s.machine
