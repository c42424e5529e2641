-- rule: admap-issuercache
-- SPDX-License-Identifier: Apache-2.0
-- code: C19
-- title: Schannel remembers issuers for longer than usual: a new CA counts late
-- severity: info
-- confidence: V
-- role: server
-- needs: server/reg-schannel server/iis-config server/web-config
-- applies: EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine)
-- message: IssuerCacheTime is {minutes} minutes (Windows' own: 10): for so long after a CA was added, certificates that it issued may still not be mapped.
-- remedy: Wait that long after a change, or take the value away.
--
--   $ reg delete {key|cmd} /v IssuerCacheTime /f
--   undo: $ reg add {key|cmd} /v IssuerCacheTime /t REG_DWORD /d {value|cmd} /f
-- interrupts: Windows has to be restarted for it.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT v.machine, 'IssuerCacheTime' AS subject, v.number / 60000 AS minutes, v.key, v.number AS value,
  json_array(json_object('key', v.key, 'name', v.name, 'value', '' || v.number), json_object('entry', v.entry, 'line', v.line)) AS evidence
FROM registry_value v JOIN admap_server s ON s.machine = v.machine
WHERE lower(v.name) = 'issuercachetime' AND lower(v.key) LIKE '%\securityproviders\schannel' AND v.number > 600000
ORDER BY v.machine
