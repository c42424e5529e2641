// SPDX-License-Identifier: Apache-2.0
// Played by test_web.sh: what a support engineer does, in Chromium; first by keyboard alone, from the upload to the remedy.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const { checked, go, noSidewaysScroll, open, ready, shot, tabTo, tabToText, until, withoutFindings } = require("./browser.js");
const { url, triage, admin, uploader, bound, work } = process.env;
const bundle = (name) => path.join(work, name);

async function signIn(page) {
  await page.goto(url + "/");
  await page.waitForSelector("#token");
  await checked(page, "way-1-sign-in");
  await page.keyboard.type("not a token");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".problem");
  assert.match(await page.textContent(".problem"), /token/i);
  await page.fill("#token", "");
  await page.keyboard.type(triage);
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Cases')");
}
// The first piece of the first file is lost on its way: it goes on by itself.
async function upload(page) {
  let lost = 0;
  await checked(page, "way-2-cases");
  await tabToText(page, "Upload");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#files", { state: "attached" });
  await checked(page, "way-3-upload");
  await page.route("**/api/v1/uploads/*", (route) => route.request().method() === "PATCH" && !lost++ ? route.abort("connectionreset") : route.continue());
  await tabTo(page, () => document.activeElement.id === "case");
  await page.keyboard.type("WEB1");
  await tabTo(page, () => document.activeElement.id === "files");
  const [chooser] = await Promise.all([page.waitForEvent("filechooser"), page.keyboard.press("Space")]);
  await chooser.setFiles(["article-server.zip", "article-client.zip"].map(bundle));
  await page.waitForSelector("text=The connection broke; going on in 1 s");
  await shot(page, "way-4-broken");
  await page.waitForSelector("text=Most likely cause", { timeout: 60000 });
  assert.strictEqual(await page.evaluate(() => location.hash), "#/case/WEB1");
  assert.ok(lost > 1, "the piece was sent again");
  await page.unroute("**/api/v1/uploads/*");
}
async function remedy(page) {
  await until(page, () => document.querySelectorAll(".grid .card").length === 2 && !document.querySelector(".waiting"));
  assert.match(await page.textContent("ol.causes > li.first h3"), /asked for too late/);
  await checked(page, "way-5-case");
  await tabToText(page, "What to do");
  await page.keyboard.press("Enter");
  await until(page, () => document.activeElement.tagName === "SUMMARY" && document.activeElement.parentNode.open);
  await page.screenshot({ path: path.join(process.env.out, "way-6-remedy.png") });
  await tabToText(page, "Copy");
  const command = await page.evaluate(() => document.activeElement.parentNode.querySelector("pre").textContent);
  await page.keyboard.press("Enter");
  await until(page, () => document.activeElement.textContent === "Copied");
  assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), command);
  await page.screenshot({ path: path.join(process.env.out, "way-7-copied.png") });
}

