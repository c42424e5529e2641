-- rule: client-issuer-not-acceptable
-- SPDX-License-Identifier: Apache-2.0
-- code: H11
-- title: The client has a certificate, and found none that suits what the server asked for
-- severity: warning
-- confidence: V
-- role: client
-- needs: client/log-event client/cert-store:My
-- explains: 403.7.*
-- strength: may
-- message: Schannel of {machine} wrote {told} that a server asked for a client certificate and no suitable one was found (event 36875), though {name} could be presented: its authority is not in
--   the list of issuers that the server sent, or the program runs under an account that does not have it.
-- confirm: A handshake to the server shows the names that it sends ("Acceptable client certificate CA names").
--   $ openssl s_client -connect <server:443> -servername <name>
-- remedy: Let the server announce the authority of {name} ({issuer}), or let it send no list; see there. Where the program runs under another account, give that account the certificate.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11) https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, 'warning' AS severity, o.name, o.thumbprint, coalesce(o.issuer, 'its issuer') AS issuer, t.words AS told,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v WHERE v.machine = o.machine AND v.area = 'schannel' AND v.event_id = 36875) AS evidence
FROM client_meant o JOIN event_told t ON t.machine = o.machine AND t.area = 'schannel' AND t.event_id = 36875 AND coalesce(t.side, 'client') = 'client'
WHERE o.usable
  -- the server of the case says so itself
  AND NOT EXISTS (SELECT 1 FROM client_certificate_answer a WHERE a.client = o.machine AND a.thumbprint = o.thumbprint AND a.in_issuer_list = 0)
GROUP BY o.machine, o.thumbprint, o.location, o.user
ORDER BY o.machine, o.thumbprint, o.location, o.user
