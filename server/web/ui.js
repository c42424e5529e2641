// SPDX-License-Identifier: Apache-2.0
// What pages are made of. All text is set as text: el() and what is built on it.
export const { el, add, tag, when, count, scroller, copyButton, drawReport } = window.certtriage;

export const hash = (...parts) => "#/" + parts.map(encodeURIComponent).join("/");
export function link(text, href, cls) {
  const a = el("a", cls || "", text);
  a.href = href;
  return a;
}
export function say(text) { document.getElementById("said").textContent = text; }

/** The heading of a page, and the title of its window. */
export function head(box, title, ...beside) {
  const h = el("h1", "", title), row = el("div", "head");
  h.tabIndex = -1;
  document.title = title + " \u2013 certtriage";
  return add(box, add(row, h, ...beside));
}
export function button(text, does, cls) {
  const b = el("button", cls || "", text);
  b.type = "button";
  b.addEventListener("click", () => does(b));
  return b;
}
export function warn(text) {
  const p = el("p", "problem", text);
  p.setAttribute("role", "alert");
  return p;
}
/** Nothing is there: why, and what to do about it. */
export const empty = (text, ...more) => add(el("div", "card empty"), el("p", "", text), ...more);
export const loading = () => el("p", "loading soft", "Loading\u2026");

/** "3 hours ago". */
export function age(iso) {
  if (!iso) return "";
  const minutes = Math.max(0, Date.now() - Date.parse(iso)) / 60000;
  if (minutes < 1) return "just now";
  if (minutes < 60) return count(Math.floor(minutes), "minute", "minutes") + " ago";
  return (minutes < 48 * 60 ? count(Math.floor(minutes / 60), "hour", "hours") : count(Math.floor(minutes / 1440), "day", "days")) + " ago";
}
/** A moment to the second. */
export const moment = (iso) => when(iso).replace(/\.\d+ UTC$/, " UTC");
/** A moment as its age, the moment itself when pointed at. */
export function aged(iso) {
  const t = el("time", "", age(iso));
  if (iso) { t.dateTime = iso; t.title = when(iso); }
  return t;
}
export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB"];
  let at = 0;
  while (bytes >= 1024 && at < 3) { bytes /= 1024; at++; }
  return (at && bytes < 100 ? bytes.toFixed(1) : Math.round(bytes)) + " " + units[at];
}
const states = { done: "good", failed: "error", queued: "plain", running: "plain", empty: "plain" };
export const stateTag = (state) => tag(states[state] || "plain", state);
export const severityTag = (severity) => severity ? tag(severity, severity) : el("span", "soft", "\u2013");

// A narrow window shows a row as a block, which takes the browser's own roles away.
function part(name, role) {
  const e = el(name);
  e.setAttribute("role", role);
  return e;
}
// A cell is a text, a node, or a list of both.
function cell(what) {
  const td = part("td", "cell");
  [].concat(what).forEach((one) => add(td, one instanceof Node ? one : one === null || one === undefined ? null : el("span", "", one)));
  return td;
}
const row = (cells) => add(part("tr", "row"), ...cells.map(cell));
/** heads: [text or "text|class of its cells"]. Gives {node, body, put(rows)}. */
export function table(label, heads) {
  const line = part("tr", "row"), body = part("tbody", "rowgroup"), head = part("thead", "rowgroup"), all = part("table", "table"), names = heads.map((h) => h.split("|"));
  names.forEach(([text, c]) => {
    const th = part(text ? "th" : "td", text ? "columnheader" : "cell");
    th.className = c || "";
    th.textContent = text;
    if (text) th.scope = "col";
    add(line, th);
  });
  all.className = "list";
  return {
    node: add(scroller(label), add(all, add(head, line), body)),
    body,
    put(rows) {
      rows.forEach((cells) => {
        const tr = row(cells);
        names.forEach(([text, c], i) => {
          const cell = tr.children[i];
          if (!cell) return;
          cell.className = c || "";
          cell.dataset.head = cell.textContent || cell.querySelector("input") ? text : ""; /* what a narrow window shows beside it */
        });
        add(body, tr);
      });
    },
  };
}

