-- rule: schannel-certificatemappingmethods
-- SPDX-License-Identifier: Apache-2.0
-- code: C13
-- title: Schannel may not map certificates by UPN
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-schannel
-- explains: 401.1.* 401.2.* 403.12.*
-- message: CertificateMappingMethods is {value}: neither S4U method (8, 16) nor UPN (4) is in it, so certificates are not mapped to accounts the way
--   Active Directory mapping needs (event 36879).
-- confirm: The value must be there; Schannel writes event 36879 or 36878 for the client's request. Refuted when mapping works with it.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v CertificateMappingMethods
-- remedy: Go back to the default.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v CertificateMappingMethods /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v CertificateMappingMethods /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings https://support.microsoft.com/help/5014754
-- since: 1
SELECT s.machine, 'CertificateMappingMethods' AS subject, s.value, s.key,
  json_array(json_object('key', s.key, 'name', 'CertificateMappingMethods', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'CertificateMappingMethods' AND s.is_set AND s.value & 28 = 0 AND EXISTS (SELECT 1 FROM site_path p WHERE p.machine = s.machine AND p.ad_mapping)
ORDER BY s.machine
