-- The zone of each host that somebody asks for: of a complaint's URL, and of https bindings whose site wants certificates; for each user
-- of each client of the case. `url_zone` of a client's own complaint goes before what is worked out here by the same rules: the longest
-- entry that fits, those of the policy list and of ZoneMap alike; no entry: the internet, and a name without a dot is not known.
CREATE VIEW host_zone AS
WITH hosts AS (
  SELECT lower(host) AS host FROM complaint WHERE coalesce(host, '') <> ''
  UNION SELECT lower(host) FROM cert_place WHERE coalesce(host, '') <> ''),
users AS (
  SELECT DISTINCT s.machine, s.user FROM client_setting s JOIN machine m ON m.machine = s.machine
  WHERE m.is_client AND s.setting = '1A04'),
fitting AS (
  SELECT z.machine, z.user, h.host, z.zone, z.pattern, z.entry, z.line
  FROM zone_entry z JOIN hosts h ON h.host = lower(z.pattern)
    OR (z.pattern LIKE '*.%' AND (h.host = lower(substr(z.pattern, 3)) OR substr(h.host, -length(z.pattern) + 1) = lower(substr(z.pattern, 2))))
    OR (z.pattern LIKE '%.*' AND substr(h.host, 1, length(z.pattern) - 1) = substr(z.pattern, 1, length(z.pattern) - 1))
  WHERE z.scheme IN ('*', 'https') AND z.zone IS NOT NULL AND z.list NOT LIKE 'Esc%'),
longest AS (
  SELECT machine, user, host, min(zone) AS zone, max(zone) AS other, entry, line FROM fitting f
  WHERE length(f.pattern) = (SELECT max(length(g.pattern)) FROM fitting g WHERE g.machine = f.machine AND g.user IS f.user AND g.host = f.host)
  GROUP BY machine, user, host),
own AS (
  SELECT u.machine, u.user, lower(c.host) AS host, u.zone, u.why, u.entry, u.line FROM url_zone u JOIN complaint c ON c.machine = u.machine)
SELECT u.machine, u.user, h.host,
  CASE WHEN o.host IS NOT NULL THEN o.zone WHEN l.host IS NOT NULL THEN iif(l.zone = l.other, l.zone, NULL)
    WHEN instr(h.host, '.') > 0 THEN 3 END AS zone,
  coalesce(o.why, CASE WHEN l.host IS NULL THEN 'no entry names it' WHEN l.zone = l.other THEN 'an entry names it' ELSE 'it stands in several zones' END) AS why,
  coalesce(o.entry, l.entry) AS entry, coalesce(o.line, l.line) AS line
FROM users u JOIN hosts h
LEFT JOIN own o ON o.machine = u.machine AND o.user IS u.user AND o.host = h.host
LEFT JOIN longest l ON l.machine = u.machine AND l.user IS u.user AND l.host = h.host;

-- Each client's certificate that the servers of the case trust against each many-to-one mapping that is in force for a site (causes B12): a mapping fits when each
-- of its rules does; a rule fits when one value of that part of the name does, '*' and '?' standing for what they stand for in a file's
-- name. miss: the first rule that does not fit. A mapping without rules is left out: what it does is not known.
CREATE VIEW mapping_trial AS
WITH sites AS MATERIALIZED (
  SELECT DISTINCT p.machine, p.site FROM site_path p JOIN effective_config c ON c.machine = p.machine AND c.path = p.path
    AND c.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
    AND c.attribute = 'manyToOneCertificateMappingsEnabled' AND c.value = 'true'
  WHERE p.iis_mapping AND p.broken = 0),
rules AS MATERIALIZED (
  SELECT m.machine, m.site, m.position, m.name AS mapping, m.permission_mode, m.entry, m.line, r.line AS rule_line, r.field, r.sub_field, r.criteria,
    coalesce(r.case_sensitive, 1) AS exact, replace(coalesce(r.criteria, ''), '[', '[[]') AS pattern
  FROM sites s JOIN site_mapping m ON m.machine = s.machine AND m.site = s.site AND m.kind = 'manyToOne' AND m.enabled
  JOIN mapping_rule r ON r.machine = m.machine AND r.path = m.from_path AND r.mapping IS m.name),
tried AS (
  SELECT r.*, o.machine AS client, o.thumbprint, o.name, EXISTS (
      SELECT 1 FROM certificate_rdn n WHERE n.machine = o.machine AND n.thumbprint = o.thumbprint AND n.field = r.field AND lower(n.sub_field) = lower(r.sub_field)
        AND iif(r.exact, n.value GLOB r.pattern, lower(n.value) GLOB lower(r.pattern))) AS fits
  FROM rules r JOIN client_offer o ON o.fits)
SELECT machine, site, position, mapping, permission_mode, entry, line, client, thumbprint, name, min(fits) AS fits,
  min(CASE WHEN NOT fits THEN field || ' ' || sub_field || ' = ' || criteria END) AS miss
FROM tried GROUP BY machine, site, position, client, thumbprint;
