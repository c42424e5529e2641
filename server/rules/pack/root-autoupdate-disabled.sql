-- rule: root-autoupdate-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: F23
-- title: Windows may not fetch missing public roots
-- severity: info
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: DisableRootAutoUpdate is 1: a public root that is not in a store yet is not fetched. That matters only for client certificates of
--   public CAs.
-- remedy: Where a public CA is used, add its root by hand.
--
--   [9600-] $ certutil -generateSSTFromWU <roots.sst>
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT s.machine, 'DisableRootAutoUpdate' AS subject, s.value, s.key,
  json_array(json_object('key', s.key, 'name', 'DisableRootAutoUpdate', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'DisableRootAutoUpdate' AND s.value = 1
ORDER BY s.machine
