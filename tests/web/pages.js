// SPDX-License-Identifier: Apache-2.0
// Played by test_web.sh: what a support engineer does, in Chromium.
"use strict";
const assert = require("assert");
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const { url, triage, work, out } = process.env;

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

// Tab until the element that fits has the focus; what cannot be reached so cannot be used by keyboard.
async function tabTo(page, fits) {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press("Tab");
    if (await page.evaluate(fits)) return;
  }
  assert.fail(`not reached by keyboard: ${fits}`);
}

async function signIn(page) {
  await page.goto(url + "/");
  await page.waitForSelector("#token");
  await withoutFindings(page, "sign in");
  await page.keyboard.type("not a token");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".gap");
  assert.match(await page.textContent(".gap"), /token/i);
  await page.waitForSelector("#token");
  await page.keyboard.type(triage);
  await page.keyboard.press("Enter");
  await page.waitForSelector("h1:has-text('Cases')");
}

async function upload(page) {
  await tabTo(page, () => document.activeElement.textContent === "Upload");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#files", { state: "attached" });
  await withoutFindings(page, "upload");
  await page.screenshot({ path: path.join(out, "upload.png") });
  await page.fill("#case", "WEB1");
  await page.setInputFiles("#files", ["article-server.zip", "article-client.zip"].map((f) => path.join(work, f)));
  await page.waitForSelector("text=Most likely cause", { timeout: 60000 });
  assert.strictEqual(await page.evaluate(() => location.hash), "#/case/WEB1");
}

async function oneCase(page) {
  await page.waitForFunction(() => document.querySelectorAll(".coverage-machine, .grid .card").length === 2);
  const first = await page.textContent("ol.causes > li.first h3");
  assert.match(first, /asked for too late/);
  await withoutFindings(page, "case");
  await page.screenshot({ path: path.join(out, "case.png"), fullPage: true });
  await tabTo(page, () => document.activeElement.textContent === "What to do");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => location.hash.startsWith("#f-") || document.querySelector("details[open]"));
}

async function cases(page) {
  await page.goto(url + "/#/cases");
  await page.waitForSelector("td a:has-text('WEB1')");
  await withoutFindings(page, "cases");
  await page.screenshot({ path: path.join(out, "cases.png") });
  await page.fill("#find", "no such case");
  await page.waitForSelector("text=None.");
  await page.fill("#find", "web");
  await page.selectOption("#severity", "error");
  await page.waitForSelector("td a:has-text('WEB1')");
  assert.match(await page.textContent("tbody tr"), /error.*done.*asked for too late.*less than an hour/);
}

async function rules(page) {
  await page.goto(url + "/#/rules");
  await page.waitForSelector("td:has-text('reneg-500-0-64')");
  await withoutFindings(page, "rules");
  await page.screenshot({ path: path.join(out, "rules.png") });
}

async function signOut(page) {
  await page.click("#leave");
  await page.waitForSelector("#token");
  await page.goto(url + "/#/case/WEB1");
  await page.waitForSelector("#token");
}

async function otherSite(browser, cookies) {
  const answer = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies, Origin: "http://elsewhere.test" } });
  assert.strictEqual(answer.status, 403, "a form of another site, with the cookie");
  const none = await fetch(url + "/api/v1/bundles", { method: "POST", body: "x", headers: { Cookie: cookies } });
  assert.strictEqual(none.status, 403, "no Origin at all, with the cookie");
}

async function mailedReport(browser) {
  const text = await (await fetch(url + "/api/v1/cases/WEB1/report.html", { headers: { Authorization: "Bearer " + triage } })).text();
  const file = path.join(work, "mailed.html");
  fs.writeFileSync(file, text);
  for (const [name, options] of Object.entries({ mailed: {}, "mailed-dark": { colorScheme: "dark" }, "mailed-narrow": { viewport: { width: 380, height: 800 } } })) {
    const page = await browser.newPage(options);
    await page.goto("file://" + file);
    await page.waitForSelector("text=Most likely cause");
    await withoutFindings(page, name);
    await noSidewaysScroll(page, name);
    await page.screenshot({ path: path.join(out, name + ".png"), fullPage: true });
    await page.close();
  }
  const plain = await browser.newPage({ javaScriptEnabled: false });
  await plain.goto("file://" + file);
  assert.match(await plain.innerText("body"), /MOST LIKELY CAUSE/, "readable without scripting");
  await plain.close();
}

async function look(browser, name, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const bad = [];
  page.on("console", (m) => m.type() === "error" && !/40[1-4]/.test(m.text()) && bad.push(m.text()));
  page.on("pageerror", (e) => bad.push(String(e)));
  page.on("request", (r) => r.url().startsWith(url) || bad.push("asked elsewhere: " + r.url()));
  await context.addCookies([{ name: "certtriage", value: triage, url, httpOnly: true, sameSite: "Strict" }]);
  for (const at of ["cases", "upload", "rules", "case/WEB1"]) {
    await page.goto(url + "/#/" + at);
    await page.waitForSelector("h1");
    await page.waitForTimeout(300);
    await withoutFindings(page, `${name} ${at}`);
    await noSidewaysScroll(page, `${name} ${at}`);
    await page.screenshot({ path: path.join(out, `${name}-${at.replace("/", "-")}.png`), fullPage: true });
  }
  assert.deepStrictEqual(bad, [], name);
  await context.close();
}

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(20000);
    await signIn(page);
    const cookie = (await context.cookies()).find((c) => c.name === "certtriage");
    assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", "no script and no other site has the cookie");
    await upload(page);
    await oneCase(page);
    await cases(page);
    await rules(page);
    await otherSite(browser, "certtriage=" + cookie.value);
    await signOut(page);
    await mailedReport(browser);
    await look(browser, "wide", { viewport: { width: 1400, height: 900 } });
    await look(browser, "narrow-dark", { viewport: { width: 380, height: 800 }, colorScheme: "dark" });
  } finally {
    await browser.close();
  }
  console.log("pages: sign in, upload, case, cases, sign out, mailed report; screenshots are in " + out);
})().catch((e) => {
  console.error(e.message || e);
  process.exit(1);
});
