-- rule: clientauthtrustmode-exclusive
-- SPDX-License-Identifier: Apache-2.0
-- code: F13
-- title: ClientAuthTrustMode trusts only a store that does not hold the client's CA
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel server/cert-store:Root server/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing server-intermediate-missing issuer-list-on-issuer-absent
-- message: ClientAuthTrustMode is {mode} ({mode_text}), so only {store} counts, and the chain of {name} does not pass: {status}.
-- confirm: The value must be that one, and the store be without the CA of the client's chain.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v ClientAuthTrustMode
--   $ certutil -store {issuers|cmd}
-- remedy: Add the CA to that store, or go back to the machine's trust.
--
--   $ certutil -addstore {issuers|cmd} <ca.cer>
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v ClientAuthTrustMode /t REG_DWORD /d 0 /f
--   undo: $ certutil -delstore {issuers|cmd} <thumbprint of the CA>
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v ClientAuthTrustMode /t REG_DWORD /d {mode|cmd} /f
-- interrupts: A restart of the machine is needed for ClientAuthTrustMode.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview https://learn.microsoft.com/troubleshoot/windows-server/windows-security/errors-403-7-reject-client-certificate-request
-- since: 1
SELECT u.machine, u.leaf || coalesce(' ' || u.issuers, '') AS subject, u.trust_mode AS mode, u.issuers, iif(u.trust_mode = 1, 'exclusive root', 'exclusive CA') AS mode_text,
  coalesce('the store ' || u.issuers, 'a store that the binding names, and none is named,') AS store, o.name, coalesce(u.status, 'not accepted') AS status,
  json_array(json_object('key', 'HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL', 'name', 'ClientAuthTrustMode', 'value', '' || u.trust_mode), json_object('thumbprint', u.leaf)) AS evidence
FROM chain_trust u JOIN client_offer o ON o.machine = u.leaf_machine AND o.thumbprint = u.leaf AND (o.usable OR o.named)
WHERE u.trust_mode IN (1, 2) AND u.accepted = 0 AND (o.named OR NOT EXISTS (SELECT 1 FROM chain_trust k JOIN client_offer f ON f.machine = k.leaf_machine AND f.thumbprint = k.leaf AND f.usable
  WHERE k.machine = u.machine AND k.issuers IS u.issuers AND k.accepted))
GROUP BY u.machine, u.leaf, u.issuers
ORDER BY u.machine, u.leaf, u.issuers
