-- rule: schannel-contradictory-values
-- SPDX-License-Identifier: Apache-2.0
-- code: K03
-- title: TLS settings contradict each other, or stand where nothing reads them
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/reg-schannel!
-- message: {key}: {what}.
-- confirm: The values must stand there as told.
--   $ reg query {key|cmd}
-- remedy: Write the values again, as REG_DWORD, under the right name ("TLS 1.2", with a blank).
--
--   $ reg query {key|cmd}
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT k.machine, k.key AS subject, k.key, k.what, json_array(json_object('key', k.key, 'name', k.name, 'value', k.data), json_object('entry', k.entry, 'line', k.line)) AS evidence
FROM (SELECT v.machine, v.key, v.name, v.data, v.entry, v.line, CASE WHEN v.type <> 'REG_DWORD' THEN v.name || ' is a ' || v.type || ', Schannel reads a REG_DWORD'
      WHEN lower(v.key) LIKE '%\protocols\tls1.%' OR lower(v.key) LIKE '%\protocols\ssl3%' THEN 'Schannel knows no protocol of that name, it is written with a blank'
      WHEN lower(v.name) = 'enabled' AND v.number <> 0 AND d.number = 1 AND lower(v.key) LIKE '%\server' THEN 'Enabled is on and DisabledByDefault is on as well: it is off for http.sys' END AS what
    FROM registry_value v LEFT JOIN registry_value d ON d.machine = v.machine AND d.key = v.key AND lower(d.name) = 'disabledbydefault'
    WHERE v.key LIKE '%\SCHANNEL\Protocols\%' AND lower(v.name) IN ('enabled', 'disabledbydefault')) k
WHERE k.what IS NOT NULL
GROUP BY k.machine, k.key
ORDER BY k.machine, k.key
