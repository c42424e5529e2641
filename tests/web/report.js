// SPDX-License-Identifier: Apache-2.0
// The report as one file: its pictures, and how it is mailed.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { checked, noSidewaysScroll, open, part, shot, withoutFindings } = require("./browser.js");
const { url, triage, work } = process.env;
const bundle = (name) => path.join(work, name);

// What a picture can show that WEB1 has not: a chain with a gap, handshakes, more symptoms than lanes, changes meanwhile.
function drawn(report) {
  const day = (n, hour) => new Date(Date.UTC(2026, 2, n, hour)).toISOString();
  const symptom = report.diagnoses[0].symptom;
  report.diagnoses = Array.from({ length: 15 }, (_, i) => ({ ...report.diagnoses[0], symptom: { ...symptom, status: 403, substatus: i, win32: i % 2 ? 2148081668 : null, place: ["Site " + i, "\u8a3c\u660e\u66f8".repeat(12), "<b>\u202e\u202e\u202e\u202e\u202e\u202e</b>", "W".repeat(20) + "/" + "m".repeat(90)][i] || "Site " + i, first: day(1 + i, 3), last: day(16 + i, 9),
    timeline: [{ time: day(1, 0), text: "the binding was changed" }].concat(Array.from({ length: 16 }, (_, d) => ({ time: day(1 + i + d, 0), hours: 24, count: 1 + (d * 37 + i * 11) % 400 })), { time: day(9, 12), text: "a certificate ended" }) } }));
  report.chains = [{ client: "PC1", location: "CurrentUser", user: "u", thumbprint: "a".repeat(40), subject: "CN=client", server: "WEB1", issuers: "ClientAuthIssuer", offered: false, not_offered: "no issuer of it is in the server's list",
    accepted: false, not_accepted: "its root is not in Root", links: [{ thumbprint: "a".repeat(40), subject: "CN=client", status: "CERT_TRUST_IS_NOT_TIME_VALID", not_before: day(1, 0), not_after: day(2, 0) },
      { thumbprint: "b".repeat(40), subject: "CN=issuing CA", store: "CA", not_after: day(20, 0) }, { subject: "CN=Root CA " + "long ".repeat(30) }] }];
  const handshake = { machine: "WEB1", source: "probe", count: 3, first: day(3, 4), entry: "tls/1.bin", connection: 0, words: "The server did not ask." };
  report.handshakes = [{ ...handshake, server: "www.example.test:443", version: "TLS 1.2", asked: "yes", asked_why: "", client_certificate: "empty" }, { ...handshake, server: "10.0.0.1:443", version: "TLS 1.2", asked: "no", asked_why: "", client_certificate: "unknown" },
    { ...handshake, server: "a-long-name-of-a-server.in-a-long-domain.example.test:8443", version: "TLS 1.3", asked: "unknown", asked_why: "it is encrypted", client_certificate: "unknown" }];
  return report;
}
async function pictures(browser) {
  const headers = { Authorization: "Bearer " + triage }, file = bundle("drawn.html"), at = url + "/api/v1/cases/WEB1/report.";
  const [html, report] = [await (await fetch(at + "html", { headers })).text(), await (await fetch(at + "json", { headers })).json()];
  fs.writeFileSync(file, html.replace(/(<script type="application\/json" id="report">).*?(<\/script>)/s, (all, from, to) => from + JSON.stringify(drawn(report)).replace(/</g, "\\u003c") + to));
  for (const [name, options] of Object.entries({ "pictures": {}, "pictures-narrow-dark": { viewport: { width: 360, height: 800 }, colorScheme: "dark" } })) {
    const { page, done } = await open(browser, null, options);
    await page.goto("file://" + file);
    await page.waitForSelector("h2:has-text('Handshakes')");
    assert.strictEqual(await page.locator("svg.timeline .lane").count(), 12);
    assert.strictEqual(await page.locator("svg.timeline .mark").count(), 2);
    assert.deepStrictEqual(await page.evaluate(() => [...document.querySelectorAll("svg.timeline .place")].filter((t) => getComputedStyle(t.parentNode).overflow !== "hidden" || Number(t.parentNode.getAttribute("width")) > 165 || t.firstChild.data.length > 24).map((t) => t.textContent)), [], "names do not run into the bars");
    assert.match(await page.textContent("ol.chain li.missing"), /CN=Root CA .*missing/);
    assert.match(await page.textContent("ol.chain li.faulty"), /NOT_TIME_VALID/);
    for (const one of await page.locator("summary:has-text('seen by')").all()) await one.click();
    assert.deepStrictEqual(await page.locator("svg.handshake .lack:not(line):not(path)").allTextContents(), ["Certificate, an empty one", "no CertificateRequest"]);
    await withoutFindings(page, name);
    await noSidewaysScroll(page, name);
    assert.match(await page.textContent("main"), /3 more symptoms are not drawn/);
    await part(page, page.locator(".card:has(svg.timeline)"), name + "-timeline");
    await part(page, page.locator(".card:has(ol.chain)"), name + "-chain");
    for (let i = 0; i < 3; i++) await part(page, page.locator("details:has(svg.handshake)").nth(i), name + "-handshake-" + i);
    await done(name);
  }
}
async function mailedReport(browser, id, expected) {
  const text = await (await fetch(url + "/api/v1/cases/" + id + "/report.html", { headers: { Authorization: "Bearer " + triage } })).text();
  const file = bundle("mailed.html");
  fs.writeFileSync(file, text);
  for (const [name, options] of Object.entries({ mailed: {}, "mailed-dark": { colorScheme: "dark" }, "mailed-narrow": { viewport: { width: 360, height: 800 } } })) {
    const { page, done } = await open(browser, null, options);
    await page.goto("file://" + file);
    await page.waitForSelector(expected);
    await checked(page, name + "-" + id);
    await done(name);
  }
  const plain = await browser.newPage({ javaScriptEnabled: false });
  await plain.goto("file://" + file);
  assert.match(await plain.innerText("body"), /MOST LIKELY CAUSE/, "readable without scripting");
  await noSidewaysScroll(plain, "without scripting");
  await shot(plain, "mailed-plain-" + id);
  await plain.close();
}
// What a browser does of a file that somebody added scripts to: by a script, by an event, by an address; and of the evidence, which wants to.
const added = "<script>window.ran = 'a script'</script><img src=x onerror=\"window.ran = 'an event'\"><iframe src=\"javascript:parent.ran = 'an address'\"></iframe><style>main { display: none }</style>";
const meta = /<meta http-equiv="Content-Security-Policy" content="([^"]*)">/;
async function nothingAddedRuns(page, at, expected) {
  const broken = [];
  page.on("console", (m) => m.type() === "error" && broken.push(m.text()));
  await page.goto(at);
  await page.waitForSelector(expected); /* the report's own scripts and style work, and it is seen: the added style does not */
  for (const directive of ["script-src-elem", "script-src-attr", "img-src", "style-src-elem"]) assert.ok(broken.some((b) => b.startsWith("policy broken: " + directive)), directive + " of: " + broken.join("; "));
  await assert.rejects(page.evaluate(() => { const s = document.createElement("script"); s.text = "window.ran = 'an element'"; document.body.append(s); }), /Trusted/);
  assert.strictEqual(await page.evaluate(() => window.ran), undefined);
}
// The report as a page of the server: the policy of its header alone, and that of the file alone, let nothing run that is not its own.
async function servedReport(browser, id, expected) {
  const at = url + "/api/v1/cases/" + id + "/report.html";
  const { page, done } = await open(browser, triage);
  const answer = await page.goto(at), html = await answer.text(), header = answer.headers()["content-security-policy"];
  assert.doesNotMatch(header, /unsafe/);
  assert.match(header, /frame-ancestors 'none'/);
  assert.ok(header.startsWith(html.match(meta)[1]), "the header says what the file says");
  await page.waitForSelector(expected);
  await checked(page, "served-" + id);
  await done("the served report");
  const { page: first } = await open(browser, triage), file = bundle("added.html");
  await first.route(at, async (route) => { const response = await route.fetch(); await route.fulfill({ response, body: html.replace(meta, "").replace("<main", added + "<main") }); });
  await nothingAddedRuns(first, at, expected);
  await first.context().close();
  const { page: second } = await open(browser, null);
  fs.writeFileSync(file, html.replace("<main", added + "<main"));
  await nothingAddedRuns(second, "file://" + file, expected);
  await second.context().close();
}

module.exports = { pictures, mailedReport, servedReport };
