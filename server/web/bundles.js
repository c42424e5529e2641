// SPDX-License-Identifier: Apache-2.0
// The bundles of a case, and what changed in the machine from one to another.
import { ask, casePath, query } from "./api.js";
import { add, button, copyButton, count, el, empty, link, moment, radio, size, table, tag, warn } from "./ui.js";

const get = async (path) => (await ask("GET", path)).body;

const words = (values) => Object.entries(values || {}).filter(([, v]) => v !== null && v !== "").map(([k, v]) => k + "=" + (typeof v === "object" ? JSON.stringify(v) : v)).join("  ");
function line(c) {
  const kind = !c.before ? tag("plain", "+ came") : !c.after ? tag("plain", "\u2212 went") : tag("plain", "~ differs");
  const values = el("div", "mono");
  if (c.before) add(values, el("div", "", "\u2212 " + words(c.before)));
  if (c.after) add(values, el("div", "", "+ " + words(c.after)));
  return [kind, c.table.replace(/_/g, " "), el("span", "mono", words(c.key)), values];
}
const side = (word, one) => el("p", "soft", word + ": " + one.machine + ", bundle " + String(one.bundle).slice(0, 12) +
  (typeof one.collected === "number" ? ", collected " + moment(new Date(one.collected).toISOString()) : ""));
async function compare(into, id, from, to) {
  const d = await get(casePath(id) + "/bundles/" + to + "/diff" + query({ from })), h = el("h3", "", "What changed"), t = table("What changed", ["|short", "what|name", "which|wide", "values|wide"]);
  into.textContent = "";
  h.tabIndex = -1;
  add(into, h, side("Before", d.before), side("After", d.after), d.same_machine ? null : warn("These are two machines: what differs is no change."));
  t.put(d.changes.map(line));
  add(into, d.changes.length ? t.node : empty("Nothing that is compared differs: configuration, registry, stores, keys and rights."));
  if (d.left_out) add(into, el("p", "soft", count(d.left_out, "more change is", "more changes are") + " left out."));
  h.focus();
}
// The names of the machines whose newest bundles these are; none before it is judged.
async function machinesOf(id) {
  const names = {};
  try {
    (await get(casePath(id) + "/report.json")).machines.forEach((m) => { if (m.bundle) names[m.bundle] = m.machine; });
  } catch (e) { /* without names */ }
  return names;
}
function cells(id, b, machine) {
  const short = b.bundle.slice(0, 16), sha = el("span", "mono", short + "\u2026"), load = link("Download", "/api/v1" + casePath(id) + "/bundles/" + b.bundle);
  sha.title = b.bundle;
  load.download = short + ".zip";
  load.setAttribute("aria-label", "Download bundle " + short);
  return [moment(b.received), machine || el("span", "soft", "older, or not judged"), [sha, el("span", "", " "), copyButton(b.bundle)],
    b.size === undefined ? "\u2013" : size(b.size), b.gone ? "deleted " + moment(b.gone) : load];
}
export async function bundles(box, id) {
  const list = (await get(casePath(id) + "/bundles")).bundles, names = await machinesOf(id), more = link("Upload another", "#/upload?case=" + encodeURIComponent(id));
  if (!list.length) return add(box, empty("None yet.", link("Upload a bundle", "#/upload?case=" + encodeURIComponent(id))));
  const many = list.length > 1, into = el("div"), t = table("Bundles", (many ? ["from|short", "to|short"] : []).concat(["received|short", "machine|name", "SHA-256|name", "size|number", "|short"]));
  t.put(list.map((b, i) => (many ? [radio("from", b.bundle, i === list.length - 2, "compare from bundle " + b.bundle.slice(0, 16)), radio("to", b.bundle, i === list.length - 1, "compare to bundle " + b.bundle.slice(0, 16))] : [])
    .concat(cells(id, b, names[b.bundle]))));
  const chosen = (name) => t.body.querySelector("input[name=" + name + "]:checked").value;
  const go = button("Compare the two", async () => {
    try { await compare(into, id, chosen("from"), chosen("to")); } catch (e) { into.textContent = ""; add(into, warn(e.message)); }
  });
  return add(box, t.node, add(el("div", "row actions toolbar"), many ? go : null, more), into);
}
