-- rule: client-cert-absent
-- SPDX-License-Identifier: Apache-2.0
-- code: H01
-- title: The client has no certificate that it could present
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My!
-- explains: 403.7.*
-- strength: must
-- message: {what}
-- confirm: On the client, as the account that fails: the store is empty of certificates for client authentication.
--   $ certutil -user -store My
-- remedy: Import the certificate with its private key (a .pfx file): for a user's own programs as that user, for a service or a web application into
--   the machine's store.
--
--   $ certutil -user -importpfx My <file.pfx>
--   $ certutil -importpfx My <file.pfx>
--   undo: $ certutil -user -delstore My <thumbprint>
--   undo: $ certutil -delstore My <thumbprint>
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT m.machine, 'personal stores' AS subject,
  'There is no certificate for client authentication in the personal stores of ' || m.machine || ' (' ||
    (SELECT count(*) FROM store_certificate s WHERE s.machine = m.machine AND lower(s.store) = 'my') || ' certificate(s) there in all, '
    || (SELECT count(*) FROM item i WHERE i.machine = m.machine AND i.kind = 'cert-store' AND lower(i.store) = 'my') || ' store(s) read).' AS what,
  CASE WHEN EXISTS (SELECT 1 FROM cert_server) OR NOT EXISTS (SELECT 1 FROM machine WHERE is_server) THEN 'error' ELSE 'warning' END AS severity,
  json_array() AS evidence
FROM machine m
WHERE m.is_client
  AND NOT EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = m.machine AND (o.named OR o.usable OR coalesce(o.self_signed, 0) = 0))
  AND NOT EXISTS (SELECT 1 FROM complaint c WHERE c.machine = m.machine AND coalesce(c.thumbprint, '') <> '')
UNION ALL
SELECT m.machine, c.thumbprint, 'The certificate ' || c.thumbprint || ' that the complaint names stands in no personal store of ' || m.machine || '.',
  'error', json_array(json_object('thumbprint', c.thumbprint, 'store', 'My'))
FROM (SELECT machine, lower(thumbprint) AS thumbprint FROM complaint WHERE coalesce(thumbprint, '') <> '' GROUP BY 1, 2) c CROSS JOIN machine m ON m.machine = c.machine
WHERE m.is_client AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = m.machine AND lower(s.store) = 'my' AND s.thumbprint = c.thumbprint)
ORDER BY 1, 2
