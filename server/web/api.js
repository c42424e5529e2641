// SPDX-License-Identifier: Apache-2.0
// What is asked of the server: all of it by /api/v1.

/** Whose session it is: {role, case}; null: nobody's. */
export const session = { role: null, case: "" };
export const may = (role) => ["upload", "triage", "admin"].indexOf(session.role) >= ["upload", "triage", "admin"].indexOf(role);

const listeners = [];
/** f() runs when the server does not know the token any more. */
export function onSignedOut(f) { listeners.push(f); }

/** A problem has the server's sentence as its message, and its status; 0: no answer came. */
export function problem(message, status) { return Object.assign(new Error(message), { status }); }

/** Gives {status, body, text, headers}. Whatever is no 2xx is a problem. json: what is sent. */
export async function ask(method, path, { headers = {}, json } = {}) {
  let answer;
  if (json !== undefined) headers = Object.assign({ "Content-Type": "application/json" }, headers);
  try {
    answer = await fetch("/api/v1" + path, { method, headers, body: json === undefined ? undefined : JSON.stringify(json), credentials: "same-origin", cache: "no-store" });
  } catch (e) {
    throw problem("The server cannot be reached. Is it running, and are you connected?", 0);
  }
  const text = await answer.text();
  let body = {};
  try { body = JSON.parse(text); } catch (e) { /* a text answer */ }
  if (answer.ok) return { status: answer.status, body, text, headers: answer.headers };
  if (answer.status === 401 && session.role) {
    session.role = null;
    listeners.forEach((f) => f());
  }
  throw problem(body.detail || "The server answered " + answer.status + ".", answer.status);
}

/** "?a=1&b=2" of what is set; "" when nothing is. */
export function query(parameters) {
  const all = new URLSearchParams();
  Object.entries(parameters).forEach(([k, v]) => { if (v !== undefined && v !== null && v !== "") all.set(k, v); });
  const text = all.toString();
  return text ? "?" + text : "";
}
export const casePath = (id) => "/cases/" + encodeURIComponent(id);
