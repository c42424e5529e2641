-- Version 2: kinds of jobs, runs of reprocessing, findings as rows, suppressions, keeping.
ALTER TABLE job ADD COLUMN kind TEXT NOT NULL DEFAULT 'lint';    -- 'lint': new bundles; 'reprocess': new rules
ALTER TABLE job ADD COLUMN run INTEGER;                          -- of a reprocess job
ALTER TABLE job ADD COLUMN added INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0; -- a failed one is tried again later
ALTER TABLE job ADD COLUMN started INTEGER;
ALTER TABLE job ADD COLUMN ended INTEGER;
DROP INDEX job_state;
CREATE INDEX job_queue ON job(state, kind, id); -- 'lint' sorts before 'reprocess'
CREATE INDEX job_run ON job(run, state);
CREATE TABLE run ( -- every case judged again
  id INTEGER PRIMARY KEY, ruleset TEXT NOT NULL, extractors TEXT NOT NULL, why TEXT NOT NULL,
  started INTEGER NOT NULL, ended INTEGER, cases INTEGER NOT NULL
);
CREATE TABLE change ( -- what a run changed: '+' a finding that came, '-' one that went
  run INTEGER NOT NULL REFERENCES run(id), case_id TEXT NOT NULL, mark TEXT NOT NULL, rule TEXT NOT NULL,
  severity TEXT NOT NULL, machine TEXT NOT NULL, subject TEXT NOT NULL
);
CREATE INDEX change_run ON change(run, rule, case_id);
CREATE INDEX change_case ON change(case_id);
CREATE TABLE finding ( -- of the newest report of each case
  id INTEGER PRIMARY KEY, case_id TEXT NOT NULL, fingerprint TEXT NOT NULL, report INTEGER NOT NULL,
  rule TEXT NOT NULL, severity TEXT NOT NULL, machine TEXT NOT NULL, site TEXT NOT NULL, subject TEXT NOT NULL,
  title TEXT NOT NULL,
  born INTEGER NOT NULL,  -- the report that had it first, without a break since, and when that was made
  first INTEGER NOT NULL,
  UNIQUE (case_id, fingerprint)
);
CREATE INDEX finding_first ON finding(first, id);
CREATE INDEX finding_rule ON finding(rule, first, id);
INSERT OR IGNORE INTO finding(case_id, fingerprint, report, rule, severity, machine, site, subject, title, born, first)
  SELECT r.case_id, f.value->>'fingerprint', r.id, f.value->>'rule', f.value->>'severity', f.value->>'machine',
    coalesce(f.value->>'site', ''), f.value->>'subject', f.value->>'title', r.id, r.made
  FROM report r, json_each(r.json, '$.findings') f WHERE r.id = (SELECT max(id) FROM report WHERE case_id = r.case_id);
ALTER TABLE report ADD COLUMN severity TEXT; -- as of the case
ALTER TABLE report ADD COLUMN cause TEXT;
ALTER TABLE report ADD COLUMN findings INTEGER NOT NULL DEFAULT 0;
UPDATE report SET findings = json_array_length(json, '$.findings'), severity = json->>'$.findings[0].severity',
  cause = json->>'$.diagnoses[0].causes[0].title';
CREATE TABLE suppression ( -- a document for each case: what lint --suppressions reads
  case_id TEXT PRIMARY KEY REFERENCES cases(id), json TEXT NOT NULL, changed INTEGER NOT NULL
);
ALTER TABLE cases ADD COLUMN retain_days INTEGER; -- of this case; NULL: as the server is told, 0: for ever
ALTER TABLE bundle ADD COLUMN gone INTEGER;       -- its bytes were deleted then; its facts may still be there
CREATE TABLE backup (
  id INTEGER PRIMARY KEY, made INTEGER NOT NULL, place TEXT NOT NULL
);
