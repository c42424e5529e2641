-- rule: admap-usesubjectaltname-off
-- SPDX-License-Identifier: Apache-2.0
-- code: C14
-- title: Names in a certificate's alternative names are not used for the mapping (UseSubjectAltName)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/reg-system server/iis-config server/web-config
-- applies: EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine)
-- explains: 401.1.* 401.2.* 403.12.*
-- strength: may
-- message: {key}\UseSubjectAltName is 0{where_text}: the user principal name in a client certificate is not looked at, only altSecurityIdentities of the account.
--   {elsewhere}
-- confirm: The value must be 0 there, and the account without a fitting altSecurityIdentities.
--   $ reg query {key|cmd} /v UseSubjectAltName
-- remedy: Take the value away, so that the name in the certificate counts again.
--
--   $ reg delete {key|cmd} /v UseSubjectAltName /f
--   undo: $ reg add {key|cmd} /v UseSubjectAltName /t REG_DWORD /d 0 /f
-- interrupts: The domain controller (or this server) has to be restarted.
-- references: https://support.microsoft.com/help/4043463 https://support.microsoft.com/help/5014754
-- since: 1
SELECT s.machine, v.machine || ' ' || v.key AS subject, -- the value of the Kdc counts on a domain controller only
  iif(d.is_dc OR lower(v.key) NOT LIKE '%\services\kdc', NULL, 'info') AS severity, iif(d.is_dc OR lower(v.key) NOT LIKE '%\services\kdc', NULL, 'Only a domain controller reads it there, and this machine was not collected as one.') AS elsewhere, v.key, iif(v.machine = s.machine, '', ' on ' || v.machine) AS where_text,
  json_array(json_object('key', v.key, 'name', v.name, 'value', '0'), json_object('entry', v.entry, 'line', v.line)) AS evidence
FROM admap_server s JOIN registry_value v ON lower(v.name) = 'usesubjectaltname' AND v.number = 0 JOIN machine d ON d.machine = v.machine
WHERE (lower(v.key) LIKE '%\lsa\kerberos\parameters' AND v.machine = s.machine) OR lower(v.key) LIKE '%\services\kdc'
ORDER BY s.machine, subject