async function cases(page) {
  await go(page, "cases");
  await page.waitForSelector("td a:has-text('WEB1')");
  await page.fill("#q", "no such case");
  await page.waitForSelector("text=No case fits these filters.");
  await page.fill("#q", "web");
  await page.selectOption("#severity", "error");
  await page.waitForSelector("td a:has-text('WEB1')");
  assert.match(await page.textContent("tbody tr"), /error.*done.*asked for too late.*(just now|minute)/);
  assert.match(await page.evaluate(() => location.hash), /severity=error/, "a list can be sent to somebody");
  await page.click("text=New case");
  await page.fill("dialog #case", "EMPTY1");
  await withoutFindings(page, "dialog");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Case EMPTY1')");
  await page.click(".tabs >> text=Report");
  await page.waitForSelector("text=This case has no bundle yet");
}
// Saving it judges the case again; the report that follows is the new one.
async function complaint(page) {
  await go(page, "case/WEB1/details");
  await page.waitForSelector("td >> text=Download");
  assert.strictEqual(await page.locator("tbody tr").count(), 2);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("td >> text=Download")]);
  const got = fs.readFileSync(await download.path());
  assert.ok(["article-server.zip", "article-client.zip"].some((f) => fs.readFileSync(bundle(f)).equals(got)), "a bundle comes back as it went");
  await page.fill("#when", "yesterday");
  await page.click("text=Save and judge again");
  assert.strictEqual(await page.evaluate(() => document.querySelector("#when").validity.valid), false);
  await page.fill("#when", "2015-09-06T15:46:29Z");
  await page.fill("#url", "https://chiranth.com/");
  await page.fill("#seen", "403.7, says <b>the customer</b>");
  await page.click("text=Save and judge again");
  await page.waitForSelector("h2:has-text('Diagnoses')");
  await until(page, () => !document.querySelector(".waiting"));
  await go(page, "case/WEB1/details");
  assert.strictEqual(await page.inputValue("#seen"), "403.7, says <b>the customer</b>");
  await page.click("text=Close the case");
  await page.click("text=Reopen the case");
  await page.waitForSelector("text=Close the case");
  assert.strictEqual(await page.locator("text=Delete the case").count(), 0, "triage deletes nothing");
}
async function history(page) {
  await go(page, "case/WEB1/history");
  assert.ok(await page.locator("tbody tr").count() >= 2, "the complaint made a report");
  await page.check("tbody tr:last-child input[name=from]");
  await page.click("text=Compare the two");
  await page.waitForSelector("text=the same.");
  assert.match(await page.textContent("main"), /Report \d+ against report \d+/);
  await checked(page, "history");
  await page.click("tbody tr:last-child a");
  await page.waitForSelector("text=as it was");
  await page.waitForSelector("h2:has-text('Findings')");
}
async function suppress(page) {
  await go(page, "case/WEB1");
  await page.waitForSelector("h2:has-text('Findings')");
  await page.locator("details[open] >> text=Live with this").first().click();
  await page.fill("#reason", "known, ticket 17");
  await withoutFindings(page, "suppress");
  await shot(page, "suppress");
  await page.click("dialog >> text=Suppress it");
  await page.waitForSelector("summary .tag:has-text('suppressed')");
  await go(page, "suppressions");
  assert.match(await page.textContent("tbody tr"), /known, ticket 17.*until taken back.*WEB1/);
  await page.click("tbody td:last-child a");
  await page.click("text=Take back");
  await page.click("dialog >> button:has-text('Take back')");
  await page.waitForSelector("text=None. In the report");
}
async function acrossCases(page) {
  await go(page, "findings");
  await page.waitForSelector("tbody tr");
  const all = await page.locator("tbody tr").count();
  await page.fill("#rule", "reneg-500-0-64");
  await until(page, (n) => document.querySelectorAll("tbody tr").length < n, all);
  await page.click("tbody a:has-text('reneg-500-0-64')");
  await page.waitForSelector("h2:has-text('What to do')");
  assert.match(await page.textContent("main"), /SELECT/);
  await go(page, "findings?severity=error&since=2999-01-01");
  await page.waitForSelector("text=No finding fits");
  await go(page, "rules");
  await page.fill("#q", "403.16");
  await until(page, () => document.querySelectorAll("tbody tr").length < 60);
  await go(page, "nothing");
  await page.waitForSelector("h1:has-text('No such page')");
  await go(page, "tokens");
  await page.waitForSelector("h1:has-text('Not for this token')");
  await go(page, "case/NONE");
  await page.waitForSelector(".problem");
}

