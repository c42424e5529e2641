-- TLS handshakes: of captures (attach/*.pcap, .pcapng, .cap) and of the collector's probe (tls/<n>.json). Sources: RFC 5246 and 8446 for what is on
-- the wire, schema/bundle.md for the probe. What is encrypted is not read: TLS 1.3 behind the ServerHello, and every renegotiation.

-- What was read: one row a capture.
CREATE TABLE capture (
  machine TEXT NOT NULL, entry TEXT NOT NULL,
  link    TEXT,             -- libpcap's name of the link type: EN10MB, LINUX_SLL, RAW, …
  packets INTEGER NOT NULL, other INTEGER NOT NULL,  -- all of them; those that are no TCP, fragments counted one by one
  quic    INTEGER NOT NULL DEFAULT 0, dtls INTEGER NOT NULL DEFAULT 0, -- of `other`: packets of QUIC handshakes (RFC 9000), of DTLS; neither is read
  broken  INTEGER NOT NULL, -- packets whose headers contradict themselves
  connections INTEGER NOT NULL,  -- of TCP
  handshakes INTEGER NOT NULL,   -- of these, those with a row in `handshake`
  left_out INTEGER NOT NULL,     -- handshakes without a row: there are more than LIMIT_HANDSHAKES
  lost    INTEGER NOT NULL, -- bytes of connections with a handshake that are not in the capture
  first INTEGER, last INTEGER,
  cut     INTEGER NOT NULL  -- 1: it could not be read to its end: absence proves nothing
);

-- One row a connection in which something of a handshake was seen.
CREATE TABLE handshake (
  machine TEXT NOT NULL,    -- on whose side it was recorded
  entry   TEXT NOT NULL,
  connection INTEGER NOT NULL,  -- number of the TCP connection in the capture, from 1; 1 for a probe
  source  TEXT NOT NULL,    -- 'capture', 'probe'
  how     TEXT,             -- probe: 'hello' (only the first flights), 'schannel' (a whole handshake by Windows)
  time    INTEGER,          -- of the first packet
  client_address TEXT, client_port INTEGER, server_address TEXT, server_port INTEGER,  -- addresses without brackets
  local   INTEGER,          -- 1: both ends are the same machine (loopback, or one address); NULL: not known
  host    TEXT,             -- probe: what was connected to
  site TEXT, binding TEXT,  -- probe: whose binding that is
  bytes_before INTEGER,     -- that went over the connection before TLS: STARTTLS, CONNECT of a proxy, SOCKS
  -- ClientHello
  client_hello INTEGER NOT NULL,  -- 1: seen
  offered TEXT,             -- versions joined by ', '
  sni     TEXT,             -- server name; NULL: none (or no ClientHello)
  alpn_offered TEXT,        -- protocols joined by ' '
  signatures_offered TEXT,  -- joined by ' '
  post_handshake_auth INTEGER, client_secure_renegotiation INTEGER,
  -- ServerHello
  server_hello INTEGER NOT NULL,
  version TEXT,             -- chosen: 'SSL 3.0' to 'TLS 1.3'
  cipher  TEXT,             -- name, or '0xNNNN'
  alpn    TEXT,
  server_secure_renegotiation INTEGER,
  retry   INTEGER,          -- HelloRetryRequest
  resumed INTEGER,          -- an earlier session is gone on with: no certificates in this handshake
  -- the certificate
  asked   TEXT NOT NULL,    -- for a client certificate, in this handshake: yes, no, unknown
  asked_why TEXT NOT NULL,  -- yes: 'CertificateRequest', 'Schannel'; no: 'ServerHelloDone without it', 'Schannel'; unknown: 'TLS 1.3', 'renegotiated',
                            -- 'resumed', 'no ServerHello', 'cut off' (before ServerHelloDone), 'bytes missing', 'not recorded'
  asked_late INTEGER,       -- probe: a second handshake that asks for it began when a path was requested; NULL: not tried, or not known
  certificate_types TEXT,   -- of the CertificateRequest, joined by ' '
  signature_algorithms TEXT,  -- of the CertificateRequest, joined by ' '; TLS 1.2 only
  authorities INTEGER,      -- number of names in it; 0: an empty list
  authority_list TEXT,      -- handshake_authority.list; NULL: no names, or not known
  client_certificate TEXT,  -- sent, empty (asked, and none was given), unanswered (asked, and the client ended it), unknown; NULL: not asked
  client_thumbprint TEXT, server_thumbprint TEXT,  -- SHA-1 of each side's own certificate; NULL: not seen
  -- course and end
  completed INTEGER NOT NULL,  -- both sides began to encrypt
  alert_by TEXT, alert INTEGER, alert_fatal INTEGER,  -- first alert in the clear but close_notify (view tls_alert); client, server
  alert_hidden TEXT,        -- who sent encrypted alerts: 'client', 'server', 'both': mostly close_notify
  renegotiated INTEGER,     -- 1: another handshake was begun under encryption; NULL: TLS 1.3, it would not be seen
  renegotiated_by TEXT,     -- client, server
  renegotiated_after_data INTEGER,  -- 1: after application data, as a late request for a certificate is
  renegotiated_at INTEGER,
  end_by TEXT, end_how TEXT, end_at INTEGER,  -- client, server; close, reset
  unanswered_by TEXT,       -- whose data were sent again and never acknowledged: client, server
  lost    INTEGER NOT NULL, -- bytes of it that are not in the capture
  midway  INTEGER NOT NULL, -- 1: the connection was there before the capture
  -- the probe
  outcome TEXT, stage TEXT, os_code INTEGER, text TEXT,  -- as bundle.md's outcomes; where it ended
  status INTEGER, substatus INTEGER  -- of the answer to its request
);

-- Names of acceptable issuers that servers sent, each list once.
CREATE TABLE handshake_authority (
  machine TEXT NOT NULL,
  list    TEXT NOT NULL,    -- SHA-1 over the list as it was sent
  position INTEGER NOT NULL,
  subject TEXT,             -- readable; NULL: it is no name
  subject_der TEXT          -- hex, as in certificate.subject_der
);

-- Certificates that were sent (up to TLS 1.2) or that Schannel handed out; they are in `certificate`.
CREATE TABLE handshake_certificate (
  machine TEXT NOT NULL, entry TEXT NOT NULL, connection INTEGER NOT NULL,
  side    TEXT NOT NULL,    -- client, server
  position INTEGER NOT NULL,  -- 0: its own
  thumbprint TEXT NOT NULL
);
