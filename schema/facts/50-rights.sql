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
