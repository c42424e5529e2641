-- rule: winhttp-default-protocols
-- SPDX-License-Identifier: Apache-2.0
-- code: J13
-- title: WinHTTP programs of this machine do not offer TLS 1.2
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/reg-client client/reg-system
-- message: {what}: programs that use WinHTTP (WinHttpRequest, BITS, many services) then do not offer TLS 1.2 on {windows}.
--   {server_text}
-- confirm: The value must be missing or without 0x800; a capture shows no TLS 1.2 in the ClientHello of such a program.
--   $ reg query "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols
-- remedy: Install KB3140245 where it is missing, and set the value for programs of 64 and of 32 bits (0xA00: TLS 1.1 and 1.2).
--
--   $ reg add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /t REG_DWORD /d 0xA00 /f
--   $ reg add "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /t REG_DWORD /d 0xA00 /f
--   undo: $ reg add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /t REG_DWORD /d {former|cmd} /f
--   undo: $ reg add "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /t REG_DWORD /d {former|cmd} /f
--   undo: $ reg delete "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /f{was_unset|command}
--   undo: $ reg delete "HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Internet Settings\WinHttp" /v DefaultSecureProtocols /f{was_unset|command}
-- interrupts: Programs must be started again.
-- references: https://support.microsoft.com/kb/3140245
-- since: 1
SELECT s.machine, s.setting AS subject, coalesce(m.windows, 'this Windows') AS windows,
  iif(s.is_set, 'DefaultSecureProtocols is ' || hex32(s.value) || ', without 0x800 (TLS 1.2), in ' || s.key, 'DefaultSecureProtocols is not set in ' || s.key) AS what,
  iif(c.server IS NULL, 'info', NULL) AS severity, c.server || ' does not accept TLS 1.0: the handshake is reset before a certificate is asked for.' AS server_text,
  iif(s.is_set, s.value, NULL) AS former, iif(s.is_set, NULL, '') AS was_unset,
  json_array(json_object('key', s.key, 'name', 'DefaultSecureProtocols', 'value', iif(s.is_set, hex32(s.value), 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM (SELECT min(s.machine) AS server FROM schannel_setting s JOIN machine m ON m.machine = s.machine AND m.is_server WHERE s.setting = 'TLS 1.0 Server' AND s.value = 0) c
CROSS JOIN client_setting s JOIN machine m ON m.machine = s.machine JOIN windows_default d ON d.machine = s.machine AND d.name = 'WinHTTP TLS 1.2' AND d.value = 0
WHERE s.setting LIKE 'WinHttp DefaultSecureProtocols%' AND coalesce(s.value, 0) & 2048 = 0
ORDER BY s.machine, s.setting
