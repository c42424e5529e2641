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
