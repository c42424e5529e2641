// SPDX-License-Identifier: Apache-2.0
// What breaks on the way, waits, or is too much for one page.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { checked, go, open, ready, until } = require("./browser.js");
const { url, triage, admin, uploader, work } = process.env;
const bundle = (name) => path.join(work, name);

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
  await page.waitForSelector("text=So nothing is known of this case");
  await page.waitForSelector("text=None: no rule could be decided");
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
// A list that shows a case in the queue shows by itself what became of it.
async function refreshed(browser) {
  const { page, done } = await open(browser, triage);
  let held = true;
  await page.route("**/api/v1/cases?*", async (route) => {
    const real = await route.fetch(), json = await real.json();
    if (held) json.cases.forEach((c) => { c.state = "queued"; });
    await route.fulfill({ response: real, json });
  });
  await go(page, "cases?q=WEB1");
  await page.waitForSelector(".tag:has-text('queued')");
  held = false;
  await page.waitForSelector("tbody .tag:has-text('done')");
  await done("refreshed");
}

// A bundle whose worker was killed: what is known, that it is tried again, and why; then the page goes on by itself. The queue's row is written behind
// the server's back, as the job pool writes it (test_job_killed has the rest).
function queue(set, id) {
  require("child_process").execFileSync("python3", ["-c", "import sqlite3,sys; c = sqlite3.connect(sys.argv[1], 60); c.execute('UPDATE job SET ' + sys.argv[2] + ' WHERE id = (SELECT max(id) FROM job WHERE case_id = ?)', (sys.argv[3],)); c.commit()",
    path.join(work, "data", "certtriage.db"), set, id]);
}
const killed = "the worker was killed: it took too much time or memory", later = "not_before = 9999999999999, reason = 'case HOSTILE: " + "c0ffee".repeat(10) + "beef: " + killed + "'";
async function triedAgain(browser) {
  const { page, done } = await open(browser, triage), headers = { Authorization: "Bearer " + triage };
  queue("state = 'queued', " + later, "HOSTILE");
  const one = await (await fetch(url + "/api/v1/cases/HOSTILE", { headers })).json();
  assert.strictEqual(one.state, "queued");
  assert.match(one.reason, /took too much time or memory/);
  await go(page, "cases?q=HOSTILE");
  await page.waitForSelector("tbody .tag:has-text('queued')");
  await go(page, "case/HOSTILE");
  await page.waitForSelector("text=It is tried again.");
  await page.waitForSelector("text=comes by itself, within a few minutes");
  await page.waitForSelector("text=Until then, this is the report of what is known:");
  await page.waitForSelector("text=Most likely cause");
  await checked(page, "tried-again");
  queue("state = 'running', reason = 'once more: ' || reason", "HOSTILE");
  await page.waitForSelector("text=The next try is under way");
  queue("state = 'done', reason = NULL", "HOSTILE");
  await until(page, () => !document.querySelector("main .waiting"));
  await done("tried again");
}

module.exports = { resumed, dropped, failed, many, refreshed, triedAgain };
