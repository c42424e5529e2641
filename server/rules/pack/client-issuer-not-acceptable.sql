-- rule: client-issuer-not-acceptable
-- SPDX-License-Identifier: Apache-2.0
-- code: H11
-- title: The server asks for certificates of other authorities than that of the client
-- severity: error
-- confidence: V
-- role: client
-- needs: client/log-event|client/tls-probe|client/attachment client/cert-store:My client/cert-store:CA
-- explains: 403.7.*
-- strength: may
-- message: {what}
-- confirm: A handshake to the server shows the names that it sends ("Acceptable client certificate CA names").
--   $ openssl s_client -connect <server:443> -servername <name>
-- remedy: Let the server announce the authority of {name} ({issuer}), or let it send no list; or present a certificate of one of the authorities that it names. Where the program runs under
--   another account, give that account the certificate.
-- references: https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11) https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
WITH hosts AS (
  SELECT lower(host) AS host FROM complaint WHERE coalesce(host, '') <> '' UNION SELECT lower(host) FROM cert_place WHERE coalesce(host, '') <> ''),
lists AS ( -- that servers sent to clients of the case: of the host that is meant, where that is known
  SELECT h.machine, min(h.entry) AS entry, lower(coalesce(h.sni, h.host)) AS name, h.authority_list AS list, max(h.authorities) AS names, max(h.client_certificate IS 'empty') AS is_empty
  FROM handshake h WHERE h.asked = 'yes' AND h.authorities > 0 AND h.authority_list IS NOT NULL
    AND (NOT EXISTS (SELECT 1 FROM hosts) OR lower(coalesce(h.sni, h.host)) IN (SELECT host FROM hosts))
  GROUP BY h.machine, name, h.authority_list)
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') AS subject, 'warning' AS severity, NULL AS strength, o.name, coalesce(o.issuer, 'its issuer') AS issuer,
  'Schannel of ' || o.machine || ' wrote ' || t.words || ' that a server asked for a client certificate and no suitable one was found (event 36875), though ' || o.name
    || ' could be presented: its authority is not in the list of issuers that the server sent, or the program runs under an account that does not have it.' AS what,
  (SELECT json_group_array(json_object('entry', v.entry, 'line', v.line, 'excerpt', v.excerpt)) FROM event_evidence v WHERE v.machine = o.machine AND v.area = 'schannel' AND v.event_id = 36875) AS evidence
FROM client_meant o JOIN event_told t ON t.machine = o.machine AND t.area = 'schannel' AND t.event_id = 36875 AND coalesce(t.side, 'client') = 'client'
WHERE o.usable
  -- the server of the case says so itself
  AND NOT EXISTS (SELECT 1 FROM client_certificate_answer a WHERE a.client = o.machine AND a.thumbprint = o.thumbprint AND a.in_issuer_list = 0)
GROUP BY o.machine, o.thumbprint, o.location, o.user
UNION ALL
SELECT o.machine, o.thumbprint || ' ' || o.location || coalesce(' ' || o.user, '') || ' ' || coalesce(l.name, '?'), NULL, iif(l.is_empty, 'seen', 'must'), o.name, coalesce(o.issuer, 'its issuer'),
  coalesce(l.name, 'A server') || ' asks for a client certificate of one of ' || l.names || ' authorities, and none of the chain of ' || o.name || ' is among them' || iif(l.is_empty, '; the client presented none', '')
    || '. It names, for example, "' || (SELECT min(a.subject) FROM handshake_authority a WHERE a.machine = l.machine AND a.list = l.list) || '".',
  json_array(json_object('entry', l.entry), json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store))
FROM client_meant o JOIN lists l ON l.machine = o.machine
WHERE o.usable AND o.issuer_der IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM handshake_authority a WHERE a.machine = l.machine AND a.list = l.list AND (a.subject_der IS NULL OR a.subject_der = o.issuer_der OR a.subject_der IN (
    SELECT c.issuer_der FROM chain h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint WHERE h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint)))
  AND NOT EXISTS (SELECT 1 FROM client_certificate_answer a WHERE a.client = o.machine AND a.thumbprint = o.thumbprint AND a.in_issuer_list = 0)
  -- a chain that ends where a store could not be read is longer than it seems
  AND NOT (EXISTS (SELECT 1 FROM chain h WHERE h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0 AND h.thumbprint IS NULL)
    AND EXISTS (SELECT 1 FROM item i WHERE i.machine = o.machine AND i.kind = 'cert-store' AND lower(i.store) IN ('ca', 'root') AND i.outcome NOT IN ('ok', 'absent')))
GROUP BY o.machine, o.thumbprint, o.location, o.user, l.name, l.list
ORDER BY 1, 2
