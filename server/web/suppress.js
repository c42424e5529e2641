// SPDX-License-Identifier: Apache-2.0
// What a team has decided to live with: data of a case, with a reason, and maybe until a day.
import { ask, casePath } from "./api.js";
import { add, button, count, dialog, el, empty, field, hash, head, link, say, table, tag, warn } from "./ui.js";

const listOf = async (id) => (await ask("GET", casePath(id) + "/suppressions")).body.suppressions;
const today = () => new Date().toISOString().slice(0, 10);
// A subject is compared as a pattern, in which "*" is any text: of itself it is written as "any one character".
const literal = (text) => text.replace(/\*/g, "?");
const ended = (s) => s.until && (s.until.length === 10 ? s.until < today() : Date.parse(s.until) < Date.now());

/** Asks for reason and day, and adds it to the case's; true when it was done. */
export async function suppressFinding(id, finding) {
  const reason = field("reason", "Reason", { kind: "textarea", rows: 2, required: true, maxLength: 2000, hint: "Shown in the report beside the finding." });
  const until = field("until", "Until (and with) this day", { type: "date", min: today(), hint: "Without one: until somebody takes it back." });
  const scope = field("scope", "What", { kind: "select", options: [["subject", "this finding only"], ["rule", "this rule, in all of this case"]] });
  const answer = await dialog("Live with this finding?", [finding.title + " \u2013 " + finding.machine + ": " + finding.subject], "Suppress it", [reason.box, until.box, scope.box]);
  if (!answer) return false;
  const one = { rule: finding.rule, reason: answer.reason };
  if (answer.until) one.until = answer.until;
  if (answer.scope === "subject") Object.assign(one, { subject: literal(finding.subject), machine: literal(finding.machine) });
  await ask("PUT", casePath(id) + "/suppressions", { json: { suppressions: (await listOf(id)).concat([one]) } });
  say("Suppressed");
  return true;
}
function line(id, s, more) {
  return [link(s.rule, hash("rule", s.rule), "mono"), [el("div", "", s.machine === undefined ? "all machines" : s.machine), el("div", "soft mono", s.subject === undefined ? "all of the rule's findings" : s.subject || "(no subject)")], s.reason,
    s.until ? [el("span", "", s.until + " "), ended(s) ? tag("warning", "ended") : null] : "until taken back", more];
}
export async function caseSuppressions(box, id) {
  const list = await listOf(id);
  add(box, el("h2", "", "Suppressions"), el("p", "soft", "Findings that this case's team has decided to live with. The report goes on showing them, as suppressed."));
  if (!list.length) return add(box, empty("None. In the report, a finding has \u201cLive with this\u2026\u201d."));
  const t = table("Suppressions of this case", ["rule|name", "where|wide", "reason|wide", "until|short", "|short"]);
  t.put(list.map((s, i) => line(id, s, button("Take back", async (b) => {
    if (!await dialog("Take this suppression back?", [s.rule + ": " + s.reason], "Take back")) return;
    try {
      await ask("PUT", casePath(id) + "/suppressions", { json: { suppressions: list.filter((x, k) => k !== i) } });
      window.dispatchEvent(new HashChangeEvent("hashchange"));
    } catch (e) { add(box, warn(e.message)); b.disabled = false; }
  }))));
  return add(box, t.node);
}
/** Of all cases. */
export async function suppressions(box) {
  const list = (await ask("GET", "/suppressions")).body.suppressions;
  head(box, "Suppressions");
  if (!list.length) return add(box, empty("No case suppresses anything. In a case's report, a finding has \u201cLive with this\u2026\u201d."));
  const t = table("Suppressions", ["rule|name", "where|wide", "reason|wide", "until|short", "case|name"]);
  t.put(list.map((s) => line(s.case, s, link(s.case, hash("case", s.case, "suppressed"), "mono"))));
  say(count(list.length, "suppression", "suppressions"));
  return add(box, el("p", "soft", "What teams have decided to live with, in all cases."), t.node);
}
