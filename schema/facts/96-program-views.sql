-- What programs, and proxies between them and IIS, leave in logs and traces.

-- Programs that ask again and again without a certificate (403.7) at a place where others are served in the same hours: what refuses them is
-- not the server. One row a client address and user agent. family: what the agent says of how the program finds its certificates: winhttp,
-- dotnet, firefox (major: its version), webdav, office, own (a library with its own files of certificates and keys), NULL: nothing.
CREATE VIEW refused_program AS
WITH refused AS MATERIALIZED (
SELECT c.machine, c.site, c.place, c.client, c.agent, sum(c.count) AS count, min(c.first) AS first, max(c.last) AS last
FROM request_client c
WHERE c.status = 403 AND c.substatus = 7 AND c.one_agent AND c.answered = 0 AND c.preflights = 0 AND coalesce(c.agent, '-') <> '-'
  AND NOT EXISTS (SELECT 1 FROM request_probe p WHERE p.machine = c.machine AND p.place IS c.place AND p.client = c.client AND p.status = 403 AND p.substatus = 7)
GROUP BY c.machine, c.site, c.place, c.client, c.agent)
SELECT r.*, replace(r.agent, '+', ' ') AS agent_text,
  CASE WHEN r.agent LIKE '%WinHttp.WinHttpRequest%' OR r.agent LIKE '%WinHTTP/%' OR r.agent LIKE 'WinHTTP%' THEN 'winhttp'
    WHEN r.agent LIKE '%PowerShell/%' OR r.agent LIKE '.NET/%' OR r.agent LIKE 'RestSharp/%' OR r.agent LIKE '%MS+Web+Services+Client+Protocol%' THEN 'dotnet'
    WHEN r.agent LIKE 'Microsoft-WebDAV-MiniRedir/%' THEN 'webdav'
    WHEN r.agent LIKE 'Microsoft+Office%' OR r.agent LIKE '%MSOffice+%' THEN 'office'
    WHEN r.agent LIKE '%Firefox/%' AND r.agent NOT LIKE '%Seamonkey/%' THEN 'firefox'
    WHEN r.agent LIKE 'curl/%' OR r.agent LIKE 'Wget/%' OR r.agent LIKE 'Java/%' OR r.agent LIKE 'Java-http-client/%' OR r.agent LIKE 'Apache-HttpClient/%'
      OR r.agent LIKE 'Apache-CXF%' OR r.agent LIKE 'okhttp/%' OR r.agent LIKE 'python-requests/%' OR r.agent LIKE 'Python-urllib/%' OR r.agent LIKE 'python-httpx/%'
      OR r.agent LIKE 'aiohttp/%' OR r.agent LIKE 'Go-http-client/%' OR r.agent LIKE 'axios/%' OR r.agent LIKE 'node-fetch%' OR r.agent LIKE 'PostmanRuntime/%' THEN 'own' END AS family,
  CASE WHEN r.agent LIKE '%Firefox/%' THEN CAST(substr(r.agent, instr(r.agent, 'Firefox/') + 8) AS INTEGER) END AS major,
  (SELECT json_group_array(json(e)) FROM (SELECT json_object('entry', q.entry, 'line', q.line, 'excerpt', coalesce(q.method, '') || ' ' || coalesce(q.url, '') || ' 403 7 from ' || q.client) AS e
    FROM request q WHERE q.machine = r.machine AND q.place IS r.place AND q.status = 403 AND q.substatus = 7 AND q.client = r.client
    ORDER BY q.time, q.entry, q.line LIMIT 3)) AS evidence
FROM refused r
WHERE EXISTS (SELECT 1 FROM request_count o WHERE o.machine = r.machine AND o.place IS r.place AND o.status BETWEEN 200 AND 399
  AND o.hour BETWEEN r.first - 3600000 AND r.last);
