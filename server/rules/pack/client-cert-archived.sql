-- rule: client-cert-archived
-- SPDX-License-Identifier: Apache-2.0
-- code: H14
-- title: The client certificate is archived, and so hidden from programs
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- strength: must
-- message: The certificate {name} is marked as archived: it stands in the store, but programs do not see it. {why_text}
-- confirm: The first must not list it, and the second must.
--   PS> Get-Item -LiteralPath {item_path|ps}
--   PS> Get-Item -LiteralPath {item_path|ps} -Force
-- remedy: Take the mark away.
--
--   PS> $c = Get-Item -LiteralPath {item_path|ps} -Force
--   PS> $c.Archived = $false
--   undo: PS> $c.Archived = $true
--
--   Where Get-Item does not find it, show archived certificates in the certificates console (View, Options) and look there.
-- interrupts: Nothing is interrupted.
-- references: https://learn.microsoft.com/dotnet/api/system.security.cryptography.x509certificates.x509certificate2.archived
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.severity,
  'Cert:\' || iif(o.location = 'LocalMachine', 'LocalMachine', 'CurrentUser') || '\My\' || upper(o.thumbprint) AS item_path,
  CASE WHEN o.named THEN 'It is the certificate that is meant (named by the complaint or mapped by the server).'
    ELSE 'No other certificate of this machine would do.' END AS why_text,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_suspect o
WHERE o.archived AND o.has_key AND o.client_auth AND o.valid
ORDER BY o.machine, o.thumbprint, o.location, o.user
