// SPDX-License-Identifier: Apache-2.0
// Findings of the newest reports of all cases.
import { ask, query } from "./api.js";
import { add, aged, day, el, empty, field, filterBar, hash, head, link, pages, severityTag } from "./ui.js";

const HEADS = ["severity|short", "what is wrong|wide", "where|wide", "site|name", "case|name", "found first|short"];
const line = (f) => [severityTag(f.severity), [el("div", "", f.title), link(f.rule, hash("rule", f.rule), "mono")], [el("div", "", f.machine), el("div", "soft mono", f.subject)], f.site || "\u2013",
  link(f.case, hash("case", f.case), "mono"), aged(f.first)];

export async function findings(box, parts, values) {
  const list = el("div");
  const fields = [
    field("rule", "Rule", { type: "search", placeholder: "its id" }), field("severity", "Severity", { kind: "select", options: [["", "any"], "error", "warning", "info"] }),
    field("site", "Site", { type: "search" }), field("machine", "Machine", { type: "search" }),
    field("since", "Found since", { type: "date" }), field("until", "Found until", { type: "date" }),
  ];
  const load = pages(list, "Findings", HEADS, async (after) => {
    const answer = await ask("GET", "/findings" + query({ ...values, since: day(values.since), until: day(values.until, true), limit: 50, after }));
    return { rows: answer.body.findings.map(line), next: answer.body.next };
  }, () => Object.values(values).some(Boolean) ? empty("No finding fits these filters. Rule, site and machine are compared as a whole.") : empty("No case has findings yet."), ["finding", "findings"]);
  const rules = el("datalist");
  rules.id = "rule-names";
  fields[0].control.setAttribute("list", rules.id);
  ask("GET", "/rules").then((answer) => answer.body.rules.forEach((r) => { const o = el("option"); o.value = r.id; o.label = r.title; add(rules, o); }), () => { /* it goes without names */ });
  head(box, "Findings");
  add(box, el("p", "soft", "Of the newest report of every case."), filterBar("findings", values, fields, () => load(false)), rules, list);
  await load(false);
}
