// SPDX-License-Identifier: Apache-2.0
// A webhook's receiver on loopback, with the specification's own library: answers 500 to the first try of each notice, then
// prints one line a notice that is signed well: type, case, causes.
"use strict";
const http = require("http");
const { Webhook } = require("standardwebhooks");
const hook = new Webhook(process.argv[2]), seen = new Set();
http.createServer((request, response) => {
  let body = "";
  request.on("data", (d) => (body += d));
  request.on("end", () => {
    let notice;
    try {
      notice = hook.verify(body, request.headers);
    } catch (e) {
      console.log("not signed: " + e.message);
      return response.writeHead(401).end();
    }
    const id = request.headers["webhook-id"], first = !seen.has(id);
    seen.add(id);
    if (!first) console.log([notice.type, notice.data.case, notice.data.rule, "+" + notice.data.added.length, "-" + notice.data.removed.length].join(" "));
    response.writeHead(first ? 500 : 204).end();
  });
}).listen(0, "127.0.0.1", function () { console.log("port " + this.address().port); });
