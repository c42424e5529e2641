-- IIS configuration. Source: applicationHost.config and web.config files; semantics: causes §1.
-- A path is "Site/app/dir" as IIS writes it; '' is the server level (APPHOST).

CREATE TABLE config_file (
  machine TEXT NOT NULL,
  entry   TEXT NOT NULL,
  source  TEXT,             -- physical path on the machine
  level   TEXT NOT NULL,    -- 'apphost', 'web' (a web.config), 'redirection', 'administration', 'schema', 'root-web', 'machine', 'part' (a configSource names it)
  path    TEXT,             -- web.config: the virtual path it stands at; one row a path where one folder serves several
  used    INTEGER NOT NULL DEFAULT 1,  -- 0: IIS does not read it (redirected, enableConfigurationOverride, allowSubDirConfig)
  why     TEXT,             -- why it is not used
  modified INTEGER
);

-- What IIS would answer 500.19 for.
CREATE TABLE config_error (
  machine TEXT NOT NULL,
  path    TEXT,             -- the highest path that is broken; NULL when the whole server is
  section TEXT,
  kind    TEXT NOT NULL,    -- locked, lock-conflict, duplicate, unknown-flag, malformed, bad-value, unknown-section (its module is not installed);
                            -- malformed-administration: IIS Manager does not open, no request is broken
  hresult TEXT,             -- '0x80070021'
  message TEXT NOT NULL,
  entry TEXT, line INTEGER, col INTEGER
);

-- Every fragment of a section that rules need, as it stands in a file, used or not.
CREATE TABLE config_fragment (
  machine TEXT NOT NULL,
  section TEXT NOT NULL,    -- 'system.webServer/security/access'
  path    TEXT NOT NULL,    -- the path it targets
  attribute TEXT, value TEXT,  -- one row an attribute; both NULL for an empty element
  entry TEXT, line INTEGER,
  location TEXT,            -- the <location path> as written, NULL outside of one
  override_mode TEXT,       -- of that location: Allow, Deny, Inherit
  matched INTEGER NOT NULL DEFAULT 1,  -- 0: no site, application or directory has this path
  used    INTEGER NOT NULL DEFAULT 1   -- 0: replaced by a nearer fragment everywhere, or its file is not read
);

-- The effective value for each path of site_path's list: sites, applications, virtual directories, <location>s, web.configs.
-- value is in IIS' own spelling ('Ssl, SslNegotiateCert'), NULL when it was redacted. Attributes of a child element have its name
-- in front ('requestLimits.maxAllowedContentLength'). In globalModules and modules an attribute is a module: 'present', 'absent'.
CREATE TABLE effective_config (
  machine TEXT NOT NULL,
  site    TEXT NOT NULL, path TEXT NOT NULL,
  section TEXT NOT NULL, attribute TEXT NOT NULL,
  value   TEXT,
  origin  TEXT NOT NULL,    -- 'schema default', 'inherited', 'location', 'own'
  entry TEXT, line INTEGER, location TEXT,  -- where it is set; NULL for a schema default
  broken  INTEGER NOT NULL DEFAULT 0  -- 1: IIS answers 500.19 here (config_error), the value is what would hold once that is mended
);

-- Where a collection (authorization rules, mappings, handlers, error pages, …) becomes another than it is above: one row a path of
-- site_path's list and collection, and one for the server level (path ''). No row for a path: what holds at the server holds there.
CREATE TABLE effective_collection (
  machine TEXT NOT NULL,
  site    TEXT,             -- NULL for the server level
  path    TEXT NOT NULL,
  section TEXT NOT NULL,
  collection TEXT NOT NULL, -- way from the section's element: 'providers', 'requestLimits/headerLimits'; '' the element itself
  from_path TEXT NOT NULL,  -- the path at or above this one whose effective_item rows hold here
  items   INTEGER           -- how many, when from_path is this path
);

-- What is in a collection once add, remove and clear of all levels are merged; one row an item and attribute that is written.
CREATE TABLE effective_item (
  machine TEXT NOT NULL,
  site    TEXT,             -- NULL for the server level
  path    TEXT NOT NULL,    -- effective_collection.from_path
  section TEXT NOT NULL,
  collection TEXT NOT NULL,
  position INTEGER NOT NULL, -- from 1, in the order in which IIS looks
  attribute TEXT NOT NULL,  -- 'users', 'name', 'statusCode', …
  value   TEXT,             -- as written; NULL when it was redacted
  entry TEXT, line INTEGER, col INTEGER  -- of the item's element
);

CREATE TABLE section_lock (
  machine TEXT NOT NULL,
  section TEXT NOT NULL, path TEXT NOT NULL,  -- lock holds at and below path, for files below
  mode    TEXT NOT NULL,    -- Allow, Deny
  entry TEXT, line INTEGER
);

CREATE TABLE site (
  machine TEXT NOT NULL,
  site    TEXT NOT NULL,    -- name
  id      INTEGER,
  auto_start INTEGER,       -- serverAutoStart
  log_directory TEXT, log_format TEXT, log_fields TEXT, freb_directory TEXT, freb_enabled INTEGER,
  entry TEXT, line INTEGER
);

