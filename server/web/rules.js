// SPDX-License-Identifier: Apache-2.0
// The rule catalogue, and the page of one rule.
import { ask } from "./api.js";
import { add, copyButton, count, el, empty, field, filterBar, hash, head, link, say, severityTag, table, tag } from "./ui.js";

const CONFIDENCE = { V: "verified", P: "plausible: at most a warning, unless the logs show a symptom that it explains", I: "inferred: information only" };
const STRENGTH = { seen: "it was seen to happen", must: "it must fail by what was found", may: "it can make it fail" };
const fits = (r, v) => (!v.severity || r.severity === v.severity) && (!v.role || r.role === v.role) &&
  (!v.q || [r.id, r.code, r.title].concat(r.explains || []).join(" ").toLowerCase().includes(v.q.toLowerCase()));

export async function rules(box, parts, values) {
  const answer = (await ask("GET", "/rules")).body, list = el("div");
  const fields = [
    field("q", "Find", { type: "search", placeholder: "words, an id, 403.16" }), field("severity", "Severity", { kind: "select", options: [["", "any"], "error", "warning", "info"] }),
    field("role", "Machine", { kind: "select", options: [["", "any"], "server", "client"] }),
  ];
  function draw() {
    const found = answer.rules.filter((r) => fits(r, values)), t = table("Rules", ["severity|short", "what is wrong|wide", "explains|short", "machine|short"]);
    t.put(found.map((r) => [severityTag(r.severity), [link(r.title, hash("rule", r.id)), el("div", "soft mono", r.id + " (" + r.code + ")")], el("span", "mono", (r.explains || []).join(", ")), r.role]));
    list.textContent = "";
    add(list, found.length ? t.node : empty("No rule fits these filters."));
    say(count(found.length, "rule", "rules"));
  }
  head(box, "Rules");
  add(box, el("p", "soft", count(answer.rules.length, "rule", "rules") + ", rule set " + answer.version.slice(0, 16)), filterBar("rules", values, fields, draw), list);
  draw();
}

// A field of a rule's header: its lines, those with a mark as commands. {column} is what the rule fills in.
function lines(texts, remedy) {
  const box = el("div");
  texts.forEach((text) => {
    const m = remedy ? /^(undo: |)(\$ |PS> |)(.*)$/s.exec(text) : null;
    if (m && (m[1] || m[2])) {
      add(box, add(el("div", "command" + (m[1] ? " undo" : "")), el("span", "shell", (m[1] ? "undo " : "") + (m[2] === "PS> " ? "PS" : m[2] ? "cmd" : "")), el("pre", "", m[3])));
    } else if (text) add(box, el("p", "", text));
  });
  return box;
}
function part(box, title, ...nodes) { add(box, el("h2", "", title), ...nodes); }

export async function oneRule(box, parts) {
  const r = (await ask("GET", "/rules/" + encodeURIComponent(parts[0] || ""))).body, card = el("div", "card"), facts = el("dl", "facts"), code = el("pre", "", r.select);
  const fact = (name, value) => value ? add(facts, el("dt", "", name), el("dd", "", value)) : null;
  head(box, r.title);
  add(box, add(el("p", "row"), severityTag(r.severity), el("span", "mono soft", r.id + " (" + r.code + ")"), link("Cases with this finding", "#/findings?rule=" + encodeURIComponent(r.id))));
  fact("Whose machine", r.role);
  fact("Confidence", CONFIDENCE[r.confidence] || r.confidence);
  fact("Explains", (r.explains || []).join(", "));
  fact("Strength", STRENGTH[r.strength] || r.strength);
  fact("Needs", r.needs.join(", "));
  fact("Outranks", r.outranks.join(", "));
  fact("Interrupts", r.interrupts);
  add(box, add(card, facts));
  part(box, "What it says", add(el("div", "card"), lines(r.message)));
  if (r.why.length) part(box, "Why it is believed to be the cause", add(el("div", "card"), lines(r.why)));
  if (r.confirm.length) part(box, "What would decide it", add(el("div", "card"), lines(r.confirm, true)));
  part(box, "What to do", el("p", "soft", "A name in braces is filled in from the case."), add(el("div", "card"), lines(r.remedy, true)));
  part(box, "References", add(el("div", "card"), ...r.references.map((url) => add(el("p", ""), /^https:\/\//.test(url) ? Object.assign(link(url, url), { rel: "noreferrer noopener" }) : el("span", "", url)))));
  code.tabIndex = 0;
  code.setAttribute("aria-label", "SQL of the rule");
  code.setAttribute("role", "region");
  part(box, "How it decides", r.applies ? add(el("p", ""), tag("plain", "applies when"), el("span", "", " "), el("code", "", r.applies)) : null, add(el("div", "card code"), code, copyButton(r.select)));
}
