-- rule: admap-cert-predates-account
-- SPDX-License-Identifier: Apache-2.0
-- code: C12
-- title: The certificate is older than the account that it is mapped to
-- severity: warning
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config
-- applies: CASE WHEN NOT EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine) THEN 0 WHEN EXISTS (SELECT 1 FROM dc_log) THEN 1
--   ELSE 'the System log of a domain controller is not in this case' END
-- explains: 401.1.* 401.2.* 403.12.* 403.16.*
-- strength: seen
-- message: {dc} refused the certificate "{name}" for account {account} {count} time(s) (event {event_id}), the last at {last|time}: it was issued
--   before the account was made, and is mapped in a weak way.
-- confirm: Compare when the account was made with the notBefore of the certificate: the account must be the younger one.
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Get-ADUser -Filter * -Properties whenCreated,altSecurityIdentities | Where-Object { $_.SamAccountName -eq {account|ps} }
-- remedy: Enrol a new certificate, or name this one at the account in a strong form.
--
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Set-ADUser <account> -Replace @{altSecurityIdentities='X509:<I><issuer><SR><serial number, bytes reversed>'}
--   undo: PS> Set-ADUser <account> -Clear altSecurityIdentities
-- references: https://support.microsoft.com/help/5014754
-- since: 1
SELECT s.machine, s.site, s.path, coalesce(r.account, '?') || ' ' || coalesce(r.thumbprint, r.serial, '') AS subject, r.machine AS dc, coalesce(r.subject, r.thumbprint, '?') AS name,
  coalesce(r.account, '?') AS account, iif(EXISTS (SELECT 1 FROM client_offer o WHERE o.thumbprint = r.thumbprint) OR EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(r.account)), 'warning', 'info') AS severity,
  iif(EXISTS (SELECT 1 FROM client_offer o WHERE o.thumbprint = r.thumbprint) OR EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(r.account)), 'seen', 'may') AS strength, sum(r.count) AS count, r.event_id, max(r.last) AS last, json_array(json_object('entry', r.entry, 'line', r.line, 'excerpt', 'event ' || r.event_id || ' ' || coalesce(r.account, '') || ' ' || coalesce(r.thumbprint, ''))) AS evidence
FROM admap_server s JOIN kdc_refusal r ON r.about = 'predates'
GROUP BY s.machine, r.account, coalesce(r.thumbprint, r.serial)
ORDER BY s.machine, subject, dc
