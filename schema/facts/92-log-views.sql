-- What logs say, in words, and what of it is no user's failure.

-- Reasons of HTTPERR lines (https://learn.microsoft.com/windows/win32/http/types-of-errors-logged-by-the-http-server-api, KB820729).
-- kind: tls (the certificate was asked for late and did not come), time (a connection timed out), drop (a connection ended), limit,
-- parse (the request was not understood), app (the application or its pool).
CREATE VIEW http_error_reason AS
WITH reason(reason, kind, meaning) AS (VALUES
  ('AppOffline', 'app', '503: the application was taken offline after its errors'),
  ('AppPoolTimer', 'app', '503: the application pool is too busy to take the request'),
  ('AppShutdown', 'app', '503: the application is shut down by the administrator''s policy'),
  ('BadRequest', 'parse', '400: the request could not be parsed'),
  ('Client_Reset', 'drop', 'the client reset the connection before the request was handed to a worker process'),
  ('Connection_Abandoned_By_AppPool', 'app', 'a worker process ended or gave up while the request was pending'),
  ('Connection_Abandoned_By_ReqQueue', 'app', 'a worker process ended or gave up while the request was pending'),
  ('Connection_Dropped', 'drop', 'the connection ended before the response was logged; the client closed it early, or reset it'),
  ('Connection_Dropped_List_Full', 'drop', 'the list of dropped connections between clients and worker processes is full'),
  ('ConnLimit', 'limit', '503: the site''s limit of connections is reached'),
  ('Connections_Refused', 'limit', 'no new connections: kernel NonPagedPool memory is below 20 MB'),
  ('Disabled', 'app', '503: an administrator took the application offline'),
  ('EntityTooLarge', 'limit', '413: the body is larger than allowed'),
  ('FieldLength', 'limit', '400: a header is longer than MaxFieldLength'),
  ('Forbidden', 'parse', '403: a forbidden element or sequence stands in the URL'),
  ('Header', 'parse', '400: a header could not be parsed'),
  ('Hostname', 'parse', '400: the host name could not be parsed'),
  ('Internal', 'app', '500: an error inside http.sys'),
  ('Invalid_CR/LF', 'parse', '400: a carriage return or line feed where none may be'),
  ('LengthRequired', 'parse', '411: the length of the body is missing'),
  ('N/A', 'app', '503: http.sys could not serve it, for want of memory or the like'),
  ('N/I', 'parse', '501 or 503: the transfer encoding is not known'),
  ('Number', 'parse', '400: a number could not be parsed'),
  ('Precondition', 'parse', '412: a required precondition is missing'),
  ('QueueFull', 'limit', '503: the application pool''s queue is full'),
  ('RequestLength', 'limit', '400: request line and headers are longer than MaxRequestBytes'),
  ('Timer_AppPool', 'time', 'the request waited too long in the application pool''s queue'),
  ('Timer_ConnectionIdle', 'time', 'the connection was idle for too long; ordinary after keep-alive'),
  ('Timer_EntityBody', 'time', 'the body did not arrive in time'),
  ('Timer_HeaderWait', 'time', 'the headers did not arrive in time'),
  ('Timer_MinBytesPerSecond', 'time', 'the client did not take the response at the least speed (minBytesPerSecond)'),
  ('Timer_ReqQueue', 'time', 'the request waited too long in the queue'),
  ('Timer_Response', 'time', 'Timer_Response: the timer of the response ran out'),
  ('Timer_SslRenegotiation', 'tls', 'renegotiation, by which the client certificate is asked for, took longer than the connection timeout'),
  ('TooManyHeaders', 'limit', '400: too many headers'),
  ('URL', 'parse', '400: the URL could not be parsed'),
  ('URL_Length', 'limit', '414: the URL is longer than allowed'),
  ('UnknownVersion', 'parse', '505: the protocol version is not known'),
  ('Verb', 'parse', '400: the method could not be parsed'),
  ('Version_N/S', 'parse', '505: the protocol version is not supported'))
SELECT reason, kind, meaning FROM reason;

-- HTTPERR in one row a reason, site and queue. meaning: NULL for a reason that is in no document.
CREATE VIEW http_error_seen AS
SELECT c.machine, c.site_id, (SELECT s.site FROM site s WHERE s.machine = c.machine AND s.id = c.site_id) AS site, c.reason, r.kind, r.meaning,
  c.status, c.queue, sum(c.count) AS count, min(c.first) AS first, max(c.last) AS last
FROM http_error_count c LEFT JOIN http_error_reason r ON lower(r.reason) = lower(c.reason)
GROUP BY c.machine, c.site_id, c.reason, c.status, c.queue;

-- The programs that asked, by what they were answered; entry, line: the first request of each, as logs are named.
CREATE VIEW request_agent AS
SELECT machine, site, place, status, substatus, win32, agent, entry, line FROM (
  SELECT machine, site, place, status, substatus, win32, agent, entry, line,
    row_number() OVER (PARTITION BY machine, site, place, status, substatus, win32, agent ORDER BY entry, line) AS nth FROM request)
WHERE nth = 1;

-- Clients of a symptom that look like a load balancer's or a monitor's probe (causes A19): at least ten requests by one user agent, none
-- answered, and the agent says so or nearly all came at one interval of at most ten minutes. interval in ms, NULL where only the agent says it.
-- monitor: its agent's name says so, or it names none, comes from an internal address (RFC 1918, RFC 4193) and at least every two minutes. Others may
-- be programs that try again and again: those are users who fail.
CREATE VIEW request_probe AS
WITH c AS (
SELECT *, lower(agent) LIKE '%healthcheck%' OR lower(agent) LIKE '%health-check%' OR lower(agent) LIKE '%health+check%'
  OR lower(agent) LIKE '%health+probe%' OR lower(agent) LIKE 'kube-probe/%' OR lower(agent) LIKE 'googlehc/%' OR lower(agent) LIKE 'haproxy%'
  OR lower(agent) LIKE '%load+balancer%' OR lower(agent) LIKE 'alwayson' OR lower(agent) LIKE 'pingdom%' OR lower(agent) LIKE '%uptimerobot%'
  OR lower(agent) LIKE 'check_http%' OR lower(agent) LIKE '%zabbix%' OR lower(agent) LIKE 'blackbox%exporter%' OR lower(agent) LIKE '%system+center%'
  OR lower(agent) LIKE '%probe%' OR lower(agent) LIKE '%monitor%' AS says_so,
  coalesce(agent, '-') = '-' AND (client LIKE '10.%' OR client LIKE '192.168.%' OR (client LIKE '172.%' AND CAST(substr(client, 5) AS INTEGER) BETWEEN 16 AND 31)
    OR client LIKE 'fc__:%' OR client LIKE 'fd__:%') AS is_internal_nameless
FROM request_client)
SELECT machine, site, site_id, place, status, substatus, win32, client, agent, count, first, last,
  CASE WHEN usual_gap BETWEEN 800 AND 600000 AND usual_gap_count >= (count - 1) * 0.8 THEN usual_gap END AS interval,
  coalesce(says_so, 0) OR (is_internal_nameless AND count >= 10 AND usual_gap BETWEEN 800 AND 120000 AND usual_gap_count >= (count - 1) * 0.8) AS monitor
FROM c
WHERE one_agent AND answered = 0 AND preflights = 0
  AND ((count >= 10 AND usual_gap BETWEEN 800 AND 600000 AND usual_gap_count >= (count - 1) * 0.8) OR says_so);

-- Symptoms without the noise (causes §8): a browser's first 403.7 or 401 that it answers itself, CORS preflights, probes. failures is what is
-- left; probes counts those among the busiest 50 clients of the symptom.
CREATE VIEW symptom_failures AS
WITH probe AS MATERIALIZED (
  SELECT machine, site, place, status, substatus, win32, sum(count) AS probes, sum(iif(monitor AND (status = 401 OR (status = 403 AND substatus = 7)), count, 0)) AS monitors FROM request_probe
  GROUP BY machine, site, place, status, substatus, win32)
SELECT s.*, coalesce(p.probes, 0) AS probes, coalesce(p.monitors, 0) AS monitors, -- of these, what came without a certificate and is no user who fails
  max(0, s.count - coalesce(s.answered, 0) - coalesce(s.preflights, 0) - coalesce(p.probes, 0)) AS failures
FROM symptom s LEFT JOIN probe p ON p.machine = s.machine AND p.site IS s.site AND p.place IS s.place
  AND p.status = s.status AND p.substatus IS s.substatus AND p.win32 IS s.win32;

-- A failed-request trace next to the line of the log that the same request left.
CREATE VIEW trace_line AS
SELECT t.machine, t.entry, t.site, t.url, t.status AS trace_status, t.time AS trace_time, t.client, r.status, r.substatus, r.win32, r.time,
  r.taken, r.place, r.log_entry, r.log_line
FROM trace t LEFT JOIN trace_request r ON r.machine = t.machine AND r.entry = t.entry;
