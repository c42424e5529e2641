-- rule: ctl-store-but-list-not-sent
-- SPDX-License-Identifier: Apache-2.0
-- code: F16
-- title: A store of trusted issuers is set, but the list is not sent
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/reg-schannel
-- message: The binding {endpoint} has the store "{store}" of trusted issuers, and SendTrustedIssuerList is {value}: clients are not told of
--   it, it decides only what is accepted.
-- remedy: Where clients pick the wrong certificate, send the list as well.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 1 /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 0 /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT p.machine, p.site, p.endpoint AS subject, p.endpoint, p.ctl_store AS store, g.value,
  json_array(json_object('entry', p.binding_entry, 'line', p.binding_line, 'excerpt', 'DefaultSslCtlStoreName ' || p.ctl_store), json_object('key', g.key, 'name', g.setting, 'value', '' || g.value)) AS evidence
FROM cert_place p JOIN schannel_setting g ON g.machine = p.machine AND g.setting = 'SendTrustedIssuerList' AND g.value = 0
WHERE coalesce(p.ctl_store, '') <> ''
GROUP BY p.machine, p.endpoint
ORDER BY p.machine, p.endpoint
