-- rule: reneg-disabled-server
-- SPDX-License-Identifier: Apache-2.0
-- code: E04
-- title: Renegotiation is switched off, and the certificate is asked for by renegotiation
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-schannel server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.* 500.0.64 500.0.995
-- strength: must
-- outranks: sslbinding-negotiate-missing
-- message: DisableRenegoOnServer is {value}, so this server cannot ask for a certificate after the handshake, and {endpoint} does not ask for
--   it within: requests that need a certificate fail (403.7, 500, a reset).
-- confirm: The value must be there and not 0, and the record without negotiation.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnServer
--   $ netsh http show sslcert
-- remedy: Negotiate in the first handshake (see sslbinding-negotiate-missing); or allow renegotiation again.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnServer /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnServer /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings https://support.microsoft.com/help/977377
-- since: 1
SELECT s.machine, 'DisableRenegoOnServer' AS subject, (SELECT min(b.site) FROM late_binding b WHERE b.machine = s.machine HAVING count(DISTINCT b.site) = 1) AS site, s.value, s.key, (SELECT min(b.endpoint) FROM late_binding b WHERE b.machine = s.machine) AS endpoint,
  json_array(json_object('key', s.key, 'name', 'DisableRenegoOnServer', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'DisableRenegoOnServer' AND s.value <> 0 AND EXISTS (SELECT 1 FROM late_binding b WHERE b.machine = s.machine)
ORDER BY s.machine
