-- rule: schannel-isc-cert-cache
-- SPDX-License-Identifier: Apache-2.0
-- code: F34
-- title: Settings of Schannel were changed after the last start: they are not in force yet
-- severity: info
-- confidence: P
-- role: server
-- needs: server/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {key} was changed on {changed|time}, and {machine} was started on {booted|time}. SendTrustedIssuerList and ClientAuthTrustMode are read once, by LSASS: what is there now
--   ({known}) counts only after a restart.
-- remedy: Restart the machine before judging what the change did.
--
--   $ shutdown /r /t 0
-- interrupts: The machine restarts.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT k.machine, 'SCHANNEL' AS subject, k.key, k.modified AS changed, m.booted,
  coalesce((SELECT group_concat(v.name || ' ' || coalesce(v.number, v.data), ', ') FROM (SELECT name, number, data FROM registry_value r WHERE r.machine = k.machine AND r.key = k.key
    AND lower(r.name) IN ('sendtrustedissuerlist', 'clientauthtrustmode') ORDER BY name) v), 'neither is set') AS known,
  json_array(json_object('entry', k.entry, 'line', k.line, 'excerpt', k.key), json_object('key', k.key)) AS evidence
FROM registry_key k JOIN machine m ON m.machine = k.machine AND m.is_server JOIN cert_server w ON w.machine = k.machine
WHERE lower(k.key) = 'hklm\system\currentcontrolset\control\securityproviders\schannel' AND k.absent = 0 AND k.modified > m.booted
ORDER BY k.machine
