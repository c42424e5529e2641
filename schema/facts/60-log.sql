-- What happened. Times are UTC as IIS writes them.
CREATE TABLE log_file (
  machine TEXT NOT NULL, entry TEXT NOT NULL, site TEXT, kind TEXT NOT NULL,  -- iis, httperr, freb, event
  format  TEXT,                         -- kind iis: w3c, iis, ncsa; the two others have no substatus, and iis has local times
  first INTEGER, last INTEGER, lines INTEGER NOT NULL,  -- event, freb: events
  skipped INTEGER NOT NULL DEFAULT 0,   -- lines (events) that could not be read
  cut     INTEGER NOT NULL DEFAULT 0,   -- 1: a limit cut it, or it is damaged; absence proves nothing
  fields  TEXT                          -- the last #Fields
);

-- Sampled requests: at most 200 a symptom and 2,000 a machine; exact numbers are in request_count. Of each symptom the first and the last ones and
-- some of its peak hour; of up to 16 clients that failed all up to their twelfth; successes behind a refusal, and the first of an hour where
-- others are refused.
CREATE TABLE request (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER,
  place   TEXT,             -- the longest configured path that contains the URL
  time    INTEGER NOT NULL, -- end of the request; start is time - taken
  client  TEXT, method TEXT, url TEXT, port INTEGER, server_ip TEXT, host TEXT, version TEXT,
  user    TEXT, agent TEXT,
  status INTEGER, substatus INTEGER, win32 INTEGER, taken INTEGER,  -- taken in ms
  bytes_received INTEGER,
  entry TEXT, line INTEGER
);

CREATE TABLE request_count (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT,
  status INTEGER NOT NULL, substatus INTEGER, win32 INTEGER,
  hour    INTEGER NOT NULL, -- start of the hour, ms
  count   INTEGER NOT NULL, clients INTEGER NOT NULL,  -- clients: exact up to 16, above that within a few percent
  first INTEGER, last INTEGER
);

-- The relevant ones of request_count over the whole log: 401, 403, 413, 502, 500.19 and 500 with a win32 status.
CREATE TABLE request_symptom (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT,
  status INTEGER NOT NULL, substatus INTEGER, win32 INTEGER,
  count   INTEGER NOT NULL,
  clients INTEGER NOT NULL, clients_exact INTEGER NOT NULL,  -- 0: more clients than are counted one by one, an estimate
  answered INTEGER NOT NULL,   -- 403.7 and 401: so many were followed within 60 s by a success (status under 400) of the same client and
                               -- user agent at this site, as when a browser asks its user (causes M01, §8)
  preflights INTEGER NOT NULL, -- so many were OPTIONS (causes A18)
  peak_hour INTEGER, peak_count INTEGER,  -- the hour with the most of them
  urls    TEXT,                -- JSON: up to five URLs, those seen most first
  url_count INTEGER,           -- different URLs; exact up to 16, above that within a few percent
  trend   TEXT,                -- JSON: [[hour in ms, count], …], hours in which it was seen, the last 168 of them
  first INTEGER, last INTEGER
);

-- The busiest 50 clients of a symptom (causes A19: a probe comes at a fixed interval).
CREATE TABLE request_client (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT,
  status INTEGER NOT NULL, substatus INTEGER, win32 INTEGER,
  client  TEXT, agent TEXT,    -- agent: of its first request
  one_agent INTEGER NOT NULL,  -- 1: all its requests of this symptom had that agent
  count INTEGER NOT NULL, answered INTEGER NOT NULL, preflights INTEGER NOT NULL,
  gap INTEGER, gap_spread INTEGER,  -- ms between one and the next: mean, and standard deviation
  usual_gap INTEGER, usual_gap_count INTEGER,  -- the gap that most have, within a tenth or 1.5 s, and so many had it
  first INTEGER, last INTEGER
);

-- A failure followed by a 403.7 of the same client at the same site (causes E01, M08), which began after the failure did and at most 60 s after
-- its end; a request begins at time - taken. One failure, one 403.7. At most 200 of a kind; exact numbers are in request_pair_count. place: of the 403.7.
CREATE TABLE request_pair (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT, client TEXT,
  first_status INTEGER, first_substatus INTEGER, first_win32 INTEGER, first_time INTEGER, first_entry TEXT, first_line INTEGER,
  then_status INTEGER, then_substatus INTEGER, then_win32 INTEGER, then_time INTEGER, then_entry TEXT, then_line INTEGER,
  same_url INTEGER
);

CREATE TABLE request_pair_count (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT,
  first_status INTEGER, first_substatus INTEGER, first_win32 INTEGER,
  then_status INTEGER, then_substatus INTEGER,
  count INTEGER NOT NULL, same_url INTEGER NOT NULL,
  clients INTEGER NOT NULL,  -- exact up to 16, above that within a few percent
  by_chance INTEGER,         -- so many pairs these clients would give if the two had nothing to do with each other, rounded
  first INTEGER, last INTEGER
);

-- HTTPERR. At most 200 rows a reason (the first and the last ones); exact numbers are in http_error_count.
CREATE TABLE http_error (
  machine TEXT NOT NULL, time INTEGER, client TEXT, port INTEGER, method TEXT, url TEXT,
  status INTEGER, site_id INTEGER, reason TEXT, queue TEXT, entry TEXT, line INTEGER
);
CREATE TABLE http_error_count (
  machine TEXT NOT NULL, site_id INTEGER, status INTEGER, reason TEXT, queue TEXT,
  hour INTEGER, count INTEGER NOT NULL, first INTEGER, last INTEGER
);

-- One failed-request trace (FREB) and its error events.
CREATE TABLE trace (
  machine TEXT NOT NULL, entry TEXT NOT NULL, site_id INTEGER, site TEXT, url TEXT, method TEXT, app_pool TEXT,  -- url without its query
  status TEXT, reason TEXT, taken INTEGER, time INTEGER,  -- status '403.7'; time of the first event
  client TEXT, user TEXT, events INTEGER
);
CREATE TABLE trace_event (
  machine TEXT NOT NULL, entry TEXT NOT NULL, line INTEGER,
  name    TEXT NOT NULL,    -- MODULE_SET_RESPONSE_ERROR_STATUS, …
  module TEXT, notification TEXT,
  status INTEGER, substatus INTEGER,
  error_code INTEGER,       -- unsigned HRESULT, 0x800703e3 = 2147943395
  error_text TEXT, time INTEGER,
  detail TEXT               -- its data as 'Name=value; …'
);

-- The line that a trace's request left in a log: same site, URL, status and client, and the end of the request within two seconds.
CREATE TABLE trace_request (
  machine TEXT NOT NULL, entry TEXT NOT NULL,   -- of the trace
  site TEXT, site_id INTEGER, place TEXT, time INTEGER NOT NULL, status INTEGER, substatus INTEGER, win32 INTEGER, taken INTEGER,
  log_entry TEXT NOT NULL, log_line INTEGER NOT NULL
);