async function administrator(browser) {
  const { page, done } = await open(browser, admin);
  await go(page, "reprocess");
  await page.waitForSelector("text=Nothing was judged again yet");
  await page.click("text=Judge every case again");
  await page.click("dialog >> button:has-text('Begin')");
  await page.waitForSelector("h1:has-text('Run ')");
  await page.waitForSelector(".tag:has-text('ended')", { timeout: 60000 });
  await page.waitForSelector("text=No finding came or went");
  // A rule more: its impact is told.
  fs.copyFileSync(bundle("more/example.sql"), bundle("rules/example.sql"));
  await go(page, "reprocess");
  await page.click("text=Read the rules again");
  await page.click("dialog >> button:has-text('Read them')");
  await page.waitForSelector("h1:has-text('Run ')");
  await page.waitForSelector(".tag:has-text('ended')", { timeout: 60000 });
  assert.match(await page.textContent("tbody tr"), /info.*example.*WEB1/);
  await page.click("tbody a:has-text('example')");
  await page.waitForSelector("h2:has-text('How it decides')");
  await go(page, "tokens");
  await page.fill("#label", "the customer");
  await page.fill("#case", "WEB1");
  await page.click("text=Make a token");
  await page.waitForSelector(".secret pre");
  assert.match(await page.textContent(".secret pre"), /^ctt_[0-9a-f]{64}$/);
  await checked(page, "token-made");
  await page.locator("tr:has-text('the customer') >> text=Revoke").click();
  await page.click("dialog >> button:has-text('Revoke')");
  await page.waitForSelector("tr:has-text('the customer') >> text=revoked");
  await go(page, "audit");
  await page.fill("#action", "token-revoked");
  await until(page, () => document.querySelectorAll("tbody tr").length === 1);
  await go(page, "case/EMPTY1/details");
  await page.click("text=Delete the case");
  await page.fill("#typed", "another");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("dialog"), "another name deletes nothing");
  await page.fill("#typed", "EMPTY1");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Cases')");
  assert.strictEqual((await fetch(url + "/api/v1/cases/EMPTY1", { headers: { Authorization: "Bearer " + admin } })).status, 404);
  await done("administrator");
}

