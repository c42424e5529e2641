-- Facts, version 1. One machine's bundle fills these tables; the databases of a case are merged by insert.
-- Every table has `machine`, the label of the machine (machine.machine), put in by the server, never by the worker.
-- Times: integer milliseconds UTC since 1970. Hashes and thumbprints: lower-case hex. `entry` and `line` say where
-- in the bundle a row was read. Booleans are 0 or 1. NULL always means "not known".
PRAGMA user_version = 1;

-- One row a machine. Source: manifest.json; where there is none, the registry text of the bundle.
CREATE TABLE machine (
  machine      TEXT NOT NULL,  -- label, unique in the case: the computer name, "NAME (2)" for a second one
  name         TEXT,           -- computer name
  domain       TEXT,           -- AD domain; '' none; Tcpip\Parameters\Domain
  guid         TEXT,           -- MachineGuid, HKLM\SOFTWARE\Microsoft\Cryptography
  is_server    INTEGER NOT NULL DEFAULT 0,  -- role: IIS runs here
  is_client    INTEGER NOT NULL DEFAULT 0,  -- role: the client program runs here
  is_proxy     INTEGER NOT NULL DEFAULT 0,
  is_dc        INTEGER NOT NULL DEFAULT 0,
  build        INTEGER,        -- CurrentBuildNumber, decides all defaults (causes §0)
  windows      TEXT,           -- name by build and installation type, "Windows Server 2012 R2"
  installation TEXT,           -- InstallationType: Server, Server Core, Client
  iis_version  TEXT,           -- "8.5", InetStp\MajorVersion.MinorVersion
  collected    INTEGER,        -- when: every judgement of validity uses this time
  booted       INTEGER,
  elevated     INTEGER,        -- the collector ran elevated
  bundle       TEXT,           -- SHA-256 of the bundle, put in by the server
  facts        INTEGER,        -- version of the facts that these rows are of where that is older than this and the bundle
                               -- is gone; put in by the server. NULL: of now
  case_id      TEXT,           -- the case that the customer was told, in the manifest
  pseudonyms   TEXT,           -- id of the file that gave the names of this bundle; NULL: they are the machine's own
  has_manifest INTEGER NOT NULL DEFAULT 1  -- 0: a bundle made by hand; coverage is what its entries say
);

-- What the Windows of that build brings (causes §0); no rows: the build is not known. What can be set in the registry is in schannel_setting.
CREATE TABLE windows_default (
  machine TEXT NOT NULL,
  name    TEXT NOT NULL,    -- 'SNI' (records by name, central certificates), 'HTTP/2', 'binding sslFlags' (the bits that its IIS knows), 'netsh update'
                            -- (netsh http update sslcert), 'late request is reset', 'late request ends in 500' (under TLS 1.3), 'binding CTL'
                            -- (DefaultSslCtlIdentifier counts), 'trust mode' (ClientAuthTrustMode counts), 'Root refuses' (KB2802568), 'unsent list is cut' (KB2880390),
                            -- 'SHA-512' (in TLS 1.2, without an update), 'WinHTTP TLS 1.2', 'TLS_DHE from UBR' (KB4557473:
                            -- the update of February 2020 that Windows Server 2016 needs), 'TLS 1.3', 'Kdc events anew' (KB5014754: 39, 40, 41 instead of 41, 48, 49)
  value   INTEGER NOT NULL
);

-- What was asked (manifest, or triage). At most one row a machine.
CREATE TABLE complaint (
  machine TEXT NOT NULL, url TEXT, "when" INTEGER, seen TEXT, account TEXT,
  thumbprint TEXT,        -- of the client certificate, lower hex
  host TEXT, port INTEGER, path TEXT  -- the parts of url
);

-- One row for each item that the collector planned, with its outcome.
CREATE TABLE item (
  machine  TEXT NOT NULL,
  id       INTEGER,        -- number in the manifest
  kind     TEXT NOT NULL,  -- closed list in schema/bundle.md
  source   TEXT,           -- path, key or store on the machine
  entry    TEXT,           -- entry of the bundle, NULL when nothing was written
  outcome  TEXT NOT NULL,  -- ok absent denied timeout truncated excluded error; lost: was in the bundle, could not be read
  reason   TEXT,
  os_code  INTEGER,        -- Windows error code
  size     INTEGER, original INTEGER,  -- bytes written, bytes of the source
  modified INTEGER,        -- of the file, or LastWriteTime of the key
  site     TEXT, path TEXT, location TEXT, store TEXT, user TEXT  -- what it belongs to
);

-- What could not be used of the bundle itself: one row a problem, for the coverage.
CREATE TABLE bundle_problem (
  machine TEXT NOT NULL,
  entry   TEXT,            -- NULL: the bundle as a whole
  line    INTEGER,
  problem TEXT NOT NULL    -- one line, names what was lost
);
