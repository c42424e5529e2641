-- Assembled from schema/facts/*.sql by `cmake -P schema/facts.cmake`. Change those, then run that.

-- facts/00-machine.sql
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

-- facts/10-iis.sql
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

-- facts/20-http.sql
-- What http.sys holds. Source: HKLM\SYSTEM\CurrentControlSet\Services\HTTP\Parameters (causes §2) and its API.
CREATE TABLE ssl_binding (
  machine TEXT NOT NULL,
  tree    TEXT NOT NULL,    -- 'ip' SslBindingInfo, 'sni' SslSniBindingInfo, 'ccs' SslCcsBindingInfo
  endpoint TEXT NOT NULL,   -- '10.10.10.10:443', '[::]:443', 'host:443', '443'
  ip TEXT, port INTEGER, host TEXT,
  thumbprint TEXT,          -- SslCertHash
  app_id  TEXT,             -- '{4dc3e181-e14b-4a21-b022-59fc669b0914}'
  store   TEXT,             -- SslCertStoreName; NULL means MY
  check_mode INTEGER NOT NULL DEFAULT 0,        -- DefaultSslCertCheckMode
  freshness_time INTEGER NOT NULL DEFAULT 0,    -- seconds
  url_retrieval_timeout INTEGER NOT NULL DEFAULT 0,  -- milliseconds
  ctl_identifier TEXT, ctl_store TEXT,
  flags   INTEGER NOT NULL DEFAULT 0,           -- DefaultFlags; 2 = negotiate client certificate
  negotiate INTEGER NOT NULL DEFAULT 0,         -- flags & 2
  ds_mapper INTEGER NOT NULL DEFAULT 0,         -- flags & 1
  source  TEXT NOT NULL,    -- 'registry', 'api', 'netsh'
  modified INTEGER,         -- LastWriteTime
  entry TEXT, line INTEGER
);

-- facts/30-registry.sql
-- Registry values as they are.
CREATE TABLE registry_key (
  machine TEXT NOT NULL, key TEXT NOT NULL,  -- 'HKLM\SYSTEM\CurrentControlSet\…', as written; ControlSet001 is folded into CurrentControlSet
  modified INTEGER, entry TEXT, line INTEGER,
  absent  INTEGER NOT NULL DEFAULT 0  -- 1: looked for and not there
);
CREATE TABLE registry_value (
  machine TEXT NOT NULL,
  key     TEXT NOT NULL,
  name    TEXT NOT NULL,    -- '' the default value
  type    TEXT NOT NULL,    -- REG_DWORD, REG_SZ, REG_BINARY, REG_MULTI_SZ, REG_EXPAND_SZ, REG_QWORD, REG_NONE, …
  data    TEXT,             -- DWORD, QWORD: decimal; strings as text (MULTI_SZ joined by \n); binary: hex; NULL: longer than 4 KiB
  number  INTEGER,          -- DWORD and QWORD
  entry TEXT, line INTEGER
);

-- Schannel, http.sys and trust settings, resolved: value, and whether it is set or the default of this build (causes §0).
CREATE TABLE schannel_setting (
  machine TEXT NOT NULL,
  setting TEXT NOT NULL,    -- 'SendTrustedIssuerList', 'ClientAuthTrustMode', 'EventLogging', 'TLS 1.3 Server' (1 on, 0 off), 'Ciphers\RC4 128/128', …
  value   INTEGER,          -- NULL: default not known for this build
  is_set  INTEGER NOT NULL, -- 1: by the key below; 0: default
  key     TEXT, entry TEXT, line INTEGER
);

-- Lists whose order counts, as they are set: cipher suites, signature algorithms, curves. None: Windows' own for that build.
CREATE TABLE schannel_order (
  machine TEXT NOT NULL,
  list    TEXT NOT NULL,    -- 'cipher suites', 'signature algorithms', 'curves'
  position INTEGER NOT NULL, -- from 1
  name    TEXT NOT NULL,    -- 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384', 'RSA/SHA256', 'curve25519'
  decided_by TEXT NOT NULL, -- 'policy' (which wins), 'local'
  key     TEXT, entry TEXT, line INTEGER
);

-- Client settings of one user, resolved by precedence (causes J01): HKLM policy, HKCU policy, HKCU, HKLM.
CREATE TABLE client_setting (
  machine TEXT NOT NULL,
  user    TEXT,             -- SID; 'HKCU': an export that does not say whose; NULL: machine only
  zone    INTEGER,          -- 0 computer, 1 intranet, 2 trusted, 3 internet, 4 restricted; NULL: of no zone
  setting TEXT NOT NULL,    -- '1A04'; 'ProxyEnable', 'ProxyServer', 'AutoConfigURL', 'SecureProtocols', …; 'WinHttp proxy', 'WinHttp bypass',
                            -- 'WinHttp DefaultSecureProtocols'; '.NET 4 SchUseStrongCrypto', '.NET 4 SystemDefaultTlsVersions', with ' (32-bit)'
                            -- for the other view; 'Firefox ImportEnterpriseRoots',
                            -- 'Firefox security.osclientcerts.autoload' and others that its policies set
  value   INTEGER,          -- 1A04: 0 picks a single certificate without asking, 3 asks
  text    TEXT,             -- of a setting that is words; the user and password of a proxy are left out
  is_set  INTEGER NOT NULL,
  decided_by TEXT,          -- 'HKLM policy', 'HKCU policy', 'HKCU', 'HKLM', 'default'
  key     TEXT, entry TEXT, line INTEGER
);
-- Which hosts belong to which zone: ZoneMap and the policy list "Site to Zone Assignment".
CREATE TABLE zone_entry (
  machine TEXT NOT NULL, user TEXT,
  pattern TEXT NOT NULL,    -- '*.contoso.com', 'www.contoso.com', '10.0.0.*'; a domain stands for all below it
  scheme  TEXT NOT NULL,    -- 'https', '*'
  zone    INTEGER,
  list    TEXT NOT NULL,    -- 'Domains', 'EscDomains' (counts where Enhanced Security is on), 'Ranges', 'EscRanges', 'policy list'
  decided_by TEXT NOT NULL, -- whose ZoneMap
  key     TEXT, entry TEXT, line INTEGER
);
-- The zone of the complaint's URL for each user of the machine.
CREATE TABLE url_zone (
  machine TEXT NOT NULL, user TEXT, url TEXT NOT NULL,
  zone    INTEGER,          -- NULL: cannot be known (automatic detection of the intranet decides)
  why     TEXT NOT NULL,
  key     TEXT, entry TEXT, line INTEGER
);
-- Policies by which a browser picks the certificate by itself (causes J05).
CREATE TABLE browser_policy (
  machine TEXT NOT NULL, user TEXT,
  browser TEXT NOT NULL,    -- 'Edge', 'Chrome'
  policy  TEXT NOT NULL,    -- 'AutoSelectCertificateForUrls'
  position TEXT,            -- name of the value
  pattern TEXT,             -- of the URL; NULL: the value is not what the browser reads
  issuer_cn TEXT, subject_cn TEXT, -- of the filter; NULL: any
  filter  TEXT,             -- as JSON
  decided_by TEXT NOT NULL, -- 'HKLM policy', 'HKCU policy'
  key     TEXT, entry TEXT, line INTEGER
);

-- facts/40-certificate.sql
-- Certificates: one row a SHA-1, the same on every machine (rows of several machines are merged by `thumbprint`).
CREATE TABLE certificate (
  machine TEXT NOT NULL,    -- where it was seen; a certificate seen on two machines has two rows that differ in this only
  thumbprint TEXT NOT NULL, -- SHA-1 of the DER
  sha256  TEXT,
  subject TEXT, issuer TEXT,          -- readable, RFC 4514 order as Windows prints: CN first
  subject_der TEXT, issuer_der TEXT,  -- hex of the encoded names
  subject_cn TEXT, issuer_cn TEXT,
  serial  TEXT,             -- hex
  not_before INTEGER, not_after INTEGER,
  version INTEGER,          -- 1 or 3
  self_signed INTEGER,      -- verified: subject equals issuer as encoded AND its own key verifies the signature
  self_issued INTEGER,      -- names equal
  is_ca   INTEGER,          -- basicConstraints
  path_length INTEGER,
  key_usage TEXT,           -- 'digitalSignature,keyEncipherment'; NULL: extension absent
  eku     TEXT,             -- OIDs joined by ' '; NULL: extension absent (all usages)
  client_auth INTEGER,      -- EKU absent, or contains 1.3.6.1.5.5.7.3.2 or 2.5.29.37.0
  ski TEXT, aki TEXT,       -- hex
  aki_issuer TEXT, aki_serial TEXT,  -- authority key identifier by issuer and serial number; NULL: not so given
  key_algorithm TEXT, key_bits INTEGER, signature_algorithm TEXT,
  curve   TEXT,             -- of an EC key: 'prime256v1', 'secp384r1', …
  signature_hash TEXT,      -- 'SHA256', 'SHA1', 'MD5', …; also of RSA-PSS; NULL: the algorithm has none of its own
  signed_digest TEXT,       -- hex: that hash of what was signed, by which lists of disallowed certificates name it (property 15)
  template TEXT,            -- of Microsoft's CA: name or OID
  size    INTEGER,          -- bytes of DER
  der     BLOB,             -- the certificate
  note    TEXT              -- what is odd about it; 'cannot be decoded': the columns that need that are NULL
);
CREATE TABLE certificate_name (
  machine TEXT NOT NULL, thumbprint TEXT NOT NULL,
  kind    TEXT NOT NULL,    -- dns, upn, email, uri, ip, directory, sid (KB5014754)
  value   TEXT
);
-- The parts of subject and issuer of certificates that are no CA's, as many-to-one mappings name them.
CREATE TABLE certificate_rdn (
  machine TEXT NOT NULL, thumbprint TEXT NOT NULL,
  field   TEXT NOT NULL,    -- Subject, Issuer
  sub_field TEXT NOT NULL,  -- as Windows abbreviates it: CN, OU, O, L, S, C, E, …
  value   TEXT
);
CREATE TABLE certificate_url (
  machine TEXT NOT NULL, thumbprint TEXT NOT NULL,
  kind    TEXT NOT NULL,    -- cdp, ocsp, ca-issuers
  url     TEXT
);

-- Where a certificate stands.
CREATE TABLE store_certificate (
  machine TEXT NOT NULL,
  location TEXT NOT NULL,   -- LocalMachine, CurrentUser, Service
  user    TEXT,             -- SID for CurrentUser; the service's name for Service
  store   TEXT NOT NULL,    -- logical: My, Root, CA, Disallowed, ClientAuthIssuer, …
  physical TEXT,            -- Registry, AuthRoot, GroupPolicy, Enterprise, SmartCard
  thumbprint TEXT NOT NULL,
  friendly_name TEXT,
  has_key_property INTEGER, -- property 2 is there; NULL not known
  archived INTEGER,
  eku_property TEXT,        -- property 9: OIDs joined by ' '; NULL absent
  disallowed_eku TEXT,      -- property 122: a root that is not trusted for these usages
  disallowed_after INTEGER, -- property 104: not trusted at all from this time on; 0: never
  not_before_limit INTEGER, -- property 126: what was issued after this time below it is not trusted …
  not_before_eku TEXT,      -- property 127: … for these usages; NULL: for any
  renewed_by TEXT,          -- property 64: thumbprint of the certificate that renewed it
  entry TEXT, line INTEGER
);

-- The private key that property 2 names (causes §4).
CREATE TABLE private_key (
  machine TEXT NOT NULL, thumbprint TEXT NOT NULL,
  location TEXT, user TEXT, store TEXT,
  provider TEXT, provider_type INTEGER, container TEXT, flags INTEGER, key_spec INTEGER,
  file_name TEXT,           -- computed from container and MachineGuid; NULL: not a software provider
  path    TEXT,             -- where that file was found
  other_path TEXT,          -- not found: a file of the same container that another machine's GUID made (a clone, a copied key)
  present INTEGER,          -- 1 found, 0 not in any collected folder, NULL cannot be known
  entry TEXT, line INTEGER
);

-- Chains as far as the machine's own stores give them. position 0 is the leaf. On a server, certificates of a user are judged
-- as the server would: its own Root, and of the user's stores only what that client sends.
CREATE TABLE chain (
  machine TEXT NOT NULL,    -- whose stores
  leaf    TEXT NOT NULL,    -- thumbprint of the leaf
  leaf_machine TEXT NOT NULL,  -- where the leaf stands; other than `machine` in case facts
  path    INTEGER NOT NULL, -- 0 the best path
  position INTEGER NOT NULL,
  thumbprint TEXT,          -- NULL: this link is missing
  subject TEXT,             -- of this link; for a missing one the issuer name that was looked for
  store   TEXT,             -- where it was found: Root, CA, My, …; 'sent': the server has it only from the client's handshake
  status  TEXT              -- what is wrong with this link, in Windows' words; CERT_TRUST_NO_ERROR
);
CREATE TABLE chain_status (
  machine TEXT NOT NULL, leaf TEXT NOT NULL, leaf_machine TEXT NOT NULL, path INTEGER NOT NULL,
  trusted INTEGER NOT NULL, -- ends in a verified self-signed certificate of the Root store
  status  TEXT NOT NULL,    -- Windows' words joined by ' ': CERT_TRUST_NO_ERROR, CERT_TRUST_IS_UNTRUSTED_ROOT, CERT_TRUST_IS_PARTIAL_CHAIN, CERT_TRUST_IS_NOT_TIME_VALID, …
  root    TEXT,             -- thumbprint of the anchor or of the topmost certificate found
  missing TEXT,             -- issuer name of the first link that is missing
  at      INTEGER           -- judged at this time: the machine's collection time
);

-- What Windows itself said of a certificate in My while the collector ran (CertGetCertificateChain for no usage, from the cache; certs/stores.json,
-- `chains`). One row a call; rows of machines that were collected from an image have none.
CREATE TABLE system_chain (
  machine TEXT NOT NULL, location TEXT NOT NULL, user TEXT, store TEXT NOT NULL, thumbprint TEXT NOT NULL,
  revocation TEXT NOT NULL, -- 'none': not looked at; 'cache': by what is cached
  outcome TEXT,             -- 'ok', else the call failed
  status  TEXT,             -- CERT_TRUST_STATUS.dwErrorStatus in Windows' words, as chain_status.status; NULL: the call failed
  error   INTEGER,          -- the same as a number
  links   INTEGER,          -- elements of the first simple chain, the leaf among them
  entry   TEXT
);
CREATE TABLE system_chain_link (
  machine TEXT NOT NULL, location TEXT NOT NULL, user TEXT, store TEXT NOT NULL, leaf TEXT NOT NULL, revocation TEXT NOT NULL,
  position INTEGER NOT NULL, -- 0 is the leaf
  thumbprint TEXT, status TEXT
);

-- What this server sends as acceptable issuers, or would send if SendTrustedIssuerList were on.
CREATE TABLE issuer_list (
  machine TEXT NOT NULL, source TEXT NOT NULL,  -- 'Root', 'ClientAuthIssuer', or the CTL store's name
  subject TEXT, subject_der TEXT,
  bytes INTEGER,            -- on the wire: the encoded name and the two bytes of its length
  thumbprint TEXT
);

-- facts/45-store.sql
-- What stores hold besides certificates, what is set on certificates there, and what a machine refuses in every chain.

-- Every property of a certificate in a store that was collected with its value (causes §3).
CREATE TABLE store_property (
  machine TEXT NOT NULL, location TEXT, user TEXT, store TEXT, physical TEXT, thumbprint TEXT NOT NULL,
  property INTEGER NOT NULL, -- CERT_…_PROP_ID of wincrypt.h
  name    TEXT,             -- Windows' name, 'FRIENDLY_NAME', 'ENHKEY_USAGE', 'DISALLOWED_FILETIME', …; NULL: unknown here
  value   TEXT,             -- texts as text, usages as OIDs joined by ' ', FILETIMEs as milliseconds UTC, else hex; NULL: over 4 KiB, or
                            -- only its presence is known
  entry TEXT, line INTEGER
);

-- What stands in a store of the registry and is skipped by Windows: a blob that does not decode, a key not named after its certificate.
CREATE TABLE store_damage (
  machine TEXT NOT NULL, location TEXT, user TEXT, store TEXT, physical TEXT,
  name    TEXT NOT NULL,    -- of the registry key: should be a thumbprint
  why     TEXT NOT NULL,
  entry TEXT, line INTEGER
);

-- Names that a CA certificate allows or excludes below it.
CREATE TABLE certificate_constraint (
  machine TEXT NOT NULL, thumbprint TEXT NOT NULL,
  kind    TEXT NOT NULL,    -- 'permitted dns', 'excluded ip', 'permitted directory', …; 'permitted other': one that is not shown
  value   TEXT
);

-- Revocation lists.
CREATE TABLE store_crl (
  machine TEXT NOT NULL, location TEXT, user TEXT, store TEXT, physical TEXT,
  sha1    TEXT NOT NULL,    -- of the DER
  issuer TEXT, issuer_der TEXT, aki TEXT,
  number  TEXT,             -- hex
  is_delta INTEGER NOT NULL,
  this_update INTEGER, next_update INTEGER,  -- next NULL: says none
  revoked INTEGER NOT NULL, -- how many serial numbers
  listed  INTEGER NOT NULL, -- how many of them are in crl_entry
  signed  INTEGER,          -- 1: the key of a certificate of that issuer signed it; 0: none of those known did; NULL: none is known
  signature_algorithm TEXT, size INTEGER,
  entry TEXT, line INTEGER
);
CREATE TABLE crl_entry (
  machine TEXT NOT NULL, sha1 TEXT NOT NULL,  -- of the list
  serial  TEXT NOT NULL,    -- hex, as certificate.serial
  revoked INTEGER,          -- when
  reason  TEXT              -- 'keyCompromise', …; NULL: not said
);

-- Certificate trust lists: authroot.stl, disallowedcert.stl, and those of IIS before Windows 2012.
CREATE TABLE store_ctl (
  machine TEXT NOT NULL, location TEXT, user TEXT, store TEXT, physical TEXT,
  sha1    TEXT NOT NULL,    -- of the DER
  usage   TEXT,             -- OIDs joined by ' '
  purpose TEXT,             -- 'roots': Microsoft's programme; 'disallowed': what it distrusts; NULL: another
  identifier TEXT,          -- list identifier: text, or hex
  number  TEXT,             -- sequence number, hex
  this_update INTEGER, next_update INTEGER,
  algorithm TEXT,           -- OID: what the entries' identifiers are
  entries INTEGER NOT NULL,
  size INTEGER, entry TEXT, line INTEGER
);
CREATE TABLE ctl_entry (
  machine TEXT NOT NULL, sha1 TEXT NOT NULL,  -- of the list
  subject TEXT NOT NULL,    -- identifier, hex: mostly the SHA-1 of a certificate
  properties TEXT           -- numbers of the properties that the list sets on it, joined by ' '
);

-- Limits for keys and signatures that are set on this machine (…\CertDllCreateCertificateChainEngine\Config), one row a value;
-- what has no row is Windows' own: RSA keys of 1023 bits at least, no MD2 and MD4.
CREATE TABLE chain_policy (
  machine TEXT NOT NULL,
  name    TEXT NOT NULL,    -- 'MinRsaPubKeyBitLength', 'WeakSha1AllFlags', 'WeakRsaThirdPartyMinBitLength', …
  value   INTEGER NOT NULL,
  entry TEXT, line INTEGER
);

-- Case facts: a chain as Schannel judges it, by ClientAuthTrustMode and the store of trusted issuers that the connection has. One row for
-- each such store of a server (that of a binding; ClientAuthIssuer; the machine's roots). Revocation is not looked at.
CREATE TABLE chain_trust (
  machine TEXT NOT NULL, leaf TEXT NOT NULL, leaf_machine TEXT NOT NULL,
  issuers TEXT,             -- name of that store; NULL: none, the machine's roots decide
  issuers_known INTEGER NOT NULL, -- 0: a store is named, and nothing of it is in the evidence
  trust_mode INTEGER NOT NULL,    -- 0 machine, 1 exclusive root, 2 exclusive CA
  accepted INTEGER,         -- NULL: cannot be known
  status  TEXT,             -- Windows' words
  path    INTEGER           -- of table chain; NULL in the exclusive modes, which look for issuers in that store as well
);

-- Case facts: the same chains at the times of symptoms and complaints, where the judgement is another than at the time of collection.
CREATE TABLE chain_at (
  machine TEXT NOT NULL, leaf TEXT NOT NULL, leaf_machine TEXT NOT NULL,
  at      INTEGER NOT NULL, -- a time at which the server answered with an error, or the complaint's
  trusted INTEGER NOT NULL,
  status  TEXT NOT NULL,
  thumbprint TEXT,          -- the first link that is at fault then; NULL: none is
  subject TEXT
);

-- facts/50-rights.sql
-- Rights on private-key files. Source: SDDL of the file.
CREATE TABLE key_file (
  machine TEXT NOT NULL,
  path    TEXT NOT NULL, file_name TEXT NOT NULL,
  outcome TEXT NOT NULL,    -- of reading its security descriptor
  owner   TEXT,             -- SID
  sddl    TEXT, modified INTEGER, entry TEXT, line INTEGER
);
CREATE TABLE access_entry (
  machine TEXT NOT NULL, object TEXT NOT NULL,  -- path
  position INTEGER NOT NULL,
  sid     TEXT NOT NULL,
  kind    TEXT NOT NULL,    -- allow, deny
  mask    INTEGER NOT NULL, -- file rights; generic rights are mapped to them
  inherit_only INTEGER NOT NULL DEFAULT 0, inherited INTEGER NOT NULL DEFAULT 0,
  entry TEXT, line INTEGER
);
-- Accounts that may run the client code: pools, services, the complaint's account.
CREATE TABLE identity (
  machine TEXT NOT NULL,
  account TEXT NOT NULL,    -- as a person writes it
  sid     TEXT,             -- NULL: not resolved
  why     TEXT NOT NULL,    -- 'app pool', 'complaint', 'collected'
  groups  TEXT              -- SIDs joined by ' '; NULL not known
);
-- May this identity read that key? Decided by the DACL alone (owner and privileges do not grant read).
CREATE TABLE key_access (
  machine TEXT NOT NULL, account TEXT NOT NULL, sid TEXT, thumbprint TEXT NOT NULL,
  path    TEXT,
  can_read TEXT NOT NULL,   -- yes, no, unknown
  why     TEXT NOT NULL
);

-- facts/60-log.sql
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

-- facts/65-event.sql
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

-- facts/70-handshake.sql
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

-- facts/90-views.sql
-- Views that make rules short. MATERIALIZED: worked out once a statement, not again for every row that asks.

-- Sites that do not run: serverAutoStart is false, as IIS Manager and appcmd write it when a site is stopped, and no log has a request to them. What is
-- wrong with one breaks nobody's request: they are left out of all views below.
CREATE VIEW stopped_site AS
WITH once AS MATERIALIZED (
SELECT s.machine, s.site FROM site s
WHERE s.auto_start = 0 AND NOT EXISTS (SELECT 1 FROM request_count c WHERE c.machine = s.machine AND c.site = s.site))
SELECT * FROM once;

-- Applications that do not run, though their site does: autoStart of their pool is false, and no log has a request to them or below. http.sys answers
-- 503 for them before IIS looks at anything. They are left out like stopped sites, applications of other pools below them are not.
CREATE VIEW stopped_application AS
WITH once AS MATERIALIZED (
SELECT a.machine, a.site, a.path FROM app_pool p JOIN application a ON a.machine = p.machine AND lower(a.app_pool) = lower(p.app_pool)
WHERE p.auto_start = 0 AND NOT EXISTS (SELECT 1 FROM request_count c WHERE c.machine = a.machine AND c.site = a.site
  AND substr(lower(coalesce(c.place, c.site)) || '/', 1, length(a.path) + 1) = lower(a.path) || '/'))
SELECT * FROM once;

-- The paths of their configuration.
CREATE VIEW stopped_path AS
WITH once AS MATERIALIZED (
SELECT DISTINCT e.machine, e.path FROM stopped_application t JOIN effective_config e ON e.machine = t.machine AND e.site = t.site
  AND substr(lower(e.path) || '/', 1, length(t.path) + 1) = lower(t.path) || '/'
WHERE NOT EXISTS (SELECT 1 FROM application o WHERE o.machine = t.machine AND o.site = t.site AND length(o.path) > length(t.path)
  AND substr(lower(e.path) || '/', 1, length(o.path) + 1) = lower(o.path) || '/'
  AND NOT EXISTS (SELECT 1 FROM stopped_application u WHERE u.machine = o.machine AND u.path = o.path)))
SELECT * FROM once;

-- What IIS answers 500.19 for (config_error), at sites and applications that run. nth: of one kind, section and path.
CREATE VIEW config_refused AS
SELECT e.*, row_number() OVER (PARTITION BY e.machine, e.path, e.section, e.kind ORDER BY e.entry, e.line) AS nth FROM config_error e
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = e.machine AND (lower(e.path) = lower(t.site) OR lower(substr(e.path, 1, length(t.site) + 1)) = lower(t.site) || '/'))
  AND NOT EXISTS (SELECT 1 FROM stopped_path t WHERE t.machine = e.machine AND lower(t.path) = lower(e.path));

-- Everything about one configured path in one row.
CREATE VIEW site_path AS
WITH once AS MATERIALIZED (
SELECT machine, site, path,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN value END) AS ssl_flags,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN origin END) AS ssl_flags_origin,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN entry END) AS ssl_flags_entry,
  max(CASE WHEN section = 'system.webServer/security/access' AND attribute = 'sslFlags' THEN line END) AS ssl_flags_line,
  max(CASE WHEN section = 'system.webServer/security/authentication/anonymousAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS anonymous,
  max(CASE WHEN section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS iis_mapping,
  max(CASE WHEN section = 'system.webServer/security/authentication/clientCertificateMappingAuthentication' AND attribute = 'enabled' THEN value = 'true' END) AS ad_mapping,
  max(broken) AS broken  -- 500.19 answers everything here
FROM effective_config e
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = e.machine AND t.site = e.site)
  AND NOT EXISTS (SELECT 1 FROM stopped_path t WHERE t.machine = e.machine AND t.path = e.path)
GROUP BY machine, site, path)
SELECT * FROM once;

-- Does this path ask for a certificate, and when? Paths that IIS answers with 500.19 (site_path.broken) ask for nothing and are left out.
CREATE VIEW cert_wanted AS
WITH once AS MATERIALIZED (
SELECT machine, site, path, ssl_flags, ssl_flags_origin, ssl_flags_entry, ssl_flags_line,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,sslnegotiatecert,%' AS negotiates,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,sslrequirecert,%' AS requires,
  ',' || replace(lower(ssl_flags), ' ', '') || ',' LIKE '%,ssl,%' AS requires_ssl
FROM site_path WHERE broken = 0)
SELECT * FROM once;

-- The http.sys record that is selected for each https binding of a site (causes §2): exact IP, SNI (the name itself before a
-- wildcard of its last labels), CCS (of that host before that of the port), every IPv4 address, every IPv6 address. http.sys goes by the name
-- in the ClientHello, not by sslFlags of the binding; of a binding without a name only sslFlags say that clients' names are looked up.
CREATE VIEW effective_binding AS
WITH once AS MATERIALIZED (
SELECT b.machine, b.site, b.information, b.ip, b.port, b.host, b.ssl_flags AS iis_ssl_flags, b.entry AS iis_entry, b.line AS iis_line,
  s.tree, s.endpoint, s.thumbprint, s.app_id, s.store, s.check_mode, s.freshness_time, s.url_retrieval_timeout,
  s.ctl_identifier, s.ctl_store, s.flags, s.negotiate, s.ds_mapper, s.source, s.modified, s.entry, s.line
FROM binding b LEFT JOIN ssl_binding s ON s.rowid = (
  SELECT id FROM ( -- records by name are looked up by their names: a hoster has thousands
    SELECT c.rowid AS id, CASE WHEN c.ip = '0.0.0.0' THEN 3 WHEN c.ip = '[::]' THEN 4 WHEN c.ip = b.ip THEN 0 ELSE 5 END AS rank, c.source <> 'api' AS source_rank
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'ip'
      AND (c.ip IN (b.ip, '0.0.0.0', '[::]') OR coalesce(b.ip, '*') IN ('*', '0.0.0.0', '[::]'))
    UNION ALL
    SELECT c.rowid, iif(c.host LIKE '*%', 1.5, 1), c.source <> 'api'
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'sni' AND b.host <> ''
      AND lower(coalesce(c.host, '')) IN (lower(b.host), lower('*' || substr(b.host, instr(b.host, '.')))) AND (lower(c.host) = lower(b.host) OR c.host LIKE '*.%')
    UNION ALL
    SELECT c.rowid, iif(coalesce(c.host, '') = '', 2.5, 2), c.source <> 'api'
    FROM ssl_binding c
    WHERE c.machine = b.machine AND c.port = b.port AND c.tree = 'ccs' AND ((coalesce(b.ssl_flags, 0) & 2) OR b.host <> '')
      AND lower(coalesce(c.host, '')) IN ('', lower(b.host)))
  ORDER BY rank, source_rank, id LIMIT 1)
WHERE b.protocol = 'https' AND NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = b.machine AND t.site = b.site))
SELECT * FROM once;

-- What is in the collections that hold at each path: path_item of handlers, authorization rules, … Those that differ there from the server's, then the
-- server's. Ask it by path or by section: there are paths times items of them, so that it stays a view.
CREATE VIEW path_item AS
SELECT p.machine, p.site, p.path, i.section, i.collection, i.position, i.attribute, i.value, i.path AS from_path, i.entry, i.line
FROM site_path p JOIN effective_collection c ON c.machine = p.machine AND c.path = p.path
JOIN effective_item i ON i.machine = c.machine AND i.path = c.from_path AND i.section = c.section AND i.collection = c.collection
UNION ALL
SELECT p.machine, p.site, p.path, i.section, i.collection, i.position, i.attribute, i.value, i.path, i.entry, i.line
FROM site_path p JOIN effective_item i ON i.machine = p.machine AND i.path = ''
WHERE NOT EXISTS (SELECT 1 FROM effective_collection c
  WHERE c.machine = p.machine AND c.path = p.path AND c.section = i.section AND c.collection = i.collection);

-- The mapping entries that IIS uses for a site: those of the server and the site, merged (entries below a site are read by nobody, B03).
CREATE VIEW site_mapping AS
WITH own AS MATERIALIZED (
SELECT s.machine, s.site, c.collection, c.from_path FROM site s JOIN effective_collection c ON c.machine = s.machine AND c.path = s.site
  AND c.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
UNION ALL
SELECT DISTINCT s.machine, s.site, i.collection, '' FROM site s JOIN effective_item i ON i.machine = s.machine AND i.path = ''
  AND i.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
WHERE NOT EXISTS (SELECT 1 FROM effective_collection c
  WHERE c.machine = s.machine AND c.path = s.site AND c.section = i.section AND c.collection = i.collection)),
once AS MATERIALIZED (
SELECT DISTINCT o.machine, o.site, i.entry, i.line, i.col, i.position
FROM own o JOIN effective_item i ON i.machine = o.machine AND i.path = o.from_path AND i.collection = o.collection
  AND i.section = 'system.webServer/security/authentication/iisClientCertificateMappingAuthentication'
WHERE NOT EXISTS (SELECT 1 FROM stopped_site t WHERE t.machine = o.machine AND t.site = o.site))
SELECT o.machine, o.site, m.kind, o.position, m.path AS from_path, m.name, m.enabled, m.user_name, m.permission_mode, m.thumbprint,
  m.blob_problem, m.file_level, m.entry, m.line
FROM once o JOIN certificate_mapping m ON m.machine = o.machine AND m.entry = o.entry AND m.line = o.line AND m.col = o.col;

-- Symptoms: what the logs show, per place.
CREATE VIEW symptom AS
WITH once AS MATERIALIZED (
SELECT c.machine, c.site, c.site_id, c.place, c.status, c.substatus, c.win32,
  c.count, coalesce(s.clients, c.clients) AS clients, c.first, c.last,
  s.answered, s.preflights, s.peak_hour, s.peak_count, s.urls, s.url_count, s.trend
FROM (
  SELECT machine, site, site_id, place, status, substatus, win32,
    sum(count) AS count, max(clients) AS clients, min(first) AS first, max(last) AS last
  FROM request_count
  WHERE (status = 403 AND substatus IN (4, 5, 7, 12, 13, 16, 17)) OR (status = 500 AND win32 IN (64, 995, 50, 2147943395, 2147942450))
     OR (status = 500 AND substatus = 19) OR status = 413 OR (status = 401) OR (status = 403 AND substatus = 0)
     OR (status = 502 AND win32 IN (12044, 2147954444))
  GROUP BY machine, site, site_id, place, status, substatus, win32) c
LEFT JOIN request_symptom s ON s.machine = c.machine AND s.site IS c.site AND s.site_id IS c.site_id AND s.place IS c.place
  AND s.status = c.status AND s.substatus IS c.substatus AND s.win32 IS c.win32)
SELECT * FROM once;

-- facts/91-binding-views.sql
-- Bindings: the bits of their flags in words, records that take connections from a binding, and where IIS and http.sys disagree.

-- The bits that are set in an http.sys record. Source: http.h, HTTP_SERVICE_CONFIG_SSL_FLAG_… and DefaultCertCheckMode; causes §2.
CREATE VIEW ssl_binding_flag AS
WITH bit(kind, bit, name) AS (VALUES
  ('flag', 0x1, 'USE_DS_MAPPER'), ('flag', 0x2, 'NEGOTIATE_CLIENT_CERT'), ('flag', 0x4, 'NO_RAW_FILTER'), ('flag', 0x8, 'REJECT'),
  ('flag', 0x10, 'DISABLE_HTTP2'), ('flag', 0x20, 'DISABLE_QUIC'), ('flag', 0x40, 'DISABLE_TLS13'), ('flag', 0x80, 'DISABLE_OCSP_STAPLING'),
  ('flag', 0x100, 'ENABLE_TOKEN_BINDING'), ('flag', 0x200, 'LOG_EXTENDED_EVENTS'), ('flag', 0x400, 'DISABLE_LEGACY_TLS'),
  ('flag', 0x800, 'ENABLE_SESSION_TICKET'), ('flag', 0x1000, 'DISABLE_TLS12'), ('flag', 0x2000, 'ENABLE_CLIENT_CORRELATION'),
  ('flag', 0x4000, 'DISABLE_SESSION_ID'), ('flag', 0x8000, 'ENABLE_CACHE_CLIENT_HELLO'),
  ('check mode', 0x1, 'no revocation check'), ('check mode', 0x2, 'cached revocation only'), ('check mode', 0x4, 'freshness time counts'),
  ('check mode', 0x8, 'cached URLs only'), ('check mode', 0x10, 'no AIA retrieval'), ('check mode', 0x10000, 'no usage check'))
SELECT s.machine, s.tree, s.endpoint, s.source, b.kind, b.bit, b.name, s.entry, s.line
FROM ssl_binding s JOIN bit b ON CASE b.kind WHEN 'flag' THEN s.flags ELSE s.check_mode END & b.bit;

-- The records of http.sys, each once where several sources tell of it. serves: a binding takes its connections from it.
CREATE VIEW ssl_record AS
WITH once AS MATERIALIZED (
SELECT *, row_number() OVER (PARTITION BY machine, tree, lower(endpoint) ORDER BY source, entry, line) AS nth FROM ssl_binding)
SELECT o.*, EXISTS (SELECT 1 FROM effective_binding u WHERE u.machine = o.machine AND u.tree = o.tree AND u.endpoint = o.endpoint) AS serves
FROM once o WHERE o.nth = 1;

-- The bits of sslFlags of an IIS binding, and the http.sys flag that IIS sets for them (NULL: the tree of the record tells).
CREATE VIEW binding_flag AS
WITH bit(bit, name, http_sys) AS (VALUES (1, 'Sni', NULL), (2, 'CentralCertStore', NULL), (4, 'DisableHTTP2', 0x10),
  (8, 'DisableOCSPStp', 0x80), (16, 'DisableQUIC', 0x20), (32, 'DisableTLS13', 0x40), (64, 'DisableLegacyTLS', 0x400),
  (128, 'NegotiateClientCert', 0x2))
SELECT b.machine, b.site, b.information, x.bit, x.name, x.http_sys, b.entry, b.line
FROM binding b JOIN bit x ON b.ssl_flags & x.bit WHERE b.protocol = 'https';

-- An https binding for every address, and a record of one address and the same port: connections to that address use the record,
-- whatever host name they ask for (causes §2: the exact address comes before SNI).
CREATE VIEW binding_shadow AS
WITH once AS MATERIALIZED (
SELECT DISTINCT b.machine, b.site, b.information, b.tree, b.endpoint, x.endpoint AS shadow, x.negotiate AS shadow_negotiate,
  b.negotiate, b.entry, b.line, x.entry AS shadow_entry, x.line AS shadow_line
FROM effective_binding b JOIN ssl_binding x ON x.machine = b.machine AND x.tree = 'ip' AND x.port = b.port
  AND x.ip NOT IN ('0.0.0.0', '[::]') AND x.endpoint <> coalesce(b.endpoint, '')
WHERE coalesce(b.ip, '*') IN ('*', '', '0.0.0.0', '[::]'))
SELECT * FROM once;

-- Where the binding in applicationHost.config and the record of http.sys disagree. what: 'no record' (the connection is reset), 'tree'
-- (SNI or central certificates asked for, a record of another kind answers), 'flag' (a bit of binding_flag is not in the record),
-- 'negotiate' (the record negotiates and the binding does not say so, where Windows has that bit), 'source' (the registry and the
-- API hold two values: the registry was edited and the HTTP service was not started again).
CREATE VIEW binding_mismatch AS
WITH once AS MATERIALIZED (
SELECT b.machine, b.site, b.information, b.endpoint, 'no record' AS what, NULL AS iis, NULL AS http_sys, b.iis_entry, b.iis_line, NULL AS entry, NULL AS line
FROM effective_binding b WHERE b.tree IS NULL AND EXISTS (SELECT 1 FROM ssl_binding s WHERE s.machine = b.machine)
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'tree', CASE WHEN b.iis_ssl_flags & 2 THEN 'ccs' WHEN b.iis_ssl_flags & 1 THEN 'sni' ELSE 'ip' END, b.tree,
  b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b
WHERE b.tree IS NOT NULL AND b.tree <> CASE WHEN b.iis_ssl_flags & 2 THEN 'ccs' WHEN b.iis_ssl_flags & 1 THEN 'sni' ELSE 'ip' END
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'flag', f.name, 'not set', b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b JOIN binding_flag f ON f.machine = b.machine AND f.site = b.site AND f.information = b.information
WHERE b.tree IS NOT NULL AND f.http_sys IS NOT NULL AND b.flags & f.http_sys = 0
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'negotiate', 'not set', 'NEGOTIATE_CLIENT_CERT', b.iis_entry, b.iis_line, b.entry, b.line
FROM effective_binding b JOIN windows_default d ON d.machine = b.machine AND d.name = 'binding sslFlags' AND d.value & 128
WHERE b.negotiate AND coalesce(b.iis_ssl_flags, 0) & 128 = 0
UNION ALL
SELECT b.machine, b.site, b.information, b.endpoint, 'source', 'registry ' || printf('0x%X', r.flags), 'API ' || printf('0x%X', a.flags),
  b.iis_entry, b.iis_line, r.entry, r.line
FROM effective_binding b JOIN ssl_binding a ON a.machine = b.machine AND a.tree = b.tree AND a.endpoint = b.endpoint AND a.source = 'api'
  JOIN ssl_binding r ON r.machine = b.machine AND r.tree = b.tree AND r.endpoint = b.endpoint AND r.source = 'registry'
WHERE a.flags <> r.flags OR a.check_mode <> r.check_mode OR a.thumbprint IS NOT r.thumbprint OR coalesce(a.ctl_store, '') <> coalesce(r.ctl_store, ''))
SELECT * FROM once;

-- facts/92-log-views.sql
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

-- facts/93-event-views.sql
-- What events say, in words, and which requests stand beside them.

-- TLS alerts (RFC 8446 6.2, RFC 5246 7.2.2; causes K14). about: certificate (one side dislikes the other's), protocol, other.
CREATE VIEW tls_alert AS
WITH alert(alert, name, about) AS (VALUES
  (0, 'close_notify', 'other'), (10, 'unexpected_message', 'protocol'), (20, 'bad_record_mac', 'other'), (21, 'decryption_failed', 'other'),
  (22, 'record_overflow', 'other'), (30, 'decompression_failure', 'other'), (40, 'handshake_failure', 'protocol'),
  (41, 'no_certificate', 'certificate'), (42, 'bad_certificate', 'certificate'), (43, 'unsupported_certificate', 'certificate'),
  (44, 'certificate_revoked', 'certificate'), (45, 'certificate_expired', 'certificate'), (46, 'certificate_unknown', 'certificate'),
  (47, 'illegal_parameter', 'protocol'), (48, 'unknown_ca', 'certificate'), (49, 'access_denied', 'certificate'), (50, 'decode_error', 'protocol'),
  (51, 'decrypt_error', 'other'), (60, 'export_restriction', 'protocol'), (70, 'protocol_version', 'protocol'),
  (71, 'insufficient_security', 'protocol'), (80, 'internal_error', 'other'), (86, 'inappropriate_fallback', 'protocol'), (90, 'user_canceled', 'other'),
  (100, 'no_renegotiation', 'protocol'), (109, 'missing_extension', 'protocol'), (110, 'unsupported_extension', 'protocol'),
  (111, 'certificate_unobtainable', 'certificate'), (112, 'unrecognized_name', 'other'), (113, 'bad_certificate_status_response', 'certificate'),
  (114, 'bad_certificate_hash_value', 'certificate'), (115, 'unknown_psk_identity', 'other'), (116, 'certificate_required', 'certificate'),
  (120, 'no_application_protocol', 'protocol'))
SELECT alert, name, about FROM alert;

-- Events of this field by number (causes K15, M12, §10; https://learn.microsoft.com/previous-versions/windows/it-pro/windows-server-2012-R2-and-2012/dn786445(v=ws.11),
-- KB5014754). kind: key (a private key), credential, protocol, client-certificate, server-certificate, mapping, issuer-list, alert, handshake (a success),
-- chain, policy, revocation, retrieval, binding, logon, clock, domain, configuration. bad: it tells of a failure even when nothing else in it says so.
CREATE VIEW event_meaning AS
WITH e(area, event_id, kind, bad, meaning) AS (VALUES
  ('schannel', 36865, 'credential', 1, 'a module of the cryptographic system could not be opened'),
  ('schannel', 36869, 'key', 1, 'the certificate of the credential has no private key attached'),
  ('schannel', 36870, 'key', 1, 'the private key of the credential could not be used'),
  ('schannel', 36871, 'credential', 1, 'no TLS credential could be made'),
  ('schannel', 36872, 'credential', 1, 'no usable certificate for the server''s credential'),
  ('schannel', 36873, 'protocol', 1, 'no cipher suite is enabled'),
  ('schannel', 36874, 'protocol', 1, 'the client offers no cipher suite that the server supports'),
  ('schannel', 36875, 'client-certificate', 1, 'the server asked for a client certificate and no suitable one was found; the connection goes on without'),
  ('schannel', 36876, 'server-certificate', 1, 'the certificate of the server did not validate'),
  ('schannel', 36877, 'client-certificate', 1, 'the certificate of the client did not validate'),
  ('schannel', 36878, 'mapping', 1, 'the certificate of the client is not fit to be mapped to an account'),
  ('schannel', 36879, 'mapping', 1, 'the certificate of the client was not mapped to an account'),
  ('schannel', 36880, 'handshake', 0, 'a handshake was completed'),
  ('schannel', 36881, 'server-certificate', 1, 'the certificate of the server has expired or is not yet valid'),
  ('schannel', 36882, 'server-certificate', 1, 'the certificate of the server was issued by an authority that is not trusted'),
  ('schannel', 36883, 'server-certificate', 1, 'the certificate of the server is revoked'),
  ('schannel', 36884, 'server-certificate', 1, 'the certificate of the server is for another name'),
  ('schannel', 36885, 'issuer-list', 1, 'the list of trusted issuers is too long and was cut'),
  ('schannel', 36886, 'credential', 1, 'this machine has no default server credential'),
  ('schannel', 36887, 'alert', 1, 'a fatal alert was received'),
  ('schannel', 36888, 'alert', 1, 'a fatal alert was sent'),
  ('schannel', 36889, 'credential', 1, 'the chain of the credential''s certificate is not complete'),
  ('capi2', 11, 'chain', 0, 'a chain was built'),
  ('capi2', 30, 'policy', 0, 'a chain was checked against a policy'),
  ('capi2', 41, 'revocation', 0, 'revocation was checked'),
  ('capi2', 42, 'revocation', 0, 'an answer about revocation was rejected'),
  ('capi2', 51, 'retrieval', 0, 'an object was looked for in the cache'),
  ('capi2', 53, 'retrieval', 0, 'an object was fetched from the network'),
  ('capi2', 70, 'key', 0, 'a private key was acquired'),
  ('capi2', 80, 'policy', 0, 'the verification of a signature began'),
  ('capi2', 81, 'policy', 0, 'a signature was verified'),
  ('capi2', 90, 'chain', 0, 'the certificates of a chain'),
  ('http', 15005, 'binding', 1, 'http.sys could not bind to the transport'),
  ('http', 15021, 'binding', 1, 'http.sys could not use the TLS configuration of this endpoint'),
  ('http', 15300, 'binding', 0, 'the TLS configuration of this endpoint was deleted'),
  ('http', 15301, 'binding', 0, 'the TLS configuration of this endpoint was created'),
  ('kdc', 39, 'mapping', 1, 'the certificate could not be mapped to its account in a strong way'),
  ('kdc', 40, 'mapping', 1, 'the certificate is older than the account that it is mapped to'),
  ('kdc', 41, 'mapping', 1, 'the SID in the certificate is not that of the account (on 2008 and 2008 R2: not mapped in a strong way)'),
  ('kdc', 45, 'mapping', 1, 'the certificate does not chain to a CA of the NTAuth store'),
  ('kdc', 48, 'mapping', 1, 'the certificate is older than the account that it is mapped to (2008, 2008 R2)'),
  ('kdc', 49, 'mapping', 1, 'the SID in the certificate is not that of the account (2008, 2008 R2)'),
  ('kdc', 19, 'mapping', 1, 'a smart card logon was tried and the KDC cannot use PKINIT'),
  ('kdc', 21, 'mapping', 1, 'the certificate of the user is not valid'),
  ('kdc', 29, 'mapping', 1, 'the KDC has no suitable certificate for smart card logons'),
  ('netlogon', 5719, 'domain', 1, 'no domain controller could be reached'),
  ('time', 29, 'clock', 1, 'no source of time is reachable'),
  ('time', 36, 'clock', 1, 'the clock was not set for a day'),
  ('time', 47, 'clock', 1, 'a source of time does not answer'),
  ('time', 50, 'clock', 1, 'the clock differs from its source by more than the limit'),
  ('time', 129, 'clock', 1, 'no domain peer can be found as a source of time'),
  ('time', 134, 'clock', 1, 'the name of a source of time cannot be resolved'),
  ('time', 142, 'clock', 1, 'the clock is not in step any more'),
  ('security', 4625, 'logon', 1, 'a logon failed'),
  ('security', 4768, 'logon', 0, 'a Kerberos ticket was asked for'),
  ('security', 4771, 'logon', 1, 'Kerberos pre-authentication failed'),
  ('security', 4776, 'logon', 0, 'credentials were checked by NTLM'))
SELECT area, event_id, kind, bad, meaning FROM e;

-- Computers that events name, and whether that is the machine whose bundle holds them: a customer may add the log of a client, or of a domain
-- controller, to the server's bundle. own: the same name, or one of the two is not known.
CREATE VIEW event_computer AS
SELECT m.machine, c.computer, m.name IS NULL OR c.computer IS NULL
  OR lower(iif(instr(c.computer, '.'), substr(c.computer, 1, instr(c.computer, '.') - 1), c.computer)) = lower(m.name) AS own
FROM machine m JOIN (SELECT DISTINCT machine, computer FROM event_count) c ON c.machine = m.machine;

-- Events in one row a kind: exact counts, with the words. failed: it tells of a failure, by its number or
-- its result; one whose number is not known, by its level.
CREATE VIEW event_seen AS
WITH once AS MATERIALIZED (
SELECT c.machine, c.computer, w.own, c.area, c.event_id, min(c.level) AS level, c.side, c.code, c.error, c.error_text, c.state, c.status, c.process,
  sum(c.count) AS count, min(c.first) AS first, max(c.last) AS last
FROM event_count c JOIN event_computer w ON w.machine = c.machine AND w.computer IS c.computer
GROUP BY c.machine, c.computer, c.area, c.event_id, c.side, c.code, c.error, c.state, c.status, c.process)
SELECT o.*, m.kind, m.meaning, a.name AS alert,
  CASE WHEN o.area = 'schannel' AND o.event_id = 36887 AND a.about = 'certificate' THEN 'the other side dislikes the certificate of this one'
    WHEN o.area = 'schannel' AND o.event_id = 36888 AND a.about = 'certificate' THEN 'this side dislikes the certificate of the other one' END AS alert_meaning,
  CASE WHEN m.bad OR coalesce(o.error, 0) <> 0 OR o.status IS NOT NULL THEN 1 WHEN m.bad = 0 THEN 0
    ELSE coalesce(o.level, 4) BETWEEN 1 AND 3 END AS failed
FROM once o LEFT JOIN event_meaning m ON m.area = o.area AND m.event_id = o.event_id
  LEFT JOIN tls_alert a ON o.area = 'schannel' AND o.event_id IN (36887, 36888) AND a.alert = o.code;

-- An event that tells of a failure next to the requests that failed in the same minute on the same machine (15 s of grace at its ends).
CREATE VIEW event_request AS
WITH e AS MATERIALIZED (
SELECT e.machine, e.entry AS event_entry, e.line AS event_line, e.record, e.time AS event_time, e.area, e.event_id, e.level, e.side, e.code, e.error,
  e.error_text, e.state, e.status AS event_status, e.process, e.subject, e.thumbprint, e.endpoint, e.target
FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
  LEFT JOIN event_meaning m ON m.area = e.area AND m.event_id = e.event_id
WHERE e.time IS NOT NULL
  AND CASE WHEN m.bad OR coalesce(e.error, 0) <> 0 OR e.status IS NOT NULL THEN 1 WHEN m.bad = 0 THEN 0
    ELSE coalesce(e.level, 4) BETWEEN 1 AND 3 END),
near AS MATERIALIZED (
SELECT e.*, (e.event_time - 15000) / 60000 * 60000 + n.i * 60000 AS minute
FROM e JOIN (SELECT 0 AS i UNION ALL SELECT 1) n ON n.i = 0 OR (e.event_time + 15000) / 60000 > (e.event_time - 15000) / 60000)
SELECT n.*, r.site, r.site_id, r.place, r.status, r.substatus, r.win32, r.count, r.client, r.url, r.entry, r.line
FROM near n JOIN request_minute r ON r.machine = n.machine AND r.minute = n.minute;

-- Failures that Schannel of another computer wrote, of a client of the case or one whose log was added, within a minute of a sampled request that failed on a server.
CREATE VIEW client_event_request AS
WITH e AS MATERIALIZED (
SELECT iif(o.own, e.machine, e.computer) AS event_machine, o.own, e.machine AS holder, e.entry AS event_entry, e.line AS event_line, e.record, e.time AS event_time, e.area, e.event_id, e.side, e.code, e.error,
  e.error_text, e.status AS event_status, e.process, e.time / 60000 + n.i AS minute
FROM event e JOIN machine m ON m.machine = e.machine JOIN event_computer o ON o.machine = e.machine AND o.computer IS e.computer AND (NOT o.own OR (m.is_client AND NOT m.is_server))
JOIN event_meaning w ON w.area = e.area AND w.event_id = e.event_id AND w.bad
JOIN (SELECT -1 AS i UNION ALL SELECT 0 UNION ALL SELECT 1) n
WHERE e.area = 'schannel' AND e.time IS NOT NULL AND coalesce(e.side, 'client') = 'client'),
r AS MATERIALIZED (
SELECT r.machine, r.site, r.place, r.time, r.status, r.substatus, r.win32, r.client, r.url, r.entry, r.line, r.time / 60000 AS minute
FROM request r WHERE r.status IN (401, 403, 413, 500) AND EXISTS (SELECT 1 FROM e))
SELECT r.machine, r.site, r.place, r.time, r.status, r.substatus, r.win32, r.client, r.url, r.entry, r.line, e.event_machine, e.event_entry, e.event_line, e.record,
  e.event_time, e.area, e.event_id, e.side, e.code, e.error, e.error_text, e.event_status, e.process
FROM e JOIN r ON r.minute = e.minute AND (r.machine <> e.holder OR NOT e.own)
WHERE abs(r.time - e.event_time) <= 60000;

-- Up to three events of each kind of event_seen, the newest ones, in words for the evidence of a finding.
CREATE VIEW event_evidence AS
WITH once AS MATERIALIZED (
SELECT e.machine, e.computer, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process, e.time, e.entry, e.line, e.record,
  coalesce(e.provider, e.area) || ' ' || e.event_id || coalesce(' at ' || iso(e.time), '') || coalesce(', record ' || e.record, '')
    || coalesce(', ' || e.side, '') || coalesce(', alert ' || iif(e.area = 'schannel', e.code, NULL), '') || coalesce(', ' || hex32(nullif(e.error, 0)), '')
    || coalesce(', ' || e.process, '') || coalesce(', ' || e.endpoint, '') || coalesce(', ' || e.account, '') || coalesce(', ' || e.subject, '') AS excerpt,
  row_number() OVER (PARTITION BY e.machine, e.computer, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process ORDER BY e.time DESC, e.entry, e.record) AS n
FROM event e)
SELECT * FROM once WHERE n <= 3;

-- How many failed requests stand in the minutes of each kind of event, a place that they are at and their statuses.
CREATE VIEW event_beside AS
WITH e AS MATERIALIZED (
SELECT DISTINCT e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process, (e.time + n.grace) / 60000 * 60000 AS minute
FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own
  JOIN (SELECT -15000 AS grace UNION ALL SELECT 15000) n
WHERE e.time IS NOT NULL),
r AS MATERIALIZED (
SELECT machine, minute, sum(count) AS count, max(place) AS place, max(status = 401) * 1 + max(status = 403 AND substatus = 7) * 2 + max(status = 403 AND substatus = 13) * 4
  + max(status = 403 AND substatus = 16) * 8 + max(status = 403 AND substatus = 17) * 16 + max(status = 413) * 32 + max(status = 500) * 64 AS bits
FROM request_minute GROUP BY machine, minute),
b AS MATERIALIZED (
SELECT e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status AS status_words, e.process, sum(r.count) AS requests, max(r.place) AS place,
  max(r.bits & 1) | max(r.bits & 2) | max(r.bits & 4) | max(r.bits & 8) | max(r.bits & 16) | max(r.bits & 32) | max(r.bits & 64) AS bits
FROM e JOIN r ON r.machine = e.machine AND r.minute = e.minute
GROUP BY e.machine, e.area, e.event_id, e.side, e.code, e.error, e.state, e.status, e.process)
SELECT machine, area, event_id, side, code, error, state, status_words, process, requests, place,
  coalesce(nullif(trim(iif(bits & 1, '401, ', '') || iif(bits & 2, '403.7, ', '') || iif(bits & 4, '403.13, ', '') || iif(bits & 8, '403.16, ', '') || iif(bits & 16, '403.17, ', '')
    || iif(bits & 32, '413, ', '') || iif(bits & 64, '500, ', ''), ', '), ''), 'other statuses') AS statuses
FROM b;

-- What a domain controller says of certificates that it did not map (KB5014754): one row an account and certificate. machine: the controller, as
-- its log names it where that was added to another machine's bundle. about: strong (no strong
-- mapping), predates (the certificate is older than the account), sid (it has the SID of another account), ntauth (its CA is not in NTAuth).
CREATE VIEW kdc_refusal AS
WITH e AS MATERIALIZED (
SELECT e.*, iif(w.own, e.machine, e.computer) AS dc, CASE WHEN w.own AND d.value = 0 THEN CASE e.event_id WHEN 41 THEN 'strong' WHEN 48 THEN 'predates' WHEN 49 THEN 'sid' WHEN 45 THEN 'ntauth' END
  ELSE CASE e.event_id WHEN 39 THEN 'strong' WHEN 40 THEN 'predates' WHEN 41 THEN 'sid' WHEN 45 THEN 'ntauth' END END AS about
FROM event e LEFT JOIN windows_default d ON d.machine = e.machine AND d.name = 'Kdc events anew' JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer
WHERE e.area = 'kdc')
SELECT dc AS machine, about, event_id, account, subject, issuer, serial, thumbprint, count(*) AS count, min(time) AS first, max(time) AS last, max(entry) AS entry,
  max(line) AS line, max(level) AS level
FROM e WHERE about IS NOT NULL
GROUP BY dc, about, event_id, account, thumbprint, serial;

-- Servers that map certificates by Active Directory, at a path or by an http.sys record, with the first such path.
CREATE VIEW admap_server AS
WITH once AS MATERIALIZED (
SELECT machine, min(site) AS site, min(path) AS path FROM (
  SELECT machine, site, path FROM site_path WHERE ad_mapping AND broken = 0
  UNION ALL SELECT machine, site, site FROM effective_binding WHERE ds_mapper)
GROUP BY machine)
SELECT * FROM once;

-- Is the System log of a domain controller in the case? One row when it is.
CREATE VIEW dc_log AS
SELECT DISTINCT 1 AS seen FROM event_channel c JOIN machine m ON m.machine = c.machine
WHERE (m.is_dc AND lower(c.channel) = 'system') OR EXISTS (SELECT 1 FROM event_count k WHERE k.machine = c.machine AND k.area = 'kdc');

-- What an event says in a few words, to stand in another rule's message: "12 time(s), the last at 2024-03-12T08:38:30.000Z (0x8009030d)".
CREATE VIEW event_told AS
SELECT machine, area, event_id, side, sum(count) || ' time(s), the last at ' || iso(max(last))
  || coalesce(' (' || group_concat(DISTINCT hex32(nullif(error, 0))) || ')', '') AS words
FROM (SELECT * FROM event_seen WHERE own ORDER BY error)
GROUP BY machine, area, event_id, side;

-- Accounts that this case is about, in lower case without domain: named by the complaint, or by the mapping of a certificate.
CREATE VIEW case_account AS
WITH a AS (
SELECT account FROM complaint WHERE coalesce(account, '') <> ''
UNION SELECT user_name FROM site_mapping WHERE coalesce(user_name, '') <> '')
SELECT DISTINCT lower(CASE WHEN instr(account, '\') THEN substr(account, instr(account, '\') + 1) WHEN instr(account, '@') THEN substr(account, 1, instr(account, '@') - 1)
  ELSE account END) AS account FROM a;

-- facts/94-handshake-views.sql
-- Handshakes against the bindings that they were for, and in one line.

-- Which binding a handshake was for: what the probe itself says, else the host name that the client named (or that was connected to), by the
-- binding's host name, or, where the binding has none, by a name in its certificate. side: 'server', recorded on the machine that
-- has the binding; 'client', recorded on another one (view client_handshake: on a client). name: that name. is_local: recorded between the server and itself, so that no device is in between.
CREATE VIEW handshake_binding AS
WITH named AS MATERIALIZED (
SELECT h.rowid AS id, h.machine, h.site, h.binding, h.server_port, lower(coalesce(h.sni, h.host)) AS name FROM handshake h WHERE h.server_port IS NOT NULL),
bound AS MATERIALIZED (
SELECT DISTINCT b.machine, b.site, b.information, b.port, lower(coalesce(nullif(b.host, '*'), '')) AS host, b.tree, b.endpoint, b.negotiate, b.thumbprint, b.modified, b.entry, b.line
FROM effective_binding b WHERE b.endpoint IS NOT NULL),
once AS MATERIALIZED (
SELECT n.id, n.name, b.* FROM named n JOIN bound b ON b.port = n.server_port AND (
  (n.site IS NOT NULL AND n.machine = b.machine AND n.site = b.site AND n.binding = b.information)
  OR (n.site IS NULL AND b.host <> '' AND b.host = n.name)
  OR (n.site IS NULL AND b.host = '' AND NOT EXISTS (SELECT 1 FROM bound o WHERE o.machine = b.machine AND o.port = b.port AND o.host = n.name)
    AND EXISTS (SELECT 1 FROM certificate_name c WHERE c.machine = b.machine AND c.thumbprint = b.thumbprint AND c.kind = 'dns'
      AND (lower(c.value) = n.name OR (c.value LIKE '*.%' AND substr(n.name, instr(n.name, '.')) = lower(substr(c.value, 2))))))))
SELECT o.machine, o.site, o.information, o.name, o.port, o.host, o.tree, o.endpoint, o.negotiate, o.thumbprint AS bound_thumbprint, o.modified,
  o.entry AS binding_entry, o.line AS binding_line, iif(h.machine = o.machine, 'server', 'client') AS side, h.machine = o.machine AND coalesce(h.local, 0) AS is_local,
  h.machine AS seen_on, h.entry, h.connection, h.source, h.how, h.time, h.client_address, h.server_address, h.bytes_before, h.sni, h.version, h.asked, h.asked_why,
  h.client_certificate, h.server_thumbprint, h.renegotiated, h.renegotiated_after_data, h.end_by, h.end_how
FROM once o JOIN handshake h ON h.rowid = o.id;

-- Handshakes that say the same, in one row: who saw them, with which server, and what became of the question for a certificate.
CREATE VIEW handshake_seen AS
WITH once AS MATERIALIZED (
SELECT machine, source, coalesce(sni, host, server_address, '?') || ':' || coalesce(server_port, '?') AS server, local, version, asked, asked_why, asked_late,
  client_certificate, coalesce(alert_by || ' alert ' || alert, '') AS alert, outcome, stage, authorities,
  count(*) AS count, min(time) AS first, max(time) AS last, min(entry) AS entry, min(connection) AS connection, max(text) AS text,
  min(server_address) AS server_address
FROM handshake
GROUP BY machine, source, coalesce(sni, host, server_address, '?'), server_port, local, version, asked, asked_why, asked_late, client_certificate,
  coalesce(alert_by || ' alert ' || alert, ''), outcome, stage, authorities)
SELECT machine, source, server, server_address, local, version, asked, asked_why, asked_late, client_certificate, authorities, count, first, last, entry, connection,
  CASE WHEN asked = 'yes' THEN 'asked for a client certificate' || CASE WHEN authorities = 0 THEN ', naming no issuers' WHEN authorities > 0 THEN ', naming '
      || authorities || iif(authorities = 1, ' issuer', ' issuers') ELSE '' END
      || CASE client_certificate WHEN 'sent' THEN '; the client sent one' WHEN 'empty' THEN '; the client had none to give' WHEN 'unanswered' THEN '; the client ended it'
        ELSE '; what the client answered cannot be known' END
    WHEN asked = 'no' THEN 'did not ask for a client certificate' || iif(asked_late, ', and did when the path was requested', '')
    ELSE 'cannot be known whether it asked: ' || CASE asked_why
      WHEN 'TLS 1.3' THEN 'in TLS 1.3 that is encrypted' WHEN 'renegotiated' THEN 'not in the first handshake; a later one is encrypted'
      WHEN 'resumed' THEN 'an earlier session was resumed' WHEN 'no ServerHello' THEN 'the server did not answer the ClientHello'
      WHEN 'cut off' THEN 'the handshake ended before the ServerHelloDone' WHEN 'bytes missing' THEN 'bytes are missing in the capture'
      ELSE coalesce('the connection ended at ' || stage || coalesce(' (' || text || ')', ''), 'the handshake is not recorded') END END
    || coalesce('; ' || nullif(alert, ''), '') AS words
FROM once;

-- facts/95-rule-views.sql
-- Views that rules share: which places want a certificate, which client certificate could be meant, and the commands that change
-- an http.sys record with all that it holds.

-- Paths that ask for a certificate, one row for each https binding of their site and the http.sys record that serves it.
CREATE VIEW cert_place AS
SELECT w.machine, w.site, w.path, w.ssl_flags, w.ssl_flags_origin, w.ssl_flags_entry, w.ssl_flags_line, w.negotiates, w.requires,
  w.requires_ssl, b.information, b.tree, b.endpoint, b.port, b.host, b.negotiate, b.flags, b.ctl_store, b.ctl_identifier, b.modified,
  b.entry AS binding_entry, b.line AS binding_line, b.iis_entry, b.iis_line
FROM cert_wanted w JOIN effective_binding b ON b.machine = w.machine AND b.site = w.site
WHERE w.negotiates OR w.requires;

-- Servers of which at least one path asks for a certificate.
CREATE VIEW cert_server AS
WITH once AS MATERIALIZED (
SELECT DISTINCT machine FROM cert_wanted WHERE negotiates OR requires)
SELECT * FROM once;

-- http.sys records that serve a site whose paths ask for a certificate, and do not ask for it in the first handshake.
CREATE VIEW late_binding AS
WITH once AS MATERIALIZED (
SELECT machine, site, tree, endpoint, min(information) AS information, flags, modified, binding_entry, binding_line,
  count(DISTINCT path) AS paths, max(requires) AS requires, max(negotiates) AS negotiates, max(path = site) AS whole_site, min(path) AS first_path,
  max(iif(nth = 1, ssl_flags_entry, NULL)) AS ssl_flags_entry, max(iif(nth = 1, ssl_flags_line, NULL)) AS ssl_flags_line
FROM (SELECT *, row_number() OVER (PARTITION BY machine, site, tree, endpoint ORDER BY path) AS nth FROM cert_place WHERE endpoint IS NOT NULL AND negotiate = 0)
GROUP BY machine, site, tree, endpoint)
SELECT * FROM once;

-- Where the URL of a complaint leads: the longest configured path of the site whose https binding names the host, or of those without
-- a host name when none does.
CREATE VIEW complaint_place AS
WITH once AS MATERIALIZED (
SELECT machine, site, path, url, max(length(path)) AS length
FROM (
  SELECT p.machine, p.site, p.path, c.url
  FROM complaint c JOIN site_path p JOIN binding b ON b.machine = p.machine AND b.site = p.site
  WHERE c.url IS NOT NULL AND b.protocol = 'https' AND b.port = coalesce(c.port, 443)
    AND (lower(b.host) = lower(c.host) OR (coalesce(b.host, '') = '' AND NOT EXISTS (
      SELECT 1 FROM binding o WHERE o.machine = b.machine AND o.protocol = 'https' AND o.port = b.port AND lower(o.host) = lower(c.host))))
    AND substr(lower(coalesce(c.path, '/')) || '/', 1, length(p.path) - length(p.site) + 1)
      = lower(substr(p.path, length(p.site) + 1)) || '/')
GROUP BY machine, site, url)
SELECT * FROM once;

-- Certificates in the personal stores of client machines, and whether they could be presented. names: what is known of each.
-- named: the complaint names it, or a server of the case maps it one to one. trusted: its chain ends in a root of a server of the case; accepted:
-- and nothing is wrong with the chain there; NULL without a server. limited: the store allows it for other usages only (property 9).
CREATE VIEW client_offer AS
WITH once AS MATERIALIZED (
SELECT o.*, o.has_key AND o.valid AND o.client_auth AND NOT o.archived AS usable,
  o.has_key AND o.valid AND o.client_auth AND NOT o.archived AND coalesce(o.accepted, 1) AS fits
FROM (
  SELECT s.machine, s.location, s.user, s.store, s.thumbprint, s.entry, s.line, s.friendly_name,
    coalesce(c.subject, s.thumbprint) AS subject, c.issuer, c.issuer_der, c.not_before, c.not_after, c.eku, c.self_signed,
    coalesce(s.has_key_property, 1) AS has_key, coalesce(s.archived, 0) AS archived,
    coalesce(c.client_auth, 1) AS client_auth, m.collected,
    coalesce(' ' || s.eku_property || ' ' NOT LIKE '% 1.3.6.1.5.5.7.3.2 %' AND ' ' || s.eku_property || ' ' NOT LIKE '% 2.5.29.37.0 %', 0) AS limited,
    coalesce(m.collected BETWEEN c.not_before AND c.not_after, 1) AS valid,
    EXISTS (SELECT 1 FROM complaint q WHERE lower(q.thumbprint) = s.thumbprint)
      OR EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.thumbprint = s.thumbprint AND p.enabled) AS named,
    (SELECT max(t.trusted) FROM chain_status t JOIN machine v ON v.machine = t.machine
      WHERE t.leaf = s.thumbprint AND v.is_server AND (t.machine <> s.machine OR v.is_client)) AS trusted,
    (SELECT max(t.status = 'CERT_TRUST_NO_ERROR') FROM chain_status t JOIN machine v ON v.machine = t.machine
      WHERE t.leaf = s.thumbprint AND v.is_server AND (t.machine <> s.machine OR v.is_client)) AS accepted,
    '"' || coalesce(c.subject_cn, c.subject, s.thumbprint) || '" (' || s.thumbprint || ') in '
      || s.location || '\' || s.store || coalesce(' of ' || s.user, '') AS name
  FROM store_certificate s JOIN machine m ON m.machine = s.machine AND m.is_client
  LEFT JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
  WHERE lower(s.store) = 'my') o)
SELECT * FROM once;

-- What is wrong with one of them matters when it is named, or when no other one of its machine would do.
CREATE VIEW client_suspect AS
WITH once AS MATERIALIZED (
SELECT o.*, CASE WHEN o.named THEN 'error'
    WHEN EXISTS (SELECT 1 FROM cert_server) OR NOT EXISTS (SELECT 1 FROM machine WHERE is_server) THEN 'error' ELSE 'warning' END AS severity
FROM client_offer o
WHERE o.named OR ((coalesce(o.trusted, 1) OR (NOT o.valid AND EXISTS (SELECT 1 FROM symptom s WHERE s.status = 403 AND s.substatus = 17))) AND coalesce(o.self_signed, 0) = 0
  AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1))
GROUP BY o.machine, o.thumbprint, o.location, o.user) -- in whichever parts of the store it stands
SELECT * FROM once;

-- Certificates that a client would present: named, or fit to be offered where no other one would be accepted. severity: what is wrong with one is
-- an error where a server asks for certificates, or none is known.
CREATE VIEW client_meant AS
WITH once AS MATERIALIZED (
SELECT o.*, CASE WHEN EXISTS (SELECT 1 FROM cert_server) OR NOT EXISTS (SELECT 1 FROM machine WHERE is_server) THEN 'error' ELSE 'warning' END AS severity
FROM client_offer o
WHERE o.named OR (o.usable AND NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1 AND f.thumbprint <> o.thumbprint)))
SELECT * FROM once;

-- Chains that servers build for the certificates that clients would present, that are mapped one to one, or that clients presented: in a capture of the
-- server's, or by Schannel's own word. whose: how the certificate is known, for texts.
CREATE VIEW server_chain AS
WITH once AS MATERIALIZED (
SELECT t.machine, t.leaf, t.leaf_machine, t.trusted, t.status, t.root, t.missing,
  coalesce((SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = t.leaf), t.leaf) AS subject,
  (SELECT max(o.named) FROM client_offer o WHERE o.machine = t.leaf_machine AND o.thumbprint = t.leaf) AS named,
  CASE WHEN t.leaf_machine <> t.machine THEN 'of ' || t.leaf_machine WHEN EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.machine = t.machine AND p.thumbprint = t.leaf AND p.enabled)
    THEN 'that is mapped here' ELSE 'that a client presented here' END AS whose,
  EXISTS (SELECT 1 FROM certificate c WHERE c.subject = t.missing AND c.self_signed) AS missing_is_root,
  (SELECT max(c.thumbprint) FROM certificate c WHERE c.subject = t.missing) AS missing_thumbprint
FROM chain_status t JOIN machine v ON v.machine = t.machine AND v.is_server
WHERE t.path = 0 AND (
  EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = t.leaf_machine AND o.thumbprint = t.leaf AND (o.usable OR o.named)
    AND (o.named OR NOT EXISTS (SELECT 1 FROM client_offer f WHERE f.machine = o.machine AND f.fits = 1
      -- but this very one, where this server refuses certificates: another of a farm accepts it, or it is accepted only with what the client sends along
      AND (f.thumbprint <> t.leaf OR NOT EXISTS (SELECT 1 FROM symptom y WHERE y.machine = t.machine AND y.status = 403 AND y.substatus = 16)
        OR (t.status = 'CERT_TRUST_NO_ERROR' AND NOT EXISTS (SELECT 1 FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine
          AND h.path = 0 AND h.position > 0 AND h.store = 'sent'))))))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM certificate_mapping p
    WHERE p.machine = t.machine AND p.thumbprint = t.leaf AND p.enabled)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM event e JOIN event_computer w ON w.machine = e.machine AND w.computer IS e.computer AND w.own  -- Schannel itself wrote that it did not accept this certificate of a client
    WHERE e.machine = t.machine AND e.area = 'schannel' AND e.event_id = 36877 AND e.thumbprint = t.leaf)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))
  OR (t.leaf_machine = t.machine AND EXISTS (SELECT 1 FROM handshake h WHERE h.machine = t.machine AND h.client_thumbprint = t.leaf) -- not one of its own, for another server
    AND NOT EXISTS (SELECT 1 FROM store_certificate s WHERE s.machine = t.machine AND s.thumbprint = t.leaf)
    AND NOT EXISTS (SELECT 1 FROM chain_status u WHERE u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine <> t.machine))))
SELECT * FROM once;

-- Where a server takes the list of acceptable issuers from (causes F06): the CTL that the record names (F17: 'ctl ' and its identifier; its names are
-- not in issuer_list), the store that it names, ClientAuthIssuer, the roots. A store that is named and of which nothing is known stays the source:
-- whether an empty one leads back to the roots is not known (F15), so the list then has no names here.
CREATE VIEW issuer_source AS
SELECT DISTINCT p.machine, p.endpoint,
  CASE WHEN coalesce(p.ctl_identifier, '') <> '' AND EXISTS (SELECT 1 FROM windows_default d WHERE d.machine = p.machine AND d.name = 'binding CTL' AND d.value)
         THEN 'ctl ' || lower(p.ctl_identifier)
       WHEN coalesce(p.ctl_store, '') <> '' THEN lower(p.ctl_store)
       WHEN EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = p.machine AND lower(l.source) = 'clientauthissuer') THEN 'clientauthissuer'
       ELSE 'root' END AS source
FROM cert_place p;

-- The netsh commands that turn the client certificate's negotiation on for a record, and back, with all that it holds. From build
-- 14393 on `update` does it without a gap; before that the record is deleted and made again. Words that are not hexadecimal,
-- GUIDs or addresses go through quote_netsh; what cannot be quoted stays a placeholder.
CREATE VIEW ssl_binding_command AS
WITH words AS (
  SELECT s.machine, s.tree, s.endpoint, s.flags, EXISTS (SELECT 1 FROM windows_default d WHERE d.machine = s.machine AND d.name = 'netsh update' AND d.value) AS has_update,
    CASE s.tree WHEN 'ip' THEN 'ipport=' WHEN 'sni' THEN 'hostnameport=' ELSE 'ccs=' END
      || coalesce(quote_netsh(s.endpoint), '<endpoint>') AS selector,
    iif(s.tree = 'ccs', '', ' certhash=' || coalesce(quote_netsh(nullif(s.thumbprint, '')), '<certificate hash>'))
      || ' appid=' || coalesce(quote_netsh(nullif(s.app_id, '')), '<application id>')
      || iif(s.tree = 'ccs', '', iif(coalesce(s.store, '') <> '' OR s.tree = 'sni',
           ' certstorename=' || coalesce(quote_netsh(coalesce(nullif(s.store, ''), 'MY')), '<store>'), ''))
      || ' verifyclientcertrevocation=' || iif(s.check_mode & 1, 'disable', 'enable')
      || ' verifyrevocationwithcachedclientcertonly=' || iif(s.check_mode & 2, 'enable', 'disable')
      || ' usagecheck=' || iif(s.check_mode & 65536, 'disable', 'enable')
      || iif(s.freshness_time > 0, ' revocationfreshnesstime=' || s.freshness_time, '')
      || iif(s.url_retrieval_timeout > 0, ' urlretrievaltimeout=' || s.url_retrieval_timeout, '')
      || iif(coalesce(s.ctl_identifier, '') <> '', ' sslctlidentifier=' || coalesce(quote_netsh(s.ctl_identifier), '<ctl identifier>'), '')
      || iif(coalesce(s.ctl_store, '') <> '', ' sslctlstorename=' || coalesce(quote_netsh(s.ctl_store), '<ctl store>'), '')
      || ' dsmapperusage=' || iif(s.flags & 1, 'enable', 'disable') AS parameters,
    iif(s.flags & 8, ' reject=enable', '') || iif(s.flags & 16, ' disablehttp2=enable', '')
      || iif(s.flags & 32, ' disablequic=enable', '') || iif(s.flags & 64, ' disabletls13=enable', '')
      || iif(s.flags & 128, ' disableocspstapling=enable', '') || iif(s.flags & 256, ' enabletokenbinding=enable', '')
      || iif(s.flags & 512, ' logextendedevents=enable', '') || iif(s.flags & 1024, ' disablelegacytls=enable', '')
      || iif(s.flags & 2048, ' enablesessionticket=enable', '') || iif(s.flags & 4096, ' disabletls12=enable', '') AS more,
    iif(s.flags & 2, 'enable', 'disable') AS former,
    nullif(iif(s.flags & ~8187, ' DefaultFlags ' || hex32(s.flags & ~8187), '')
      || iif(s.check_mode & ~65543, ' DefaultSslCertCheckMode ' || hex32(s.check_mode & ~65543), ''), '') AS unsaid
  FROM (SELECT *, row_number() OVER (PARTITION BY machine, tree, lower(endpoint)
      ORDER BY CASE source WHEN 'api' THEN 0 WHEN 'registry' THEN 1 ELSE 2 END) AS nth FROM ssl_binding) s
  JOIN machine m ON m.machine = s.machine WHERE s.nth = 1)
SELECT machine, tree, endpoint, selector,
  'netsh http show sslcert ' || selector AS show_command,
  iif(has_update, 'netsh http update sslcert ' || selector || parameters || more || ' clientcertnegotiation=enable', NULL) AS update_command,
  iif(has_update, NULL, 'netsh http delete sslcert ' || selector) AS delete_command,
  iif(has_update, NULL, 'netsh http add sslcert ' || selector || parameters || more || ' clientcertnegotiation=enable') AS add_command,
  iif(has_update, 'netsh http update sslcert ' || selector || parameters || more || ' clientcertnegotiation=' || former, NULL) AS undo_update,
  iif(has_update, NULL, 'netsh http delete sslcert ' || selector) AS undo_delete,
  iif(has_update, NULL, 'netsh http add sslcert ' || selector || parameters || more || ' clientcertnegotiation=' || former) AS undo_add,
  iif(has_update, NULL, 'Between delete and add connections to this address are refused: run both in one go.') AS gap_note,
  trim(unsaid) AS unsaid                   -- what netsh has no word for, and an `add` would lose
FROM words;

-- facts/96-program-views.sql
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

-- facts/97-case-views.sql
-- Views over several machines: what a support engineer asks of a case with a client and a server.

-- The list of acceptable issuers of each server: from which store, is it sent, how large is it. One row a source that one of its
-- bindings uses (causes F06); 'root' where no path asks for a certificate.
CREATE VIEW issuer_list_sent AS
WITH sources AS (
  SELECT DISTINCT machine, source FROM issuer_source
  UNION SELECT m.machine, iif(EXISTS (SELECT 1 FROM issuer_list l WHERE l.machine = m.machine AND lower(l.source) = 'clientauthissuer'),
      'clientauthissuer', 'root')
    FROM machine m WHERE m.is_server AND NOT EXISTS (SELECT 1 FROM issuer_source i WHERE i.machine = m.machine))
SELECT s.machine, s.source, g.value <> 0 AS is_sent, -- NULL: not known
  g.is_set, count(l.subject_der) AS names, coalesce(sum(l.bytes), 0) AS bytes,
  coalesce(sum(l.bytes), 0) > 16384 AS is_cut -- 0x4000: what is behind that is left out, which names is not known
FROM sources s
LEFT JOIN schannel_setting g ON g.machine = s.machine AND g.setting = 'SendTrustedIssuerList'
LEFT JOIN issuer_list l ON l.machine = s.machine AND lower(l.source) = s.source
GROUP BY s.machine, s.source;

-- A certificate that stands in Trusted Root and is not self-signed: from Windows Server 2012 on no client certificate is accepted then,
-- unless the trust mode is exclusive (KB2802568).
CREATE VIEW root_blocker AS
SELECT s.machine, min(c.subject) AS subject, min(s.thumbprint) AS thumbprint
FROM store_certificate s JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
JOIN machine m ON m.machine = s.machine JOIN windows_default d ON d.machine = s.machine AND d.name = 'Root refuses' AND d.value
WHERE m.is_server AND s.location = 'LocalMachine' AND s.store = 'Root' AND coalesce(s.physical, '') <> 'AuthRoot'
  AND c.self_issued = 0
  AND NOT EXISTS (SELECT 1 FROM schannel_setting g WHERE g.machine = s.machine AND g.setting = 'ClientAuthTrustMode' AND g.value IN (1, 2))
GROUP BY s.machine;

-- Certificates that a revocation list in a store of their machine, or of a server of the case, names.
CREATE VIEW certificate_revoked AS
SELECT DISTINCT l.machine, c.thumbprint, r.revoked, r.reason, l.issuer, l.entry
FROM crl_entry r JOIN store_crl l ON l.machine = r.machine AND l.sha1 = r.sha1
JOIN certificate c ON c.serial = r.serial AND c.issuer_der = l.issuer_der
WHERE l.signed IS NOT 0 AND r.reason IS NOT 'removeFromCRL';

-- Each certificate in a client's personal stores against each server, one row for each store of trusted issuers that the server uses:
-- would it be offered, would it be accepted, and if not, the first reason. NULL in not_offered and not_accepted means yes. Of
-- revocation only the lists in the server's stores are known.
CREATE VIEW client_certificate_answer AS
WITH answered AS (
  SELECT t.machine AS server, t.leaf_machine AS client, o.location, o.user, t.leaf AS thumbprint, o.subject, o.has_key, o.archived, o.client_auth, o.limited,
    o.valid, t.status AS chain_status, u.issuers, coalesce(u.trust_mode, 0) AS trust_mode,
    iif(u.leaf IS NULL, t.status = 'CERT_TRUST_NO_ERROR', u.accepted) AS chain_accepted,
    (SELECT 'its issuer is missing: ' || h.subject || coalesce('; the server may fetch it from ' || (
         SELECT min(a.url) FROM chain b JOIN certificate_url a ON a.thumbprint = b.thumbprint AND a.kind = 'ca-issuers'
         WHERE b.machine = h.machine AND b.leaf = h.leaf AND b.leaf_machine = h.leaf_machine AND b.path = 0 AND b.position = h.position - 1
           AND EXISTS (SELECT 1 FROM schannel_setting f WHERE f.machine = h.machine AND f.setting = 'CertChainCacheOnlyUrlRetrieval'
             AND f.value = 0)), '')
       FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine AND h.path = 0
         AND h.thumbprint IS NULL) AS missing,
    (SELECT h.status || ': ' || h.subject FROM chain h WHERE h.machine = t.machine AND h.leaf = t.leaf AND h.leaf_machine = t.leaf_machine
       AND h.path = 0 AND h.status <> 'CERT_TRUST_NO_ERROR' ORDER BY h.position LIMIT 1) AS fault,
    (SELECT source FROM (
       SELECT lower(u.issuers) AS source, 0 AS rank WHERE u.issuers IS NOT NULL
       UNION ALL SELECT i.source, 1 FROM issuer_list_sent i WHERE i.machine = t.machine AND i.source IN ('clientauthissuer', 'root')
       UNION ALL SELECT i.source, 2 FROM issuer_list_sent i WHERE i.machine = t.machine)
     ORDER BY rank, source LIMIT 1) AS source
  FROM chain_status t JOIN machine s ON s.machine = t.machine AND s.is_server
  JOIN client_offer o ON o.machine = t.leaf_machine AND o.thumbprint = t.leaf
  LEFT JOIN chain_trust u ON u.machine = t.machine AND u.leaf = t.leaf AND u.leaf_machine = t.leaf_machine
  WHERE t.path = 0),
listed AS (
  SELECT a.*, i.is_sent, i.is_cut, CASE WHEN i.is_sent AND i.names > 0 THEN EXISTS ( -- the client looks at the issuers of its own chain
      SELECT 1 FROM chain h JOIN certificate c ON c.machine = h.machine AND c.thumbprint = h.thumbprint
      JOIN issuer_list l ON l.machine = a.server AND l.subject_der = c.issuer_der AND lower(l.source) = a.source
      WHERE h.machine = a.client AND h.leaf = a.thumbprint AND h.leaf_machine = a.client AND h.path = 0) END AS in_issuer_list
  FROM answered a LEFT JOIN issuer_list_sent i ON i.machine = a.server AND i.source = a.source)
SELECT server, client, location, user, thumbprint, subject, issuers, in_issuer_list,
  CASE
    WHEN NOT has_key THEN 'no private key'
    WHEN archived THEN 'archived'
    WHEN NOT client_auth THEN 'its usages do not include client authentication'
    WHEN limited THEN 'its usages are limited in the store, and client authentication is not among them'
    WHEN NOT valid THEN 'not valid at the time of collection'
    WHEN in_issuer_list = 0 THEN 'the list of issuers that the server sends names none of its chain'
  END AS not_offered,
  CASE
    WHEN chain_accepted THEN coalesce(
      (SELECT 'every client certificate is refused while "' || b.subject || '", which is not self-signed, stands in LocalMachine\Root (KB2802568)'
         FROM root_blocker b WHERE b.machine = server),
      (SELECT 'revoked' || coalesce(' on ' || iso(r.revoked), '') || ' by the list of ' || r.issuer FROM certificate_revoked r
         WHERE r.machine = server AND r.thumbprint = l.thumbprint))
    WHEN chain_accepted IS NULL THEN 'the store "' || issuers || '" of trusted issuers is not in the evidence'
    WHEN chain_status = 'CERT_TRUST_NO_ERROR' AND issuers IS NOT NULL
      THEN 'no issuer of its chain is in the store "' || issuers || '" of trusted issuers'
    ELSE coalesce(missing, fault, chain_status)
  END AS not_accepted,
  CASE WHEN is_cut AND is_sent THEN 'the list of issuers is longer than 16384 bytes and is cut: what it names may be missing in it' END AS note
FROM listed l;

-- Two servers of one case that serve the same: the same host name and port, or sites of one name. Each pair in both directions.
CREATE VIEW farm_member AS
WITH served AS MATERIALIZED (
SELECT DISTINCT machine, port, iif(coalesce(host, '') = '', 'site', 'host') AS kind, lower(iif(coalesce(host, '') = '', site, host)) AS name
FROM binding WHERE protocol = 'https' AND (SELECT count(*) FROM machine WHERE is_server) > 1)
SELECT DISTINCT a.machine, b.machine AS other
FROM served a JOIN served b ON b.machine <> a.machine AND b.name = a.name AND b.port = a.port AND b.kind = a.kind;

-- Servers of one case against each other (causes F28): a certificate that one of them trusts or refuses and another does not. Only
-- stores of which both have something, so that what was not collected is no difference. AuthRoot fills by itself, at its own time.
CREATE VIEW server_store_difference AS
SELECT DISTINCT a.machine, m.machine AS lacking, a.store, a.thumbprint,
  (SELECT max(c.subject) FROM certificate c WHERE c.thumbprint = a.thumbprint) AS subject, a.entry, a.line
FROM machine x CROSS JOIN machine m ON m.is_server AND m.machine <> x.machine
CROSS JOIN store_certificate a ON a.machine = x.machine AND lower(a.store) IN ('root', 'ca', 'disallowed', 'clientauthissuer')
WHERE x.is_server AND a.location = 'LocalMachine' AND a.store IN ('Root', 'CA', 'Disallowed', 'ClientAuthIssuer') AND coalesce(a.physical, '') <> 'AuthRoot'
  AND EXISTS (SELECT 1 FROM store_certificate b WHERE lower(b.store) = lower(a.store) AND b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store)
  AND NOT EXISTS (SELECT 1 FROM store_certificate b WHERE b.machine = m.machine AND b.location = 'LocalMachine' AND b.store = a.store
    AND b.thumbprint = a.thumbprint);

-- What members of a farm do differently: they accept or refuse the same certificate, trust by other settings, or have other
-- certificates in a store. One row a difference, the first machine by name on the left.
CREATE VIEW farm_difference AS
SELECT DISTINCT f.machine, f.other, 'certificate' AS kind, a.thumbprint AS what, coalesce(a.not_accepted, 'accepted') AS here,
  coalesce(b.not_accepted, 'accepted') AS there
FROM farm_member f JOIN client_certificate_answer a ON a.server = f.machine
JOIN client_certificate_answer b ON b.server = f.other AND b.client = a.client AND b.thumbprint = a.thumbprint AND b.issuers IS a.issuers
WHERE f.machine < f.other AND (a.not_accepted IS NULL) <> (b.not_accepted IS NULL)
UNION
SELECT f.machine, f.other, 'setting', a.setting, CAST(a.value AS TEXT), CAST(b.value AS TEXT)
FROM farm_member f JOIN schannel_setting a ON a.machine = f.machine
JOIN schannel_setting b ON b.machine = f.other AND b.setting = a.setting
WHERE f.machine < f.other AND a.value IS NOT NULL AND b.value IS NOT NULL AND a.value <> b.value
UNION
SELECT f.machine, f.other, 'store ' || d.store, d.thumbprint, d.subject, NULL
FROM farm_member f JOIN server_store_difference d ON d.machine = f.machine AND d.lacking = f.other WHERE f.machine < f.other
UNION
SELECT f.machine, f.other, 'store ' || d.store, d.thumbprint, NULL, d.subject
FROM farm_member f JOIN server_store_difference d ON d.machine = f.other AND d.lacking = f.machine WHERE f.machine < f.other;

-- Servers that ask for certificates and look whether they are revoked: at least one record of http.sys that serves such a path does not switch it off.
CREATE VIEW revocation_checked AS
WITH once AS MATERIALIZED (
SELECT DISTINCT p.machine FROM cert_place p JOIN ssl_binding b ON b.machine = p.machine AND b.tree = p.tree AND b.endpoint = p.endpoint
WHERE NOT b.check_mode & 1)
SELECT * FROM once;

-- The certificates whose revocation such a server looks at: all but the root in the best chain of each certificate that clients would present, or that is mapped;
-- holder: a machine that has it.
CREATE VIEW revocation_link AS
WITH once AS MATERIALIZED (
SELECT h.machine, h.thumbprint, min(c.machine) AS holder FROM chain h
JOIN revocation_checked v ON v.machine = h.machine
JOIN certificate c ON c.thumbprint = h.thumbprint AND NOT coalesce(c.self_signed, 0)
WHERE h.path = 0 AND (EXISTS (SELECT 1 FROM client_offer o WHERE o.machine = h.leaf_machine AND o.thumbprint = h.leaf AND (o.usable OR o.named))
  OR EXISTS (SELECT 1 FROM certificate_mapping p WHERE p.machine = h.machine AND p.thumbprint = h.leaf AND p.enabled))
GROUP BY h.machine, h.thumbprint)
SELECT * FROM once;

-- What Windows said of a certificate, beside what was worked out from the stores (`chain_status`, best path). Words of usage are left out:
-- Windows was asked for none. Of a user's certificate on a server nothing is compared, for there it is judged as that of a client.
-- said: for people. agree 0: worth a look, no fault by itself: Windows also knows what it fetched earlier, and the roots of its user.
CREATE VIEW system_chain_comparison AS
SELECT s.machine, s.location, s.user, s.thumbprint, t.status AS worked_out, s.status AS windows,
  replace(replace(t.status, 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE', ''), ' ', '')
    = replace(replace(s.status, 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE', ''), ' ', '')
    OR (t.status IN ('CERT_TRUST_NO_ERROR', 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE')
      AND s.status IN ('CERT_TRUST_NO_ERROR', 'CERT_TRUST_IS_NOT_VALID_FOR_USAGE')) AS agree,
  'Windows on ' || s.machine || ' said ' || s.status || ' while it was collected; its stores alone give ' || t.status AS said
FROM system_chain s JOIN machine m ON m.machine = s.machine
JOIN chain_status t ON t.machine = s.machine AND t.leaf_machine = s.machine AND t.leaf = s.thumbprint AND t.path = 0
WHERE s.revocation = 'none' AND s.status IS NOT NULL AND (s.location = 'LocalMachine' OR NOT coalesce(m.is_server, 0));

-- facts/98-client-views.sql
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

-- facts/99-key-views.sql
-- Which account uses which certificate as a client, as far as evidence ties the two together (causes I01): the complaint names both, or
-- a WCF client in a web.config picks the certificate and its pool runs as the account. Of a certificate that is picked by its subject
-- only where exactly one of the store fits: WCF refuses to choose. how_known is a sentence.
CREATE VIEW key_use AS
WITH owner AS ( -- the application at or above the place of each WCF client
  SELECT e.rowid AS id, (SELECT a.app_pool FROM application a WHERE a.machine = e.machine
      AND (lower(e.path) = lower(a.path) OR lower(substr(e.path, 1, length(a.path) + 1)) = lower(a.path) || '/') ORDER BY length(a.path) DESC LIMIT 1) AS app_pool
  FROM wcf_endpoint e WHERE e.is_client),
picked AS (
  SELECT e.rowid AS id, e.machine, e.path, e.find_type, e.find_value, e.entry, e.line, p.account, s.thumbprint
  FROM wcf_endpoint e JOIN owner o ON o.id = e.rowid
  JOIN app_pool p ON p.machine = e.machine AND lower(p.app_pool) = lower(o.app_pool)
  JOIN store_certificate s ON s.machine = e.machine AND lower(s.store) = lower(coalesce(e.store, 'My'))
    AND s.location = coalesce(e.store_location, 'LocalMachine') AND (s.location <> 'CurrentUser' OR s.user = p.sid)
  JOIN certificate c ON c.machine = s.machine AND c.thumbprint = s.thumbprint
  WHERE e.is_client AND coalesce(e.find_value, '') <> '' AND coalesce(s.archived, 0) = 0 AND CASE coalesce(e.find_type, 'FindBySubjectDistinguishedName')
    WHEN 'FindByThumbprint' THEN lower(replace(e.find_value, ' ', '')) = s.thumbprint
    WHEN 'FindBySubjectName' THEN instr(lower(c.subject), lower(e.find_value)) > 0
    WHEN 'FindBySubjectDistinguishedName' THEN lower(replace(e.find_value, ' ', '')) = lower(replace(c.subject, ' ', ''))
    WHEN 'FindBySerialNumber' THEN lower(replace(e.find_value, ' ', '')) = lower(c.serial) END)
SELECT DISTINCT k.machine, k.account, c.thumbprint, 'complaint' AS source, 'The complaint names this account and this certificate.' AS how_known,
  NULL AS entry, NULL AS line
FROM complaint c JOIN key_access k ON k.machine = c.machine AND lower(k.account) = lower(c.account) AND k.thumbprint = lower(c.thumbprint)
UNION ALL
SELECT machine, account, max(thumbprint), 'wcf', 'The WCF client of "' || path || '" picks it by ' || coalesce(find_type, 'FindBySubjectDistinguishedName')
  || ' "' || find_value || '", and its pool runs as this account.', entry, line
FROM picked GROUP BY id HAVING count(DISTINCT thumbprint) = 1;
