-- rule: client-eku-no-clientauth
-- SPDX-License-Identifier: Apache-2.0
-- code: H06
-- title: The client certificate may not be used for client authentication (EKU)
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.* 403.16.2148204816
-- strength: must
-- message: The certificate {name} has an extended key usage without client authentication (1.3.6.1.5.5.7.3.2): {eku}. A client leaves it out (403.7), or the
--   server refuses it (403.16, 0x800B0110). {why_text}
-- confirm: The usages printed must be without 1.3.6.1.5.5.7.3.2, and not absent: a certificate without the extension is for all.
--   $ certutil -user -v -store My {thumbprint|cmd}{is_user|command}
--   $ certutil -v -store My {thumbprint|cmd}{is_machine|command}
-- remedy: Have it issued again from a template with the purpose Client Authentication, and import the new one.
--
--   $ certutil -user -verifystore My {thumbprint|cmd}{is_user|command}
--   $ certutil -verifystore My {thumbprint|cmd}{is_machine|command}
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, o.not_before, o.not_after,
  o.collected, coalesce(o.eku, 'none') AS eku, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine,
  o.severity,
  CASE WHEN o.named THEN 'It is the certificate that is meant (named by the complaint or mapped by the server).'
    ELSE 'No other certificate of this machine would do.' END AS why_text,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_suspect o
WHERE NOT o.client_auth AND NOT o.archived
ORDER BY o.machine, o.thumbprint, o.location, o.user
