// SPDX-License-Identifier: Apache-2.0
// One case: its report, what is complained about, its bundles, and what becomes of it.
import { ask, casePath, may } from "./api.js";
import { add, aged, button, count, dialog, drawReport, el, empty, field, form, hash, head, link, moment, say, severityTag, stateTag, tag, warn } from "./ui.js";
import { bundles } from "./bundles.js";
import { history, oldReport } from "./history.js";
import { caseSuppressions, suppressFinding } from "./suppress.js";

const get = async (path) => (await ask("GET", path)).body;
const pending = (one) => one.state === "queued" || one.state === "running";

// ----- the head of a case: what it is, and its tabs
function caseHead(box, one, tab) {
  const nav = el("nav", "tabs"), line = el("p", "row");
  nav.setAttribute("aria-label", "Case " + one.case);
  [["", "Report"], ["details", "Complaint and bundles"], ["history", "History"], ["suppressed", "Suppressions"]].forEach(([name, text]) => {
    const a = link(text, name ? hash("case", one.case, name) : hash("case", one.case));
    if (name === tab) a.setAttribute("aria-current", "page");
    add(nav, a);
  });
  head(box, "Case " + one.case);
  add(line, one.severity ? severityTag(one.severity) : null, stateTag(one.state), one.closed ? tag("plain", "closed") : null,
    add(el("span", "soft", one.bundles.length ? "newest bundle " : "made "), aged(one.bundles.length ? one.received : one.created)),
    el("span", "soft", count(one.bundles.length, "bundle", "bundles")));
  add(box, line, nav);
}

// ----- the report
function formats(id) {
  const line = el("p", "row soft");
  [["html", "one file to mail"], ["txt", "text"], ["json", "JSON"], ["sarif", "SARIF"]].forEach(([ending, text]) => {
    const a = link(text, "/api/v1" + casePath(id) + "/report." + ending);
    if (ending === "html") a.download = "certtriage-" + id + ".html";
    add(line, a);
  });
  line.insertBefore(el("span", "", "The report as"), line.firstChild);
  return line;
}
// Waits until the newest lint has ended, or a try of it has and more is known; nothing is done when the page is left meanwhile.
async function whenJudged(box, { case: id, reason }, then) {
  for (;;) {
    await new Promise((done) => setTimeout(done, 1000));
    if (!box.isConnected) return;
    try {
      const one = await get(casePath(id));
      if (!pending(one) || one.reason !== reason) return box.isConnected ? then(one) : undefined;
    } catch (e) {
      if (e.status) throw e; /* no answer: the server may come back */
    }
  }
}
function findingTools(id) {
  return (finding, node) => {
    const line = el("div", "row actions");
    add(line, link("About this rule", hash("rule", finding.rule)), link("Other cases with it", "#/findings?rule=" + encodeURIComponent(finding.rule)));
    if (!finding.suppressed) add(line, button("Live with this\u2026", async () => {
      try {
        if (await suppressFinding(id, finding)) redraw(id);
      } catch (e) { add(node, warn(e.message)); }
    }));
    add(node, line);
  };
}
// Draws the page of the case again: the same address, so that the browser does not do it.
function redraw(id) {
  if (location.hash === hash("case", id)) window.dispatchEvent(new HashChangeEvent("hashchange"));
  else location.hash = hash("case", id);
}
async function report(box, one) {
  const id = one.case;
  if (one.state === "empty") return add(box, empty("This case has no bundle yet, so there is nothing to judge.", link("Upload a bundle", "#/upload?case=" + encodeURIComponent(id))));
  if (pending(one)) {
    if (one.reason) add(box, warn("It could not be judged whole: " + one.reason + ". It is tried again."));
    const line = el("p", "waiting", one.reason ? "The next try " + (one.state === "running" ? "is under way" : "comes by itself, within a few minutes") + ". This page goes on by itself."
      : "It is being judged (" + one.state + "). This page goes on by itself.");
    line.setAttribute("role", "status");
    add(box, line);
    whenJudged(box, one, (now) => { say(pending(now) ? "Case " + id + " is tried again" : "Case " + id + " is judged"); redraw(id); }).catch((e) => add(box, warn(e.message)));
  }
  if (one.state === "failed") add(box, warn("The newest lint failed: " + one.reason + ". It is judged again with its next bundle, and when every case is."));
  try {
    const answer = await ask("GET", casePath(id) + "/report.json");
    if (answer.status === 202) return undefined;
    if (pending(one)) add(box, el("p", "soft", one.reason ? "Until then, this is the report of what is known:" : "Until then, this is the report of before:"));
    const inside = el("div");
    add(box, formats(id), inside);
    return drawReport(inside, answer.body, { untitled: true, onFinding: findingTools(id) });
  } catch (e) {
    if (one.state !== "failed") throw e; /* no report, because it failed: that is said */
    return undefined;
  }
}

