// SPDX-License-Identifier: Apache-2.0
// What each role sees and may do.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { checked, go, open, until } = require("./browser.js");
const { url, triage, admin, bound, work } = process.env;
const bundle = (name) => path.join(work, name);

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
  await go(page, "case/EMPTY-1.a/details");
  await page.click("text=Delete the case");
  await page.fill("#typed", "another");
  await page.keyboard.press("Enter");
  assert.ok(await page.isVisible("dialog"), "another name deletes nothing");
  await page.fill("#typed", "EMPTY-1.a");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Cases')");
  assert.strictEqual((await fetch(url + "/api/v1/cases/EMPTY-1.a", { headers: { Authorization: "Bearer " + admin } })).status, 404);
  await done("administrator");
}
async function boundToken(browser) {
  const { page, done } = await open(browser, bound);
  await go(page, "cases");
  await page.waitForSelector("td a:has-text('WEB1')");
  assert.deepStrictEqual(await page.locator("nav a").allTextContents(), ["Cases", "Upload", "Rules"]);
  await done("a token of one case");
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
async function otherSite() {
  const cookies = "certtriage=" + triage;
  const answer = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies, Origin: "http://elsewhere.test" } });
  assert.strictEqual(answer.status, 403, "a form of another site, with the cookie");
  const none = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies } });
  assert.strictEqual(none.status, 403, "no Origin at all, with the cookie");
}

module.exports = { administrator, boundToken, revoked, signOut, otherSite };
