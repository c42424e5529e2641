-- rule: schannel-message-limit
-- SPDX-License-Identifier: Apache-2.0
-- code: K09
-- title: The limit for handshake messages is lower than the default
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel
-- uses: client/cert-store:My
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 500.0.64
-- strength: may
-- message: MessageLimitServerClientAuth is {value} bytes (default 32768): a certificate with a long chain or many names is too large, and the
--   connection is reset.
--   {larger}
-- confirm: The value must be there; a capture shows the server resetting the connection at the client's Certificate message. Refuted when a small certificate fails as well.
--   $ reg query HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging
-- remedy: Go back to the default.
--
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /t REG_DWORD /d {value|cmd} /f
-- interrupts: A restart of the machine is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
WITH larger AS ( -- what clients of the case would send: each certificate with 3 bytes of length, 7 of head; a root is not sent
  SELECT o.name, o.machine, sum(c.size + 3) + 7 AS bytes FROM (SELECT DISTINCT machine, thumbprint, name FROM client_meant) o
  JOIN chain h ON h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0
  JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint AND c.self_signed = 0
  GROUP BY o.machine, o.thumbprint)
SELECT s.machine, 'MessageLimitServerClientAuth' AS subject, s.value, s.key, (SELECT k.modified FROM registry_key k WHERE k.machine = s.machine AND lower(k.key) = lower(s.key)) AS changed, iif(max(l.bytes) IS NULL, 'warning', NULL) AS severity, iif(max(l.bytes) IS NULL, NULL, 'must') AS strength,
  min(l.name) || ' of ' || min(l.machine) || ' and the authorities that go with it are ' || max(l.bytes) || ' bytes.' AS larger,
  json_array(json_object('key', s.key, 'name', 'MessageLimitServerClientAuth', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s LEFT JOIN larger l ON l.bytes > s.value AND l.machine <> s.machine
WHERE s.setting = 'MessageLimitServerClientAuth' AND s.is_set AND s.value < 32768
GROUP BY s.machine
ORDER BY s.machine
