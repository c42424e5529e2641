-- rule: client-cert-no-private-key
-- SPDX-License-Identifier: Apache-2.0
-- code: H02
-- title: The client certificate has no private key
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.*
-- strength: must
-- message: The certificate {name} stands there without a private key (it was imported as .cer instead of .pfx, or the link to the key is lost), so the client
--   does not offer it. {why_text}
--   Schannel wrote event 36869 {told}.
-- confirm: On the client, as the user: without "Private key" tests passed it is confirmed.
--   $ certutil -user -verifystore My <thumbprint>
-- remedy: Import the certificate with its key (.pfx). Where the key is on the machine and only the link is lost, repair it.
--
--   $ certutil -user -repairstore My {thumbprint|cmd}{is_user|command}
--   $ certutil -repairstore My {thumbprint|cmd}{is_machine|command}
--   $ certutil -user -verifystore My {thumbprint|cmd}{is_user|command}
--   $ certutil -verifystore My {thumbprint|cmd}{is_machine|command}
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, o.not_before, o.not_after,
  o.collected, coalesce(o.eku, 'none') AS eku,
  (SELECT w.words FROM event_told w WHERE w.machine = o.machine AND w.area = 'schannel' AND w.event_id = 36869 AND w.side IS 'client') AS told, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine,
  o.severity,
  CASE WHEN o.named THEN 'It is the certificate that is meant (named by the complaint or mapped by the server).'
    ELSE 'No other certificate of this machine would do.' END AS why_text,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_suspect o
WHERE NOT o.has_key AND NOT o.archived AND o.client_auth AND o.valid
ORDER BY o.machine, o.thumbprint, o.location, o.user
