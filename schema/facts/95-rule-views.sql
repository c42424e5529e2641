-- Views that rules share: which places want a certificate, which client certificate could be meant, and the commands that change
-- an http.sys record with all that it holds.

-- Paths that ask for a certificate, one row for each https binding of their site and the http.sys record that serves it.
CREATE VIEW cert_place AS
SELECT w.machine, w.site, w.path, w.ssl_flags, w.ssl_flags_origin, w.ssl_flags_entry, w.ssl_flags_line, w.negotiates, w.requires,
  w.requires_ssl, b.information, b.tree, b.endpoint, b.port, b.host, b.negotiate, b.flags, b.ctl_store, b.ctl_identifier, b.modified,
  b.entry AS binding_entry, b.line AS binding_line, b.iis_entry, b.iis_line
FROM cert_wanted w JOIN effective_binding b ON b.machine = w.machine AND b.site = w.site
WHERE w.negotiates OR w.requires;

-- Servers of which at least one path asks for a certificate.
CREATE VIEW cert_server AS
WITH once AS MATERIALIZED (
SELECT DISTINCT machine FROM cert_wanted WHERE negotiates OR requires)
SELECT * FROM once;

-- http.sys records that serve a site whose paths ask for a certificate, and do not ask for it in the first handshake.
CREATE VIEW late_binding AS
WITH once AS MATERIALIZED (
SELECT machine, site, tree, endpoint, min(information) AS information, flags, modified, binding_entry, binding_line,
  count(DISTINCT path) AS paths, max(requires) AS requires, max(negotiates) AS negotiates, max(path = site) AS whole_site, min(path) AS first_path,
  max(iif(nth = 1, ssl_flags_entry, NULL)) AS ssl_flags_entry, max(iif(nth = 1, ssl_flags_line, NULL)) AS ssl_flags_line
FROM (SELECT *, row_number() OVER (PARTITION BY machine, site, tree, endpoint ORDER BY path) AS nth FROM cert_place WHERE endpoint IS NOT NULL AND negotiate = 0)
GROUP BY machine, site, tree, endpoint)
SELECT * FROM once;

-- Where the URL of a complaint leads: the longest configured path of the site whose https binding names the host, or of those without
-- a host name when none does.
CREATE VIEW complaint_place AS
WITH once AS MATERIALIZED (
SELECT machine, site, path, url, max(length(path)) AS length
FROM (
  SELECT p.machine, p.site, p.path, c.url
  FROM complaint c JOIN site_path p JOIN binding b ON b.machine = p.machine AND b.site = p.site
  WHERE c.url IS NOT NULL AND b.protocol = 'https' AND b.port = coalesce(c.port, 443)
    AND (lower(b.host) = lower(c.host) OR (coalesce(b.host, '') = '' AND NOT EXISTS (
      SELECT 1 FROM binding o WHERE o.machine = b.machine AND o.protocol = 'https' AND o.port = b.port AND lower(o.host) = lower(c.host))))
    AND substr(lower(coalesce(c.path, '/')) || '/', 1, length(p.path) - length(p.site) + 1)
      = lower(substr(p.path, length(p.site) + 1)) || '/')
GROUP BY machine, site, url)
SELECT * FROM once;

-- Certificates in the personal stores of client machines, and whether they could be presented. names: what is known of each.
-- named: the complaint names it, or a server of the case maps it one to one. trusted: its chain ends in a root of a server of the case; accepted:
-- and nothing is wrong with the chain there; NULL without a server. limited: the store allows it for other usages only (property 9).
CREATE VIEW client_offer AS
WITH once AS MATERIALIZED (
SELECT o.*, o.has_key AND o.valid AND o.client_auth AND NOT o.archived AS usable,
  o.has_key AND o.valid AND o.client_auth AND NOT o.archived AND coalesce(o.accepted, 1) AS fits
FROM (
  SELECT s.machine, s.location, s.user, s.store, s.thumbprint, s.entry, s.line, s.friendly_name,
    coalesce(c.subject, s.thumbprint) AS subject, c.issuer, c.issuer_der, c.not_before, c.not_after, c.eku, c.self_signed,
    coalesce(s.has_key_property, 1) AS has_key, coalesce(s.archived, 0) AS archived,
    coalesce(c.client_auth, 1) AS client_auth, m.collected,
    coalesce(' ' || s.eku_property || ' ' NOT LIKE '% 1.3.6.1.5.5.7.3.2 %' AND ' ' || s.eku_property || ' ' NOT LIKE '% 2.5.29.37.0 %', 0) AS limited,
    coalesce(m.collected BETWEEN c.not_before AND c.not_after, 1) AS valid,
    EXISTS (SELECT 1 FROM complaint q WHERE lower(q.thumbprint) = s.thumbprint)
      OR EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.thumbprint = s.thumbprint AND p.enabled) AS named,
    (SELECT max(t.trusted) FROM chain_status t JOIN machine v ON v.machine = t.machine
      WHERE t.leaf = s.thumbprint AND v.is_server AND (t.machine <> s.machine OR v.is_client)) AS trusted,
    (SELECT max(t.status = 'CERT_TRUST_NO_ERROR') FROM chain_status t JOIN machine v ON v.machine = t.machine
      WHERE t.leaf = s.thumbprint AND v.is_server AND (t.machine <> s.machine OR v.is_client)) AS accepted,
    '"' || coalesce(c.subject_cn, c.subject, s.thumbprint) || '" (' || s.thumbprint || ') in '
      || s.location || '\' || s.store || coalesce(' of ' || s.user, '') AS name
  FROM store_certificate s JOIN machine m ON m.machine = s.machine AND m.is_client
  LEFT JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
  WHERE lower(s.store) = 'my') o)
