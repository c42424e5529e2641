-- The server's own tables (not facts). Version 1; later versions are migrations behind it.
CREATE TABLE token (
  hash TEXT PRIMARY KEY, role TEXT NOT NULL, case_id TEXT NOT NULL, expires INTEGER, created INTEGER NOT NULL
);
CREATE TABLE cases (
  id TEXT PRIMARY KEY, created INTEGER NOT NULL,
  received INTEGER NOT NULL, -- its newest bundle
  severity TEXT, cause TEXT  -- of its newest report: the worst finding, the title of the most likely cause
);
CREATE INDEX cases_received ON cases(received, id);
CREATE TABLE bundle (
  case_id TEXT NOT NULL REFERENCES cases(id), sha256 TEXT NOT NULL, received INTEGER NOT NULL,
  PRIMARY KEY (case_id, sha256)
);
CREATE TABLE job (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(id),
  state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, reason TEXT
);
CREATE INDEX job_state ON job(state, id);
CREATE INDEX job_case ON job(case_id, id);
CREATE TABLE report (
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL REFERENCES cases(id),
  ruleset TEXT NOT NULL, extractors TEXT NOT NULL, made INTEGER NOT NULL, json TEXT NOT NULL
);
CREATE INDEX report_case ON report(case_id, id);