CREATE TABLE application (
  machine TEXT NOT NULL, site TEXT NOT NULL,
  path    TEXT NOT NULL,    -- 'Site' for the root application, 'Site/app'
  app_pool TEXT, enabled_protocols TEXT,
  entry TEXT, line INTEGER
);

CREATE TABLE virtual_directory (
  machine TEXT NOT NULL, site TEXT NOT NULL,
  application TEXT NOT NULL,  -- its application's path
  path    TEXT NOT NULL,
  physical_path TEXT,       -- environment variables expanded
  allow_subdir_config INTEGER,
  entry TEXT, line INTEGER
);

CREATE TABLE app_pool (
  machine TEXT NOT NULL,
  app_pool TEXT NOT NULL,
  identity_type TEXT,       -- ApplicationPoolIdentity, NetworkService, LocalService, LocalSystem, SpecificUser
  user_name TEXT,
  account TEXT,             -- the account as a person writes it: 'IIS AppPool\Name', 'NT AUTHORITY\NETWORK SERVICE', user_name
  sid     TEXT,             -- computed: S-1-5-82-… and well-known ones; NULL for a user name not resolved
  load_user_profile INTEGER, enable_configuration_override INTEGER,
  auto_start INTEGER,       -- 0: IIS Manager or appcmd stopped it, or it is not to start with IIS
  entry TEXT, line INTEGER
);

CREATE TABLE binding (
  machine TEXT NOT NULL, site TEXT NOT NULL,
  protocol TEXT NOT NULL,
  information TEXT,         -- as written: '*:443:host'
  ip TEXT, port INTEGER, host TEXT,  -- http and https only; ip '0.0.0.0' for all, IPv6 as '[::1]', host '' for none
  ssl_flags INTEGER,        -- 1 SNI, 2 CCS, …
  entry TEXT, line INTEGER
);

-- Entries of system.applicationHost/customMetadata, without their values: what old programs left behind (causes D18: 5506).
CREATE TABLE custom_metadata (
  machine TEXT NOT NULL,
  path    TEXT,             -- 'LM/W3SVC/1'
  id      INTEGER,          -- of the property
  entry TEXT, line INTEGER
);

-- Servers behind this one: of the server farms of Application Request Routing (<webFarms>), enabled ones or not.
CREATE TABLE web_farm_server (
  machine TEXT NOT NULL,
  farm    TEXT NOT NULL,    -- a rewrite rule names it in place of a host
  address TEXT NOT NULL,    -- host name or address
  enabled INTEGER NOT NULL, -- the farm and the server are
  entry TEXT, line INTEGER
);

-- Client-certificate mappings (iisClientCertificateMappingAuthentication), one row an entry, wherever it stands.
CREATE TABLE certificate_mapping (
  machine TEXT NOT NULL,
  path    TEXT NOT NULL,    -- the path its section targets; '' server level
  site    TEXT,             -- first part of path
  depth   INTEGER NOT NULL, -- 0 server, 1 site, 2 and more: read by nobody (B03)
  kind    TEXT NOT NULL,    -- 'oneToOne', 'manyToOne'
  name    TEXT,             -- manyToOne
  enabled INTEGER NOT NULL,
  user_name TEXT,
  permission_mode TEXT,     -- manyToOne: Allow, Deny
  thumbprint TEXT,          -- oneToOne: SHA-1 of the decoded certificate; NULL when it does not decode
  blob_problem TEXT,        -- why `certificate` is not one Base64 DER
  entry TEXT, line INTEGER, col INTEGER,
  file_level TEXT           -- 'apphost' or 'web'
);

CREATE TABLE mapping_rule (
  machine TEXT NOT NULL, path TEXT NOT NULL, mapping TEXT,
  field TEXT, sub_field TEXT, criteria TEXT, case_sensitive INTEGER,
  entry TEXT, line INTEGER
);

-- WCF endpoints and bindings that ask for a client certificate, in a web.config.
CREATE TABLE wcf_endpoint (
  machine TEXT NOT NULL, path TEXT NOT NULL,
  service TEXT, contract TEXT, binding TEXT, binding_name TEXT,
  security_mode TEXT,       -- Transport, TransportWithMessageCredential, Message, None
  client_credential_type TEXT,  -- of the transport: Certificate, Windows, None, …
  message_credential_type TEXT, -- within the message (Message, TransportWithMessageCredential): no matter of TLS
  address TEXT,
  find_type TEXT, find_value TEXT, store_location TEXT, store TEXT,  -- is_client: how its behaviour picks the certificate
  is_client INTEGER NOT NULL DEFAULT 0,  -- 1: in <client>, this machine calls
  behavior TEXT,            -- of a service: wcf_behavior.name; '' the one without a name
  entry TEXT, line INTEGER
);

-- Service behaviours of a web.config: how client certificates are checked, with WCF's own values where none are written.
CREATE TABLE wcf_behavior (
  machine TEXT NOT NULL, path TEXT NOT NULL,
  name    TEXT NOT NULL,    -- '' holds for services that name none
  gets_https INTEGER NOT NULL, -- httpsGetEnabled: metadata by https
  validation_mode TEXT, revocation_mode TEXT, trusted_location TEXT, -- 'ChainTrust', 'PeerTrust', …; 'Online', 'NoCheck', …; 'LocalMachine', 'CurrentUser'
  entry TEXT, line INTEGER
);
