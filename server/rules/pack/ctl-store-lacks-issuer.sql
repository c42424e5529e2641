-- rule: ctl-store-lacks-issuer
-- SPDX-License-Identifier: Apache-2.0
-- code: F14
-- title: The store that restricts trusted issuers does not hold the client's CA
-- severity: error
-- confidence: V
-- role: server
-- needs: server/iis-config server/web-config server/reg-http|server/http-sslcert server/cert-store:Root
-- explains: 403.16.* 403.7.*
-- strength: must
-- outranks: server-root-missing server-intermediate-missing
-- message: The binding {endpoint} trusts only what is in the store "{store}" (DefaultSslCtlStoreName), and no issuer of {name} is in it: it
--   is refused with 403.16 (0x800B0109), although the machine trusts it.
-- confirm: The store must be without the CA of the client's chain. Refuted when a client of the same CA is served at this binding.
--   $ certutil -store {store|cmd}
-- remedy: Add the CA to that store.
--
--   $ certutil -addstore {store|cmd} <ca.cer>
--   undo: $ certutil -delstore {store|cmd} <thumbprint of the CA>
-- interrupts: Service is not interrupted.
-- references: https://learn.microsoft.com/windows-server/security/tls/what-s-new-in-tls-ssl-schannel-ssp-overview https://learn.microsoft.com/windows-server/networking/technologies/netsh/netsh-http
-- since: 1
SELECT p.machine, iif(count(DISTINCT p.site) = 1, p.site, NULL) AS site, p.endpoint || ': ' || u.leaf AS subject, p.endpoint, u.issuers AS store, o.name, p.modified AS changed,
  json_array(json_object('entry', p.binding_entry, 'line', p.binding_line, 'excerpt', p.endpoint || ' DefaultSslCtlStoreName ' || p.ctl_store), json_object('thumbprint', u.leaf)) AS evidence
FROM cert_place p JOIN chain_trust u ON u.machine = p.machine AND lower(u.issuers) = lower(p.ctl_store)
JOIN client_offer o ON o.machine = u.leaf_machine AND o.thumbprint = u.leaf AND (o.usable OR o.named)
WHERE u.accepted = 0 AND u.trust_mode = 0 AND u.issuers_known
  AND EXISTS (SELECT 1 FROM chain_status t WHERE t.machine = u.machine AND t.leaf = u.leaf AND t.leaf_machine = u.leaf_machine AND t.path = 0 AND t.trusted
    UNION ALL SELECT 1 FROM store_certificate s WHERE s.machine = u.machine AND s.location = 'LocalMachine' AND lower(s.store) = lower(u.issuers)
      AND NOT EXISTS (SELECT 1 FROM chain h JOIN store_certificate l ON l.machine = h.machine AND l.thumbprint = h.thumbprint AND l.location = 'LocalMachine'
        AND lower(l.store) = lower(u.issuers) WHERE h.machine = u.machine AND h.leaf = u.leaf AND h.leaf_machine = u.leaf_machine AND h.position > 0))
  AND (o.named OR NOT EXISTS (SELECT 1 FROM chain_trust k JOIN client_offer f ON f.machine = k.leaf_machine AND f.thumbprint = k.leaf AND f.usable
    WHERE k.machine = u.machine AND k.issuers IS u.issuers AND k.accepted = 1))
GROUP BY p.machine, p.endpoint, u.leaf
ORDER BY p.machine, p.endpoint, u.leaf
