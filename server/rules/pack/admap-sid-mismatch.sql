-- rule: admap-sid-mismatch
-- SPDX-License-Identifier: Apache-2.0
-- code: C11
-- title: The certificate carries the security identifier of another account
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config
-- applies: CASE WHEN NOT EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine) THEN 0 WHEN EXISTS (SELECT 1 FROM dc_log) THEN 1
--   ELSE 'the System log of a domain controller is not in this case' END
-- explains: 401.1.* 401.2.* 403.12.* 403.16.*
-- strength: seen
-- message: {dc} refused the certificate "{name}" for account {account} {count} time(s) (event {event_id}), the last at {last|time}: the SID in
--   it is not that of the account, which was made anew or moved from another domain.
-- confirm: The SID in the certificate's extension 1.3.6.1.4.1.311.25.2 and that of the account must differ.
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Get-ADUser -Filter * | Where-Object { $_.SamAccountName -eq {account|ps} } | Select-Object SID
-- remedy: Enrol a new certificate for the account as it is now, then map and use that one.
--
--   $ certreq -enroll -machine -q <template>
--   undo: $ certutil -delstore My <thumbprint of the new certificate>
-- references: https://support.microsoft.com/help/5014754
-- since: 1
SELECT s.machine, s.site, s.path, coalesce(r.account, '?') || ' ' || coalesce(r.thumbprint, r.serial, '') AS subject, r.machine AS dc, coalesce(r.subject, r.thumbprint, '?') AS name,
  coalesce(r.account, '?') AS account, iif(EXISTS (SELECT 1 FROM client_offer o WHERE o.thumbprint = r.thumbprint) OR EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(r.account)), 'error', 'info') AS severity,
  iif(EXISTS (SELECT 1 FROM client_offer o WHERE o.thumbprint = r.thumbprint) OR EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(r.account)), 'seen', 'may') AS strength, sum(r.count) AS count, r.event_id, max(r.last) AS last, json_array(json_object('entry', r.entry, 'line', r.line, 'excerpt', 'event ' || r.event_id || ' ' || coalesce(r.account, '') || ' ' || coalesce(r.thumbprint, ''))) AS evidence
FROM admap_server s JOIN kdc_refusal r ON r.about = 'sid'
GROUP BY s.machine, r.account, coalesce(r.thumbprint, r.serial)
ORDER BY s.machine, subject, dc
