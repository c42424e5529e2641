-- Views over several machines: what a support engineer asks of a case with a client and a server.

-- The list of acceptable issuers of each server: from which store, is it sent, how large is it. One row a source that one of its
-- bindings uses (causes F06); 'root' where no path asks for a certificate.
CREATE VIEW issuer_list_sent AS
WITH sources AS (
  SELECT DISTINCT machine, source FROM issuer_source
  UNION SELECT m.machine, iif(EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = m.machine AND lower(l.source) = 'clientauthissuer'),
      'clientauthissuer', 'root')
    FROM machine m WHERE m.is_server AND NOT EXISTS (SELECT 1 FROM issuer_source i WHERE i.machine = m.machine))
SELECT s.machine, s.source, g.value <> 0 AS is_sent, -- NULL: not known
  g.is_set, count(l.subject_der) AS names, coalesce(sum(l.bytes), 0) AS bytes,
  coalesce(sum(l.bytes), 0) > 16384 AS is_cut -- 0x4000: what is behind that is left out, which names is not known
FROM sources s
LEFT JOIN schannel_setting g ON g.machine = s.machine AND g.setting = 'SendTrustedIssuerList'
LEFT JOIN issuer_list l ON l.machine = s.machine AND lower(l.source) = s.source
GROUP BY s.machine, s.source;

-- A certificate that stands in Trusted Root and is not self-signed: from Windows Server 2012 on no client certificate is accepted then,
-- unless the trust mode is exclusive (KB2802568).
CREATE VIEW root_blocker AS
SELECT s.machine, min(c.subject) AS subject, min(s.thumbprint) AS thumbprint
FROM store_certificate s JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
JOIN machine m ON m.machine = s.machine JOIN windows_default d ON d.machine = s.machine AND d.name = 'Root refuses' AND d.value
WHERE m.is_server AND s.location = 'LocalMachine' AND s.store = 'Root' AND coalesce(s.physical, '') <> 'AuthRoot'
  AND c.self_issued = 0
  AND NOT EXISTS (SELECT 1 FROM schannel_setting g WHERE g.machine = s.machine AND g.setting = 'ClientAuthTrustMode' AND g.value IN (1, 2))
GROUP BY s.machine;

-- Certificates that a revocation list in a store of their machine, or of a server of the case, names.
CREATE VIEW certificate_revoked AS
SELECT DISTINCT l.machine, c.thumbprint, r.revoked, r.reason, l.issuer, l.entry
FROM crl_entry r JOIN store_crl l ON l.machine = r.machine AND l.sha1 = r.sha1
JOIN certificate c ON c.serial = r.serial AND c.issuer_der = l.issuer_der
WHERE l.signed IS NOT 0 AND r.reason IS NOT 'removeFromCRL';

-- Each certificate in a client's personal stores against each server, one row for each store of trusted issuers that the server uses:
-- would it be offered, would it be accepted, and if not, the first reason. NULL in not_offered and not_accepted means yes. Of
-- revocation only the lists in the server's stores are known.
CREATE VIEW client_certificate_answer AS
WITH answered AS (
  SELECT t.machine AS server, t.leaf_machine AS client, o.location, o.user, t.leaf AS thumbprint, o.subject, o.has_key, o.archived, o.client_auth, o.limited,
    o.valid, t.status AS chain_status, u.issuers, coalesce(u.trust_mode, 0) AS trust_mode,
    iif(u.leaf IS NULL, t.status = 'CERT_TRUST_NO_ERROR', u.accepted) AS chain_accepted,
    (SELECT 'its issuer is missing: ' || h.subject || coalesce('; the server may fetch it from ' || (
         SELECT min(a.url) FROM chain b JOIN certificate_url a ON a.thumbprint = b.thumbprint AND a.kind = 'ca-issuers'
         WHERE b.machine = h.machine AND b.leaf = h.leaf AND b.leaf_machine = h.leaf_machine AND b.path = 0 AND b.position = h.position - 1
           AND EXISTS (SELECT 1 FROM schannel_setting f WHERE f.machine = h.machine AND f.setting = 'CertChainCacheOnlyUrlRetrieval'
             AND f.value = 0)), '')
       FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0
         AND h.thumbprint IS NULL) AS missing,
    (SELECT h.status || ': ' || h.subject FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine
       AND h.path = 0 AND h.status <> 'CERT_TRUST_NO_ERROR' ORDER BY h.position LIMIT 1) AS fault,
    (SELECT source FROM (
       SELECT lower(u.issuers) AS source, 0 AS rank WHERE u.issuers IS NOT NULL
       UNION ALL SELECT i.source, 1 FROM issuer_list_sent i WHERE i.machine = t.machine AND i.source IN ('clientauthissuer', 'root')
       UNION ALL SELECT i.source, 2 FROM issuer_list_sent i WHERE i.machine = t.machine)
     ORDER BY rank, source LIMIT 1) AS source
  FROM chain_status t JOIN machine s ON s.machine = t.machine AND s.is_server
  JOIN client_offer o ON o.machine = t.leaf_machine AND o.thumbprint = t.leaf
  LEFT JOIN chain_trust u ON u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine = t.leaf_machine
  WHERE t.path = 0),
