-- rule: client-cert-duplicates
-- SPDX-License-Identifier: Apache-2.0
-- code: H15
-- title: Certificates of the same subject stand side by side, some of them of no use
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/cert-store:My
-- message: {where} holds {n} certificates for "{subject_name}", and {bad} of them expired or archived: programs that choose by name may take
--   the wrong one.
-- confirm: Several certificates of that subject must stand there, some of them expired or archived.
--   $ certutil{scope|command} -store My
-- remedy: Take the old ones out.
--
--   $ certutil{scope|command} -store My {thumbprint|cmd} <old.cer>
--   $ certutil{scope|command} -delstore My {thumbprint|cmd}
--   undo: $ certutil{scope|command} -addstore My <old.cer>
--   undo: $ certutil{scope|command} -repairstore My {thumbprint|cmd}
-- interrupts: A certificate that is deleted is gone: keep a copy.
-- references: https://learn.microsoft.com/windows-server/administration/windows-commands/certutil
-- since: 1
SELECT o.machine, o.location || coalesce(' ' || o.user, '') || ': ' || o.subject AS subject, o.subject AS subject_name, o.location || '\My' || coalesce(' of ' || o.user, '') AS "where", count(*) AS n,
  sum(o.archived OR NOT o.valid) AS bad, min(CASE WHEN o.archived OR NOT o.valid THEN o.thumbprint END) AS thumbprint, iif(o.location = 'LocalMachine', '', ' -user') AS scope,
  json_group_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\My')) AS evidence
FROM client_offer o WHERE o.has_key AND o.client_auth AND coalesce(o.self_signed, 0) = 0
GROUP BY o.machine, o.location, o.user, o.subject HAVING count(*) > 1 AND sum(o.archived OR NOT o.valid) BETWEEN 1 AND count(*) - 1
ORDER BY o.machine, o.location, o.user, o.subject
