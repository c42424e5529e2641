// SPDX-License-Identifier: Apache-2.0
// How a report looks, in the mailed file and in the pages alike.
"use strict";
var certtriage = (function () {
  var report, page, options; // what drawReport was given

  // Everything that comes from evidence is set as text, never as markup. Marks that turn the direction of writing are shown.
  function shown(text) {
    return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, function (c) {
      return "\\u{" + c.charCodeAt(0).toString(16) + "}";
    });
  }
  function el(name, cls, text) {
    var e = document.createElement(name);
    if (cls) e.className = cls;
    if (text !== undefined && text !== null) e.textContent = shown(text);
    return e;
  }
  function add(parent) {
    for (var i = 1; i < arguments.length; i++) if (arguments[i]) parent.appendChild(arguments[i]);
    return parent;
  }
  function when(iso) {
    return iso ? iso.replace("T", " ").replace(/\.000Z$/, " UTC").replace(/Z$/, " UTC") : "";
  }
  function count(n, one, many) { return n + " " + (n === 1 ? one : many); }
  var pictures = certtriagePicture({ el: el, add: add, when: when, count: count, shown: shown });
  function tag(kind, text) { return el("span", "tag " + kind, text); }
  function heading(text) { add(page, el("h2", "", text)); }

  // What is wider than the window scrolls by itself, also by keyboard.
  function scroller(label) {
    var box = el("div", "card scroll");
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", label);
    return box;
  }

  function copyText(text, done) {
    function fallback() {
      var area = document.createElement("textarea");
      area.value = text;
      document.body.appendChild(area);
      area.select();
      try { if (document.execCommand("copy")) done(); } catch (e) { /* the text stays selectable */ }
      document.body.removeChild(area);
    }
    if (navigator.clipboard && navigator.clipboard.writeText) navigator.clipboard.writeText(text).then(done, fallback);
    else fallback();
  }
  function copyButton(text, label) {
    var b = el("button", "", label || "Copy");
    b.type = "button";
    b.addEventListener("click", function () {
      copyText(text, function () { b.textContent = "Copied"; setTimeout(function () { b.textContent = label || "Copy"; }, 1500); });
    });
    return b;
  }

  function machineCard(machine, coverage) {
    var card = el("div", "card"), items = coverage.items || {}, parts = [], total = 0;
    Object.keys(items).forEach(function (k) { parts.push(items[k] + " " + k); total += items[k]; });
    add(card, add(el("div", "row"), el("h3", "", machine.machine), tag("plain", (machine.roles || []).join(", ") || "no role")));
    add(card, el("p", "soft", [machine.windows || "Windows, version not known", machine.iis_version ? "IIS " + machine.iis_version : "",
      machine.domain || ""].filter(Boolean).join(" \u00b7 ")));
    add(card, el("p", "", (machine.collected ? "Collected " + when(machine.collected) + ": " : "") + count(total, "item", "items") +
      (parts.length ? " (" + parts.join(", ") + ")" : "")));
    // Gaps of one kind and reason in one line.
    var last = null;
    (coverage.gaps || []).forEach(function (g) {
      var key = [g.kind, g.outcome, g.reason].join("\n");
      if (!last || last.key !== key) {
        last = { key: key, sources: [], line: el("p", "gap") };
        add(card, last.line);
      }
      last.sources.push(g.source || "");
      var more = last.sources.length - 4;
      last.line.textContent = shown("\u25b2 " + g.outcome + ": " + last.sources.slice(0, 4).join(", ") + (more > 0 ? " and " + more + " more" : "") +
        " (" + g.kind + ")" + (g.reason ? ": " + g.reason : ""));
    });
    (coverage.problems || []).forEach(function (g) {
      add(card, el("p", "gap", "\u25b2 " + (g.entry ? g.entry + ": " : "") + g.problem));
    });
    return card;
  }

  function drawCoverage() {
    var grid = el("div", "grid"), rules = report.coverage.rules, line = el("div", "row counts");
    report.coverage.machines.forEach(function (c, i) { add(grid, machineCard(report.machines[i] || c, c)); });
    heading("Coverage");
    add(page, grid);
    var worst = ["error", "warning", "info"].filter(function (x) { return report.findings.some(function (f) { return f.severity === x; }); })[0];
    add(line, tag(worst || "plain", count(rules.finding, "finding", "findings")), tag("good", rules.pass + " passed"),
      tag("plain", rules["not-applicable"] + " not applicable"), tag(rules["not-evaluated"] ? "warning" : "plain", rules["not-evaluated"] + " not evaluated"));
    if (rules.error) add(line, tag("error", rules.error + " failed"));
    add(page, line);
    (report.coverage.notes || []).forEach(function (n) { add(page, el("p", "gap", "\u25b2 " + n)); });
  }

  function drawSummary() {
    var card = el("div", "card summary");
    heading("Summary");
    add(card, el("p", "", report.summary), copyButton(report.summary, "Copy summary"));
    add(page, card);
  }

  var beliefs = { seen: "seen to happen", must: "must fail by what was found", may: "can make it fail" };

  function stepList(title, steps) {
    var box = el("details", "soft");
    if (!steps || !steps.length) return null;
    add(box, el("summary", "", title));
    steps.forEach(function (s) { add(box, el(s.shell ? "pre" : "p", "", s.text)); });
    return box;
  }

  // The address of the pages says which page it is, so that the way to a finding is not by the address.
  function openFinding(print, event) {
    var d = document.getElementById("f-" + print);
    if (!d) return;
    event.preventDefault();
    d.hidden = false;
    d.open = true;
    d.scrollIntoView();
    d.firstChild.focus();
  }
  function causeItem(cause, index, explained) {
    var li = el("li"), links = el("div", "row");
    if (index === 0 && explained) li.className = "first";
    if (cause.masked_by) li.className = "masked";
    add(li, el("span", "rank", index + 1));
    if (index === 0 && explained) add(li, el("div", "likely", "Most likely cause"));
    add(li, el("h3", "", cause.title));
    add(links, tag(cause.severity, cause.severity), tag("plain", beliefs[cause.strength] || cause.strength));
    if (cause.masked_by) add(links, tag("plain", "masked by " + cause.masked_by));
    add(links, el("span", "soft mono", cause.rule));
    add(li, links, el("p", "", cause.why));
    if (cause.note) add(li, el("p", "gap", "\u25b2 " + cause.note));
    if (index === 0) add(li, stepList("To decide", cause.confirm));
    cause.findings.slice(0, 3).forEach(function (print) {
      var a = el("a", "", "What to do");
      a.href = "#f-" + print;
      a.addEventListener("click", function (event) { openFinding(print, event); });
      add(li, a, document.createTextNode("  "));
    });
    return li;
  }

  // Causes that the same gaps leave open stand together, and many of them are folded: there may be dozens.
  function undecided(list) {
    var box = el("details"), groups = [], by = {};
    if (!list.length) return null;
    list.forEach(function (o) {
      var key = "=" + o.items.join("; ");
      if (!by[key]) groups.push(by[key] = { items: o.items, titles: [] });
      by[key].titles.push(o.title);
    });
    box.open = list.length <= 3;
    add(box, el("summary", "", count(list.length, "cause is not decided", "causes are not decided")));
    groups.forEach(function (g) {
      var titles = el("ul", "list");
      g.titles.forEach(function (t) { add(titles, el("li", "", "could be: " + t)); });
      add(box, el("p", "soft", "not decided, because: " + g.items.join("; ")), titles);
    });
    return box;
  }

  function drawDiagnosis(d) {
    var card = el("div", "card"), s = d.symptom, head = el("div", "symptom"), line = el("div", "row"), list = el("ol", "causes");
    if (s.status !== null) add(line, el("span", "status", s.status + "." + s.substatus + (s.win32 !== null ? "." + s.win32 : "")));
    add(line, el("span", "", s.meaning));
    add(head, line);
    if (s.status !== null) add(head, el("p", "soft", "at \u201c" + (s.place || "") + "\u201d on " + s.machine + " \u00b7 " + count(s.count, "request", "requests") +
      " of " + count(s.clients, "client", "clients") + " \u00b7 " + when(s.first) + (s.last && s.last !== s.first ? " to " + when(s.last) : "")));
    (s.examples || []).forEach(function (x) {
      add(head, el("p", "soft mono", [when(x.time), x.method, x.url, x.client ? "from " + x.client : "", x.entry ? "(" + x.entry + ":" + x.line + ")" : ""]
        .filter(Boolean).join(" ")));
    });
    (s.events || []).forEach(function (x) {
      add(head, el("p", "soft", "beside it: " + x.text + " (" + count(x.count, "time", "times") + (x.last ? ", the last " + when(x.last) : "") + "; " + x.entry +
        (x.line ? ":" + x.line : "") + ")"));
    });
    add(card, head);
    if (!d.explained) {
      add(card, el("p", "gap", "\u25b2 Nothing that was collected explains this symptom."));
      var next = stepList("What to collect next", d.next);
      if (next) next.open = true;
      add(card, next, undecided(d.not_evaluated));
    }
    d.causes.forEach(function (c, i) { add(list, causeItem(c, i, d.explained && !c.masked_by)); });
    add(card, list);
    add(page, card);
  }

  function drawDiagnoses() {
    heading("Diagnoses");
    var rules = report.coverage.rules;
    if (!report.diagnoses.length) add(page, add(el("div", "card"), el("p", "", rules["not-evaluated"] > 0 && !rules.finding && !rules.pass ? "None: no rule could be decided with what was collected."
      : "No failure that a client certificate could explain is in the logs that were collected.")));
    report.diagnoses.forEach(drawDiagnosis);
    if (report.diagnoses_left_out) add(page, el("p", "soft", report.diagnoses_left_out + " more symptoms are left out."));
  }

  function answerLine(yes, text, no, why) {
    return yes === undefined ? null : el("p", yes ? "" : "gap", yes ? "+ " + text : "\u2212 " + no + ": " + why);
  }
  function drawChains() {
    var chains = report.chains || [];
    if (!chains.length) return;
    heading("Client certificates");
    chains.forEach(function (c) {
      var card = el("div", "card");
      add(card, el("h3", "", c.subject));
      add(card, el("p", "soft mono", c.thumbprint + " in " + c.location + "\\My" + (c.user ? " of " + c.user : "") + " of " + c.client +
        (c.server ? ", for server " + c.server : "") + (c.issuers ? " with trusted issuers " + c.issuers : "")));
      add(card, answerLine(c.offered, "the client would offer it", "not offered", c.not_offered),
        answerLine(c.accepted, "the server would accept it", "not accepted", c.not_accepted));
      if (c.note) add(card, el("p", "gap", "\u25b2 " + c.note));
      add(card, pictures.chain(c.links));
      if (c.other_paths) add(card, el("p", "soft", count(c.other_paths, "other path was", "other paths were") + " found, none better."));
      add(page, card);
    });
    if (report.chains_left_out) add(page, el("p", "soft", report.chains_left_out + " more are left out."));
  }

  function drawHandshakes() {
    var list = report.handshakes || [];
    if (!list.length) return;
    heading("Handshakes");
    list.forEach(function (h) {
      var box = el("details", "card"), inside = el("div", "inside"), words = { yes: "asked", no: "not asked", unknown: "cannot be known" };
      add(box, add(el("summary"), tag(h.asked === "yes" ? "good" : h.asked === "no" ? "warning" : "plain", words[h.asked]), document.createTextNode("  "),
        el("h3", "inline", h.server + ", seen by " + h.machine), el("div", "soft mono", h.entry + (h.source === "capture" ? ", connection " + h.connection : "") +
        " \u00b7 " + count(h.count, "handshake", "handshakes") + (h.first ? " \u00b7 " + when(h.first) : ""))));
      add(page, add(box, add(inside, el("p", "", h.words), add(scroller("Handshake with " + h.server + ", seen by " + h.machine), pictures.handshake(h)))));
    });
    if (report.handshakes_left_out) add(page, el("p", "soft", report.handshakes_left_out + " more are left out."));
  }

  function evidenceText(e) {
    if (e.entry) return e.entry + (e.line ? ":" + e.line : "") + (e.excerpt ? "  " + e.excerpt : "");
    if (e.key) return e.key + "  " + e.name + " = " + e.value;
    return "certificate " + e.thumbprint + (e.store ? " in " + e.store : "");
  }
  function stepNode(step) {
    if (!step.shell) return el("p", step.kind === "note" ? "gap" : "", (step.kind === "undo" ? "Undo: " : step.kind === "note" ? "\u25b2 " : "") + step.text);
    var box = el("div", "command" + (step.kind === "undo" ? " undo" : ""));
    return add(box, el("span", "shell", (step.kind === "undo" ? "undo " : "") + (step.shell === "cmd" ? "cmd" : "PS")), el("pre", "", step.text), copyButton(step.text));
  }
  function findingNode(f) {
    var d = el("details", "card"), s = el("summary"), inside = el("div", "inside"), list = el("ul", "list");
    d.id = "f-" + f.fingerprint;
    d.dataset.severity = f.severity;
    if (f.severity === "error" && !f.suppressed) d.open = true;
    add(s, tag(f.severity, f.severity), document.createTextNode("  "), f.suppressed ? tag("plain", "suppressed") : null, el("h3", "inline", f.title), el("div", "soft mono", f.rule + " (" + f.code + ") \u00b7 " + f.machine + ": " + f.subject));
    add(inside, el("p", "", f.message));
    if (f.suppressed) add(inside, el("p", "gap", "Lived with" + (f.suppressed.until ? " until " + f.suppressed.until : "") + ": " + f.suppressed.reason));
    if (f.evidence.length) {
      f.evidence.forEach(function (e) { add(list, el("li", "mono", evidenceText(e))); });
      add(inside, el("h4", "", "Evidence"), list);
    }
    add(inside, el("h4", "", "What to do"));
    f.remedy.forEach(function (step) { add(inside, stepNode(step)); });
    if (f.references.length) add(inside, el("h4", "", "References"));
    f.references.forEach(function (url) {
      var a = el("a", "", url);
      if (/^https:\/\//.test(url)) { a.href = url; a.rel = "noreferrer noopener"; }
      add(inside, add(el("div"), a));
    });
    if (options.onFinding) options.onFinding(f, inside);
    return add(d, s, inside);
  }

  function filters(names, labels, nodes, key) {
    var bar = el("div", "filters");
    names.forEach(function (name) {
      var b = el("button", "", labels[name]);
      b.type = "button";
      b.setAttribute("aria-pressed", name === names[0] ? "true" : "false");
      b.addEventListener("click", function () {
        Array.prototype.forEach.call(bar.children, function (o) { o.setAttribute("aria-pressed", o === b ? "true" : "false"); });
        nodes.forEach(function (n) { n.hidden = name !== "all" && n.dataset[key] !== name; });
      });
      add(bar, b);
    });
    return bar;
  }
  function tally(list, member) {
    var n = { all: list.length };
    list.forEach(function (x) { n[x[member]] = (n[x[member]] || 0) + 1; });
    return n;
  }
  function bar(list, member, order, nodes) {
    var n = tally(list, member), names = ["all"].concat(order.filter(function (x) { return n[x]; })), labels = {};
    names.forEach(function (x) { labels[x] = x + " " + n[x]; });
    return filters(names, labels, nodes, member);
  }

  function drawFindings() {
    var nodes = report.findings.map(findingNode);
    heading("Findings");
    if (!nodes.length) add(page, el("p", "soft", "None."));
    else add(page, bar(report.findings, "severity", ["error", "warning", "info"], nodes));
    nodes.forEach(function (n) { add(page, n); });
  }

  function drawVerdicts() {
    var table = el("table"), body = el("tbody"), head = el("tr"), kinds = { finding: "error", pass: "good", "not-evaluated": "warning", error: "error" };
    var rows = report.verdicts.map(function (v) {
      var tr = el("tr");
      tr.dataset.verdict = v.verdict;
      add(tr, add(el("td"), tag(kinds[v.verdict] || "plain", v.verdict)), el("td", "mono short", v.rule), el("td", "short", v.machine || "\u2013"),
        add(el("td"), v.subject ? el("div", "mono", v.subject) : null, v.items.length ? el("div", "soft", v.items.join("; ")) : null));
      return tr;
    });
    ["verdict", "rule", "machine", "subject, and why"].forEach(function (h) { var th = el("th", "", h); th.scope = "col"; add(head, th); });
    var box = el("details");
    rows.forEach(function (r) { add(body, r); });
    heading("Verdicts");
    add(page, add(box, el("summary", "", "What each rule says, " + count(rows.length, "verdict", "verdicts")), bar(report.verdicts, "verdict", ["finding", "error", "not-evaluated", "not-applicable", "pass"], rows),
      add(scroller("Verdicts"), add(table, add(el("thead"), head), body))));
  }

  function drawTimeline() {
    var drawing = pictures.timeline(report.diagnoses.map(function (d) { return d.symptom; }));
    if (!drawing) return;
    heading("Symptoms over time");
    add(page, add(scroller("Symptoms over time"), drawing));
  }

  // more, of the pages only: untitled: they have a heading of their own; onFinding(finding, node): what can be done with it.
  function drawReport(into, what, more) {
    var top = el("header", "top");
    page = into;
    report = what;
    options = more || {};
    add(top, el("h1", "", "Why does client-certificate authentication fail?"), el("span", "soft", report.case.id ? "case " + report.case.id : ""));
    if (!options.untitled) add(page, top);
    report.case.complaints.forEach(function (c) {
      add(page, el("p", "soft", "Asked: " + [c.url, when(c.when), c.seen, c.account, c.thumbprint].filter(Boolean).join(" \u00b7 ")));
    });
    drawCoverage();
    drawSummary();
    drawDiagnoses();
    drawTimeline();
    drawChains();
    drawHandshakes();
    drawFindings();
    drawVerdicts();
    add(page, el("footer", "", "Rule set " + report.ruleset.version + " (" + report.ruleset.rules + " rules), facts version " + report.ruleset.facts +
      ", extractors " + report.ruleset.extractors + "."));
  }

  var inside = document.getElementById("report"); // a report that is one file has its data in it
  if (inside) drawReport(document.getElementById("page"), JSON.parse(inside.textContent));
  return { el: el, add: add, tag: tag, when: when, count: count, shown: shown, copyButton: copyButton, scroller: scroller, drawReport: drawReport };
}());
