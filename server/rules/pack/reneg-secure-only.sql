-- rule: reneg-secure-only
-- SPDX-License-Identifier: Apache-2.0
-- code: E06
-- title: Only secure renegotiation is allowed: a peer without RFC 5746 cannot be asked late
-- severity: info
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-schannel server/reg-http|server/http-sslcert
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: AllowInsecureRenegoClients is 0: a client that does not know RFC 5746 cannot renegotiate, and {endpoint} asks for the certificate
--   that way.
-- remedy: Update the client, or negotiate in the first handshake (see sslbinding-negotiate-missing). Do not allow insecure renegotiation.
-- references: https://learn.microsoft.com/windows-server/security/tls/tls-registry-settings
-- since: 1
SELECT s.machine, 'AllowInsecureRenegoClients' AS subject, s.value, s.key, (SELECT min(b.endpoint) FROM late_binding b WHERE b.machine = s.machine) AS endpoint,
  json_array(json_object('key', s.key, 'name', 'AllowInsecureRenegoClients', 'value', iif(s.is_set, '' || s.value, 'not set')), json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM schannel_setting s JOIN machine m ON m.machine = s.machine
WHERE s.setting = 'AllowInsecureRenegoClients' AND s.is_set AND s.value = 0 AND EXISTS (SELECT 1 FROM late_binding b WHERE b.machine = s.machine)
ORDER BY s.machine
