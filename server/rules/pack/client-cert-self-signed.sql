-- rule: client-cert-self-signed
-- SPDX-License-Identifier: Apache-2.0
-- code: F29
-- title: The client certificate is self-signed
-- severity: error
-- confidence: P
-- role: client
-- needs: client/cert-store:My
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing
-- message: {name} is self-signed. A server accepts it only when the very same certificate stands in its Trusted Root (403.16
--   else).{named_text}
-- confirm: It must be its own issuer, and on the server not in Trusted Root; refuted when the server's list holds it.
--   $ certutil -store Root {thumbprint|cmd}
-- remedy: Use a certificate of a CA that the server trusts.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, iif(o.named, ' It is the certificate that is meant.', '') AS named_text,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_offer o
WHERE o.self_signed AND coalesce(o.trusted, 0) = 0 AND (o.named OR (o.usable AND o.client_auth AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits AND NOT coalesce(f.self_signed, 0))))
ORDER BY o.machine, o.thumbprint, o.location, o.user
