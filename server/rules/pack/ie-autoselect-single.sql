-- rule: ie-autoselect-single
-- SPDX-License-Identifier: Apache-2.0
-- code: J01
-- title: The browser picks a single certificate, or none, without asking its user
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/reg-client
-- explains: 403.7.*
-- strength: may
-- message: For {user_text} "Don't prompt for client certificate selection when no certificates or only one certificate exists" is on in zone {zone}
--   ({zone_name}): 1A04 is 0, decided by {decided_by}. Internet Explorer and what uses its settings then show no prompt, so that it cannot be
--   seen whether the server asks and which certificate is offered.
-- confirm: With the value 3 and a new browser a prompt must come up: then the server asks, and the list in it shows what fits. No prompt then either: the server does not ask, or nothing fits.
--   $ reg query {zone_key|cmd} /v 1A04
-- remedy: Switch it off while the problem is looked for, close the browser and try again.
--
--   $ reg add {zone_key|cmd} /v 1A04 /t REG_DWORD /d 3 /f
--   undo: $ reg add {zone_key|cmd} /v 1A04 /t REG_DWORD /d 0 /f
--
--   {policy_note}
--   Run it as that user. Edge, Chrome and Firefox do not look at this value.
-- interrupts: Nothing is interrupted.
-- references: https://learn.microsoft.com/troubleshoot/developer/browsers/security-privacy/ie-security-zones-registry-entries
-- since: 1
SELECT s.machine, coalesce(s.user, 'machine') || ' zone ' || s.zone AS subject, s.zone, s.decided_by,
  'HKCU\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Zones\' || s.zone AS zone_key,
  coalesce('user ' || s.user, 'all users') AS user_text,
  CASE s.zone WHEN 0 THEN 'My Computer' WHEN 1 THEN 'Local intranet' WHEN 2 THEN 'Trusted sites' WHEN 3 THEN 'Internet' ELSE 'Restricted sites' END AS zone_name,
  iif(s.decided_by LIKE '%policy', 'It comes from a policy (' || s.decided_by || '): change the policy, the user''s own value does not count.', NULL) AS policy_note,
  json_array(json_object('key', s.key, 'name', '1A04', 'value', iif(s.is_set, '0', 'not set: 0')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM client_setting s
WHERE s.setting = '1A04' AND s.value = 0 AND (
  EXISTS (SELECT 1 FROM host_zone h WHERE h.machine = s.machine AND h.user IS s.user AND h.zone = s.zone)
  -- which zone it is cannot be told: what somebody has set is worth a look
  OR (s.is_set AND s.zone IN (2, 3) AND NOT EXISTS (SELECT 1 FROM host_zone h WHERE h.machine = s.machine AND h.user IS s.user AND h.zone IS NOT NULL)))
ORDER BY s.machine, s.user, s.zone
