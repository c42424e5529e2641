// SPDX-License-Identifier: Apache-2.0
// A browser for the tests of this folder: what must hold on every page, and what a person does at a keyboard.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { url, out } = process.env;

async function withoutFindings(page, what) {
  await page.evaluate(axe + ";undefined");
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  const lines = found.violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(" ") + " " + (n.any[0] || n.all[0] || {}).message).slice(0, 3).join("; ")}`);
  assert.deepStrictEqual(lines, [], `axe-core on ${what}`);
}
async function noSidewaysScroll(page, what) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wide <= 0, `${what}: ${wide} pixels wider than the window`);
}
// A picture waits for a frame, which a machine that is busy draws late.
const snap = (page, name, options) => page.screenshot({ path: path.join(out, name + ".png"), timeout: 120000, animations: "disabled", ...options });
// What is taller than three windows is cut: nobody looks at more of it at once.
async function shot(page, name) {
  const { height, width } = await page.evaluate(() => ({ height: document.documentElement.scrollHeight, width: document.documentElement.clientWidth }));
  await snap(page, name, { fullPage: true, clip: { x: 0, y: 0, width, height: Math.min(height, 3000) } });
}
// One element of it. An element's own screenshot() waits until two frames in a row show it at the same place, and a machine
// that is busy draws none for long; nothing moves here.
async function part(page, element, name) {
  const clip = await element.evaluate((e) => {
    e.scrollIntoView({ behavior: "instant" });
    const { left, top, right, bottom } = e.getBoundingClientRect(), x = Math.max(left, 0), y = Math.max(top, 0);
    return { x, y, width: Math.min(right, innerWidth) - x, height: Math.min(bottom, innerHeight) - y };
  });
  await snap(page, name, { clip });
}
// playwright's own waitForFunction evaluates a string in the page, which its policy forbids.
async function until(page, fits, argument) {
  for (let i = 0; i < 600; i++) {
    if (await page.evaluate(fits, argument)) return;
    await page.waitForTimeout(100);
  }
  assert.fail(`did not come about in a minute: ${fits} ${argument || ""}`);
}
async function ready(page) {
  await page.waitForSelector("h1");
  await until(page, () => !document.querySelector(".loading"));
}
// axe-core without a violation, not wider than the window, and a picture to look at.
async function checked(page, name) {
  await ready(page);
  await withoutFindings(page, name);
  await noSidewaysScroll(page, name);
  await shot(page, name);
}
// Tab until the element that fits has the focus; what cannot be reached so cannot be used by keyboard.
async function tabTo(page, fits, argument) {
  for (let i = 0; i < 150; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(fits, argument)) return;
  }
  assert.fail(`not reached by keyboard: ${fits} ${argument || ""}`);
}
const tabToText = (page, text) => tabTo(page, (t) => document.activeElement.textContent === t, text);

// A window of its own. done() says that no script failed, no policy was broken and nothing was asked of another host.
async function open(browser, token, options) {
  const context = await browser.newContext(options), bad = [];
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  if (token) await context.addCookies([{ name: "certtriage", value: token, url, httpOnly: true, sameSite: "Strict" }]);
  await context.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (e) => console.error("policy broken: " + e.violatedDirective + " " + e.blockedURI));
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60000);
  // A failed request is a line of the console, too: those are what the test asked for.
  page.on("console", (m) => m.type() === "error" && !/Failed to load resource/.test(m.text()) && bad.push(m.text()));
  page.on("pageerror", (e) => bad.push(String(e)));
  page.on("dialog", (d) => { if (d.type() !== "beforeunload") bad.push("a script asked: " + d.message()); d.accept(); });
  page.on("request", (r) => r.url().startsWith(url) || r.url().startsWith("file:") || bad.push("asked elsewhere: " + r.url()));
  return { page, context, async done(what) { assert.deepStrictEqual(bad, [], what); await context.close(); } };
}
async function go(page, hash) {
  await page.goto(url + "/#/" + hash);
  await ready(page);
}

module.exports = { checked, go, noSidewaysScroll, open, part, ready, shot, snap, tabTo, tabToText, until, withoutFindings };
