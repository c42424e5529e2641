-- rule: dotnet-framework-old-tls
-- SPDX-License-Identifier: Apache-2.0
-- code: J10
-- title: .NET Framework programs of this machine offer old TLS versions only
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/reg-client client/reg-system
-- message: {what}: .NET programs and PowerShell then offer TLS 1.0 at most, unless they set ServicePointManager.SecurityProtocol themselves.
--   {server_text}
-- confirm: In Windows PowerShell 5.1 on that machine it must print neither Tls12 nor SystemDefault.
--   PS> [Net.ServicePointManager]::SecurityProtocol
-- remedy: Switch strong cryptography on, for programs of 64 and of 32 bits.
--
--   $ reg add HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319 /v SchUseStrongCrypto /t REG_DWORD /d 1 /f
--   $ reg add HKLM\SOFTWARE\WOW6432Node\Microsoft\.NETFramework\v4.0.30319 /v SchUseStrongCrypto /t REG_DWORD /d 1 /f
--   undo: $ reg delete HKLM\SOFTWARE\Microsoft\.NETFramework\v4.0.30319 /v SchUseStrongCrypto /f
--   undo: $ reg delete HKLM\SOFTWARE\WOW6432Node\Microsoft\.NETFramework\v4.0.30319 /v SchUseStrongCrypto /f
--
--   {former_note}
-- interrupts: Programs must be started again.
-- references: https://learn.microsoft.com/dotnet/framework/network-programming/tls https://learn.microsoft.com/dotnet/framework/migration-guide/how-to-determine-which-versions-are-installed
-- since: 1
WITH view AS (
  SELECT s.machine, (SELECT max(r.number) FROM registry_value r WHERE r.machine = s.machine AND lower(r.name) = 'release' AND lower(r.key) LIKE '%\net framework setup\ndp\v4\full') AS release,
    iif(s.setting LIKE '% (32-bit)', ' (32-bit)', '') AS bits, s.value, s.is_set, s.key, s.entry, s.line FROM client_setting s WHERE s.setting LIKE '.NET 4 SchUseStrongCrypto%'),
weak AS (
  SELECT * FROM view v
  WHERE ((v.is_set AND v.value = 0) OR (coalesce(v.value, 0) = 0 AND v.release < 460798))
    AND NOT EXISTS (SELECT 1 FROM client_setting d WHERE d.machine = v.machine AND d.setting = '.NET 4 SystemDefaultTlsVersions' || v.bits AND d.value = 1)),
closed AS (
  SELECT min(s.machine) AS server FROM schannel_setting s JOIN machine m ON m.machine = s.machine AND m.is_server WHERE s.setting = 'TLS 1.0 Server' AND s.value = 0)
SELECT w.machine, '.NET Framework 4' || w.bits AS subject,
  iif(w.is_set, 'SchUseStrongCrypto is 0 in ' || w.key, 'The runtime is older than .NET Framework 4.7 (Release ' || w.release || '), and SchUseStrongCrypto is not set in ' || w.key) AS what,
  iif(c.server IS NULL, 'info', NULL) AS severity, c.server || ' does not accept TLS 1.0: the handshake is reset before a certificate is asked for.' AS server_text,
  iif(w.is_set, 'It was set to 0 before: to take the change back, write 0 instead of deleting it.', NULL) AS former_note,
  json_array(json_object('key', w.key, 'name', 'SchUseStrongCrypto', 'value', iif(w.is_set, '' || w.value, 'not set')), json_object('entry', w.entry, 'line', w.line)) AS evidence
FROM closed c CROSS JOIN weak w
ORDER BY w.machine, w.bits
