// SPDX-License-Identifier: Apache-2.0
// The pictures of a report: symptoms over time, chains of certificates, handshakes. Each has what it shows as words, too.
"use strict";
var certtriagePicture = function (tools) {
  var el = tools.el, add = tools.add, when = tools.when, count = tools.count, shown = tools.shown;
  var WIDTH = 1000, LEFT = 170, RIGHT = 20, LANE = 50, BAR = 32, LANES = 12;

  function svg(name, attributes, text) {
    var e = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.keys(attributes || {}).forEach(function (k) { e.setAttribute(k, attributes[k]); });
    if (text !== undefined) e.textContent = shown(text);
    return e;
  }
  function picture(height, words, cls) {
    return add(svg("svg", { viewBox: "0 0 " + WIDTH + " " + height, role: "img", "class": cls }), svg("title", {}, words));
  }
  // As much of a text, as it is shown, as there is room for; all of it is in the words.
  function short(all, room) {
    var text = shown(all), half = Math.floor(room / 2);
    return text.length > room ? text.slice(0, half) + "\u2026" + text.slice(1 - half) : text;
  }
  function code(s) { return s.status + "." + s.substatus + (s.win32 !== null ? "." + s.win32 : ""); }

  // ----- symptoms over time: a lane each, in it a bar for each step of time; what happened meanwhile is a numbered mark.
  function laneText(s) {
    return code(s) + " at \u201c" + (s.place || "") + "\u201d on " + s.machine + ": " + count(s.count, "request", "requests") + ", " + when(s.first) +
      (s.last !== s.first ? " to " + when(s.last) : "");
  }
  function steps(s) { return (s.timeline || []).filter(function (t) { return t.count !== undefined; }); }
  function stepEnd(t) { return Date.parse(t.time) + (t.hours || 1) * 3600000; }

  // What happened, each once, in order of time: several symptoms may name the same change.
  function moments(lanes) {
    var seen = {}, list = [];
    lanes.forEach(function (s) {
      (s.timeline || []).forEach(function (t) {
        var key = t.time + t.text;
        if (t.text === undefined || seen[key]) return;
        seen[key] = true;
        list.push(t);
      });
    });
    return list.sort(function (a, b) { return a.time < b.time ? -1 : a.time > b.time ? 1 : 0; });
  }
  // The axis holds all requests, and of the moments those within a third of that span beside it.
  function axis(lanes) {
    var from = Math.min.apply(null, lanes.map(function (s) { return steps(s).length ? Date.parse(steps(s)[0].time) : Date.parse(s.first); }));
    var to = Math.max.apply(null, lanes.map(function (s) {
      var last = steps(s)[steps(s).length - 1];
      return last ? stepEnd(last) : Date.parse(s.last || s.first);
    }));
    var room = Math.max((to - from) / 3, 3600000);
    moments(lanes).forEach(function (m) {
      var time = Date.parse(m.time);
      if (time < from && from - time <= room) from = time;
      if (time > to && time - to <= room) to = time;
    });
    return { from: from, to: to, x: function (time) { return LEFT + (WIDTH - LEFT - RIGHT) * (to > from ? (time - from) / (to - from) : 0.5); } };
  }
  function lane(into, s, at, y, most) {
    add(into, svg("line", { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, "class": "axis" }),
      add(svg("text", { x: 0, y: y - 14, "class": "lane" }, code(s)), svg("title", {}, laneText(s))),
      add(svg("svg", { x: 0, y: y - 12, width: LEFT - 8, height: 18 }), // what is wider than most letters is cut, not laid over the bars
        add(svg("text", { x: 0, y: 13, "class": "place" }, short(s.place || s.machine || "", 24)), svg("title", {}, laneText(s)))));
    steps(s).forEach(function (t) {
      var high = Math.max(3, BAR * Math.sqrt(t.count / most)), a = at.x(Date.parse(t.time)), b = at.x(stepEnd(t));
      var bar = svg("rect", { x: a, width: Math.max(3, b - a - 1), y: y - high, height: high, "class": "bar" });
      add(into, add(bar, svg("title", {}, when(t.time) + ", " + count(t.hours || 1, "hour", "hours") + ": " + count(t.count, "request", "requests"))));
    });
    if (!steps(s).length) {
      var first = at.x(Date.parse(s.first)), last = at.x(Date.parse(s.last || s.first));
      add(into, add(svg("rect", { x: first - 3, width: last - first + 6, y: y - 12, height: 12, "class": "bar" }), svg("title", {}, laneText(s))));
    }
  }
  function marks(into, list, at, height) {
    list.forEach(function (m, i) {
      var x = at.x(Date.parse(m.time));
      add(into, svg("line", { x1: x, x2: x, y1: 16, y2: height - 22, "class": "mark" }),
        add(svg("text", { x: x, y: 12, "class": "marked" }, i + 1), svg("title", {}, when(m.time) + ": " + m.text)));
    });
  }
  // Gives NULL when there is nothing to draw.
  function timeline(symptoms) {
    var all = symptoms.filter(function (s) { return s.status !== null && s.first; }), lanes = all.slice(0, LANES);
    if (!lanes.length) return null;
    var at = axis(lanes), height = LANE * lanes.length + 44, box = el("div"), list = el("ol", "moments");
    var most = Math.max.apply(null, lanes.map(function (s) {
      return Math.max.apply(null, steps(s).map(function (t) { return t.count; }).concat([1]));
    }));
    var told = moments(lanes), here = told.filter(function (m) { return Date.parse(m.time) >= at.from && Date.parse(m.time) <= at.to; });
    var drawing = picture(height, "Symptoms over time. " + lanes.map(laneText).join(". ") + ".", "timeline");
    lanes.forEach(function (s, i) { lane(drawing, s, at, LANE * (i + 1) + 12, most); });
    marks(drawing, here, at, height);
    add(drawing, svg("text", { x: LEFT, y: height - 4, "class": "tick" }, when(new Date(at.from).toISOString())),
      svg("text", { x: WIDTH - RIGHT, y: height - 4, "class": "tick end" }, when(new Date(at.to).toISOString())));
    here.forEach(function (m) { add(list, el("li", "", when(m.time) + ": " + m.text)); });
    told.forEach(function (m) { if (here.indexOf(m) < 0) add(list, el("li", "outside", when(m.time) + ": " + m.text)); });
    return add(box, drawing, all.length > LANES ? el("p", "soft moments", count(all.length - LANES, "more symptom is", "more symptoms are") + " not drawn.") : null,
      told.length ? list : null);
  }

  // ----- a chain: a box for each certificate, the root at the top, the line between broken where one is missing
  function chain(links) {
    var list = el("ol", "chain");
    links.slice().reverse().forEach(function (link) {
      var li = el("li", !link.thumbprint ? "missing" : link.status ? "faulty" : "");
      add(li, el("strong", "", link.thumbprint ? link.subject : link.subject + ": missing"));
      if (link.thumbprint) add(li, el("div", "soft mono", link.thumbprint));
      if (link.thumbprint) add(li, el("div", "soft", [link.store ? "in " + link.store : "", link.not_before ? "from " + link.not_before.slice(0, 10) : "", link.not_after ? "until " + link.not_after.slice(0, 10) : ""]
        .filter(Boolean).join(" \u00b7 ")));
      if (link.status) add(li, el("div", "gap", "\u25b2 " + link.status));
      add(list, li);
    });
    return list;
  }

  // ----- a handshake: the client on the left, the server on the right, an arrow for each message that tells something
  var ANSWERS = { sent: "Certificate", empty: "Certificate, an empty one", unanswered: "ends the connection", unknown: "" };
  function messages(h) {
    var list = [["client", "ClientHello", ""]];
    if (h.version) list.push(["server", "ServerHello, " + h.version, ""]);
    if (h.asked === "yes") list.push(["server", "CertificateRequest", "asked"]);
    else if (h.asked === "no") list.push(["server", "no CertificateRequest", "lack"]);
    else list.push(["server", "CertificateRequest? It cannot be seen: " + h.asked_why, "hidden"]);
    if (ANSWERS[h.client_certificate]) list.push(["client", ANSWERS[h.client_certificate], h.client_certificate === "sent" ? "asked" : "lack"]);
    return list;
  }
  function arrow(into, message, y) {
    var from = message[0] === "client" ? 200 : 800, to = 1000 - from, tip = to > from ? -10 : 10;
    add(into, svg("line", { x1: from, x2: to, y1: y, y2: y, "class": "message " + message[2] }),
      svg("path", { d: "M" + to + " " + y + "l" + tip + " -5v10z", "class": "tip " + message[2] }),
      svg("text", { x: 500, y: y - 6, "class": "said " + message[2] }, short(message[1], 72)));
  }
  function handshake(h) {
    var list = messages(h), height = 34 * list.length + 40, drawing = picture(height, h.words, "handshake");
    [[200, "client"], [800, h.server]].forEach(function (side) {
      add(drawing, svg("text", { x: side[0], y: 16, "class": "side" }, short(side[1], 34)),
        svg("line", { x1: side[0], x2: side[0], y1: 24, y2: height - 4, "class": "axis" }));
    });
    list.forEach(function (m, i) { arrow(drawing, m, 34 * i + 54); });
    return drawing;
  }

  return { timeline: timeline, chain: chain, handshake: handshake };
};
