-- What programs, and proxies between them and IIS, leave in logs and traces.

-- Programs that ask again and again without a certificate (403.7) at a place where others are served in the same hours: what refuses them is
-- not the server. One row a client address and user agent. family: what the agent says of how the program finds its certificates: winhttp,
-- dotnet, firefox (major: its version), webdav, office, own (a library with its own files of certificates and keys), NULL: nothing.
CREATE VIEW refused_program AS
WITH refused AS MATERIALIZED (
SELECT c.machine, c.site, c.place, c.client, c.agent, sum(c.count) AS count, min(c.first) AS first, max(c.last) AS last
FROM request_client c
WHERE c.status = 403 AND c.substatus = 7 AND c.one_agent AND c.answered = 0 AND c.preflights = 0 AND coalesce(c.agent, '-') <> '-'
  AND NOT EXISTS (SELECT 1 FROM request_probe p WHERE p.machine = c.machine AND p.place IS c.place AND p.client = c.client AND p.status = 403 AND p.substatus = 7 AND p.monitor)
GROUP BY c.machine, c.site, c.place, c.client, c.agent),
served AS MATERIALIZED (
SELECT DISTINCT machine, coalesce(place, '') AS place, hour FROM request_count WHERE status BETWEEN 200 AND 399)
SELECT r.*, replace(r.agent, '+', ' ') AS agent_text,
  CASE WHEN r.agent LIKE '%WinHttp.WinHttpRequest%' OR r.agent LIKE '%WinHTTP/%' OR r.agent LIKE 'WinHTTP%' THEN 'winhttp'
    WHEN r.agent LIKE '%PowerShell/%' OR r.agent LIKE '.NET/%' OR r.agent LIKE 'RestSharp/%' OR r.agent LIKE '%MS+Web+Services+Client+Protocol%' THEN 'dotnet'
    WHEN r.agent LIKE 'Microsoft-WebDAV-MiniRedir/%' THEN 'webdav'
    WHEN r.agent LIKE 'Microsoft+Office%' OR r.agent LIKE '%MSOffice+%' THEN 'office'
    WHEN r.agent LIKE '%Firefox/%' AND r.agent NOT LIKE '%Seamonkey/%' THEN 'firefox'
    WHEN r.agent LIKE 'curl/%' OR r.agent LIKE 'Wget/%' OR r.agent LIKE 'Java/%' OR r.agent LIKE 'Java-http-client/%' OR r.agent LIKE 'Apache-HttpClient/%'
      OR r.agent LIKE 'Apache-CXF%' OR r.agent LIKE 'okhttp/%' OR r.agent LIKE 'python-requests/%' OR r.agent LIKE 'Python-urllib/%' OR r.agent LIKE 'python-httpx/%'
      OR r.agent LIKE 'aiohttp/%' OR r.agent LIKE 'Go-http-client/%' OR r.agent LIKE 'axios/%' OR r.agent LIKE 'node-fetch%' OR r.agent LIKE 'PostmanRuntime/%' THEN 'own' END AS family,
  CASE WHEN r.agent LIKE '%Firefox/%' THEN CAST(substr(r.agent, instr(r.agent, 'Firefox/') + 8) AS INTEGER) END AS major
FROM refused r
WHERE EXISTS (SELECT 1 FROM served o WHERE o.machine = r.machine AND o.place = coalesce(r.place, '') AND o.hour BETWEEN r.first - 3600000 AND r.last);

-- Up to three refused requests (403.7) of a client at a place, for the evidence of a finding.
CREATE VIEW refused_request AS
WITH once AS MATERIALIZED (
SELECT machine, place, client, entry, line, coalesce(method, '') || ' ' || coalesce(url, '') || ' 403 7 from ' || client AS excerpt,
  row_number() OVER (PARTITION BY machine, place, client ORDER BY time, entry, line) AS nth
FROM request WHERE status = 403 AND substatus = 7)
SELECT * FROM once WHERE nth <= 3;

