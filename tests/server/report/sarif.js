// SPDX-License-Identifier: Apache-2.0
// sarif.js LOG REPORT: the log against the official schema and against the report that it was made of.
"use strict";
const assert = require("assert");
const fs = require("fs");
const Ajv = require("ajv-draft-04");
const [log, report] = process.argv.slice(2).map((f) => JSON.parse(fs.readFileSync(f, "utf8")));
const schema = JSON.parse(fs.readFileSync(require.resolve("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"), "utf8"));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true, unicodeRegExp: false });
require("ajv-formats")(ajv);
const fits = ajv.compile(schema);
assert.ok(fits(log), ajv.errorsText(fits.errors));
assert.ok(!fits({ ...log, runs: [{ results: [] }] }), "a log without its tool must not fit");

const run = log.runs[0], rules = run.tool.driver.rules;
assert.ok(report.findings.length > 0, "a report without findings shows nothing");
assert.deepStrictEqual(run.results.map((r) => r.partialFingerprints["certtriage/v1"]), report.findings.map((f) => f.fingerprint));
run.results.forEach((r, i) => {
  const f = report.findings[i], entry = f.evidence.find((e) => e.entry);
  assert.strictEqual(rules[r.ruleIndex].id, f.rule);
  assert.strictEqual(r.ruleId, f.rule);
  assert.strictEqual(r.message.text, f.message);
  assert.strictEqual(r.level, f.severity === "info" ? "note" : f.severity);
  assert.strictEqual(r.locations[0].logicalLocations[0].name, f.machine);
  if (!entry) return;
  const at = r.locations[0].physicalLocation;
  assert.strictEqual(decodeURIComponent(at.artifactLocation.uri), entry.entry);
  assert.ok(run.originalUriBaseIds[at.artifactLocation.uriBaseId], "its base is declared");
  assert.strictEqual((at.region || {}).startLine, entry.line);
});
const undecided = report.verdicts.filter((v) => v.verdict === "not-evaluated").length;
assert.strictEqual(run.invocations[0].toolConfigurationNotifications.length, undecided, "what was not evaluated is told");
console.log(`${run.results.length} results, ${rules.length} rules, ${undecided} notifications`);
