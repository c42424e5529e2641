-- rule: client-smartcard-issues
-- SPDX-License-Identifier: Apache-2.0
-- code: H25
-- title: The key of the client certificate is on a smart card
-- severity: info
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- message: The key of {name} is in "{provider}": the card must be in the reader, and the services SCardSvr and CertPropSvc must run. After
--   the card was taken out the certificate stays, and cannot be used (0x8010000C).
-- remedy: Put the card in, and see that the services run.
--
--   $ sc query CertPropSvc
--   $ sc start CertPropSvc
--   undo: $ sc stop CertPropSvc
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, k.provider,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
LEFT JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
WHERE (k.provider LIKE '%Smart Card%') AND (o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
