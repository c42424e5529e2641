-- rule: issuer-list-truncation-win8
-- SPDX-License-Identifier: Apache-2.0
-- code: F08
-- title: A long list of roots breaks client certificates on Windows Server 2012 even though it is not sent
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel! server/reg-system server/cert-store:Root
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- message: The {names} names of Trusted Root take {size} bytes, more than 16384. Windows Server 2012 without the update of KB2880390 cuts that list and
--   then fails the client, although SendTrustedIssuerList is 0 here.
-- confirm: Ask for the update; without it this holds.
--   $ wmic qfe list brief
-- remedy: Install the updates of Windows Server 2012. Until then, export the roots that nobody needs and take them out; those of KB293781 must stay.
--
--   $ certutil -store Root
-- references: https://learn.microsoft.com/troubleshoot/windows-server/windows-security/errors-403-7-reject-client-certificate-request https://support.microsoft.com/help/2801679
-- since: 1
SELECT m.machine, 'LocalMachine\Root' AS subject, s.names, s.size,
  json_array(json_object('key', g.key, 'name', 'SendTrustedIssuerList', 'value', iif(g.is_set, CAST(g.value AS TEXT), 'not set'))) AS evidence
FROM machine m CROSS JOIN windows_default d ON d.machine = m.machine AND d.name = 'unsent list is cut' AND d.value
CROSS JOIN schannel_setting g ON g.machine = m.machine AND g.setting = 'SendTrustedIssuerList' AND g.value = 0
CROSS JOIN cert_server w ON w.machine = m.machine
CROSS JOIN (SELECT machine, count(*) AS names, sum(bytes) AS size FROM issuer_list WHERE lower(source) = 'root' GROUP BY machine) s ON s.machine = m.machine
WHERE m.is_server AND s.size > 16384
ORDER BY m.machine
