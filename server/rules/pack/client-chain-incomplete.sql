-- rule: client-chain-incomplete
-- SPDX-License-Identifier: Apache-2.0
-- code: H12
-- title: The client lacks an intermediate certificate of its own chain
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:My client/cert-store:CA!
-- explains: 403.7.* 403.16.2148204810
-- strength: may
-- outranks: issuer-list-on-issuer-absent
-- message: The chain of {name} ends at a link that is not on this machine: {missing}.
--   {elsewhere}
--   The client cannot send it along, and cannot match a list of
--   trusted issuers by it.
-- confirm: The client's own chain must stop at that link; in a capture its Certificate message has the leaf alone.
--   $ certutil -user -verifystore My {thumbprint|cmd}{is_user|command}
--   $ certutil -verifystore My {thumbprint|cmd}{is_machine|command}
-- remedy: Import the intermediate certificate.
--
--   $ certutil -user -addstore CA <intermediate.cer>{is_user|command}
--   $ certutil -addstore CA <intermediate.cer>{is_machine|command}
--   undo: $ certutil -user -delstore CA <thumbprint of the intermediate>{is_user|command}
--   undo: $ certutil -delstore CA <thumbprint of the intermediate>{is_machine|command}
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint,
  coalesce('"' || t.missing || '"', '"' || (SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = t.root) || '"', 'the issuer') AS missing,
  iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine, t.status,
  (SELECT 'It stands in ' || min(e.location || '\' || e.store || coalesce(' of ' || e.user, '') || ' of ' || e.machine) || '.'
    FROM store_certificate e JOIN certificate c ON c.machine = e.machine AND c.thumbprint = e.thumbprint
    WHERE c.subject = t.missing OR (t.missing IS NULL AND c.thumbprint = t.root)) AS elsewhere,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM (SELECT *, row_number() OVER (PARTITION BY machine, thumbprint, location, user ORDER BY store) AS nth FROM client_offer) o
JOIN chain_status t ON t.machine = o.machine AND t.leaf = o.thumbprint AND t.leaf_machine = o.machine AND t.path = 0 AND NOT t.trusted
WHERE o.nth = 1 AND o.has_key AND o.client_auth AND NOT o.archived AND coalesce(o.self_signed, 0) = 0 AND (o.named OR coalesce(o.trusted, 0)
    OR NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint))
  AND t.missing IS NOT NULL AND NOT EXISTS (SELECT 1 FROM certificate c WHERE c.subject = t.missing AND c.self_signed)
ORDER BY o.machine, o.thumbprint, o.location, o.user
