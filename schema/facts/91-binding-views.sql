-- Bindings: the bits of their flags in words, records that take connections from a binding, and where IIS and http.sys disagree.

-- The bits that are set in an http.sys record. Source: http.h, HTTP_SERVICE_CONFIG_SSL_FLAG_… and DefaultCertCheckMode; causes §2.
CREATE VIEW ssl_binding_flag AS
WITH bit(kind, bit, name) AS (VALUES
  ('flag', 0x1, 'USE_DS_MAPPER'), ('flag', 0x2, 'NEGOTIATE_CLIENT_CERT'), ('flag', 0x4, 'NO_RAW_FILTER'), ('flag', 0x8, 'REJECT'),
  ('flag', 0x10, 'DISABLE_HTTP2'), ('flag', 0x20, 'DISABLE_QUIC'), ('flag', 0x40, 'DISABLE_TLS13'), ('flag', 0x80, 'DISABLE_OCSP_STAPLING'),
  ('flag', 0x100, 'ENABLE_TOKEN_BINDING'), ('flag', 0x200, 'LOG_EXTENDED_EVENTS'), ('flag', 0x400, 'DISABLE_LEGACY_TLS'),
  ('flag', 0x800, 'ENABLE_SESSION_TICKET'), ('flag', 0x1000, 'DISABLE_TLS12'), ('flag', 0x2000, 'ENABLE_CLIENT_CORRELATION'),
  ('flag', 0x4000, 'DISABLE_SESSION_ID'), ('flag', 0x8000, 'ENABLE_CACHE_CLIENT_HELLO'),
  ('check mode', 0x1, 'no revocation check'), ('check mode', 0x2, 'cached revocation only'), ('check mode', 0x4, 'freshness time counts'),
  ('check mode', 0x8, 'cached URLs only'), ('check mode', 0x10, 'no AIA retrieval'), ('check mode', 0x10000, 'no usage check'))
SELECT s.machine, s.tree, s.endpoint, s.source, b.kind, b.bit, b.name, s.entry, s.line
FROM ssl_binding s JOIN bit b ON CASE b.kind WHEN 'flag' THEN s.flags ELSE s.check_mode END & b.bit;

-- The records of http.sys, each once where several sources tell of it. serves: a binding takes its connections from it.
CREATE VIEW ssl_record AS
WITH once AS MATERIALIZED (
SELECT *, row_number() OVER (PARTITION BY machine, tree, lower(endpoint) ORDER BY source, entry, line) AS nth FROM ssl_binding)
SELECT o.*, EXISTS (SELECT 1 FROM effective_binding u WHERE u.machine = o.machine AND u.tree = o.tree AND u.endpoint = o.endpoint) AS serves
FROM once o WHERE o.nth = 1;

-- The bits of sslFlags of an IIS binding, and the http.sys flag that IIS sets for them (NULL: the tree of the record tells).
CREATE VIEW binding_flag AS
WITH bit(bit, name, http_sys) AS (VALUES (1, 'Sni', NULL), (2, 'CentralCertStore', NULL), (4, 'DisableHTTP2', 0x10),
  (8, 'DisableOCSPStp', 0x80), (16, 'DisableQUIC', 0x20), (32, 'DisableTLS13', 0x40), (64, 'DisableLegacyTLS', 0x400),
  (128, 'NegotiateClientCert', 0x2))
SELECT b.machine, b.site, b.information, x.bit, x.name, x.http_sys, b.entry, b.line
FROM binding b JOIN bit x ON b.ssl_flags & x.bit WHERE b.protocol = 'https';

-- An https binding for every address, and a record of one address and the same port: connections to that address use the record,
-- whatever host name they ask for (causes §2: the exact address comes before SNI).
CREATE VIEW binding_shadow AS
WITH once AS MATERIALIZED (
SELECT DISTINCT b.machine, b.site, b.information, b.tree, b.endpoint, x.endpoint AS shadow, x.negotiate AS shadow_negotiate,
  b.negotiate, b.entry, b.line, x.entry AS shadow_entry, x.line AS shadow_line
FROM effective_binding b JOIN ssl_binding x ON x.machine = b.machine AND x.tree = 'ip' AND x.port = b.port
  AND x.ip NOT IN ('0.0.0.0', '[::]') AND x.endpoint <> coalesce(b.endpoint, '')
WHERE coalesce(b.ip, '*') IN ('*', '', '0.0.0.0', '[::]'))
SELECT * FROM once;

-- Where the binding in applicationHost.config and the record of http.sys disagree. what: 'no record' (the connection is reset), 'tree'
-- (SNI or central certificates asked for, a record of another kind answers), 'flag' (a bit of binding_flag is not in the record),
-- 'negotiate' (the record negotiates and the binding does not say so, where Windows has that bit), 'source' (the registry and the
-- API hold two values: the registry was edited and the HTTP service was not started again).
CREATE VIEW binding_mismatch AS
WITH once AS MATERIALIZED (
SELECT b.machine, b.site, b.information, b.endpoint, 'no record' AS what, NULL AS iis, NULL AS http_sys, b.iis_entry, b.iis_line, NULL AS entry, NULL AS line
FROM effective_binding b WHERE b.tree IS NULL AND EXISTS (SELECT 1 FROM ssl_binding s WHERE s.machine = b.machine)
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'tree', CASE WHEN b.iis_ssl_flags & 2 THEN 'ccs' WHEN b.iis_ssl_flags & 1 THEN 'sni' ELSE 'ip' END, b.tree,
  b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b
WHERE b.tree IS NOT NULL AND b.tree <> CASE WHEN b.iis_ssl_flags & 2 THEN 'ccs' WHEN b.iis_ssl_flags & 1 THEN 'sni' ELSE 'ip' END
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'flag', f.name, 'not set', b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b JOIN binding_flag f ON f.machine = b.machine AND f.site = b.site AND f.information = b.information
WHERE b.tree IS NOT NULL AND f.http_sys IS NOT NULL AND b.flags & f.http_sys = 0
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'negotiate', 'not set', 'NEGOTIATE_CLIENT_CERT', b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b JOIN windows_default d ON d.machine = b.machine AND d.name = 'binding sslFlags' AND d.value & 128
WHERE b.negotiate AND coalesce(b.iis_ssl_flags, 0) & 128 = 0
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'source', 'registry ' || printf('0x%X', r.flags), 'API ' || printf('0x%X', a.flags),
  b.iis_entry, b.iis_line, r.entry, r.line
FROM effective_binding b JOIN ssl_binding a ON a.machine = b.machine AND a.tree = b.tree AND a.endpoint = b.endpoint AND a.source = 'api'
  JOIN ssl_binding r ON r.machine = b.machine AND r.tree = b.tree AND r.endpoint = b.endpoint AND r.source = 'registry'
WHERE a.flags <> r.flags OR a.check_mode <> r.check_mode OR a.thumbprint IS NOT r.thumbprint OR coalesce(a.ctl_store, '') <> coalesce(r.ctl_store, ''))
SELECT * FROM once;
