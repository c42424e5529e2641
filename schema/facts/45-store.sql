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
