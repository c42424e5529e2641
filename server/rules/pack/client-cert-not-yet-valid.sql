-- rule: client-cert-not-yet-valid
-- SPDX-License-Identifier: Apache-2.0
-- code: H05
-- title: The client certificate is not valid yet
-- severity: error
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- explains: 403.7.* 403.17.*
-- strength: must
-- message: The certificate {name} is valid from {not_before|time}; the machine was looked at on {collected|time}. A client leaves it out (403.7), or the
--   server refuses it (403.17). {why_text}
-- confirm: Both clocks decide: look at them before anything is changed.
--   $ w32tm /query /status
-- remedy: Compare the clock of this machine with a reliable one; when it is right, wait until the certificate is valid, or have it issued again.
--
--   $ w32tm /query /status
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, o.name, o.thumbprint, o.not_before, o.not_after,
  o.collected, coalesce(o.eku, 'none') AS eku, iif(o.location = 'LocalMachine', NULL, '') AS is_user, iif(o.location = 'LocalMachine', '', NULL) AS is_machine,
  o.severity,
  CASE WHEN o.named THEN 'It is the certificate that is meant (named by the complaint or mapped by the server).'
    ELSE 'No other certificate of this machine would do.' END AS why_text,
  json_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store), json_object('entry', o.entry, 'line', o.line)) AS evidence
FROM client_suspect o
WHERE o.collected < o.not_before AND NOT o.archived
ORDER BY o.machine, o.thumbprint, o.location, o.user
