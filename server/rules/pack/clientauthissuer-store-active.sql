-- rule: clientauthissuer-store-active
-- SPDX-License-Identifier: Apache-2.0
-- code: F18
-- title: The store Client Authentication Issuers feeds the list of trusted issuers, not Trusted Root
-- severity: warning
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel server/cert-store:ClientAuthIssuer
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- message: LocalMachine\ClientAuthIssuer holds {n} certificate(s) ({names}), so the list of issuers that is sent comes from there: a CA that
--   is only in Trusted Root is not announced.
-- confirm: The CA of the client that fails must not be in the list, and a capture must show the names sent in CertificateRequest to be those of the list.
--   $ certutil -store ClientAuthIssuer
-- remedy: Add new CAs to that store as well.
--
--   $ certutil -addstore ClientAuthIssuer <ca.cer>
--   undo: $ certutil -delstore ClientAuthIssuer <thumbprint of the CA>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
WITH found AS (
  SELECT s.machine, 'LocalMachine\ClientAuthIssuer' AS subject, count(DISTINCT s.thumbprint) AS n, group_concat(DISTINCT '"' || coalesce(c.subject_cn, c.subject, s.thumbprint) || '"') AS names,
    -- it is made so on purpose, as a rule: worth a look where clients come without a certificate
    iif(g.value <> 0 AND EXISTS (SELECT 1 FROM symptom y WHERE y.machine = s.machine AND y.status = 403 AND y.substatus = 7), 'warning', 'info') AS severity,
    json_group_array(json_object('thumbprint', s.thumbprint, 'store', 'LocalMachine\ClientAuthIssuer')) AS evidence
  FROM store_certificate s LEFT JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
  LEFT JOIN schannel_setting g ON g.machine = s.machine AND g.setting = 'SendTrustedIssuerList'
  WHERE s.location = 'LocalMachine' AND lower(s.store) = 'clientauthissuer'
  GROUP BY s.machine)
SELECT f.* FROM machine m CROSS JOIN found f ON f.machine = m.machine
WHERE EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = m.machine AND lower(s.store) = 'clientauthissuer')
ORDER BY f.machine
