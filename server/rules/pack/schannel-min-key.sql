-- rule: schannel-min-key
-- SPDX-License-Identifier: Apache-2.0
-- code: K10
-- title: A least length of keys is set that the other side does not reach
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-schannel server/cert-store:My
-- uses: client/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: {what}
-- confirm: The value must be there; Schannel writes alert 71 or 40 for each try.
--   $ reg query {key|cmd} /v {value_name|cmd}
-- remedy: {how}
--
--   $ reg add {key|cmd} /v {value_name|cmd} /t REG_DWORD /d 2048 /f
--   undo: $ reg add {key|cmd} /v {value_name|cmd} /t REG_DWORD /d {least|cmd} /f
-- interrupts: A restart of that machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
WITH least AS NOT MATERIALIZED (
  SELECT v.machine, v.key, v.name, v.number, v.entry, v.line, lower(substr(v.key, instr(lower(v.key), '\keyexchangealgorithms\') + 23)) AS algorithm FROM registry_value v
  WHERE lower(v.name) IN ('clientminkeybitlength', 'serverminkeybitlength') AND lower(v.key) LIKE '%\schannel\keyexchangealgorithms\%' AND v.number IS NOT NULL)
SELECT b.machine, b.tree || ' ' || b.endpoint || ' ' || l.machine AS subject, l.key, l.name AS value_name, l.number AS least,
  l.machine || ' refuses RSA keys of servers that are shorter than ' || l.number || ' bits (ClientMinKeyBitLength), and the certificate "' || coalesce(c.subject_cn, c.subject, c.thumbprint) || '" of ' || b.endpoint
    || ' has ' || c.key_bits || ': the handshake ends before a client certificate is asked for.' AS what,
  'Bind a certificate with a longer key, or lower the value on ' || l.machine || '.' AS how,
  json_array(json_object('key', l.key, 'name', l.name, 'value', '' || l.number), json_object('entry', l.entry, 'line', l.line), json_object('thumbprint', c.thumbprint)) AS evidence
FROM least l JOIN machine k ON k.machine = l.machine AND k.is_client
CROSS JOIN effective_binding b ON b.machine <> l.machine AND EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = b.machine AND w.site = b.site AND (w.negotiates OR w.requires))
CROSS JOIN certificate c ON c.machine = b.machine AND c.thumbprint = b.thumbprint AND upper(c.key_algorithm) LIKE '%RSA%'
WHERE l.algorithm = 'pkcs' AND lower(l.name) = 'clientminkeybitlength' AND c.key_bits < l.number
GROUP BY b.machine, b.tree, b.endpoint, l.machine
UNION ALL
SELECT l.machine, 'Diffie-Hellman ServerMinKeyBitLength', l.key, l.name, l.number,
  'This server wants Diffie-Hellman groups of at least ' || l.number || ' bits (ServerMinKeyBitLength), more than the 2048 that clients commonly take: handshakes with TLS_DHE suites fail.',
  'Lower the value, or prefer ECDHE suites.',
  json_array(json_object('key', l.key, 'name', l.name, 'value', '' || l.number), json_object('entry', l.entry, 'line', l.line))
FROM least l JOIN machine v ON v.machine = l.machine AND v.is_server
WHERE l.algorithm = 'diffie-hellman' AND lower(l.name) = 'serverminkeybitlength' AND l.number > 2048
ORDER BY 1, 2
