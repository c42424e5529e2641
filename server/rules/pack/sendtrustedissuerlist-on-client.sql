-- rule: sendtrustedissuerlist-on-client
-- SPDX-License-Identifier: Apache-2.0
-- code: F12
-- title: SendTrustedIssuerList is set on a client, where it does nothing
-- severity: info
-- confidence: V
-- role: client
-- needs: client/reg-schannel
-- message: SendTrustedIssuerList is {value} on {machine}, which is a client: only a server reads it.
-- remedy: Set it on the server, if it is needed there.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT s.machine, 'SendTrustedIssuerList' AS subject, s.value, s.key,
  json_array(json_object('key', s.key, 'name', 'SendTrustedIssuerList', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'SendTrustedIssuerList' AND s.is_set AND m.is_server = 0
ORDER BY s.machine
