-- Views that make rules short. MATERIALIZED: worked out once a statement, not again for every row that asks.

-- Sites that do not run: serverAutoStart is false, as IIS Manager and appcmd write it when a site is stopped, and no log has a request to them. What is
-- wrong with one breaks nobody's request: they are left out of all views below.
CREATE VIEW stopped_site AS
WITH once AS MATERIALIZED (
SELECT s.machine, s.site FROM site s
WHERE s.auto_start = 0 AND NOT EXISTS (SELECT 1 FROM request_count c WHERE c.machine = s.machine AND c.site = s.site))
SELECT * FROM once;

-- Applications that do not run, though their site does: autoStart of their pool is false, and no log has a request to them or below. http.sys answers
-- 503 for them before IIS looks at anything. They are left out like stopped sites, applications of other pools below them are not.
CREATE VIEW stopped_application AS
WITH once AS MATERIALIZED (
SELECT a.machine, a.site, a.path FROM app_pool p JOIN application a ON a.machine = p.machine AND lower(a.app_pool) = lower(p.app_pool)
WHERE p.auto_start = 0 AND NOT EXISTS (SELECT 1 FROM request_count c WHERE c.machine = a.machine AND c.site = a.site
  AND substr(lower(coalesce(c.place, c.site)) || '/', 1, length(a.path) + 1) = lower(a.path) || '/'))
SELECT * FROM once;

-- The paths of their configuration.
CREATE VIEW stopped_path AS
WITH once AS MATERIALIZED (
SELECT DISTINCT e.machine, e.path FROM stopped_application t JOIN effective_config e ON e.machine = t.machine AND e.site = t.site
  AND substr(lower(e.path) || '/', 1, length(t.path) + 1) = lower(t.path) || '/'
WHERE NOT EXISTS (SELECT 1 FROM application o WHERE o.machine = t.machine AND o.site = t.site AND length(o.path) > length(t.path)
  AND substr(lower(e.path) || '/', 1, length(o.path) + 1) = lower(o.path) || '/'
  AND NOT EXISTS (SELECT 1 FROM stopped_application u WHERE u.machine = o.machine AND u.path = o.path)))
SELECT * FROM once;

-- What IIS answers 500.19 for (config_error), at sites and applications that run. nth: of one kind, section and path.
CREATE VIEW config_refused AS
SELECT e.*, row_number() OVER (PARTITION BY e.machine, e.path, e.section, e.kind ORDER BY e.entry, e.line) AS nth FROM config_error e
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = e.machine AND (lower(e.path) = lower(t.site) OR lower(substr(e.path, 1, length(t.site) + 1)) = lower(t.site) || '/'))
  AND NOT EXISTS (SELECT 1 FROM stopped_path t WHERE t.machine = e.machine AND lower(t.path) = lower(e.path));

-- Everything about one configured path in one row.
CREATE VIEW site_path AS
WITH once AS MATERIALIZED (
SELECT machine, site, path,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN value END) AS ssl_flags,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN origin END) AS ssl_flags_origin,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN entry END) AS ssl_flags_entry,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN line END) AS ssl_flags_line,
  max(CASE WHEN section = 'system.webServer/security/authentication/anonymousAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS anonymous,
  max(CASE WHEN section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS iis_mapping,
  max(CASE WHEN section = 'system.webServer/security/authentication/clientCertificateMappingAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS ad_mapping,
  max(broken) AS broken  -- 500.19 answers everything here
FROM effective_config e
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = e.machine AND t.site = e.site)
  AND NOT EXISTS (SELECT 1 FROM stopped_path t WHERE t.machine = e.machine AND t.path = e.path)
GROUP BY machine, site, path)
SELECT * FROM once;

-- Does this path ask for a certificate, and when? Paths that IIS answers with 500.19 (site_path.broken) ask for nothing and are left out.
CREATE VIEW cert_wanted AS
WITH once AS MATERIALIZED (
SELECT machine, site, path, ssl_flags, ssl_flags_origin, ssl_flags_entry, ssl_flags_line,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,sslnegotiatecert,%' AS negotiates,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,sslrequirecert,%' AS requires,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,ssl,%' AS requires_ssl
FROM site_path WHERE broken = 0)
SELECT * FROM once;

-- The http.sys record that is selected for each https binding of a site (causes §2): exact IP, SNI (the name itself before a
-- wildcard of its last labels), CCS (of that host before that of the port), every IPv4 address, every IPv6 address. http.sys goes by the name
-- in the ClientHello, not by sslFlags of the binding; of a binding without a name only sslFlags say that clients' names are looked up.
CREATE VIEW effective_binding AS
WITH once AS MATERIALIZED (
SELECT b.machine, b.site, b.information, b.ip, b.port, b.host, b.ssl_flags AS iis_ssl_flags, b.entry AS iis_entry, b.line AS iis_line,
  s.tree, s.endpoint, s.thumbprint, s.app_id, s.store, s.check_mode, s.freshness_time, s.url_retrieval_timeout,
  s.ctl_identifier, s.ctl_store, s.flags, s.negotiate, s.ds_mapper, s.source, s.modified, s.entry, s.line
FROM binding b LEFT JOIN ssl_binding s ON s.rowid = (
  SELECT id FROM ( -- records by name are looked up by their names: a hoster has thousands
    SELECT c.rowid AS id, CASE WHEN c.ip = '0.0.0.0' THEN 3 WHEN c.ip = '[::]' THEN 4 WHEN c.ip = b.ip THEN 0 ELSE 5 END AS rank, c.source <> 'api' AS source_rank
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'ip'
      AND (c.ip IN (b.ip, '0.0.0.0', '[::]') OR coalesce(b.ip, '*') IN ('*', '0.0.0.0', '[::]'))
    UNION ALL
    SELECT c.rowid, iif(c.host LIKE '*%', 1.5, 1), c.source <> 'api'
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'sni' AND b.host <> ''
      AND lower(coalesce(c.host, '')) IN (lower(b.host), lower('*' || substr(b.host, instr(b.host, '.')))) AND (lower(c.host) = lower(b.host) OR c.host LIKE '*.%')
    UNION ALL
    SELECT c.rowid, iif(coalesce(c.host, '') = '', 2.5, 2), c.source <> 'api'
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'ccs' AND ((coalesce(b.ssl_flags, 0) & 2) OR b.host <> '')
      AND lower(coalesce(c.host, '')) IN ('', lower(b.host)))
  ORDER BY rank, source_rank, id LIMIT 1)
WHERE b.protocol = 'https' AND NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = b.machine AND t.site = b.site))
SELECT * FROM once;

