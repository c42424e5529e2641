-- rule: client-eku-store-override
-- SPDX-License-Identifier: Apache-2.0
-- code: H07
-- title: The purposes of the client certificate were limited in the store
-- severity: error
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- strength: must
-- message: {name} may be used for client authentication, but its properties in the store allow only: {purposes}. The client leaves it out
--   (403.7).
-- confirm: The properties of the certificate in the store (CERT_ENHKEY_USAGE_PROP_ID) must be without client authentication, its own extension with it.
--   $ certutil -user -v -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -v -store My {thumbprint|cmd}{is_machine|command}
-- remedy: In the certificate console open its properties, and choose "Enable all purposes for this certificate".
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, coalesce(nullif(s.eku_property, ''), 'nothing') AS purposes,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
LEFT JOIN private_key k ON k.machine = o.machine AND k.thumbprint = o.thumbprint AND k.location IS o.location AND k.user IS o.user AND k.store = o.store
JOIN store_certificate s ON s.machine = o.machine AND s.thumbprint = o.thumbprint AND s.location = o.location AND s.user IS o.user AND s.store = o.store
WHERE c.client_auth AND s.eku_property IS NOT NULL AND ' ' || s.eku_property || ' ' NOT LIKE '% 1.3.6.1.5.5.7.3.2 %' AND ' ' || s.eku_property || ' ' NOT LIKE '% 2.5.29.37.0 %' AND (o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
