-- rule: fips-mode
-- SPDX-License-Identifier: Apache-2.0
-- code: K08
-- title: FIPS mode is on
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-system
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: FIPSAlgorithmPolicy is 1: only approved algorithms are used, and keys, curves or programs that need others fail.
-- remedy: Keep it where it is mandated, and use certificates that fit; else switch it off.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'FIPSAlgorithmPolicy' AS subject, s.value, s.key,
  json_array(json_object('key', s.key, 'name', 'FIPSAlgorithmPolicy', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'FIPSAlgorithmPolicy' AND s.value = 1
ORDER BY s.machine