// 20 MiB are three pieces. The page is closed when the first is there; opened again it goes on with the second.
async function resumed(browser) {
  const { page, done } = await open(browser, uploader);
  const asked = [];
  page.on("request", (r) => /uploads/.test(r.url()) && asked.push(r.method() + " " + (r.headers()["upload-offset"] || "")));
  await go(page, "upload");
  assert.deepStrictEqual(await page.locator("nav a").allTextContents(), ["Upload"]);
  const second = (what) => (route) => route.request().headers()["upload-offset"] === String(8 << 20) ? what(route) : route.continue();
  await page.route("**/api/v1/uploads/*", second(() => { /* it hangs */ }));
  await page.setInputFiles("#files", bundle("big.zip"));
  await until(page, () => Number(document.querySelector("progress").value) >= 8 << 20);
  await page.click("text=Stop");
  await page.waitForSelector("text=what was sent is kept");
  await checked(page, "stopped");
  await page.unroute("**/api/v1/uploads/*");
  await page.route("**/api/v1/uploads/*", second((route) => route.abort("connectionreset")));
  await page.click("text=Go on");
  await page.waitForSelector("text=The connection broke");
  await page.unroute("**/api/v1/uploads/*");
  asked.length = 0;
  await page.reload();
  await ready(page);
  await page.setInputFiles("#files", bundle("big.zip"));
  await page.waitForSelector("text=Keep the receipt");
  assert.deepStrictEqual(asked.slice(0, 3), ["HEAD ", "PATCH " + (8 << 20), "PATCH " + (16 << 20)], "it goes on where it was");
  const sha = require("crypto").createHash("sha256").update(fs.readFileSync(bundle("big.zip"))).digest("hex");
  assert.match(await page.textContent("li.file"), new RegExp(sha));
  await checked(page, "receipt");
  await go(page, "cases");
  await page.waitForSelector("h1:has-text('Not for this token')");
  await done("resumed");
}
async function dropped(browser) {
  const { page, done } = await open(browser, triage);
  await go(page, "upload");
  await page.fill("#case", "DROP1");
  await page.evaluate((base64) => {
    const data = new DataTransfer(), bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], "<img src=x onerror=alert(1)>.zip", { type: "application/zip" }));
    document.querySelector("label.drop").dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
  }, fs.readFileSync(bundle("article-client.zip")).toString("base64"));
  await until(page, () => location.hash === "#/case/DROP1");
  await done("dropped");
}
// What is no bundle, and a lint that failed (as the server says it of a bundle that it has set aside): why is told.
async function failed(browser) {
  const { page, done } = await open(browser, triage), headers = { Authorization: "Bearer " + triage, "X-Certtriage-Case": "BAD1" };
  assert.strictEqual((await fetch(url + "/api/v1/bundles", { method: "POST", headers, body: "no zip at all" })).status, 201);
  await go(page, "case/BAD1");
  await page.waitForSelector(".gap:has-text('not a zip')");
  await go(page, "cases?q=BAD1");
  assert.match(await page.textContent("tbody tr"), /BAD1.*done.*no cause found/);
  await page.route("**/api/v1/cases/BAD1", async (route) => {
    const real = await route.fetch();
    await route.fulfill({ response: real, json: { ...await real.json(), state: "failed", reason: "set aside after 3 tries: the worker was killed" } });
  });
  await go(page, "case/BAD1");
  await page.waitForSelector(".problem:has-text('The newest lint failed: set aside after 3 tries')");
  await checked(page, "failed");
  assert.strictEqual((await fetch(url + "/api/v1/cases/BAD1", { method: "DELETE", headers: { Authorization: "Bearer " + admin } })).status, 204);
  await done("failed");
}
// 60 cases are two pages of the list. A server that cannot be reached is told, and asked again.
async function many(browser) {
  const { page, done } = await open(browser, triage), headers = { Authorization: "Bearer " + triage, "Content-Type": "application/json" };
  for (let i = 0; i < 60; i++) assert.strictEqual((await fetch(url + "/api/v1/cases", { method: "POST", headers, body: JSON.stringify({ case: "MANY" + i }) })).status, 201);
  await go(page, "cases?q=many");
  assert.strictEqual(await page.locator("tbody tr").count(), 50);
  await page.click("text=Show more");
  await until(page, () => document.querySelectorAll("tbody tr").length === 60);
  assert.ok(!await page.isVisible("text=Show more"));
  await page.route("**/api/v1/rules", (route) => route.abort("connectionrefused"));
  await page.click("nav >> text=Rules");
  await page.waitForSelector("text=The server cannot be reached");
  await checked(page, "unreachable");
  await page.unroute("**/api/v1/rules");
  await page.click("text=Try again");
  await page.waitForSelector("h1:has-text('Rules')");
  for (let i = 0; i < 60; i++) await fetch(url + "/api/v1/cases/MANY" + i, { method: "DELETE", headers: { Authorization: "Bearer " + admin } });
  await done("many cases");
}
async function boundToken(browser) {
  const { page, done } = await open(browser, bound);
  await go(page, "cases");
  await page.waitForSelector("td a:has-text('WEB1')");
  assert.deepStrictEqual(await page.locator("nav a").allTextContents(), ["Cases", "Upload", "Rules"]);
  await done("a token of one case");
}
async function signOut(browser) {
  const { page, done } = await open(browser, triage);
  await go(page, "cases");
  await page.click("#leave");
  await page.waitForSelector("#token");
  await page.goto(url + "/#/case/WEB1");
  await page.reload();
  await page.waitForSelector("#token");
  await done("sign out");
}
async function revoked(browser) {
  const headers = { Authorization: "Bearer " + admin, "Content-Type": "application/json" };
  const made = await (await fetch(url + "/api/v1/tokens", { method: "POST", headers, body: JSON.stringify({ role: "triage" }) })).json();
  const { page, done } = await open(browser, made.token);
  await go(page, "cases");
  assert.strictEqual((await fetch(url + "/api/v1/tokens/" + made.id, { method: "DELETE", headers })).status, 204);
  await page.click("nav >> text=Findings");
  await page.waitForSelector("text=You are signed out");
  await page.waitForSelector("#token");
  await done("revoked");
}
async function otherSite() {
  const cookies = "certtriage=" + triage;
  const answer = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies, Origin: "http://elsewhere.test" } });
  assert.strictEqual(answer.status, 403, "a form of another site, with the cookie");
  const none = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies } });
  assert.strictEqual(none.status, 403, "no Origin at all, with the cookie");
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
// What a picture can show that WEB1 has not: a chain with a gap, handshakes, more symptoms than lanes, changes meanwhile.
function drawn(report) {
  const day = (n, hour) => new Date(Date.UTC(2026, 2, n, hour)).toISOString();
  const symptom = report.diagnoses[0].symptom;
  report.diagnoses = Array.from({ length: 15 }, (_, i) => ({ ...report.diagnoses[0], symptom: { ...symptom, status: 403, substatus: i, win32: i % 2 ? 2148081668 : null, place: "Site " + i, first: day(1 + i, 3), last: day(16 + i, 9),
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
    assert.match(await page.textContent("ol.chain li.missing"), /CN=Root CA .*missing/);
    assert.match(await page.textContent("ol.chain li.faulty"), /NOT_TIME_VALID/);
    for (const one of await page.locator("summary:has-text('seen by')").all()) await one.click();
    assert.deepStrictEqual(await page.locator("svg.handshake .lack:not(line):not(path)").allTextContents(), ["Certificate, an empty one", "no CertificateRequest"]);
    await withoutFindings(page, name);
    await noSidewaysScroll(page, name);
    assert.match(await page.textContent("main"), /3 more symptoms are not drawn/);
    await page.locator(".card:has(svg.timeline)").screenshot({ path: path.join(process.env.out, name + "-timeline.png") });
    await page.locator(".card:has(ol.chain)").screenshot({ path: path.join(process.env.out, name + "-chain.png") });
    for (let i = 0; i < 3; i++) await page.locator("details:has(svg.handshake)").nth(i).screenshot({ path: path.join(process.env.out, name + "-handshake-" + i + ".png") });
    await done(name);
  }
}
// Names that are markup or turn the direction of writing: text, everywhere.
async function hostile(browser) {
  const { page, done } = await open(browser, triage);
  const put = await fetch(url + "/api/v1/cases/HOSTILE/suppressions", { method: "PUT", headers: { Authorization: "Bearer " + triage, "Content-Type": "application/json" },
    body: JSON.stringify({ suppressions: [{ rule: "log-4037-rate", reason: "<b>wanted</b> \u202eelpmas", until: "2999-01-31" }] }) });
  assert.strictEqual(put.status, 200);
  for (const at of ["case/HOSTILE", "case/HOSTILE/details", "case/HOSTILE/history", "case/HOSTILE/suppressed", "suppressions", "findings?case=HOSTILE", "cases"]) {
    await go(page, at);
    await page.waitForTimeout(300);
    assert.strictEqual(await page.locator("main img, main script, main iframe, main b").count(), 0, at);
    await noSidewaysScroll(page, at);
    assert.doesNotMatch(await page.evaluate(() => document.body.textContent), /[\u202a-\u202e\u2066-\u2069]/, at + ": marks of direction are shown, not obeyed");
  }
  await go(page, "case/HOSTILE");
  await page.waitForSelector("h2:has-text('Findings')");
  assert.match(await page.textContent("main"), /<img src=x onerror=/);
  await checked(page, "hostile");
  await done("hostile names");
}
async function look(browser, name, options) {
  const { page, done } = await open(browser, admin, options);
  for (const at of ["cases", "case/WEB1", "case/WEB1/details", "case/WEB1/history", "case/WEB1/suppressed", "findings", "upload", "rules", "rule/reneg-500-0-64", "suppressions", "reprocess", "run/2", "tokens", "audit"]) {
    await go(page, at);
    await page.waitForTimeout(200);
    await checked(page, name + "-" + at.replace(/\//g, "-"));
  }
  await done(name);
}

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const { page, context, done } = await open(browser, null);
    for (const step of [signIn, upload, remedy, cases, complaint, history, suppress, acrossCases]) {
      await step(page);
      if (process.env.verbose) console.log(step.name);
    }
    const cookie = (await context.cookies()).find((c) => c.name === "certtriage");
    assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", "no script and no other site has the cookie");
    await done("the engineer's way");
    for (const step of [administrator, resumed, dropped, failed, many, boundToken, hostile, otherSite, revoked, signOut]) {
      await step(browser);
      if (process.env.verbose) console.log(step.name);
    }
    await pictures(browser);
    await mailedReport(browser, "WEB1", "text=Most likely cause");
    await mailedReport(browser, "HOSTILE", "text=Most likely cause");
    await look(browser, "wide", { viewport: { width: 1400, height: 900 } });
    await look(browser, "narrow-dark", { viewport: { width: 360, height: 800 }, colorScheme: "dark" });
  } finally {
    await browser.close();
  }
  console.log("pages: the way from upload to remedy by keyboard, and every page; screenshots are in " + process.env.out);
})().catch((e) => {
  console.error(e.message || e, process.env.verbose ? e.stack : "");
  process.exit(1);
});
