// SPDX-License-Identifier: Apache-2.0
// breaking_proxy.js PORT_FILE BREAKS BYTES: a network that breaks. Passes TCP on to the port that PORT_FILE names now; the first BREAKS
// connections that carry as much are cut after about BYTES bytes of the client, every second one so that the server does not notice.
"use strict";
const net = require("net"), fs = require("fs");
let breaks = Number(process.argv[3]);
const bytes = Number(process.argv[4]);
let n = 0;
const server = net.createServer(function (client) {
  const upstream = net.connect(Number(fs.readFileSync(process.argv[2], "utf8")), "127.0.0.1");
  let seen = 0, silent = false;
  client.on("error", function () {});
  upstream.on("error", function () { client.destroy(); });
  client.on("data", function (data) {
    if (silent) return;
    seen += data.length;
    if (breaks > 0 && seen > bytes + n * 50000) {
      breaks--;
      n++;
      silent = n % 2 === 1;
      client.destroy();
      if (!silent) upstream.destroy();
      return;
    }
    if (!upstream.write(data)) { client.pause(); upstream.once("drain", function () { client.resume(); }); }
  });
  upstream.on("data", function (data) { if (!silent) client.write(data); });
  client.on("end", function () { if (!silent) upstream.end(); });
  upstream.on("end", function () { client.end(); });
  upstream.on("close", function () { client.destroy(); });
});
server.listen(0, "127.0.0.1", function () { console.log(server.address().port); });
