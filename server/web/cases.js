// SPDX-License-Identifier: Apache-2.0
// The cases, the newest first.
import { ask, query, session } from "./api.js";
import { add, aged, button, day, dialog, el, empty, field, filterBar, hash, head, link, pages, severityTag, stateTag, warn } from "./ui.js";

const HEADS = ["case|name", "severity|short", "state|short", "most likely cause|wide", "bundles|number", "newest bundle|short"];

function line(one) {
  return [link(one.case, hash("case", one.case), "mono"), severityTag(one.severity),
    [stateTag(one.state), one.closed ? el("span", "tag plain", "closed") : null],
    one.state === "failed" ? el("span", "", one.reason) : one.cause || el("span", "soft", one.state === "done" ? "no cause found; its report says what was looked at" : one.reason ? "it is tried again: " + one.reason : "\u2013"), one.bundles,
    one.bundles ? aged(one.received) : el("span", "soft", "none yet")];
}
async function create(box) {
  const name = field("case", "Name of the case", { pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}", autocomplete: "off",
    hint: "Such as a ticket's number: letters, digits, dots, dashes. Without one it gets a name." });
  const answer = await dialog("New case", [], "Create", [name.box]);
  if (!answer) return;
  try {
    const made = await ask("POST", "/cases", { json: answer.case ? { case: answer.case } : {} });
    location.hash = hash("case", made.body.case, "details");
  } catch (e) {
    add(box, warn(e.message));
  }
}
export async function cases(box, parts, values) {
  const list = el("div");
  const fields = [
    field("q", "Find", { type: "search", placeholder: "case or cause" }),
    field("severity", "Severity", { kind: "select", options: [["", "any"], "error", "warning", "info"] }),
    field("state", "State", { kind: "select", options: [["", "any"], "open", "closed", "queued", "running", "done", "failed", "empty"] }),
    field("since", "Bundle since", { type: "date" }),
  ];
  const load = pages(list, "Cases", HEADS, async (after) => {
    const answer = await ask("GET", "/cases" + query({ ...values, since: day(values.since), limit: 50, after }));
    return { rows: answer.body.cases.map(line), next: answer.body.next, again: answer.body.cases.some((c) => c.state === "queued" || c.state === "running") };
  }, () => Object.values(values).some(Boolean) ? empty("No case fits these filters.") :
    empty("No cases yet. A case begins with its first bundle.", link("Upload a bundle", hash("upload"))), ["case", "cases"]);
  const problems = el("div");
  head(box, "Cases", session.case ? null : button("New case", () => create(problems)));
  add(box, problems, filterBar("cases", values, fields, () => load(false)), list);
  await load(false);
}
