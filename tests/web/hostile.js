// SPDX-License-Identifier: Apache-2.0
// Evidence that wants to be markup.
"use strict";
const assert = require("assert");
const { checked, go, noSidewaysScroll, open } = require("./browser.js");
const { url, triage } = process.env;

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
// A slip that set text as markup would throw.
// What changed from the bundle before: the names, as text.
async function changed(browser) {
  const { page, done } = await open(browser, triage);
  await go(page, "case/HOSTILE/details");
  await page.click("text=Compare the two");
  await page.waitForSelector("h3:has-text('What changed')");
  const text = await page.textContent("main");
  assert.match(text, /came.*<img src=x onerror=alert\(1\)>\\u\{202e\}/);
  assert.strictEqual(await page.locator("main img").count(), 0);
  await checked(page, "bundles-compared");
  await done("bundles compared");
}
async function guarded(browser) {
  const { page, context } = await open(browser, triage);
  await go(page, "cases");
  for (const slip of [() => { document.body.innerHTML = "<b>x</b>"; }, () => { document.querySelector("main").insertAdjacentHTML("beforeend", "<i>x</i>"); }, () => { setTimeout("1", 0); }]) {
    await assert.rejects(page.evaluate(slip), /Trusted|Content Security Policy/);
  }
  await context.close();
}

module.exports = { hostile, changed, guarded };
