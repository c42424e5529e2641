// SPDX-License-Identifier: Apache-2.0
// Played by test_web.sh, in Chromium.
"use strict";
const assert = require("assert");
const { chromium } = require("playwright-core");
const { checked, go, open } = require("./browser.js");
const way = require("./way.js"), roles = require("./roles.js"), breaks = require("./breaks.js"), report = require("./report.js"), evil = require("./hostile.js");
const { admin, out, verbose } = process.env;

// A connection of its own for each: one that was kept may have been ended by the server meanwhile, which fetch() takes for a failure.
const keeping = fetch;
globalThis.fetch = (at, how) => keeping(at, { ...how, headers: { ...how.headers, Connection: "close" } });

async function look(browser, name, options) {
  const { page, done } = await open(browser, admin, options);
  for (const at of ["cases", "case/WEB1", "case/WEB1/details", "case/WEB1/history", "case/WEB1/suppressed", "findings", "upload", "rules", "rule/reneg-500-0-64", "suppressions", "reprocess", "run/2", "tokens", "audit"]) {
    await go(page, at);
    await page.waitForTimeout(200);
    await checked(page, name + "-" + at.replace(/\//g, "-"));
    assert.strictEqual(await page.locator("td[data-head='']:has(input)").count(), 0, "what is chosen has its column's name beside it where the window is narrow");
  }
  await done(name);
}

(async () => {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  try {
    const { page, context, done } = await open(browser, null);
    for (const step of Object.values(way)) {
      await step(page);
      if (verbose) console.log(step.name);
    }
    const cookie = (await context.cookies()).find((c) => c.name === "certtriage");
    assert.ok(cookie.httpOnly && cookie.sameSite === "Strict", "no script and no other site has the cookie");
    await done("the engineer's way");
    for (const step of [roles.administrator, ...Object.values(breaks), roles.boundToken, ...Object.values(evil), roles.otherSite, roles.revoked, roles.signOut, report.pictures]) {
      await step(browser);
      if (verbose) console.log(step.name);
    }
    await report.mailedReport(browser, "WEB1", "text=Most likely cause");
    await report.mailedReport(browser, "HOSTILE", "text=Most likely cause");
    await report.servedReport(browser, "HOSTILE", "text=Most likely cause");
    await look(browser, "wide", { viewport: { width: 1400, height: 900 } });
    await look(browser, "narrow-dark", { viewport: { width: 360, height: 800 }, colorScheme: "dark" });
  } finally {
    await browser.close();
  }
  console.log("pages: the way from upload to remedy by keyboard, and every page; screenshots are in " + out);
})().catch((e) => {
  console.error(e.message || e, verbose ? e.stack : "");
  process.exit(1);
});