SELECT * FROM once;

-- What is wrong with one of them matters when it is named, or when no other one of its machine would do.
CREATE VIEW client_suspect AS
WITH once AS MATERIALIZED (
SELECT o.*, CASE WHEN o.named THEN 'error'
    WHEN EXISTS (SELECT 1 FROM cert_server) OR NOT EXISTS (SELECT 1 FROM machine WHERE is_server) THEN 'error' ELSE 'warning' END AS severity
FROM client_offer o
WHERE o.named OR ((coalesce(o.trusted, 1) OR (NOT o.valid AND EXISTS (SELECT 1 FROM symptom s WHERE s.status = 403 AND s.substatus = 17))) AND coalesce(o.self_signed, 0) = 0
  AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1))
GROUP BY o.machine, o.thumbprint, o.location, o.user) -- in whichever parts of the store it stands
SELECT * FROM once;

-- Certificates that a client would present: named, or fit to be offered where no other one would be accepted. severity: what is wrong with one is
-- an error where a server asks for certificates, or none is known.
CREATE VIEW client_meant AS
WITH once AS MATERIALIZED (
SELECT o.*, CASE WHEN EXISTS (SELECT 1 FROM cert_server) OR NOT EXISTS (SELECT 1 FROM machine WHERE is_server) THEN 'error' ELSE 'warning' END AS severity
FROM client_offer o
WHERE o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
SELECT * FROM once;

-- Chains that servers build for the certificates that clients would present, that are mapped one to one, or that clients presented: in a capture of the
-- server's, or by Schannel's own word. whose: how the certificate is known, for texts.
CREATE VIEW server_chain AS
WITH once AS MATERIALIZED (
SELECT t.machine, t.leaf, t.leaf_machine, t.trusted, t.status, t.root, t.missing,
  coalesce((SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = t.leaf), t.leaf) AS subject,
  (SELECT max(o.named) FROM client_offer o WHERE o.machine = t.leaf_machine AND o.thumbprint = t.leaf) AS named,
  CASE WHEN t.leaf_machine <> t.machine THEN 'of ' || t.leaf_machine WHEN EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.machine = t.machine AND p.thumbprint = t.leaf AND p.enabled)
    THEN 'that is mapped here' ELSE 'that a client presented here' END AS whose,
  EXISTS (SELECT 1 FROM certificate c WHERE c.subject = t.missing AND c.self_signed) AS missing_is_root,
  (SELECT max(c.thumbprint) FROM certificate c WHERE c.subject = t.missing) AS missing_thumbprint
FROM chain_status t JOIN machine v ON v.machine = t.machine AND v.is_server
WHERE t.path = 0 AND (
  EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = t.leaf_machine AND o.thumbprint = t.leaf AND (o.usable OR o.named)
    AND (o.named OR NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1
      -- but this very one, where this server refuses certificates: another of a farm accepts it, or it is accepted only with what the client sends along
      AND (f.thumbprint <> t.leaf OR NOT EXISTS (SELECT 1 FROM symptom y WHERE y.machine = t.machine AND y.status = 403 AND y.substatus = 16)
        OR (t.status = 'CERT_TRUST_NO_ERROR' AND NOT EXISTS (SELECT 1 FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine
          AND h.path = 0 AND h.position > 0 AND h.store = 'sent'))))))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM certificate_mapping p
    WHERE p.machine = t.machine AND p.thumbprint = t.leaf AND p.enabled)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own  -- Schannel itself wrote that it did not accept this certificate of a client
    WHERE e.machine = t.machine AND e.area = 'schannel' AND e.event_id = 36877 AND e.thumbprint = t.leaf)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM handshake h WHERE h.machine = t.machine AND h.client_thumbprint = t.leaf) -- not one of its own, for another server
    AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = t.machine AND s.thumbprint = t.leaf)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))))
SELECT * FROM once;

-- Where a server takes the list of acceptable issuers from (causes F06): the CTL that the record names (F17: 'ctl ' and its identifier; its names are
-- not in issuer_list), the store that it names, ClientAuthIssuer, the roots. A store that is named and of which nothing is known stays the source:
-- whether an empty one leads back to the roots is not known (F15), so the list then has no names here.
CREATE VIEW issuer_source AS
SELECT DISTINCT p.machine, p.endpoint,
  CASE WHEN coalesce(p.ctl_identifier, '') <> '' AND EXISTS (SELECT 1 FROM windows_default d WHERE d.machine = p.machine AND d.name = 'binding CTL' AND d.value)
         THEN 'ctl ' || lower(p.ctl_identifier)
       WHEN coalesce(p.ctl_store, '') <> '' THEN lower(p.ctl_store)
       WHEN EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = p.machine AND lower(l.source) = 'clientauthissuer') THEN 'clientauthissuer'
       ELSE 'root' END AS source