-- What is in the collections that hold at each path: path_item of handlers, authorization rules, … Those that differ there from the server's, then the
-- server's. Ask it by path or by section: there are paths times items of them, so that it stays a view.
CREATE VIEW path_item AS
SELECT p.machine, p.site, p.path, i.section, i.collection, i.position, i.attribute, i.value, i.path AS from_path, i.entry, i.line
FROM site_path p JOIN effective_collection c ON c.machine = p.machine AND c.path = p.path
JOIN effective_item i ON i.machine = c.machine AND i.path = c.from_path AND i.section = c.section AND i.collection = c.collection
UNION ALL
SELECT p.machine, p.site, p.path, i.section, i.collection, i.position, i.attribute, i.value, i.path, i.entry, i.line
FROM site_path p JOIN effective_item i ON i.machine = p.machine AND i.path = ''
WHERE NOT EXISTS (SELECT 1 FROM effective_collection c
  WHERE c.machine = p.machine AND c.path = p.path AND c.section = i.section AND c.collection = i.collection);

-- The mapping entries that IIS uses for a site: those of the server and the site, merged (entries below a site are read by nobody, B03).
CREATE VIEW site_mapping AS
WITH own AS MATERIALIZED (
SELECT s.machine, s.site, c.collection, c.from_path FROM site s JOIN effective_collection c ON c.machine = s.machine AND c.path = s.site
  AND c.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
UNION ALL
SELECT DISTINCT s.machine, s.site, i.collection, '' FROM site s JOIN effective_item i ON i.machine = s.machine AND i.path = ''
  AND i.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
WHERE NOT EXISTS (SELECT 1 FROM effective_collection c
  WHERE c.machine = s.machine AND c.path = s.site AND c.section = i.section AND c.collection = i.collection)),
once AS MATERIALIZED (
SELECT DISTINCT o.machine, o.site, i.entry, i.line, i.col, i.position
FROM own o JOIN effective_item i ON i.machine = o.machine AND i.path = o.from_path AND i.collection = o.collection
  AND i.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = o.machine AND t.site = o.site))
SELECT o.machine, o.site, m.kind, o.position, m.path AS from_path, m.name, m.enabled, m.user_name, m.permission_mode, m.thumbprint,
  m.blob_problem, m.file_level, m.entry, m.line
FROM once o JOIN certificate_mapping m ON m.machine = o.machine AND m.entry = o.entry AND m.line = o.line AND m.col = o.col;

-- Symptoms: what the logs show, per place.
CREATE VIEW symptom AS
WITH once AS MATERIALIZED (
SELECT c.machine, c.site, c.site_id, c.place, c.status, c.substatus, c.win32,
  c.count, coalesce(s.clients, c.clients) AS clients, c.first, c.last,
  s.answered, s.preflights, s.peak_hour, s.peak_count, s.urls, s.url_count, s.trend
FROM (
  SELECT machine, site, site_id, place, status, substatus, win32,
    sum(count) AS count, max(clients) AS clients, min(first) AS first, max(last) AS last
  FROM request_count
  WHERE (status = 403 AND substatus IN (4, 5, 7, 12, 13, 16, 17)) OR (status = 500 AND win32 IN (64, 995, 50, 2147943395, 2147942450))
     OR (status = 500 AND substatus = 19) OR status = 413 OR (status = 401) OR (status = 403 AND substatus = 0)
     OR (status = 502 AND win32 IN (12044, 2147954444))
  GROUP BY machine, site, site_id, place, status, substatus, win32) c
LEFT JOIN request_symptom s ON s.machine = c.machine AND s.site IS c.site AND s.site_id IS c.site_id AND s.place IS c.place
  AND s.status = c.status AND s.substatus IS c.substatus AND s.win32 IS c.win32)
SELECT * FROM once;
