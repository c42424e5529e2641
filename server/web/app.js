// SPDX-License-Identifier: Apache-2.0
// The pages of the server: a hash is a page, all data comes from /api/v1, and all of it is set as text.
"use strict";
(function () {
  var ct = certtriage, el = ct.el, add = ct.add, page = document.getElementById("page"), bar = document.getElementById("bar");
  var said = document.getElementById("said"), drawn = 0; // drawn: which page is meant, so that a late answer draws nothing

  function say(text) { said.textContent = text; }

  // Gives the parsed answer; an answer of 4xx or 5xx is an Error with the problem's detail and its status.
  function ask(method, path, headers) {
    return fetch("/api/v1" + path, { method: method, headers: headers || {}, credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      return answer.text().then(function (text) {
        var body = {};
        try { body = JSON.parse(text); } catch (e) { /* a text answer */ }
        if (answer.ok) return { status: answer.status, body: body, text: text };
        var problem = new Error(body.detail || "the server answered " + answer.status);
        problem.status = answer.status;
        throw problem;
      });
    });
  }

  function start(title) {
    page.textContent = "";
    document.title = title + " \u2013 certtriage";
    var head = el("h1", "page", title);
    head.tabIndex = -1;
    add(page, head);
    return head;
  }
  function failed(problem) {
    if (problem.status === 401) return signIn();
    add(page, el("p", "gap", "\u25b2 " + problem.message));
  }

  // ----- signing in: the token is given once, and is a cookie from then on that no script can read
  function signIn(why) {
    bar.hidden = true;
    var form = el("form", "card narrow"), label = el("label", "", "Token"), input = el("input"), button = el("button", "strong", "Sign in");
    start("Sign in");
    input.type = "password";
    input.id = "token";
    input.autocomplete = "current-password";
    input.required = true;
    label.htmlFor = "token";
    add(form, el("p", "soft", "A token of the role triage or admin: certtriage-server token create --data DIR --role triage"), label, input, button);
    if (why) add(form, el("p", "gap", "\u25b2 " + why));
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      ask("POST", "/session", { Authorization: "Bearer " + input.value.trim() }).then(show, function (problem) { signIn(problem.message); });
    });
    add(page, form);
    input.focus();
  }
  document.getElementById("leave").addEventListener("click", function () {
    ask("DELETE", "/session").then(function () { signIn(); }, failed);
  });

  // ----- cases
  function age(iso) {
    var hours = (Date.now() - Date.parse(iso)) / 3600000;
    return !iso ? "" : hours < 1 ? "less than an hour" : hours < 48 ? ct.count(Math.floor(hours), "hour", "hours") : ct.count(Math.floor(hours / 24), "day", "days");
  }
  var states = { done: "good", failed: "error", queued: "plain", running: "plain" };
  function caseRow(one) {
    var tr = el("tr"), a = el("a", "mono", one.case), received = el("td", "", age(one.received));
    a.href = "#/case/" + encodeURIComponent(one.case);
    if (one.received) received.title = ct.when(one.received);
    add(tr, add(el("td"), a), add(el("td"), one.severity ? ct.tag(one.severity, one.severity) : null),
      add(el("td"), one.state ? ct.tag(states[one.state] || "plain", one.state) : null), el("td", "wide", one.cause || one.reason || ""), received);
    return tr;
  }
  function table(label, heads, rows) {
    var head = el("tr"), body = el("tbody");
    heads.forEach(function (h) { var th = el("th", "", h); th.scope = "col"; add(head, th); });
    rows.forEach(function (r) { add(body, r); });
    return add(ct.scroller(label), add(el("table"), add(el("thead"), head), body));
  }
  function caseTable(box, more, query, after) {
    return ask("GET", "/cases?limit=200" + query + (after ? "&after=" + encodeURIComponent(after) : "")).then(function (answer) {
      var rows = answer.body.cases.map(caseRow), body = box.querySelector("tbody");
      if (!after) {
        box.textContent = "";
        add(box, rows.length ? table("Cases", ["case", "severity", "state", "most likely cause", "received"], rows) : el("p", "", "None."));
      } else rows.forEach(function (r) { add(body, r); });
      say(ct.count(box.querySelectorAll("tbody tr").length, "case", "cases"));
      more.hidden = !answer.body.next;
      more.onclick = function () { caseTable(box, more, query, answer.body.next).catch(failed); };
    });
  }
  function choice(name, values) {
    var label = el("label", "soft", name), select = el("select");
    select.id = name;
    label.htmlFor = name;
    ["any"].concat(values).forEach(function (v) { var o = el("option", "", v); o.value = v === "any" ? "" : v; add(select, o); });
    return [label, select];
  }
  function cases(turn) {
    var find = el("input"), label = el("label", "soft", "find"), box = el("div"), more = el("button", "", "More"), timer, line = el("p", "row");
    var severity = choice("severity", ["error", "warning", "info"]), state = choice("state", ["queued", "running", "done", "failed"]);
    start("Cases");
    find.type = "search";
    find.id = "find";
    label.htmlFor = "find";
    more.type = "button";
    more.hidden = true;
    function again() {
      return caseTable(box, more, "&q=" + encodeURIComponent(find.value) + "&severity=" + severity[1].value + "&state=" + state[1].value, null);
    }
    find.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(function () { again().catch(failed); }, 200); });
    severity[1].addEventListener("change", function () { again().catch(failed); });
    state[1].addEventListener("change", function () { again().catch(failed); });
    [label, find].concat(severity, state).forEach(function (x) { add(line, x); });
    add(page, line, box, more);
    return again();
  }

  // ----- rules
  function rules(turn) {
    return ask("GET", "/rules").then(function (answer) {
      if (turn !== drawn) return;
      start("Rules");
      add(page, el("p", "soft", ct.count(answer.body.rules.length, "rule", "rules") + ", rule set " + answer.body.version.slice(0, 16)),
        table("Rules", ["rule", "severity", "what is wrong"], answer.body.rules.map(function (r) {
          return add(el("tr"), add(el("td", "mono"), el("div", "", r.id), el("div", "soft", r.code)), add(el("td"), ct.tag(r.severity, r.severity)), el("td", "wide", r.title));
        })));
    });
  }

  // ----- one case
  function formats(id) {
    var line = el("p", "row");
    [["html", "as one file"], ["txt", "as text"], ["json", "as JSON"]].forEach(function (f) {
      var a = el("a", "", f[1]);
      a.href = "/api/v1/cases/" + encodeURIComponent(id) + "/report." + f[0];
      if (f[0] === "html") a.download = "certtriage-" + id + ".html";
      add(line, a);
    });
    return line;
  }
  function oneCase(turn, id) {
    var path = "/cases/" + encodeURIComponent(id);
    return ask("GET", path + "/report.json").then(function (answer) {
      if (turn !== drawn) return;
      if (answer.status === 202) {
        start("Case " + id);
        add(page, el("p", "", "It is " + answer.body.state + ". This page goes on by itself."));
        setTimeout(function () { if (turn === drawn) oneCase(turn, id).catch(failed); }, 1000);
        return;
      }
      page.textContent = "";
      document.title = "Case " + id + " \u2013 certtriage";
      ct.drawReport(page, answer.body);
      page.insertBefore(formats(id), page.children[1] || null);
      say("the report of case " + id + " is there");
    });
  }

  // ----- upload
  function send(file, id, progress) {
    return new Promise(function (done, fail) {
      var x = new XMLHttpRequest();
      x.open("POST", "/api/v1/bundles");
      x.setRequestHeader("Content-Type", "application/zip");
      if (id) x.setRequestHeader("X-Certtriage-Case", id);
      x.upload.onprogress = function (e) { if (e.lengthComputable) progress(e.loaded / e.total); };
      x.onerror = function () { fail(new Error("the connection broke; nothing was stored")); };
      x.onload = function () {
        var body = {};
        try { body = JSON.parse(x.responseText); } catch (e) { /* not from us */ }
        if (x.status === 201) return done(body);
        fail(Object.assign(new Error(body.detail || "the server answered " + x.status), { status: x.status }));
      };
      x.send(file);
    });
  }
  function sendAll(files, id, list) {
    var chain = Promise.resolve(id);
    Array.prototype.forEach.call(files, function (file) {
      var meter = el("progress"), line = el("li");
      meter.max = 1;
      meter.setAttribute("aria-label", "upload of " + file.name);
      add(list, add(line, el("span", "mono", file.name + " "), meter));
      chain = chain.then(function (into) {
        return send(file, into, function (part) { meter.value = part; }).then(function (receipt) {
          meter.value = 1;
          add(line, el("span", "soft", " stored"));
          return receipt.case;
        });
      });
    });
    return chain;
  }
  function upload() {
    var form = el("form", "card narrow"), label = el("label", "", "Case"), id = el("input"), pick = el("input"), choose = el("label", "drop", "Choose bundles, or drop them here");
    var list = el("ul", "list");
    start("Upload");
    id.id = "case";
    id.pattern = "[A-Za-z0-9][A-Za-z0-9._\\-]{0,63}";
    id.placeholder = "a new one";
    label.htmlFor = "case";
    pick.type = "file";
    pick.id = "files";
    pick.multiple = true;
    pick.accept = ".zip";
    choose.htmlFor = "files";
    function take(files) {
      if (!files.length) return;
      if (!id.checkValidity()) return id.reportValidity();
      sendAll(files, id.value.trim(), list).then(function (into) {
        location.hash = "#/case/" + encodeURIComponent(into);
      }, function (problem) {
        if (problem.status === 401) return signIn(problem.message);
        add(list, el("li", "gap", "\u25b2 " + problem.message));
        say(problem.message);
      });
    }
    pick.addEventListener("change", function () { take(pick.files); });
    ["dragover", "dragenter"].forEach(function (name) { choose.addEventListener(name, function (e) { e.preventDefault(); choose.classList.add("over"); }); });
    choose.addEventListener("dragleave", function () { choose.classList.remove("over"); });
    choose.addEventListener("drop", function (e) { e.preventDefault(); choose.classList.remove("over"); take(e.dataTransfer.files); });
    form.addEventListener("submit", function (e) { e.preventDefault(); });
    add(page, add(form, el("p", "soft", "The bundles of one problem, of the server and of the client, belong into one case."), label, id, pick, choose, list));
    return Promise.resolve();
  }

  // ----- which page
  function show() {
    var turn = ++drawn, parts = location.hash.replace(/^#\/?/, "").split("/"), name = parts[0] || "cases";
    var draw = { cases: cases, "case": oneCase, upload: upload, rules: rules }[name];
    bar.hidden = false;
    Array.prototype.forEach.call(bar.querySelectorAll("a"), function (a) {
      if (a.getAttribute("href") === "#/" + (name === "case" ? "cases" : name)) a.setAttribute("aria-current", "page");
      else a.removeAttribute("aria-current");
    });
    if (!draw) {
      start("No such page");
      return Promise.resolve();
    }
    return draw(turn, decodeURIComponent(parts[1] || "")).then(function () {
      var head = page.querySelector("h1");
      if (head && turn > 1 && !page.contains(document.activeElement)) { head.tabIndex = -1; head.focus(); }
    }, function (problem) {
      if (turn !== drawn) return;
      start(name === "case" ? "Case " + parts[1] : "certtriage");
      failed(problem);
    });
  }
  window.addEventListener("hashchange", function () { window.scrollTo(0, 0); if (location.hash.indexOf("#/") === 0) show(); });
  ask("GET", "/session").then(show, function (problem) { if (problem.status === 401) signIn(); else { start("certtriage"); failed(problem); } });
}());
