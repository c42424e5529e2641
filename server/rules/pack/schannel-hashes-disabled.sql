-- rule: schannel-hashes-disabled
-- SPDX-License-Identifier: Apache-2.0
-- code: K05
-- title: A hash, cipher or key exchange that TLS needs is switched off
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {key} has Enabled 0: {what} is switched off, and handshakes or signatures of client certificates that need it fail.
-- confirm: The value must be 0. Schannel events 36874 or 36888 (alert 40) at the time of a failure confirm that it matters.
--   $ reg query {key|cmd} /v Enabled
-- remedy: Delete the value.
--
--   $ reg delete {key|cmd} /v Enabled /f
--   undo: $ reg add {key|cmd} /v Enabled /t REG_DWORD /d 0 /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT v.machine, v.key AS subject, v.key, replace(substr(v.key, instr(lower(v.key), '\schannel\') + 10), '\', ' ') AS what,
  -- one of two that can stand for each other is switched off on purpose, for forward secrecy or by a guide
  CASE WHEN lower(v.key) LIKE '%\ciphers\aes 128%' AND NOT EXISTS (SELECT 1 FROM registry_value o WHERE o.machine = v.machine AND lower(o.key) LIKE '%\schannel\ciphers\aes 256%' AND lower(o.name) = 'enabled' AND o.number = 0) THEN 'info'
    WHEN lower(v.key) LIKE '%\pkcs' AND NOT EXISTS (SELECT 1 FROM registry_value o WHERE o.machine = v.machine AND lower(o.key) LIKE '%\schannel\keyexchangealgorithms\ecdh' AND lower(o.name) = 'enabled' AND o.number = 0) THEN 'info' END AS severity,
  json_array(json_object('key', v.key, 'name', v.name, 'value', '0'), json_object('entry', v.entry, 'line', v.line)) AS evidence
FROM registry_value v
WHERE lower(v.name) = 'enabled' AND v.number = 0 AND (lower(v.key) LIKE '%\schannel\hashes\sha' OR lower(v.key) LIKE '%\schannel\hashes\sha256' OR lower(v.key) LIKE '%\schannel\hashes\sha384' OR lower(v.key) LIKE '%\schannel\hashes\sha512'
  OR lower(v.key) LIKE '%\schannel\keyexchangealgorithms\pkcs' OR lower(v.key) LIKE '%\schannel\keyexchangealgorithms\ecdh' OR lower(v.key) LIKE '%\schannel\ciphers\aes %')
ORDER BY v.machine, v.key