-- Traces of requests that came through a proxy which took the TLS connection apart: their headers say so. names: which headers; is_arr: the proxy
-- is Application Request Routing; has_certificate: it handed a client certificate on; nth: of one client at one place.
CREATE VIEW proxied_trace AS
WITH header(name, is_arr, is_certificate) AS (VALUES
  ('x-arr-log-id', 1, 0), ('x-arr-ssl', 1, 0), ('x-arr-clientcert', 1, 1), ('x-forwarded-for', 0, 0), ('x-forwarded-proto', 0, 0), ('x-forwarded-host', 0, 0),
  ('forwarded', 0, 0), ('via', 0, 0), ('x-real-ip', 0, 0), ('client-cert', 0, 1), ('x-client-cert', 0, 1), ('x-ssl-cert', 0, 1), ('ssl-client-cert', 0, 1),
  ('x-ssl-client-cert', 0, 1), ('x-forwarded-client-cert', 0, 1), ('x-amzn-mtls-clientcert', 0, 1), ('x-amzn-mtls-clientcert-leaf', 0, 1)),
t AS MATERIALIZED (
SELECT t.machine, t.entry, e.line, t.site, t.url, t.client, t.time, iif(t.status LIKE '%.0', substr(t.status, 1, length(t.status) - 2), t.status) AS status,
  ', ' || substr(lower(e.detail), instr(lower(e.detail), 'headers=') + 8) AS headers,
  coalesce((SELECT r.place FROM trace_request r WHERE r.machine = t.machine AND r.entry = t.entry AND r.place IS NOT NULL LIMIT 1), t.site) AS place
FROM trace t JOIN trace_event e ON e.machine = t.machine AND e.entry = t.entry AND e.name = 'GENERAL_REQUEST_HEADERS'
WHERE instr(lower(e.detail), 'headers=')),
once AS MATERIALIZED (
SELECT t.machine, t.site, t.place, t.url, t.status, t.client, t.time, t.entry, t.line, group_concat(h.name, ', ') AS names,
  max(h.is_arr) AS is_arr, max(h.is_certificate) AS has_certificate
FROM t JOIN header h ON instr(t.headers, ', ' || h.name || ': ')
GROUP BY t.machine, t.entry)
SELECT *, row_number() OVER (PARTITION BY machine, place, client, status LIKE '403.7', has_certificate ORDER BY entry, line) AS nth FROM once;

-- Rules of URL Rewrite that send requests to another server, which Application Request Routing does, where it is switched on (or the target is a
-- server farm): at the path where a rule is written, those of the server at each site. One row a target; of a farm each server.
CREATE VIEW reverse_proxy AS
WITH rule AS MATERIALIZED (
SELECT machine, site, path, section, position, max(iif(attribute = 'name', value, NULL)) AS rule, max(iif(attribute = 'enabled', lower(value), NULL)) AS enabled,
  lower(max(iif(attribute = 'action.type', value, NULL))) AS type, max(iif(attribute = 'action.url', value, NULL)) AS url, entry, line
FROM path_item
WHERE section IN ('system.webServer/rewrite/rules', 'system.webServer/rewrite/globalRules') AND collection = '' AND (from_path = path OR (from_path = '' AND path = site))
GROUP BY machine, path, section, position),
target AS (
SELECT *, lower(substr(url, 1, instr(url, '://') - 1)) AS scheme,
  substr(url, instr(url, '://') + 3, coalesce(nullif(instr(substr(url, instr(url, '://') + 3), '/'), 0), 500) - 1) AS authority
FROM rule WHERE type = 'rewrite' AND coalesce(enabled, 'true') <> 'false' AND (url LIKE 'http://%' OR url LIKE 'https://%')),
named AS (
SELECT *, lower(iif(instr(authority, ':'), substr(authority, 1, instr(authority, ':') - 1), authority)) AS name,
  coalesce(nullif(CAST(iif(instr(authority, ':'), substr(authority, instr(authority, ':') + 1), '0') AS INTEGER), 0), iif(scheme = 'https', 443, 80)) AS port
FROM target)
SELECT n.machine, n.site, n.path, n.rule, n.url, n.scheme, n.name AS target, coalesce(lower(f.address), n.name) AS host, n.port, f.farm, n.entry, n.line
FROM named n LEFT JOIN web_farm_server f ON f.machine = n.machine AND lower(f.farm) = n.name AND f.enabled
WHERE f.farm IS NOT NULL OR EXISTS (SELECT 1 FROM effective_config c WHERE c.machine = n.machine AND c.path = n.path
  AND c.section = 'system.webServer/proxy' AND c.attribute = 'enabled' AND c.value = 'true');

