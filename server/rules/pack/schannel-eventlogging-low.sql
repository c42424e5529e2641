-- rule: schannel-eventlogging-low
-- SPDX-License-Identifier: Apache-2.0
-- code: K13
-- title: Schannel does not log its warnings
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel!
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: EventLogging is {value} ({how}): Schannel writes errors at most, and the warnings that tell of client certificates (36885, 36889
--   and others) are not in the System log.
-- remedy: Raise it while the problem is looked for, and restart the machine.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v EventLogging /t REG_DWORD /d 7 /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v EventLogging /t REG_DWORD /d {value|cmd} /f
-- interrupts: It counts after a restart of the machine.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'SCHANNEL EventLogging' AS subject, s.value, iif(s.is_set, 'set', 'the default') AS how,
  json_array(json_object('key', s.key, 'name', 'EventLogging', 'value', iif(s.is_set, '' || s.value, 'not set'))) AS evidence
FROM schannel_setting s
WHERE s.setting = 'EventLogging' AND s.value & 2 = 0
ORDER BY s.machine
