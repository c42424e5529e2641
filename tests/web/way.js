// SPDX-License-Identifier: Apache-2.0
// A support engineer's way, by keyboard alone from the upload to the remedy; then what a case and the lists offer.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { checked, go, shot, snap, tabTo, tabToText, until, withoutFindings } = require("./browser.js");
const { url, triage, work } = process.env;
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
  await snap(page, "way-6-remedy");
  await tabToText(page, "Copy");
  const command = await page.evaluate(() => document.activeElement.parentNode.querySelector("pre").textContent);
  await page.keyboard.press("Enter");
  await until(page, () => document.activeElement.textContent === "Copied");
  assert.strictEqual(await page.evaluate(() => navigator.clipboard.readText()), command);
  await snap(page, "way-7-copied");
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
  await page.fill("dialog #case", "EMPTY-1.a");
  await withoutFindings(page, "dialog");
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Case EMPTY-1.a')");
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
  await page.click("text=Save the complaint");
  assert.strictEqual(await page.evaluate(() => document.querySelector("#when").validity.valid), false);
  await page.fill("#when", "2015-09-06T15:46:29Z");
  await page.fill("#url", "https://chiranth.com/");
  await page.fill("#seen", "403.7, says <b>the customer</b>");
  await page.click("text=Save the complaint");
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
  const at = await page.locator("dialog").boundingBox(), room = page.viewportSize();
  assert.ok(Math.abs(at.x + at.width / 2 - room.width / 2) < 20, "a dialog stands in the middle");
  await snap(page, "suppress");
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

module.exports = { signIn, upload, remedy, cases, complaint, history, suppress, acrossCases };
