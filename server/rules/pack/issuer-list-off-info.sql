-- rule: issuer-list-off-info
-- SPDX-License-Identifier: Apache-2.0
-- code: F10
-- title: The server sends no list of trusted issuers: the client chooses without it
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel! server/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- strength: may
-- message: SendTrustedIssuerList is {value} ({how}), so the server does not say which issuers it trusts. A client with several certificates may
--   show all of them, or pick the wrong one without asking.
-- remedy: Nothing needs to be done unless clients pick the wrong certificate. Then send a short list, from a store of its own
--   (sslctlstorename of the binding), with SendTrustedIssuerList 1.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT s.machine, 'SCHANNEL SendTrustedIssuerList' AS subject, s.value,
  CASE WHEN s.is_set THEN 'set' ELSE 'not set; the default of ' || coalesce(m.windows, 'this Windows') END AS how,
  json_array(json_object('key', s.key, 'name', 'SendTrustedIssuerList', 'value', iif(s.is_set, '' || s.value, 'not set'))) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'SendTrustedIssuerList' AND s.value = 0
ORDER BY s.machine
