// SPDX-License-Identifier: Apache-2.0
// Bundles are chosen or dropped, and sent one after the other into one case.
import { may, session } from "./api.js";
import { add, button, copyButton, el, field, hash, head, link, say, size } from "./ui.js";
import { upload as send } from "./tus.js";

// The line of one file: its progress, what became of it, a button that stops it or goes on.
function fileLine(list, file) {
  const li = el("li", "file"), meter = el("progress"), told = el("span", "soft told", "waiting"), act = el("span", "act");
  meter.max = Math.max(1, file.size);
  meter.value = 0;
  meter.setAttribute("aria-label", "upload of " + file.name);
  add(list, add(li, el("span", "mono name", file.name), act, meter, told));
  return {
    show(bytes) {
      meter.value = bytes;
      told.textContent = Math.floor(100 * bytes / meter.max) + "% of " + size(file.size);
    },
    tell(text, bad) { told.textContent = text; told.className = bad ? "told bad" : "soft told"; },
    act(node) { act.textContent = ""; add(act, node); },
    done(receipt) {
      li.classList.add("stored");
      told.textContent = "";
      add(told, el("span", "", "Stored. Receipt: "), el("span", "mono", receipt.bundle), el("span", "", " "), copyButton(receipt.bundle));
    },
  };
}
// Gives the receipt; a break that does not end leaves a button that goes on.
function sendFile(line, file, into) {
  return new Promise((done, fail) => {
    async function go() {
      const control = new AbortController();
      line.act(button("Stop", () => control.abort()));
      try {
        const receipt = await send(file, into, { signal: control.signal, onProgress: line.show,
          onBreak: (seconds) => line.tell("The connection broke; going on in " + seconds + " s\u2026", true) });
        line.act(null);
        line.done(receipt);
        done(receipt);
      } catch (e) {
        line.tell(e.message, e.status !== -1);
        say(file.name + ": " + e.message);
        line.act(e.status <= 0 || e.status >= 500 ? button(e.status < 0 ? "Go on" : "Try again", go) : null);
        if (e.status > 0 && e.status < 500) fail(e);
      }
    }
    go();
  });
}
async function sendAll(files, into, list) {
  const lines = files.map((file) => fileLine(list, file)), receipts = [];
  let failed = 0;
  for (let i = 0; i < files.length; i++) {
    try {
      const receipt = await sendFile(lines[i], files[i], into);
      into = into || receipt.case;
      receipts.push(receipt);
    } catch (e) { failed++; /* its line says why; the others go on */ }
  }
  return { into, receipts, failed };
}
// The page may have been left meanwhile: nobody is taken away from where he is.
function end(box, { into, receipts, failed }) {
  box.textContent = "";
  if (!receipts.length) return;
  say(receipts.length + " stored in case " + into);
  if (may("triage") && !failed && box.isConnected) { location.hash = hash("case", into); return; }
  add(box, el("p", "", (receipts.length === 1 ? "The bundle is" : receipts.length + " bundles are") + " stored in case " + into + ". Keep the receipt: it is the SHA-256 of what was stored."),
    may("triage") ? link("To the case", hash("case", into)) : null);
}
// The browser asks before it closes the page.
const stay = (event) => event.preventDefault();

export async function upload(box, parts, values) {
  const into = field("case", "Case", { pattern: "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}", placeholder: "a new one", autocomplete: "off", value: session.case || values.case || "",
    hint: "The bundles of one problem, of the server and of the client, belong into one case." });
  const pick = el("input"), drop = el("label", "drop"), list = el("ul", "files"), after = el("div"), card = el("form", "card");
  pick.type = "file";
  pick.id = "files";
  pick.multiple = true;
  pick.accept = ".zip,application/zip";
  drop.htmlFor = "files";
  if (session.case) into.control.readOnly = true;
  add(drop, el("strong", "", "Choose bundles"), el("span", "soft", "or drop them here. The zip that certtriage-collect made, or one made by hand."));
  async function take(files) {
    if (!files.length || !into.control.reportValidity()) return;
    pick.disabled = true;
    after.textContent = "";
    window.addEventListener("beforeunload", stay);
    end(after, await sendAll(Array.from(files), into.control.value.trim(), list));
    window.removeEventListener("beforeunload", stay);
    pick.disabled = false;
    pick.value = "";
  }
  pick.addEventListener("change", () => take(pick.files));
  ["dragover", "dragenter"].forEach((name) => drop.addEventListener(name, (e) => { e.preventDefault(); drop.classList.add("over"); }));
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (e) => { e.preventDefault(); drop.classList.remove("over"); if (!pick.disabled) take(e.dataTransfer.files); });
  card.addEventListener("submit", (e) => e.preventDefault());
  head(box, "Upload");
  add(box, add(card, into.box, pick, drop, list, after));
}