FROM cert_place p;

-- The netsh commands that turn the client certificate's negotiation on for a record, and back, with all that it holds. From build
-- 14393 on `update` does it without a gap; before that the record is deleted and made again. Words that are not hexadecimal,
-- GUIDs or addresses go through quote_netsh; what cannot be quoted stays a placeholder.
CREATE VIEW ssl_binding_command AS
WITH words AS (
  SELECT s.machine, s.tree, s.endpoint, s.flags, EXISTS (SELECT 1 FROM windows_default d WHERE d.machine = s.machine AND d.name = 'netsh update' AND d.value) AS has_update,
    CASE s.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END
      || coalesce(quote_netsh(s.endpoint), '<endpoint>') AS selector,
    iif(s.tree = 'ccs', '', ' certhash=' || coalesce(quote_netsh(nullif(s.thumbprint, '')), '<certificate hash>'))
      || ' appid=' || coalesce(quote_netsh(nullif(s.app_id, '')), '<application id>')
      || iif(s.tree = 'ccs', '', iif(coalesce(s.store, '') <> '' OR s.tree = 'sni',
           ' certstorename=' || coalesce(quote_netsh(coalesce(nullif(s.store, ''), 'MY')), '<store>'), ''))
      || ' verifyclientcertrevocation=' || iif(s.check_mode & 1, 'disable', 'enable')
      || ' verifyrevocationwithcachedclientcertonly=' || iif(s.check_mode & 2, 'enable', 'disable')
      || ' usagecheck=' || iif(s.check_mode & 65536, 'disable', 'enable')
      || iif(s.freshness_time > 0, ' revocationfreshnesstime=' || s.freshness_time, '')
      || iif(s.url_retrieval_timeout > 0, ' urlretrievaltimeout=' || s.url_retrieval_timeout, '')
      || iif(coalesce(s.ctl_identifier, '') <> '', ' sslctlidentifier=' || coalesce(quote_netsh(s.ctl_identifier), '<ctl identifier>'), '')
      || iif(coalesce(s.ctl_store, '') <> '', ' sslctlstorename=' || coalesce(quote_netsh(s.ctl_store), '<ctl store>'), '')
      || ' dsmapperusage=' || iif(s.flags & 1, 'enable', 'disable') AS parameters,
    iif(s.flags & 8, ' reject=enable', '') || iif(s.flags & 16, ' disablehttp2=enable', '')
      || iif(s.flags & 32, ' disablequic=enable', '') || iif(s.flags & 64, ' disabletls13=enable', '')
      || iif(s.flags & 128, ' disableocspstapling=enable', '') || iif(s.flags & 256, ' enabletokenbinding=enable', '')
      || iif(s.flags & 512, ' logextendedevents=enable', '') || iif(s.flags & 1024, ' disablelegacytls=enable', '')
      || iif(s.flags & 2048, ' enablesessionticket=enable', '') || iif(s.flags & 4096, ' disabletls12=enable', '') AS more,
    iif(s.flags & 2, 'enable', 'disable') AS former,
    nullif(iif(s.flags & ~8187, ' DefaultFlags ' || hex32(s.flags & ~8187), '')
      || iif(s.check_mode & ~65543, ' DefaultSslCertCheckMode ' || hex32(s.check_mode & ~65543), ''), '') AS unsaid
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, tree, lower(endpoint)
      ORDER BY CASE source WHEN 'api' THEN 0 WHEN 'registry' THEN 1 ELSE 2 END) AS nth FROM ssl_binding) s
  JOIN machine m ON m.machine = s.machine WHERE s.nth = 1)
SELECT machine, tree, endpoint, selector,
  'netsh http show sslcert ' || selector AS show_command,
  iif(has_update, 'netsh http update sslcert ' || selector || parameters || more || ' clientcertnegotiation=enable', NULL) AS update_command,
  iif(has_update, NULL, 'netsh http delete sslcert ' || selector) AS delete_command,
  iif(has_update, NULL, 'netsh http add sslcert ' || selector || parameters || more || ' clientcertnegotiation=enable') AS add_command,
  iif(has_update, 'netsh http update sslcert ' || selector || parameters || more || ' clientcertnegotiation=' || former, NULL) AS undo_update,
  iif(has_update, NULL, 'netsh http delete sslcert ' || selector) AS undo_delete,
  iif(has_update, NULL, 'netsh http add sslcert ' || selector || parameters || more || ' clientcertnegotiation=' || former) AS undo_add,
  iif(has_update, NULL, 'Between delete and add connections to this address are refused: run both in one go.') AS gap_note,
  trim(unsaid) AS unsaid                   -- what netsh has no word for, and an `add` would lose
FROM words;
