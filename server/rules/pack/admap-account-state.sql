-- rule: admap-account-state
-- SPDX-License-Identifier: Apache-2.0
-- code: C15
-- title: The account that a certificate is mapped to is disabled, expired or locked
-- severity: error
-- confidence: P
-- role: server
-- needs: server/iis-config server/web-config server/log-event
-- applies: CASE WHEN EXISTS (SELECT 1 FROM admap_server WHERE machine = :machine) OR EXISTS (SELECT 1 FROM site_mapping WHERE machine = :machine) THEN CASE
--   WHEN EXISTS (SELECT 1 FROM event_channel WHERE lower(channel) = 'security') THEN 1 ELSE 'the Security log is not in this case' END ELSE 0 END
-- explains: 401.1.* 401.2.* 403.12.*
-- strength: seen
-- message: The Security log of {at} says {count} time(s) that the logon of {account} failed, since the account is {state} ({hex}), the last at {last|time}.
-- confirm: Look at the account now; refuted when it is enabled, not locked and not expired, and the logon still fails.
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Get-ADUser -Identity {account|ps} -Properties Enabled,LockedOut,AccountExpirationDate,PasswordExpired
-- remedy: Enable or unlock the account when it is the one that the certificate is mapped to.
--
--   [-9199] PS> Import-Module ActiveDirectory
--   PS> Unlock-ADAccount -Identity {account|ps}
--
--   PS> Enable-ADAccount -Identity {account|ps}
--   undo: PS> Disable-ADAccount -Identity {account|ps}
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-10/security/threat-protection/auditing/event-4625
-- since: 1
WITH mapped AS (
  SELECT machine, site, path FROM admap_server
  UNION SELECT machine, min(site), min(site) FROM site_mapping GROUP BY machine),
failed AS (
  SELECT e.machine, e.account, CASE WHEN e.error IN (3221225586, 18) THEN 'disabled, expired or locked' WHEN e.error = 3221225875 THEN 'expired'
    WHEN e.error = 3221226036 THEN 'locked' END AS state, e.error, count(*) AS count, min(e.time) AS first, max(e.time) AS last, max(e.entry) AS entry, max(e.line) AS line
  FROM event e WHERE e.area = 'security' AND ((e.event_id = 4625 AND e.error IN (3221225586, 3221225875, 3221226036)) OR (e.event_id = 4768 AND e.error = 18 AND e.thumbprint IS NOT NULL))
    AND e.account IS NOT NULL
  GROUP BY e.machine, e.account, e.error)
SELECT m.machine, m.site, m.path, f.account || ' on ' || f.machine || ' ' || hex32(f.error) AS subject, f.machine AS at, f.account, f.state, iif(EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(f.account)), 'error', 'info') AS severity,
  iif(EXISTS (SELECT 1 FROM case_account a WHERE a.account = lower(f.account)), 'seen', 'may') AS strength, hex32(f.error) AS hex, f.count, f.first, f.last,
  json_array(json_object('entry', f.entry, 'line', f.line, 'excerpt', 'logon of ' || f.account || ' ' || hex32(f.error))) AS evidence
FROM mapped m JOIN failed f ON f.machine = m.machine OR (SELECT is_dc FROM machine d WHERE d.machine = f.machine)
GROUP BY m.machine, f.machine, f.account, f.error
ORDER BY m.machine, subject