// ----- complaint and bundles
function complaintForm(id, complaint) {
  const c = complaint || {};
  const fields = [
    field("url", "Address that fails", { type: "url", placeholder: "https://host/path", pattern: "[Hh][Tt][Tt][Pp][Ss]?://.+", value: c.url || "", maxLength: 4096 }),
    field("when", "When it was seen (UTC)", { type: "text", placeholder: "2026-01-02T03:04:05Z", pattern: "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+\\-]\\d{2}:\\d{2})", value: c.when || "",
      hint: "As 2026-01-02T03:04:05Z." }),
    field("seen", "What is seen", { kind: "textarea", rows: 3, value: c.seen || "", maxLength: 4096 }),
    field("account", "Account of the client", { value: c.account || "", placeholder: "DOMAIN\\name", maxLength: 4096 }),
    field("thumbprint", "Thumbprint of its certificate", { value: c.thumbprint || "", pattern: "[0-9A-Fa-f]{40}", hint: "SHA-1, 40 hex digits." }),
  ];
  return form("card", fields.map((f) => f.box), "Save the complaint", async () => {
    const all = {};
    fields.forEach((f) => { if (f.control.value.trim()) all[f.control.name] = f.control.value.trim(); });
    await ask("PATCH", casePath(id), { json: { complaint: Object.keys(all).length ? all : null } });
    say("Saved");
    location.hash = hash("case", id);
  });
}
async function remove(id, into) {
  try {
    const copies = (await get(casePath(id) + "/backups")).backups;
    const name = field("typed", "Type the case's name to delete it", { required: true, pattern: id.replace(/\./g, "\\."), autocomplete: "off", title: id });
    const texts = ["Its bundles, facts and reports are deleted from this server, and cannot be had back."];
    if (copies.length) texts.push(count(copies.length, "backup still holds it: ", "backups still hold it: ") + copies.slice(0, 3).map((b) => b.place + " (" + moment(b.made) + ")").join(", "));
    const answer = await dialog("Delete case " + id + "?", texts, "Delete", [name.box], "danger");
    if (!answer || answer.typed !== id) return;
    await ask("DELETE", casePath(id));
    say("Case " + id + " is deleted");
    location.hash = "#/cases";
  } catch (e) { add(into, warn(e.message)); }
}
async function details(box, one) {
  const id = one.case, actions = el("div", "card"), list = el("div");
  add(box, el("h2", "", "Complaint"), el("p", "soft", "What somebody complains about, kept with the case, which is judged again with it; all of it may be left out. It goes before what the bundles themselves say of it (certtriage-collect --url --when)."), complaintForm(id, one.complaint),
    el("h2", "", "Bundles"), list, el("h2", "", "What becomes of it"), actions);
  add(actions, el("p", "", one.closed ? "Closed " + moment(one.closed) + ". It opens again with its next bundle." : "Open. A closed case opens again with its next bundle."),
    add(el("div", "row actions"), button(one.closed ? "Reopen the case" : "Close the case", async () => {
      try {
        await ask("PATCH", casePath(id), { json: { closed: !one.closed } });
        say(one.closed ? "Open again" : "Closed");
        window.dispatchEvent(new HashChangeEvent("hashchange"));
      } catch (e) { add(actions, warn(e.message)); }
    }), may("admin") ? button("Delete the case\u2026", () => remove(id, actions), "danger") : null));
  await bundles(list, id);
}

export async function oneCase(box, parts) {
  const id = parts[0] || "", tab = parts[1] || "", one = await get(casePath(id));
  caseHead(box, one, tab === "report" ? "history" : tab);
  if (tab === "details") return details(box, one);
  if (tab === "history") return history(box, id);
  if (tab === "suppressed") return caseSuppressions(box, id);
  if (tab === "report") return oldReport(box, id, parts[2] || "");
  return report(box, one);
}
