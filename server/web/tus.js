// SPDX-License-Identifier: Apache-2.0
// Uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): in pieces, each with its checksum, that go on after a break: of the
// connection by itself, of the browser when the same file is chosen again.
import { problem } from "./api.js";

const PIECE = 8 << 20, TRIES = 8;
const VERSION = { "Tus-Resumable": "1.0.0" };

const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
const pair = (key, value) => value ? key + " " + base64(new TextEncoder().encode(value)) : null;

// One request; onSent(bytes) while it goes. Gives {status, header(name), detail}; status 0: the connection broke.
function send(method, url, headers, body, { onSent, signal } = {}) {
  return new Promise((done) => {
    const x = new XMLHttpRequest(), stop = () => x.abort();
    x.open(method, url);
    Object.entries({ ...VERSION, ...headers }).forEach(([k, v]) => x.setRequestHeader(k, v));
    if (onSent) x.upload.onprogress = (e) => onSent(e.loaded);
    if (signal) signal.addEventListener("abort", stop);
    x.onloadend = () => {
      let detail = "";
      if (signal) signal.removeEventListener("abort", stop);
      try { detail = JSON.parse(x.responseText).detail; } catch (e) { /* no problem document */ }
      done({ status: x.status, header: (name) => x.getResponseHeader(name), detail: detail || "The server answered " + x.status + "." });
    };
    x.send(body);
  });
}
// crypto.subtle is there for https and for this machine only; TCP's own checksum must do without it.
async function checksum(piece) {
  if (!window.crypto || !crypto.subtle) return {};
  return { "Upload-Checksum": "sha256 " + base64(new Uint8Array(await crypto.subtle.digest("SHA-256", await piece.arrayBuffer()))) };
}

// Where an unfinished upload of this file is, kept for when the page is opened again.
const keyOf = (file, into) => ["certtriage-upload", file.name, file.size, file.lastModified, into || ""].join("\n");
const remember = {
  get(key) { try { return localStorage.getItem(key); } catch (e) { return null; } },
  set(key, url) { try { localStorage.setItem(key, url); } catch (e) { /* it goes without, until the page is left */ } },
  drop(key) { try { localStorage.removeItem(key); } catch (e) { /* there was none */ } },
};

const receiptOf = (answer, url) => ({ case: answer.header("X-Certtriage-Case"), bundle: answer.header("X-Certtriage-Bundle"), upload: url.replace(/.*\//, "") });
const stopped = () => problem("Stopped; what was sent is kept for a while.", -1);

async function create(file, into) {
  const metadata = [pair("case", into), pair("filename", file.name)].filter(Boolean).join(",");
  const answer = await send("POST", "/api/v1/uploads", { "Upload-Length": file.size, "Upload-Metadata": metadata });
  if (answer.status !== 201) throw problem(answer.status ? answer.detail : "The server cannot be reached.", answer.status);
  return new URL(answer.header("Location"), location.origin + "/api/v1/uploads").pathname;
}
// Where to go on: {offset} or {receipt}; null: the server does not have it any more.
async function find(url, signal) {
  const answer = await send("HEAD", url, {}, undefined, { signal });
  if (answer.status === 200 && answer.header("X-Certtriage-Bundle")) return { receipt: receiptOf(answer, url) };
  if (answer.status === 200) return { offset: Number(answer.header("Upload-Offset")) };
  if (answer.status === 0 || answer.status >= 500 || answer.status === 423 || answer.status === 429) throw problem("", 0);
  return null;
}
const pause = (ms, signal) => new Promise((done) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
});

// One piece: gives what the server says to it.
async function sendPiece(file, url, offset, onProgress, signal) {
  const piece = file.slice(offset, offset + PIECE);
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset, ...await checksum(piece) };
  return send("PATCH", url, headers, piece, { signal, onSent: (bytes) => onProgress(Math.min(file.size, offset + bytes)) });
}

/**
 * Uploads a file; gives the receipt {case, bundle, upload}. onProgress(bytes) as it goes; onBreak(seconds) when it waits for the
 * connection; signal stops it (a problem of status -1). Called again with the same file and case it goes on where it was.
 */
export async function upload(file, into, { onProgress, onBreak, signal }) {
  const key = keyOf(file, into);
  let url = remember.get(key), found = null, tries = 0;
  if (!file.size) throw problem("This file is empty.", 400);
  for (;;) {
    if (signal.aborted) throw stopped();
    try {
      if (url && !found) found = await find(url, signal);
      if (!found) {
        url = await create(file, into);
        remember.set(key, url);
        found = { offset: 0 };
      }
      if (found.receipt) break;
      onProgress(found.offset);
      const answer = await sendPiece(file, url, found.offset, onProgress, signal);
      if (answer.status === 204) {
        tries = 0;
        found = answer.header("X-Certtriage-Bundle") ? { receipt: receiptOf(answer, url) } : { offset: Number(answer.header("Upload-Offset")) };
        continue;
      }
      if (answer.status >= 400 && answer.status < 500 && ![404, 409, 410, 423, 429, 460].includes(answer.status)) throw problem(answer.detail, answer.status);
      throw problem("", answer.status === 404 || answer.status === 410 ? 404 : 0);
    } catch (e) {
      if (signal.aborted) throw stopped();
      if (e.status === 404) url = null; // it ended meanwhile: from the beginning
      else if (e.status) { remember.drop(key); throw e; }
      found = null;
      if (++tries > TRIES) throw problem("The connection broke, and did not come back. What was sent is kept: try again to go on.", 0);
      const seconds = Math.min(15, 2 ** (tries - 1));
      onBreak(seconds);
      await pause(seconds * 1000, signal);
    }
  }
  remember.drop(key);
  onProgress(file.size);
  return found.receipt;
}
