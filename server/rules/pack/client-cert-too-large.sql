-- rule: client-cert-too-large
-- SPDX-License-Identifier: Apache-2.0
-- code: H23
-- title: The client certificate and its chain are larger than the server takes in one message
-- severity: warning
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- uses: server/reg-schannel
-- explains: 500.0.64
-- strength: must
-- message: {name} and the authorities that go with it are {bytes} bytes, and {server} takes {least} (MessageLimitServerClientAuth): the connection is reset.
-- confirm: A capture of the handshake must end in the middle of the client's Certificate message, or right after it, by a reset of the server; the length of that message is in its first four bytes.
-- remedy: Have a certificate issued with fewer names and a shorter chain; or change the limit on {server}.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /t REG_DWORD /d 65536 /f{is_default|command}
--   $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /f{is_lowered|command}
--   undo: $ reg delete HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /f{is_default|command}
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Messaging /v MessageLimitServerClientAuth /t REG_DWORD /d {former|cmd} /f
-- interrupts: A restart of the server is needed.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
WITH sent AS ( -- a Certificate message: each certificate with 3 bytes of length, 7 of head; a root is not sent
  SELECT o.*, (SELECT sum(c.size + 3) + 7 FROM chain h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
    WHERE h.machine = o.machine AND h.leaf = o.thumbprint AND h.leaf_machine = o.machine AND h.path = 0 AND c.self_signed = 0 HAVING sum(c.size IS NULL) = 0) AS bytes
  FROM client_meant o)
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, o.bytes, s.machine AS server, s.value AS least, iif(s.is_set, s.value, NULL) AS former, iif(s.is_set AND s.value < 32768, NULL, '') AS is_default, iif(s.is_set AND s.value < 32768, '', NULL) AS is_lowered,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM sent o JOIN schannel_setting s ON s.setting = 'MessageLimitServerClientAuth' AND s.value < o.bytes
JOIN cert_server v ON v.machine = s.machine
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
