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

-- Client settings of one user, resolved by precedence (causes J01).
CREATE TABLE client_setting (
  machine TEXT NOT NULL,
  user    TEXT,             -- SID; 'HKCU': an export that does not say whose; NULL: machine only
  zone    INTEGER,          -- 0 computer, 1 intranet, 2 trusted, 3 internet, 4 restricted
  setting TEXT NOT NULL,    -- '1A04'
  value   INTEGER,          -- 1A04: 0 picks a single certificate without asking, 3 asks
  is_set  INTEGER NOT NULL,
  decided_by TEXT,          -- 'HKLM policy', 'HKCU policy', 'HKCU', 'HKLM', 'default'
  key     TEXT, entry TEXT, line INTEGER
);
