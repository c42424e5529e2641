-- What happened. Times are UTC as IIS writes them.
CREATE TABLE log_file (
  machine TEXT NOT NULL, entry TEXT NOT NULL, site TEXT, kind TEXT NOT NULL,  -- iis, httperr, freb
  first INTEGER, last INTEGER, lines INTEGER NOT NULL,
  skipped INTEGER NOT NULL DEFAULT 0,   -- lines that could not be read
  cut     INTEGER NOT NULL DEFAULT 0,   -- 1: a limit cut it; absence proves nothing
  fields  TEXT                          -- the last #Fields
);

-- Sampled requests: at most 200 a symptom and 2,000 a machine; exact numbers are in request_count.
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
  count   INTEGER NOT NULL, clients INTEGER NOT NULL,
  first INTEGER, last INTEGER
);

-- A failure followed by a 403.7 of the same client at the same site within 60 s (causes E01, M08).
CREATE TABLE request_pair (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT, client TEXT,
  first_status INTEGER, first_substatus INTEGER, first_win32 INTEGER, first_time INTEGER, first_entry TEXT, first_line INTEGER,
  then_status INTEGER, then_substatus INTEGER, then_win32 INTEGER, then_time INTEGER, then_entry TEXT, then_line INTEGER,
  same_url INTEGER
);

CREATE TABLE http_error (
  machine TEXT NOT NULL, time INTEGER, client TEXT, port INTEGER, method TEXT, url TEXT,
  status INTEGER, site_id INTEGER, reason TEXT, queue TEXT, entry TEXT, line INTEGER
);

-- One failed-request trace (FREB) and its error events.
CREATE TABLE trace (
  machine TEXT NOT NULL, entry TEXT NOT NULL, site_id INTEGER, site TEXT, url TEXT, method TEXT, app_pool TEXT,
  status TEXT, reason TEXT, taken INTEGER, time INTEGER
);
CREATE TABLE trace_event (
  machine TEXT NOT NULL, entry TEXT NOT NULL, line INTEGER,
  name    TEXT NOT NULL,    -- MODULE_SET_RESPONSE_ERROR_STATUS, …
  module TEXT, notification TEXT,
  status INTEGER, substatus INTEGER,
  error_code INTEGER,       -- unsigned HRESULT, 0x800703e3 = 2147943395
  error_text TEXT, time INTEGER
);
