-- rule: client-multiple-candidates
-- SPDX-License-Identifier: Apache-2.0
-- code: H16
-- title: The client has several certificates that it may present
-- severity: info
-- confidence: V
-- role: client
-- needs: client/cert-store:My server/reg-schannel
-- explains: 403.16.* 401.1.* 401.2.*
-- message: {where} holds {n} certificates that could be presented ({names}), and the server does not send the list of issuers: a program that
--   runs without a user may present the wrong one.
-- remedy: Name the certificate in the program (thumbprint), or send a short list of issuers (SendTrustedIssuerList with a CTL store).
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT o.machine, o.location || coalesce(' ' || o.user, '') AS subject, o.location || '\My' || coalesce(' of ' || o.user, '') AS "where", count(*) AS n, group_concat('"' || coalesce(o.subject, o.thumbprint) || '"', ', ') AS names,
  json_group_array(json_object('thumbprint', o.thumbprint, 'store', o.location || '\My')) AS evidence
FROM client_offer o
WHERE o.usable AND EXISTS (SELECT 1 FROM issuer_list_sent i WHERE i.is_sent = 0)
GROUP BY o.machine, o.location, o.user HAVING min(o.thumbprint) <> max(o.thumbprint)
ORDER BY o.machine, o.location, o.user
