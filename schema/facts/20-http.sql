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
