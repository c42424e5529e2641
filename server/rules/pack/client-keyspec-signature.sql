-- rule: client-keyspec-signature
-- SPDX-License-Identifier: Apache-2.0
-- code: H18
-- title: The key of the server certificate is for signatures only (AT_SIGNATURE)
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-http|server/http-sslcert server/cert-store:My
-- message: The key of {name}, which the binding {endpoint} presents, is AT_SIGNATURE (KeySpec 2) in "{provider}": cipher suites with RSA key exchange cannot use it, and clients
--   that know no other break off. For a client's certificate that does not matter.
-- confirm: The certificate must be shown with "KeySpec = 2 -- AT_SIGNATURE".
--   $ certutil -v -store My
-- remedy: Import the server certificate again with a key for exchange, and bind it again.
--
--   $ certutil -importpfx <file.pfx> AT_KEYEXCHANGE
-- interrupts: The binding must be given the certificate again if its thumbprint changes.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil https://learn.microsoft.com/windows/win32/api/wincrypt/ns-wincrypt-crypt_key_prov_info
-- since: 1
SELECT b.machine, b.tree || ' ' || b.endpoint AS subject, b.endpoint, k.provider, '"' || coalesce(c.subject_cn, c.subject, b.thumbprint) || '" (' || b.thumbprint || ')' AS name,
  json_array(json_object('thumbprint', b.thumbprint, 'store', 'LocalMachine\' || k.store), json_object('entry', k.entry, 'line', k.line, 'excerpt', 'KeySpec 2')) AS evidence
FROM effective_binding b JOIN private_key k ON k.machine = b.machine AND k.thumbprint = b.thumbprint AND k.location = 'LocalMachine' AND k.key_spec = 2 AND k.provider_type > 0
LEFT JOIN certificate c ON c.machine = b.machine AND c.thumbprint = b.thumbprint
GROUP BY b.machine, b.tree, b.endpoint
ORDER BY b.machine, b.tree, b.endpoint
