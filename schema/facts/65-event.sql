-- Windows events that have to do with certificates, TLS and IIS, from event XML and .evtx; of all others only event_channel tells how many there were.
-- Times are UTC. Which event a row is: entry and record (EventRecordID); event XML has a line as well.

-- What was read: one row a file and channel.
CREATE TABLE event_channel (
  machine TEXT NOT NULL, entry TEXT NOT NULL, channel TEXT NOT NULL,  -- 'System', 'Microsoft-Windows-CAPI2/Operational'; '' the events do not say
  computer TEXT,                       -- of its first event; a log of another machine is kept, and told by this
  format  TEXT NOT NULL,               -- xml, evtx
  events  INTEGER NOT NULL, first INTEGER, last INTEGER,  -- all of them, whatever they are about
  cut     INTEGER NOT NULL DEFAULT 0   -- 1: the file is not read whole, or was damaged: absence proves nothing
);

-- At most 200 of a kind (what event_count counts as one, hours aside), the first and the last ones; of CAPI2's successes 20.
CREATE TABLE event (
  machine TEXT NOT NULL, entry TEXT NOT NULL, line INTEGER, record INTEGER,
  time    INTEGER, provider TEXT, channel TEXT, computer TEXT,
  area    TEXT NOT NULL,   -- schannel, capi2, http (http.sys), kdc, kerberos, netlogon, time, security, iis
  event_id INTEGER NOT NULL,
  level   INTEGER,         -- 1 critical, 2 error, 3 warning, 4 and 0 information
  side    TEXT,            -- schannel: 'server', 'client': whose credential or handshake; capi2 30: as whom the other side is checked
  code    INTEGER,         -- schannel: the TLS alert (view tls_alert); security: type of logon
  error   INTEGER,         -- unsigned HRESULT, NTSTATUS or Win32 code
  error_text TEXT,
  state   INTEGER,         -- schannel: its internal error state
  status  TEXT,            -- capi2: what is wrong with the chain, Windows' words joined by ' ' (as chain_status.status); NULL: nothing
  user    TEXT,            -- SID under which it was written: capi2's caller; Schannel's is mostly the system
  process TEXT,            -- who asked for it: capi2's ProcessName, Schannel's caller, without its folder
  subject TEXT, issuer TEXT, serial TEXT,
  thumbprint TEXT,         -- SHA-1 of the certificate that it is about
  endpoint TEXT,           -- http: '0.0.0.0:443'
  target  TEXT,            -- server name, or URL without its query
  account TEXT, protocol TEXT
);

-- Further values of these events, by name; names and areas that are known to hold no secrets only.
CREATE TABLE event_data (
  machine TEXT NOT NULL, entry TEXT NOT NULL, line INTEGER, record INTEGER,
  position INTEGER NOT NULL, name TEXT NOT NULL,  -- '' the event gives none
  value   TEXT NOT NULL
);

-- CAPI2 11: the chain that was built, the leaf first, with what is wrong with each certificate.
CREATE TABLE event_chain (
  machine TEXT NOT NULL, entry TEXT NOT NULL, line INTEGER, record INTEGER,
  position INTEGER NOT NULL, subject TEXT, thumbprint TEXT,
  status  TEXT,            -- Windows' words joined by ' '; NULL: nothing is wrong
  revocation INTEGER       -- result of the revocation check, unsigned; NULL: not checked
);

-- All events of these areas, counted.
CREATE TABLE event_count (
  machine TEXT NOT NULL, computer TEXT,  -- as the event names it: not that of the machine where a log of another one was added
  area TEXT NOT NULL, event_id INTEGER NOT NULL, level INTEGER, side TEXT, code INTEGER, error INTEGER, error_text TEXT,
  state INTEGER, status TEXT, process TEXT,
  hour    INTEGER NOT NULL,  -- start of the hour, ms
  count   INTEGER NOT NULL, first INTEGER, last INTEGER
);

-- Requests that failed (the statuses of request_symptom) in minutes in which something else than a success is among the events, or within 15 s of it.
CREATE TABLE request_minute (
  machine TEXT NOT NULL, site TEXT, site_id INTEGER, place TEXT,
  status INTEGER NOT NULL, substatus INTEGER, win32 INTEGER,
  minute  INTEGER NOT NULL,  -- its start, ms
  count   INTEGER NOT NULL,
  client TEXT, url TEXT, entry TEXT, line INTEGER  -- of the first one
);
