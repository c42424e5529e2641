// SPDX-License-Identifier: Apache-2.0
// The pages of the server: a hash is a page. Each draws into a box of its own, so that a late answer draws into one that nobody sees.
import { ask, may, onSignedOut, session } from "./api.js";
import { add, button, el, field, form, hash, head, link, loading, warn } from "./ui.js";
import { cases } from "./cases.js";
import { oneCase } from "./case.js";
import { findings } from "./findings.js";
import { upload } from "./upload.js";
import { oneRule, rules } from "./rules.js";
import { oneRun, runs } from "./runs.js";
import { suppressions } from "./suppress.js";
import { audit, tokens } from "./admin.js";

const page = document.getElementById("page"), bar = document.getElementById("bar"), nav = bar.querySelector("nav");
// name of a page: who draws it, the least role, whether it is of all cases, where it stands in the menu
const all = {
  cases: { draw: cases, role: "triage", menu: "Cases" },
  case: { draw: oneCase, role: "triage", under: "cases" },
  findings: { draw: findings, role: "triage", menu: "Findings", wide: true },
  upload: { draw: upload, role: "upload", menu: "Upload" },
  rules: { draw: rules, role: "triage", menu: "Rules" },
  rule: { draw: oneRule, role: "triage", under: "rules" },
  suppressions: { draw: suppressions, role: "triage", menu: "Suppressions", wide: true },
  reprocess: { draw: runs, role: "triage", menu: "Reprocessing", wide: true },
  run: { draw: oneRun, role: "triage", under: "reprocess", wide: true },
  tokens: { draw: tokens, role: "admin", menu: "Tokens", wide: true },
  audit: { draw: audit, role: "admin", menu: "Audit", wide: true },
};
const allowed = (p) => may(p.role) && !(p.wide && session.case);

function box() {
  const b = el("div");
  page.textContent = "";
  add(page, b);
  return b;
}

function signIn(why) {
  const into = box(), token = field("token", "Token", { type: "password", autocomplete: "current-password", required: true,
    hint: "An administrator makes one: certtriage-server token create --data DIR --role triage" });
  bar.hidden = true;
  head(into, "Sign in to certtriage");
  add(into, why ? warn(why) : null, form("card narrow", [token.box], "Sign in", async () => {
    await ask("POST", "/session", { headers: { Authorization: "Bearer " + token.control.value.trim() } }).then(signedIn);
  }));
  token.control.focus();
}
function signedIn(answer) {
  Object.assign(session, answer.body);
  document.getElementById("who").textContent = session.role + (session.case ? " of " + session.case : "");
  nav.textContent = "";
  Object.entries(all).forEach(([name, p]) => { if (p.menu && allowed(p)) add(nav, link(p.menu, "#/" + name)); });
  bar.hidden = false;
  show();
}

function where() {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").map((p) => { try { return decodeURIComponent(p); } catch (e) { return p; } });
  return { name: parts[0] || (may("triage") ? "cases" : "upload"), parts: parts.slice(1), values: Object.fromEntries(new URLSearchParams(search || "")) };
}
function mark(name) {
  Array.prototype.forEach.call(nav.children, (a) => {
    if (a.getAttribute("href") === "#/" + name) a.setAttribute("aria-current", "page");
    else a.removeAttribute("aria-current");
  });
}
async function show() {
  const { name, parts, values } = where(), one = Object.prototype.hasOwnProperty.call(all, name) ? all[name] : null, into = box();
  mark(one && one.under || name);
  if (!one || !allowed(one)) {
    head(into, one ? "Not for this token" : "No such page");
    return add(into, el("p", "", one ? "This page needs a token of the role " + one.role + (one.wide ? " that is not for one case only." : ".") : "The address is none of this server's pages."),
      link("To the start", hash(may("triage") ? "cases" : "upload")));
  }
  const wait = loading();
  add(into, wait);
  try {
    await one.draw(into, parts, values, wait);
  } catch (e) {
    if (session.role) failed(into, e);
  }
  wait.remove();
  const h = into.querySelector("h1");
  if (h && into.isConnected && !page.contains(document.activeElement)) h.focus({ preventScroll: true });
}
function failed(into, e) {
  if (!into.querySelector("h1")) head(into, e.status === 404 ? "Not found" : "This page cannot be shown");
  add(into, warn(e.message), button("Try again", show));
}

document.getElementById("leave").addEventListener("click", async () => {
  try { await ask("DELETE", "/session"); } catch (e) { return failed(box(), e); }
  session.role = null;
  return signIn();
});
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); page.focus(); });
onSignedOut(() => signIn("You are signed out: the token has ended, or was revoked."));
window.addEventListener("hashchange", () => { window.scrollTo(0, 0); if (session.role) show(); });
ask("GET", "/session").then(signedIn, (e) => { if (e.status === 401) signIn(); else failed(box(), e); });
