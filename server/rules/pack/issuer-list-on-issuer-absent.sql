-- rule: issuer-list-on-issuer-absent
-- SPDX-License-Identifier: Apache-2.0
-- code: F06
-- title: The server sends a list of trusted issuers, and the client certificate's issuers are not in it
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/reg-schannel! server/reg-system server/cert-store:Root! server/reg-http|server/http-sslcert
--   client/cert-store:My client/cert-store:CA
-- applies: EXISTS (SELECT 1 FROM cert_server WHERE machine = :machine)
-- explains: 403.7.*
-- strength: must
-- outranks: client-cert-absent server-root-missing
-- message: SendTrustedIssuerList is {value} ({how}): the server sends the names of its store "{source}", and none of the issuers of the client
--   certificate {name} on {client} is among them. The client then does not offer it, and the request ends with 403.7.
-- confirm: A handshake to the server shows the names that it sends ("Acceptable client certificate CA names").
--   $ openssl s_client -connect <server:443> -servername <name>
-- remedy: Put the authority that issued the client certificate into the store that the list is made of (here "{source}"), or send no list.
--
--   $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 0 /f
--   undo: $ reg add HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL /v SendTrustedIssuerList /t REG_DWORD /d 1 /f
-- interrupts: The registry value counts after a restart of the machine.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview
-- since: 1
SELECT i.machine, o.thumbprint || ' of ' || o.machine AS subject, o.machine AS client, o.name, i.source, s.value,
  iif(s.is_set, 'set', 'the default of ' || coalesce(m.windows, 'this Windows')) AS how,
  json_array(json_object('key', s.key, 'name', 'SendTrustedIssuerList', 'value', iif(s.is_set, '' || s.value, 'not set')),
    json_object('thumbprint', o.thumbprint, 'store', o.location || '\' || o.store)) AS evidence
FROM issuer_source i
JOIN schannel_setting s ON s.machine = i.machine AND s.setting = 'SendTrustedIssuerList' AND s.value = 1
JOIN machine m ON m.machine = i.machine
JOIN client_offer o ON o.has_key AND o.client_auth AND NOT o.archived AND o.issuer_der IS NOT NULL
  AND (o.named OR (coalesce(o.self_signed, 0) = 0 AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits)))
WHERE EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = i.machine AND lower(l.source) = i.source)
  AND NOT EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = i.machine AND lower(l.source) = i.source AND l.subject_der = o.issuer_der)
  AND NOT EXISTS (SELECT 1 FROM chain h JOIN certificate c ON c.thumbprint = h.thumbprint
    JOIN issuer_list l ON l.machine = i.machine AND lower(l.source) = i.source AND l.subject_der IN (c.issuer_der, c.subject_der)
    WHERE h.leaf = o.thumbprint AND h.machine = o.machine AND h.position > 0)
  -- a chain that ends where a store could not be read is longer than it seems
  AND NOT (EXISTS (SELECT 1 FROM chain h WHERE h.machine = o.machine AND h.leaf_machine = o.machine AND h.leaf = o.thumbprint AND h.path = 0 AND h.thumbprint IS NULL)
    AND EXISTS (SELECT 1 FROM item i WHERE i.machine = o.machine AND i.kind = 'cert-store' AND lower(i.store) IN ('ca', 'root') AND i.outcome NOT IN ('ok', 'absent')))
GROUP BY i.machine, o.machine, o.thumbprint
ORDER BY i.machine, o.machine, o.thumbprint