-- Sites of the case that such a rule leads to, on another machine or another port of the same one.
CREATE VIEW proxied_site AS
SELECT DISTINCT p.machine, p.site, p.path, p.rule, p.url, p.host, p.scheme, p.entry, p.line, b.machine AS backend, b.site AS backend_site
FROM reverse_proxy p JOIN binding b ON b.protocol = p.scheme AND b.port = p.port AND coalesce(lower(b.host), '') IN ('', p.host)
JOIN machine m ON m.machine = b.machine
WHERE (b.machine <> p.machine AND (lower(b.host) = p.host OR b.ip = p.host
    OR lower(m.name) = iif(instr(p.host, '.'), substr(p.host, 1, instr(p.host, '.') - 1), p.host)))
  OR (b.machine = p.machine AND b.site <> p.site AND p.host IN ('localhost', '127.0.0.1'));

-- Of handshake_binding what clients of the case saw: a server answered, and nothing stood before TLS on the connection, as a proxy's CONNECT. asks: a path of that
-- site wants a certificate. is_other: the certificate that came is not bound there, nor does it stand in that server's store, nor at another server of that name.
CREATE VIEW client_handshake AS
WITH once AS MATERIALIZED (
SELECT h.seen_on AS machine, h.entry, h.connection, h.time, h.name, h.server_address, h.port AS server_port, h.version, h.asked, h.asked_why, h.server_thumbprint,
  h.machine AS server, h.site, h.endpoint, h.bound_thumbprint AS bound, h.negotiate, h.binding_entry, h.binding_line,
  EXISTS (SELECT 1 FROM cert_wanted w WHERE w.machine = h.machine AND w.site = h.site AND (w.negotiates OR w.requires)) AS asks
FROM handshake_binding h JOIN machine k ON k.machine = h.seen_on AND k.is_client
WHERE h.side = 'client' AND h.version IS NOT NULL AND coalesce(h.bytes_before, 0) = 0 AND h.bound_thumbprint IS NOT NULL)
SELECT o.*, o.server_thumbprint IS NOT NULL AND NOT EXISTS (SELECT 1 FROM once x WHERE x.entry = o.entry AND x.machine = o.machine AND x.connection = o.connection
    AND (x.bound = o.server_thumbprint OR EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = x.server AND s.thumbprint = o.server_thumbprint))) AS is_other
FROM once o;

-- Names in the certificates of programs and devices that open TLS connections with certificates of their own.
CREATE VIEW inspection_product AS
WITH vendor(pattern, product) AS (VALUES
  ('%zscaler%', 'Zscaler'), ('%fortinet%', 'FortiGate'), ('%fortigate%', 'FortiGate'), ('%palo alto%', 'a Palo Alto firewall'), ('%kaspersky%anti-virus%', 'Kaspersky'),
  ('%eset ssl filter%', 'ESET'), ('%avast%shield%', 'Avast'), ('%avg%shield%', 'AVG'), ('%bitdefender%personal%', 'Bitdefender'), ('%sophos%', 'Sophos'), ('%netskope%', 'Netskope'),
  ('%goskope%', 'Netskope'), ('%cisco umbrella%', 'Cisco Umbrella'), ('%blue coat%', 'a Blue Coat proxy'), ('%web gateway%', 'a web gateway'), ('%forcepoint%', 'Forcepoint'),
  ('%barracuda%', 'Barracuda'), ('%check point%inspection%', 'a Check Point gateway'), ('%do_not_trust_fiddler%', 'Fiddler'), ('%mitmproxy%', 'mitmproxy'), ('%charles proxy%', 'Charles'),
  ('%portswigger%', 'Burp'), ('%menlo security%', 'Menlo Security'))
SELECT pattern, product FROM vendor;
