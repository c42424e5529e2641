-- rule: root-store-bloat
-- SPDX-License-Identifier: Apache-2.0
-- code: F09
-- title: Trusted Root holds far more certificates than a server needs
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/cert-store:Root
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- message: Trusted Root of {machine} holds {total} certificates, {third} of them third-party roots. The package of KB931125 of December 2012 put more than 330
--   there, and a list that is sent with so many names is cut at 16384 bytes.{sent_text}
-- confirm: Count them; where the list is sent, Schannel event 36885 (with EventLogging 2 set) says that it is cut.
--   PS> (Get-ChildItem Cert:\LocalMachine\Root).Count
-- remedy: Export the store, then take out the third-party roots that nobody needs; Windows fetches one again when it is needed. Those of KB293781 must stay.
--
--   $ certutil -store AuthRoot
--   $ reg export HKLM\SOFTWARE\Microsoft\SystemCertificates\AuthRoot <authroot.reg>
-- references: https://support.microsoft.com/help/2801679 https://learn.microsoft.com/troubleshoot/windows-server/identity/trusted-root-certificates-are-required
-- since: 1
WITH counted AS MATERIALIZED ( -- each certificate once, in however many parts of the store it stands
  SELECT m.machine, (SELECT count(DISTINCT s.thumbprint) FROM store_certificate s WHERE s.machine = m.machine AND s.location = 'LocalMachine' AND lower(s.store) = 'root') AS total
  FROM machine m WHERE m.is_server AND EXISTS (SELECT 1 FROM cert_server w WHERE w.machine = m.machine))
SELECT r.machine, 'LocalMachine\Root' AS subject, r.total,
  (SELECT count(DISTINCT s.thumbprint) FROM store_certificate s WHERE s.machine = r.machine AND s.location = 'LocalMachine' AND lower(s.store) = 'root' AND s.physical = 'AuthRoot') AS third,
  iif(i.is_sent, NULL, 'info') AS severity, iif(i.is_sent, ' It is sent here: SendTrustedIssuerList is on.', '') AS sent_text,
  json_array(json_object('entry', (SELECT min(s.entry) FROM store_certificate s WHERE s.machine = r.machine AND s.location = 'LocalMachine' AND lower(s.store) = 'root'))) AS evidence
FROM counted r
LEFT JOIN issuer_list_sent i ON i.machine = r.machine AND i.source = 'root'
WHERE r.total > 100
ORDER BY r.machine
