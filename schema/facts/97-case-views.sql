-- Views over several machines: what a support engineer asks of a case with a client and a server.

-- Each certificate in a client's personal stores against each server: would it be offered, would it be accepted, and if not,
-- the first reason. NULL in not_offered and not_accepted means yes. Revocation is not looked at.
CREATE VIEW client_certificate_answer AS
SELECT t.machine AS server, t.leaf_machine AS client, o.location, o.user, t.leaf AS thumbprint, o.subject,
  CASE
    WHEN NOT o.has_key THEN 'no private key'
    WHEN o.archived THEN 'archived'
    WHEN NOT o.client_auth THEN 'its usages do not include client authentication'
    WHEN NOT o.valid THEN 'not valid at the time of collection'
    WHEN EXISTS (SELECT 1 FROM schannel_setting g WHERE g.machine = t.machine AND g.setting = 'SendTrustedIssuerList' AND g.value <> 0)
      AND EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = t.machine)
      -- the client looks at the issuers of its own chain
      AND NOT EXISTS (
        SELECT 1 FROM chain h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
        JOIN issuer_list l ON l.machine = t.machine AND l.subject_der = c.issuer_der
        WHERE h.machine = t.leaf_machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0
          AND lower(l.source) IN (SELECT source FROM issuer_source i WHERE i.machine = t.machine
                                  UNION SELECT 'root' WHERE NOT EXISTS (SELECT 1 FROM issuer_source i WHERE i.machine = t.machine)))
      THEN 'the list of issuers that the server sends names none of its chain'
  END AS not_offered,
  CASE WHEN t.status <> 'CERT_TRUST_NO_ERROR' THEN coalesce(
    (SELECT 'the issuer is missing: ' || h.subject FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf
       AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.thumbprint IS NULL),
    (SELECT h.status || ': ' || h.subject FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf
       AND h.leaf_machine = t.leaf_machine AND h.path = 0 AND h.status <> 'CERT_TRUST_NO_ERROR' ORDER BY h.position LIMIT 1),
    t.status) END AS not_accepted
FROM chain_status t JOIN machine s ON s.machine = t.machine AND s.is_server
JOIN client_offer o ON o.machine = t.leaf_machine AND o.thumbprint = t.leaf
WHERE t.path = 0;

-- Servers of one case against each other (causes F28): a certificate that one of them trusts or refuses and another does not. Only
-- stores of which both have something, so that what was not collected is no difference. AuthRoot fills by itself, at its own time.
CREATE VIEW server_store_difference AS
SELECT DISTINCT a.machine, m.machine AS lacking, a.store, a.thumbprint,
  (SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = a.thumbprint) AS subject, a.entry, a.line
FROM store_certificate a JOIN machine x ON x.machine = a.machine AND x.is_server
JOIN machine m ON m.is_server AND m.machine <> a.machine
WHERE a.location = 'LocalMachine' AND a.store IN ('Root', 'CA', 'Disallowed', 'ClientAuthIssuer') AND coalesce(a.physical, '') <> 'AuthRoot'
  AND EXISTS (SELECT 1 FROM store_certificate b WHERE b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store)
  AND NOT EXISTS (SELECT 1 FROM store_certificate b WHERE b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store
    AND b.thumbprint = a.thumbprint);
