-- rule: client-cert-ca-flag
-- SPDX-License-Identifier: Apache-2.0
-- code: H27
-- title: The client certificate is marked as that of an authority
-- severity: info
-- confidence: I
-- role: client
-- needs: client/cert-store:My
-- message: {name} has basic constraints with CA TRUE: Windows takes it, but Firefox and some applications refuse the certificate of an authority as that of a client.
-- remedy: Have it issued again with CA FALSE.
-- references: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.9
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_meant o JOIN certificate c ON c.machine = o.machine AND c.thumbprint = o.thumbprint
WHERE c.is_ca
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
