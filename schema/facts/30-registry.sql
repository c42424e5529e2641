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
