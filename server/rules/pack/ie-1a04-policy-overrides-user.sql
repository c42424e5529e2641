-- rule: ie-1a04-policy-overrides-user
-- SPDX-License-Identifier: Apache-2.0
-- code: J02
-- title: A policy decides whether the user is asked for a certificate
-- severity: info
-- confidence: V
-- role: client
-- needs: client/reg-client
-- message: In zone {zone} the user {who} chose that certificates are {user_choice}, but {decided_by} decides: {effective}.
-- remedy: Change the policy ("Do not prompt for client certificate selection when no certificates or only one certificate exists").
-- references: https://learn.microsoft.com/previous-versions/troubleshoot/browsers/security-privacy/ie-security-zones-registry-entries
-- since: 1
SELECT c.machine, coalesce(c.user, 'machine') || ' zone ' || c.zone AS subject, c.zone, coalesce(c.user, '?') AS who, c.decided_by, iif(v.number = 3, 'asked for', 'picked without asking') AS user_choice,
  iif(c.value = 3, 'the user is asked', 'a single certificate is picked without asking') AS effective,
  json_array(json_object('key', c.key, 'name', '1A04', 'value', '' || c.value), json_object('entry', v.entry, 'line', v.line, 'excerpt', '1A04 ' || v.number)) AS evidence
FROM client_setting c JOIN registry_value v ON v.machine = c.machine AND v.name = '1A04' AND v.number <> c.value
  AND lower(v.key) = lower('HKU\' || c.user || '\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Zones\' || c.zone)
WHERE c.setting = '1A04' AND c.decided_by LIKE '%policy%'
ORDER BY c.machine, c.user, c.zone
