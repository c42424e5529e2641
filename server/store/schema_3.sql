-- Version 3: uploads in pieces, tokens that can be listed and taken back, cases that are closed or complained about, the audit log.
ALTER TABLE token ADD COLUMN id TEXT NOT NULL DEFAULT ''; -- public: the beginning of the hash
UPDATE token SET id = substr(hash, 1, 16);
CREATE UNIQUE INDEX token_id ON token(id);
ALTER TABLE token ADD COLUMN label TEXT NOT NULL DEFAULT ''; -- who has it
ALTER TABLE token ADD COLUMN used INTEGER;                   -- last, to the minute
ALTER TABLE token ADD COLUMN revoked INTEGER;
ALTER TABLE cases ADD COLUMN closed INTEGER;  -- when; NULL: open
ALTER TABLE cases ADD COLUMN complaint TEXT;  -- JSON: what triage was told; NULL: nothing
CREATE TABLE upload (
  id TEXT PRIMARY KEY, token_id TEXT NOT NULL, case_id TEXT NOT NULL, filename TEXT NOT NULL, announced TEXT NOT NULL, -- SHA-256, or ''
  length INTEGER NOT NULL, created INTEGER NOT NULL, expires INTEGER NOT NULL,
  checked INTEGER NOT NULL DEFAULT -1, -- while a piece with a checksum comes: what was there before it
  sha256 TEXT NOT NULL DEFAULT '',     -- known before its bytes become a bundle, so that a killed server can go on there
  done INTEGER                         -- when it became one
);
CREATE INDEX upload_expires ON upload(expires);
CREATE INDEX upload_token ON upload(token_id, done);
CREATE TABLE doomed ( -- files of deleted cases that are still to be removed
  kind TEXT NOT NULL, name TEXT NOT NULL, -- 'bundle' and its SHA-256, 'case' and its id
  PRIMARY KEY (kind, name)
);
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, token_id TEXT NOT NULL, role TEXT NOT NULL, address TEXT NOT NULL,
  action TEXT NOT NULL, case_id TEXT NOT NULL, object TEXT NOT NULL
);
CREATE INDEX audit_case ON audit(case_id, id);
CREATE INDEX audit_token ON audit(token_id, action, object, id);