/** A label and its control. more: properties of the control, hint: a line below. */
let fields = 0;
export function field(name, text, { kind = "input", hint, options, ...more } = {}) {
  const box = el("div", "field"), label = el("label", "", text), control = el(kind);
  control.id = name;
  control.name = name;
  label.htmlFor = name;
  (options || []).forEach((o) => {
    const [value, shown] = Array.isArray(o) ? o : [o, o], option = el("option", "", shown);
    option.value = value;
    add(control, option);
  });
  Object.entries(more).forEach(([k, v]) => { if (v !== undefined) control[k] = v; });
  if (hint) {
    const p = el("p", "hint soft", hint);
    p.id = "hint-" + ++fields;
    control.setAttribute("aria-describedby", p.id);
    add(box, label, control, p);
  } else add(box, label, control);
  return { box, control };
}
export function radio(name, value, checked, label) {
  const input = el("input");
  Object.assign(input, { type: "radio", name, value, checked });
  input.setAttribute("aria-label", label);
  return input;
}
/** A form; submit(form's button) may throw: the problem is shown in it. */
export function form(cls, fieldBoxes, sendText, submit) {
  const f = el("form", cls), send = el("button", "strong", sendText);
  let bad = null;
  f.noValidate = false;
  f.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (bad) bad.remove();
    send.disabled = true;
    try {
      await submit(f);
    } catch (e) {
      bad = warn(e.message);
      f.insertBefore(bad, send.parentNode);
    }
    send.disabled = false;
  });
  return add(f, ...fieldBoxes, add(el("div", "row actions"), send));
}

/** A question before something is done: resolves to true or false. With fields: to their values by name. */
export function dialog(title, texts, yes, fieldBoxes = [], cls = "strong") {
  return new Promise((done) => {
    const d = el("dialog", "card"), f = el("form"), h = el("h2", "plain", title), send = el("button", cls, yes);
    const no = button("Cancel", () => d.close());
    let answer = false;
    h.id = "dialog-title";
    d.setAttribute("aria-labelledby", h.id);
    f.addEventListener("submit", (event) => {
      event.preventDefault();
      answer = fieldBoxes.length ? Object.fromEntries(Array.from(f.elements).filter((c) => c.name).map((c) => [c.name, c.value.trim()])) : true;
      d.close();
    });
    d.addEventListener("close", () => { d.remove(); done(answer); });
    add(d, add(f, h, ...texts.map((t) => el("p", "", t)), ...fieldBoxes, add(el("div", "row actions"), send, no)));
    add(document.body, d);
    d.showModal();
  });
}

/**
 * A list in pages: fetchPage(after) gives {rows, next, again}. Draws into box what is there, what is missing, or what went wrong, and a button
 * for more. again: something on it is about to change, so that it is asked again after a while, unless somebody is in the list.
 * The page that a slow answer belongs to may be gone: then box is no longer in the document, and nobody sees it.
 */
export function pages(box, label, heads, fetchPage, nothing, what) {
  const more = button("Show more", () => load(true));
  let turn = 0, grown = false, shown, next;
  function draw(page) {
    box.textContent = "";
    shown = table(label, heads);
    shown.put(page.rows);
    add(box, page.rows.length ? shown.node : nothing(), more);
    grown = false;
  }
  function later(mine) {
    setTimeout(() => {
      if (mine !== turn || grown || !box.isConnected) return;
      if (box.contains(document.activeElement)) later(mine);
      else load(false, true);
    }, 3000);
  }
  async function load(further, quiet) {
    const mine = ++turn;
    if (!further && !quiet) { box.textContent = ""; add(box, loading()); }
    more.disabled = true;
    try {
      const page = await fetchPage(further ? next : "");
      if (mine !== turn) return;
      if (further) { shown.put(page.rows); grown = true; } else draw(page);
      next = page.next;
      if (!quiet) say(count(shown.body.children.length, what[0], what[1]) + (next ? " so far" : ""));
      if (page.again) later(mine);
      more.hidden = !next;
    } catch (e) {
      if (mine !== turn) return;
      if (!further) box.textContent = "";
      add(box, warn(e.message));
    }
    more.disabled = false;
  }
  return load;
}

/** Filters that stand in the address, so that a page can be sent to somebody. */
export function filterBar(page, values, fields, changed) {
  const bar = el("form", "filterbar");
  let timer;
  bar.setAttribute("role", "search");
  function now() {
    fields.forEach((f) => { values[f.control.name] = f.control.value.trim(); });
    const all = new URLSearchParams(Object.entries(values).filter(([, v]) => v)).toString();
    history.replaceState(null, "", "#/" + page + (all ? "?" + all : ""));
    changed();
  }
  fields.forEach((f) => {
    f.control.value = values[f.control.name] || "";
    f.control.addEventListener(f.control.tagName === "SELECT" || f.control.type === "date" ? "change" : "input", () => {
      clearTimeout(timer);
      timer = setTimeout(now, f.control.tagName === "SELECT" ? 0 : 250);
    });
    add(bar, f.box);
  });
  bar.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(timer); now(); });
  add(bar, button("Clear", () => { fields.forEach((f) => { f.control.value = ""; }); now(); }));
  return bar;
}
export const day = (value, end) => value ? value + (end ? "T23:59:59Z" : "T00:00:00Z") : "";
