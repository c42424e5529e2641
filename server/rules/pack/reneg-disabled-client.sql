-- rule: reneg-disabled-client
-- SPDX-License-Identifier: Apache-2.0
-- code: E05
-- title: The client refuses renegotiation, and the server asks for the certificate that way
-- severity: error
-- confidence: V
-- role: client
-- needs: client/reg-schannel server/reg-http|server/http-sslcert
-- explains: 403.7.* 500.0.64 500.0.995
-- strength: must
-- message: DisableRenegoOnClient is {value} on {machine}, and {endpoint} of a server of this case asks for the certificate by renegotiation:
--   the client breaks off (alert 100, no_renegotiation).
-- confirm: The value must be there and not 0. A capture shows the server's HelloRequest answered by alert 100, or by nothing.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnClient
-- remedy: Negotiate in the first handshake on the server (see sslbinding-negotiate-missing); or allow it on the client again.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnClient /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v DisableRenegoOnClient /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'DisableRenegoOnClient' AS subject, s.value, s.key, (SELECT min(b.endpoint) FROM late_binding b) AS endpoint,
  json_array(json_object('key', s.key, 'name', 'DisableRenegoOnClient', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'DisableRenegoOnClient' AND s.value <> 0 AND EXISTS (SELECT 1 FROM late_binding b)
ORDER BY s.machine
