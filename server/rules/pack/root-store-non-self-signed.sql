-- rule: root-store-non-self-signed
-- SPDX-License-Identifier: Apache-2.0
-- code: F04
-- title: A certificate that is not self-signed stands in Trusted Root (KB 2802568)
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-system server/cert-store:Root
-- uses: server/reg-schannel
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing server-intermediate-missing
-- message: {subject_name} stands in LocalMachine\Root ({physical}), but its issuer is {issuer}: it is not self-signed. From Windows Server 2012 on
--   Schannel then refuses every client certificate, with 403.16, or with 403.7 where the list of trusted issuers is sent.
--   {exclusive}Not so here: ClientAuthTrustMode is exclusive, and Trusted Root does not count.
-- why: {subject_name} is not self-signed and stands in Trusted Root, which makes {windows} refuse client certificates.
-- confirm: List what in Trusted Root is not self-signed; nothing may be left.
--   PS> Get-ChildItem Cert:\LocalMachine\Root | Where-Object { $_.Issuer -ne $_.Subject }
-- remedy: Move it to Intermediate Certification Authorities.
--
--   [9200-] PS> Move-Item -LiteralPath {root_path|ps} -Destination Cert:\LocalMachine\CA
--   [9200-] undo: PS> Move-Item -LiteralPath {ca_path|ps} -Destination Cert:\LocalMachine\Root
--   [-9199] $ certutil -store Root {thumbprint|cmd} <ca.cer>
--   [-9199] $ certutil -addstore CA <ca.cer>
--   [-9199] $ certutil -delstore Root {thumbprint|cmd}
--   [-9199] undo: $ certutil -addstore Root <ca.cer>
--   [-9199] undo: $ certutil -delstore CA {thumbprint|cmd}
--   {policy_note}
-- interrupts: Service is not interrupted; new connections use the changed store, restart the HTTP service or the machine when they do not.
-- references: https://support.microsoft.com/help/2802568 https://support.microsoft.com/help/2795828
-- since: 1
SELECT s.machine, s.thumbprint, s.thumbprint || ' ' || coalesce(s.physical, 'Registry') AS subject, coalesce(s.physical, 'Registry') AS physical,
  '"' || coalesce(c.subject, s.thumbprint) || '" (' || s.thumbprint || ')' AS subject_name, '"' || coalesce(c.issuer, '?') || '"' AS issuer,
  coalesce(m.windows, 'this Windows') AS windows, iif(e.machine IS NULL, NULL, '') AS exclusive,
  CASE WHEN d.value = 0 OR e.machine IS NOT NULL THEN 'info' WHEN d.value AND c.self_issued = 0 THEN 'error' ELSE 'warning' END AS severity,
  -- without the list of issuers the server answers 403.16: a log with nothing but 403.7 speaks of something else
  CASE WHEN d.value = 0 OR e.machine IS NOT NULL THEN 'may'
    WHEN EXISTS (SELECT 1 FROM schannel_setting t WHERE t.machine = s.machine AND t.setting = 'SendTrustedIssuerList' AND t.value = 0)
      AND EXISTS (SELECT 1 FROM symptom y WHERE y.machine = s.machine AND y.status = 403 AND y.substatus = 7)
      AND NOT EXISTS (SELECT 1 FROM symptom y WHERE y.machine = s.machine AND y.status = 403 AND y.substatus = 16) THEN 'may' END AS strength,
  'Cert:\LocalMachine\Root\' || upper(s.thumbprint) AS root_path, 'Cert:\LocalMachine\CA\' || upper(s.thumbprint) AS ca_path,
  CASE s.physical WHEN 'GroupPolicy' THEN 'It comes by group policy: take it out of the policy as well, or it returns.'
    WHEN 'Enterprise' THEN 'It comes from Active Directory: take it out there as well (certutil -viewdelstore), or it returns.' END AS policy_note,
  json_array(json_object('thumbprint', s.thumbprint, 'store', 'LocalMachine\Root'),
    json_object('entry', s.entry, 'line', s.line)) AS evidence
FROM machine m CROSS JOIN certificate c ON c.machine = m.machine
CROSS JOIN store_certificate s ON s.machine = c.machine AND s.thumbprint = c.thumbprint
LEFT JOIN schannel_setting e ON e.machine = s.machine AND e.setting = 'ClientAuthTrustMode' AND e.value IN (1, 2)
LEFT JOIN windows_default d ON d.machine = s.machine AND d.name = 'Root refuses'
WHERE m.is_server AND s.location = 'LocalMachine' AND lower(s.store) = 'root' AND coalesce(s.physical, 'Registry') <> 'AuthRoot' AND c.self_signed = 0
ORDER BY s.machine, s.thumbprint, s.physical
