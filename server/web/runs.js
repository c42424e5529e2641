// SPDX-License-Identifier: Apache-2.0
// Judging every case again: begun, watched, and its impact: which findings came and went, by rule.
import { ask, may } from "./api.js";
import { add, aged, button, count, dialog, el, empty, hash, head, link, moment, say, severityTag, table, tag, warn } from "./ui.js";

function progress(run) {
  const box = el("div", "progress"), meter = el("progress");
  meter.max = Math.max(1, run.cases);
  meter.value = run.cases ? run.done + run.failed : 1;
  meter.setAttribute("aria-label", "run " + run.run);
  return add(box, meter, el("span", "soft", run.done + " of " + count(run.cases, "case", "cases")), run.failed ? tag("error", run.failed + " failed") : null);
}
const changed = (run) => [el("span", "", count(run.changed, "case", "cases") + ": "), el("strong", "", "+" + run.added + " \u2212" + run.removed)];
const line = (run) => [link(String(run.run), hash("run", run.run)), run.why, aged(run.started), progress(run), changed(run), el("span", "mono", run.ruleset.slice(0, 12))];

// Again every two seconds, until it has ended or the page is left.
function watch(box, isOver, draw) {
  async function again() {
    if (!box.isConnected) return;
    try { await draw(); } catch (e) { if (e.status) { add(box, warn(e.message)); return; } }
    if (!isOver()) setTimeout(again, 2000);
  }
  if (!isOver()) setTimeout(again, 2000);
}
async function begin(into, path, json, texts, title, yes) {
  if (!await dialog(title, texts, yes)) return;
  into.textContent = "";
  try {
    const { run, changed: is } = (await ask("POST", path, json ? { json } : {})).body;
    if (run) location.hash = hash("run", run);
    else add(into, el("p", "waiting", is === false ? "The rules are the same as before; nothing is to be judged." : "Nothing is to be judged: every report is of these rules."));
  } catch (e) { add(into, warn(e.message)); }
}
export async function runs(box) {
  const list = el("div"), told = el("div");
  let latest = [];
  async function draw() {
    latest = (await ask("GET", "/reprocess")).body.runs;
    const t = table("Runs", ["run|number", "why|short", "started|short", "progress|wide", "changed|short", "rule set|short"]);
    t.put(latest.map(line));
    list.textContent = "";
    add(list, latest.length ? t.node : empty("Nothing was judged again yet. It begins by itself when the rules change."));
  }
  head(box, "Reprocessing");
  add(box, el("p", "soft", "When rules change, every case is judged again from its stored facts, at low priority."));
  if (may("admin")) add(box, add(el("div", "row actions toolbar"),
    button("Read the rules again\u2026", () => begin(told, "/rules/reload", null, ["The rules' folder is read again. When they are others, every case is judged by them."], "Read the rules again?", "Read them")),
    button("Judge every case again\u2026", () => begin(told, "/reprocess", { all: true }, ["Every case is judged again by the rules in force, also those that were judged by them already."], "Judge every case again?", "Begin"))), told);
  add(box, list);
  await draw();
  watch(box, () => latest.every((r) => r.ended), draw);
}

// Per rule: how many cases gain and lose the finding, with samples.
function impact(changes) {
  const rules = {};
  changes.forEach((c) => {
    const one = rules[c.rule] = rules[c.rule] || { rule: c.rule, severity: c.severity, gain: new Set(), lose: new Set() };
    (c.change === "+" ? one.gain : one.lose).add(c.case);
  });
  return Object.values(rules).sort((a, b) => b.gain.size + b.lose.size - a.gain.size - a.lose.size);
}
function samples(cases) {
  const box = el("span"), all = Array.from(cases);
  add(box, el("strong", "", String(all.length) + " "));
  all.slice(0, 3).forEach((id) => add(box, link(id, hash("case", id), "mono"), el("span", "", " ")));
  return all.length > 3 ? add(box, el("span", "soft", "\u2026")) : box;
}
const CHANGES = 200;
function drawRun(into, run) {
  into.textContent = "";
  add(into, add(el("div", "card"), add(el("p", "row"), el("span", "", run.why), el("span", "soft", "started " + moment(run.started) + (run.ended ? ", ended " + moment(run.ended) : "")),
    tag(run.ended ? "good" : "plain", run.ended ? "ended" : "running")), progress(run), el("p", "soft mono", "rule set " + run.ruleset)));
  add(into, el("h2", "", "Impact by rule"));
  if (!run.changes.length) { add(into, empty(run.ended ? "No finding came or went in any case." : "No change so far.")); return; }
  const t = table("Impact by rule", ["severity|short", "rule|name", "cases that gain it|wide", "cases that lose it|wide"]);
  t.put(impact(run.changes).map((r) => [severityTag(r.severity), link(r.rule, hash("rule", r.rule), "mono"), samples(r.gain), samples(r.lose)]));
  add(into, t.node, el("h2", "", "Changes"));
  const all = table("Changes", ["change|short", "case|name", "severity|short", "rule|name", "where|wide"]);
  all.put(run.changes.slice(0, CHANGES).map((c) => [c.change === "+" ? "+ came" : "\u2212 went", link(c.case, hash("case", c.case), "mono"), severityTag(c.severity), link(c.rule, hash("rule", c.rule), "mono"),
    [el("div", "", c.machine), el("div", "soft mono", c.subject)]]));
  add(into, all.node, run.changes.length > CHANGES ? el("p", "soft", "The first " + CHANGES + " of " + run.changes.length + ".") : null);
}
export async function oneRun(box, parts) {
  const id = parts[0] || "", into = el("div");
  let run;
  async function draw() {
    run = (await ask("GET", "/reprocess/" + encodeURIComponent(id))).body;
    drawRun(into, run);
    if (run.ended) say("Run " + id + " has ended");
  }
  head(box, "Run " + id);
  add(box, into);
  await draw();
  watch(box, () => run.ended, draw);
}