listed AS (
  SELECT a.*, i.is_sent, i.is_cut, CASE WHEN i.is_sent AND i.names > 0 THEN EXISTS ( -- the client looks at the issuers of its own chain
      SELECT 1 FROM chain h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
      JOIN issuer_list l ON l.machine = a.server AND l.subject_der = c.issuer_der AND lower(l.source) = a.source
      WHERE h.machine = a.client AND h.leaf = a.thumbprint AND h.leaf_machine = a.client AND h.path = 0) END AS in_issuer_list
  FROM answered a LEFT JOIN issuer_list_sent i ON i.machine = a.server AND i.source = a.source)
SELECT server, client, location, user, thumbprint, subject, issuers, in_issuer_list,
  CASE
    WHEN NOT has_key THEN 'no private key'
    WHEN archived THEN 'archived'
    WHEN NOT client_auth THEN 'its usages do not include client authentication'
    WHEN limited THEN 'its usages are limited in the store, and client authentication is not among them'
    WHEN NOT valid THEN 'not valid at the time of collection'
    WHEN in_issuer_list = 0 THEN 'the list of issuers that the server sends names none of its chain'
  END AS not_offered,
  CASE
    WHEN chain_accepted THEN coalesce(
      (SELECT 'every client certificate is refused while "' || b.subject || '", which is not self-signed, stands in LocalMachine\Root (KB2802568)'
         FROM root_blocker b WHERE b.machine = server),
      (SELECT 'revoked' || coalesce(' on ' || iso(r.revoked), '') || ' by the list of ' || r.issuer FROM certificate_revoked r
         WHERE r.machine = server AND r.thumbprint = l.thumbprint))
    WHEN chain_accepted IS NULL THEN 'the store "' || issuers || '" of trusted issuers is not in the evidence'
    WHEN chain_status = 'CERT_TRUST_NO_ERROR' AND issuers IS NOT NULL
      THEN 'no issuer of its chain is in the store "' || issuers || '" of trusted issuers'
    ELSE coalesce(missing, fault, chain_status)
  END AS not_accepted,
  CASE WHEN is_cut AND is_sent THEN 'the list of issuers is longer than 16384 bytes and is cut: what it names may be missing in it' END AS note
FROM listed l;

-- Two servers of one case that serve the same: the same host name and port, or sites of one name. Each pair in both directions.
CREATE VIEW farm_member AS
WITH served AS MATERIALIZED (
SELECT DISTINCT machine, port, iif(coalesce(host, '') = '', 'site', 'host') AS kind, lower(iif(coalesce(host, '') = '', site, host)) AS name
FROM binding WHERE protocol = 'https' AND (SELECT count(*) FROM machine WHERE is_server) > 1)
SELECT DISTINCT a.machine, b.machine AS other
FROM served a JOIN served b ON b.machine <> a.machine AND b.name = a.name AND b.port = a.port AND b.kind = a.kind;

-- Servers of one case against each other (causes F28): a certificate that one of them trusts or refuses and another does not. Only
-- stores of which both have something, so that what was not collected is no difference. AuthRoot fills by itself, at its own time.
CREATE VIEW server_store_difference AS
SELECT DISTINCT a.machine, m.machine AS lacking, a.store, a.thumbprint,
  (SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = a.thumbprint) AS subject, a.entry, a.line
FROM machine x CROSS JOIN machine m ON m.is_server AND m.machine <> x.machine
CROSS JOIN store_certificate a ON a.machine = x.machine AND lower(a.store) IN ('root', 'ca', 'disallowed', 'clientauthissuer')
WHERE x.is_server AND a.location = 'LocalMachine' AND a.store IN ('Root', 'CA', 'Disallowed', 'ClientAuthIssuer') AND coalesce(a.physical, '') <> 'AuthRoot'
  AND EXISTS (SELECT 1 FROM store_certificate b WHERE lower(b.store) = lower(a.store) AND b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store)
  AND NOT EXISTS (SELECT 1 FROM store_certificate b WHERE b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store
    AND b.thumbprint = a.thumbprint);

