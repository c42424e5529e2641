-- rule: sendtrustedissuerlist-typo
-- SPDX-License-Identifier: Apache-2.0
-- code: F11
-- title: A registry value that was meant to send the list of issuers has a name that nothing reads
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/reg-schannel! server/reg-http
-- message: {key} has the value {name} = {data}: {why_text}. The list of trusted issuers is decided by SendTrustedIssuerList (REG_DWORD) under
--   SCHANNEL, which is {effective}.
-- confirm: The value must be there, under that name and key.
--   $ reg query {key|cmd} /v {name|cmd}
-- remedy: Save the key, and delete the value. Whether the list is to be sent is another question (most servers of today need none): that is decided by SendTrustedIssuerList, a REG_DWORD under SCHANNEL.
--
--   $ reg export {key|cmd} <saved.reg>
--   $ reg delete {key|cmd} /v {name|cmd} /f
--   undo: $ reg import <saved.reg>
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT v.machine, v.key || '\' || v.name AS subject, v.key, v.name, coalesce(v.data, '?') AS data,
  CASE WHEN lower(v.name) <> 'sendtrustedissuerlist' THEN 'Windows knows no such value' WHEN v.type <> 'REG_DWORD' THEN 'it is a ' || v.type || ', not a REG_DWORD'
    ELSE 'it stands under another key than SCHANNEL' END AS why_text,
  coalesce((SELECT iif(g.is_set, g.value || ' (set)', g.value || ' (the default)') FROM schannel_setting g WHERE g.machine = v.machine AND g.setting = 'SendTrustedIssuerList'), 'not known') AS effective,
  json_array(json_object('key', v.key, 'name', v.name, 'value', v.data), json_object('entry', v.entry, 'line', v.line)) AS evidence
FROM registry_value v
WHERE lower(v.name) >= 'sendtrust' AND lower(v.name) < 'sendtrusu' AND lower(v.name) LIKE 'sendtrust%issuer%' AND (lower(v.name) <> 'sendtrustedissuerlist' OR v.type <> 'REG_DWORD' OR lower(v.key) <> 'hklm\system\currentcontrolset\control\securityproviders\schannel')
ORDER BY v.machine, v.key, v.name
