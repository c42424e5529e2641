// SPDX-License-Identifier: Apache-2.0
// Which rule set said what of a case, when; and what changed between two of its reports.
import { ask, casePath, query } from "./api.js";
import { add, button, count, drawReport, el, empty, hash, link, moment, radio, severityTag, table, tag, warn } from "./ui.js";

const get = async (path) => (await ask("GET", path)).body;

function section(into, title, kind, list) {
  if (!list.length) return;
  const ul = el("ul", "list");
  list.forEach((f) => {
    const li = el("li", "changed");
    add(li, tag(f.severity, f.severity), el("span", "", " "), el("strong", "", f.title), el("div", "soft mono", f.rule + " \u00b7 " + f.machine + ": " + f.subject));
    if (f.was) add(li, el("div", "soft", "was " + [f.was.severity, f.was.message].filter(Boolean).join(": ")));
    add(ul, li);
  });
  add(into, add(el("div", "card " + kind), el("h3", "", title), ul));
}
const side = (word, one) => add(el("p", "soft", word + ": "), el("span", "", "rule set " + (one.ruleset || "").slice(0, 12) + ", extractors " + one.extractors +
  (one.cause ? "; most likely cause: " + one.cause : "; no cause")));
async function compare(into, id, from, to) {
  into.textContent = "";
  const d = await get(casePath(id) + "/diff" + query({ from, to }));
  add(into, el("h2", "", "Report " + from + " against report " + to), side("Before", d.before), side("After", d.after));
  section(into, "+ " + count(d.added.length, "finding came", "findings came"), "came", d.added);
  section(into, "\u2212 " + count(d.removed.length, "finding went", "findings went"), "went", d.removed);
  section(into, "~ " + count(d.changed.length, "finding changed", "findings changed"), "", d.changed);
  add(into, el("p", "soft", count(d.kept, "finding is", "findings are") + " the same."));
  into.querySelector("h2").tabIndex = -1;
  into.querySelector("h2").focus();
}
export async function history(box, id) {
  const list = (await get(casePath(id) + "/reports")).reports, into = el("div");
  if (!list.length) return add(box, el("h2", "", "History"), empty("No report yet."));
  const t = table("Reports of this case", ["from|short", "to|short", "report|number", "made|short", "severity|short", "findings|number", "most likely cause|wide", "rule set|short"]);
  t.put(list.map((r, i) => [
    radio("from", r.report, i === Math.min(1, list.length - 1), "compare from report " + r.report), radio("to", r.report, i === 0, "compare to report " + r.report),
    link(String(r.report), hash("case", id, "report", r.report)), moment(r.made), severityTag(r.severity), r.findings, r.cause || "\u2013",
    el("span", "mono", r.ruleset.slice(0, 12))]));
  const chosen = (name) => t.body.querySelector("input[name=" + name + "]:checked").value;
  const go = button("Compare the two", async () => {
    try { await compare(into, id, chosen("from"), chosen("to")); } catch (e) { into.textContent = ""; add(into, warn(e.message)); }
  }, "strong");
  return add(box, el("h2", "", "History"), el("p", "soft", "A report is made when a bundle comes, the complaint changes, or the rules do."), t.node,
    list.length > 1 ? add(el("div", "row actions"), go) : el("p", "soft", "With a second report, the two can be compared here."), into);
}
export async function oldReport(box, id, number) {
  const report = await get(casePath(id) + "/reports/" + encodeURIComponent(number)), inside = el("div");
  add(box, el("p", "waiting", "This is report " + number + ", as it was. The newest one is under \u201cReport\u201d."), inside);
  drawReport(inside, report, { untitled: true });
}