-- What members of a farm do differently: they accept or refuse the same certificate, trust by other settings, or have other
-- certificates in a store. One row a difference, the first machine by name on the left.
CREATE VIEW farm_difference AS
SELECT DISTINCT f.machine, f.other, 'certificate' AS kind, a.thumbprint AS what, coalesce(a.not_accepted, 'accepted') AS here,
  coalesce(b.not_accepted, 'accepted') AS there
FROM farm_member f JOIN client_certificate_answer a ON a.server = f.machine
JOIN client_certificate_answer b ON b.server = f.other AND b.client = a.client AND b.thumbprint = a.thumbprint AND b.issuers IS a.issuers
WHERE f.machine < f.other AND (a.not_accepted IS NULL) <> (b.not_accepted IS NULL)
UNION
SELECT f.machine, f.other, 'setting', a.setting, CAST(a.value AS TEXT), CAST(b.value AS TEXT)
FROM farm_member f JOIN schannel_setting a ON a.machine = f.machine
JOIN schannel_setting b ON b.machine = f.other AND b.setting = a.setting
WHERE f.machine < f.other AND a.value IS NOT NULL AND b.value IS NOT NULL AND a.value <> b.value
UNION
SELECT f.machine, f.other, 'store ' || d.store, d.thumbprint, d.subject, NULL
FROM farm_member f JOIN server_store_difference d ON d.machine = f.machine AND d.lacking = f.other WHERE f.machine < f.other
UNION
SELECT f.machine, f.other, 'store ' || d.store, d.thumbprint, NULL, d.subject
FROM farm_member f JOIN server_store_difference d ON d.machine = f.other AND d.lacking = f.machine WHERE f.machine < f.other;

-- Servers that ask for certificates and look whether they are revoked: at least one record of http.sys that serves such a path does not switch it off.
CREATE VIEW revocation_checked AS
WITH once AS MATERIALIZED (
SELECT DISTINCT p.machine FROM cert_place p JOIN ssl_binding b ON b.machine = p.machine AND b.tree = p.tree AND b.endpoint = p.endpoint
WHERE NOT b.check_mode & 1)
SELECT * FROM once;

-- The certificates whose revocation such a server looks at: all but the root in the best chain of each certificate that clients would present, or that is mapped;
-- holder: a machine that has it.
CREATE VIEW revocation_link AS
WITH once AS MATERIALIZED (
SELECT h.machine, h.thumbprint, min(c.machine) AS holder FROM chain h
JOIN revocation_checked v ON v.machine = h.machine
JOIN certificate c ON c.thumbprint = h.thumbprint AND NOT coalesce(c.self_signed, 0)
WHERE h.path = 0 AND (EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = h.leaf_machine AND o.thumbprint = h.leaf AND (o.usable OR o.named))
  OR EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.machine = h.machine AND p.thumbprint = h.leaf AND p.enabled))
GROUP BY h.machine, h.thumbprint)
SELECT * FROM once;

-- What Windows said of a certificate, beside what was worked out from the stores (`chain_status`, best path). Words of usage are left out:
-- Windows was asked for none. Of a user's certificate on a server nothing is compared, for there it is judged as that of a client.
-- said: for people. agree 0: worth a look, no fault by itself: Windows also knows what it fetched earlier, and the roots of its user.
CREATE VIEW system_chain_comparison AS
SELECT s.machine, s.location, s.user, s.thumbprint, t.status AS worked_out, s.status AS windows,
  replace(replace(t.status, 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE', ''), ' ', '')
    = replace(replace(s.status, 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE', ''), ' ', '')
    OR (t.status IN ('CERT_TRUST_NO_ERROR', 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE')
      AND s.status IN ('CERT_TRUST_NO_ERROR', 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE')) AS agree,
  'Windows on ' || s.machine || ' said ' || s.status || ' while it was collected; its stores alone give ' || t.status AS said
FROM system_chain s JOIN machine m ON m.machine = s.machine
JOIN chain_status t ON t.machine = s.machine AND t.leaf_machine = s.machine AND t.leaf = s.thumbprint AND t.path = 0
WHERE s.revocation = 'none' AND s.status IS NOT NULL AND (s.location = 'LocalMachine' OR NOT coalesce(m.is_server, 0));
