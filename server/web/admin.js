// SPDX-License-Identifier: Apache-2.0
// For administrators: tokens, and who did what.
import { ask, query } from "./api.js";
import { add, aged, button, copyButton, dialog, el, empty, field, filterBar, form, hash, head, link, moment, pages, say, table, tag, warn } from "./ui.js";

const over = (t) => t.revoked || t.expires && Date.parse(t.expires) < Date.now();
function tokenState(t) {
  if (t.revoked) return [tag("error", "revoked"), el("div", "soft", moment(t.revoked))];
  return over(t) ? [tag("warning", "expired"), el("div", "soft", moment(t.expires))] : [tag("good", "valid"), el("div", "soft", t.expires ? "until " + moment(t.expires) : "")];
}
async function tokenList(into) {
  const list = (await ask("GET", "/tokens")).body.tokens, t = table("Tokens", ["token|short", "for|wide", "role|short", "case|name", "state|short", "last use|short", "|short"]);
  t.put(list.map((one) => [el("span", "mono", one.id), one.label || "\u2013", one.role, one.case || "any", tokenState(one), one.used ? aged(one.used) : "never",
    over(one) ? null : button("Revoke\u2026", async () => {
      if (!await dialog("Revoke token " + one.id + "?", [(one.label ? "It is for " + one.label + ". " : "") + "It stops working at once, and cannot be had back."], "Revoke", [], "danger")) return;
      try {
        await ask("DELETE", "/tokens/" + one.id);
        say("Revoked");
        await tokenList(into);
      } catch (e) { add(into, warn(e.message)); }
    })]));
  into.textContent = "";
  add(into, t.node);
}
function tokenForm(list) {
  const fields = [
    field("label", "Who gets it", { maxLength: 200, autocomplete: "off" }),
    field("role", "Role", { kind: "select", options: [["upload", "upload: sends bundles, sees only its own receipts"], ["triage", "triage: works with cases"], ["admin", "admin: also rules, tokens, audit"]] }),
    field("case", "Only for the case", { pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}", placeholder: "any", autocomplete: "off" }), field("expires", "Ends with the day", { type: "date" }),
  ];
  const made = el("div");
  return add(el("div"), form("card narrow", fields.map((f) => f.box), "Make a token", async () => {
    const json = {};
    fields.forEach((f) => { if (f.control.value.trim()) json[f.control.name] = f.control.value.trim(); });
    if (json.expires) json.expires += "T23:59:59Z";
    made.textContent = "";
    const answer = (await ask("POST", "/tokens", { json })).body;
    add(made, add(el("div", "card secret"), el("p", "", "This is shown once, and stored nowhere. Copy it now."), add(el("div", "command"), el("pre", "", answer.token), copyButton(answer.token))));
    say("The token is made; copy it now");
    await tokenList(list);
  }), made);
}
export async function tokens(box) {
  const list = el("div");
  head(box, "Tokens");
  await tokenList(list);
  add(box, list, el("h2", "", "A new token"), tokenForm(list));
}

export async function audit(box, parts, values) {
  const list = el("div");
  const fields = [
    field("case", "Case", { type: "search", pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}" }), field("token", "Token", { type: "search", pattern: "[0-9a-f]{16}" }),
    field("action", "Action", { type: "search", placeholder: "case-deleted" }),
  ];
  const load = pages(list, "Audit", ["when|short", "action|name", "case|name", "object|wide", "token|short", "role|short", "address|name"], async (after) => {
    const answer = (await ask("GET", "/audit" + query({ ...values, limit: 50, after }))).body;
    return { rows: answer.entries.map((e) => [moment(e.at), e.action, e.case ? link(e.case, hash("case", e.case), "mono") : "\u2013", el("span", "mono", e.object || "\u2013"), el("span", "mono", e.token), e.role, e.address]),
      next: answer.next };
  }, () => empty("Nothing fits these filters."), ["entry", "entries"]);
  head(box, "Audit");
  add(box, el("p", "soft", "Who saw, uploaded, changed and deleted what. What was only looked at is noted once in ten minutes."), filterBar("audit", values, fields, () => load(false)), list);
  await load(false);
}
