-- rule: client-alg-unsupported
-- SPDX-License-Identifier: Apache-2.0
-- code: H21
-- title: The client certificate has a key of a kind that Schannel does not take
-- severity: error
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.* 500.0.64
-- strength: must
-- message: {name} has a key of the kind {kind}. Schannel takes RSA and the curves P-256, P-384 and P-521: the handshake ends with an alert (40, 43 or 47), or the
--   certificate is not offered.
-- confirm: Its key must be of that kind ("Public Key Algorithm").
--   $ certutil -user -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Have a certificate issued with RSA (2048 bits or more) or the curve P-256 or P-384.
-- references: https://learn.microsoft.com/windows/win32/secauthn/cipher-suites-in-schannel https://learn.microsoft.com/windows/win32/secauthn/tls-elliptic-curves-in-windows-10-1607-and-later
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, o.severity, iif(c.curve IS NULL, c.key_algorithm, 'elliptic curve ' || c.curve) AS kind,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
WHERE upper(c.key_algorithm) LIKE 'ED25519' OR upper(c.key_algorithm) LIKE 'ED448' OR upper(c.key_algorithm) LIKE 'RSA%PSS'
  OR (c.curve <> 'prime256v1' AND c.curve <> 'secp384r1' AND c.curve <> 'secp521r1')
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
