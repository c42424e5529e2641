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
-- remedy: Export the store, then take out the third-party roots that nobody needs; Windows fetches one again when it is needed. Those of KB293781 must stay.
--
--   $ certutil -store AuthRoot
--   $ reg export HKLM\SOFTWARE\Microsoft\SystemCertificates\AuthRoot <authroot.reg>
-- references: https://support.microsoft.com/help/2801679 https://learn.microsoft.com/troubleshoot/windows-server/identity/trusted-root-certificates-are-required
-- since: 1
SELECT s.machine, 'LocalMachine\Root' AS subject, count(DISTINCT s.thumbprint) AS total, count(DISTINCT iif(s.physical = 'AuthRoot', s.thumbprint, NULL)) AS third,
  iif(i.is_sent, NULL, 'info') AS severity, iif(i.is_sent, ' It is sent here: SendTrustedIssuerList is on.', '') AS sent_text,
  json_array(json_object('entry', min(s.entry))) AS evidence
FROM store_certificate s JOIN machine m ON m.machine = s.machine AND m.is_server
LEFT JOIN issuer_list_sent i ON i.machine = s.machine AND i.source = 'root'
JOIN cert_server w ON w.machine = s.machine
WHERE s.location = 'LocalMachine' AND lower(s.store) = 'root'
GROUP BY s.machine
HAVING count(DISTINCT s.thumbprint) > 100
ORDER BY s.machine
