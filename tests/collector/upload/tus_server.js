// SPDX-License-Identifier: Apache-2.0
// tus_server.js FOLDER MAX_BYTES EXPIRES_MS: @tus/server below /api/v1/uploads; prints its port.
"use strict";
const http = require("http");
const { Server } = require("@tus/server"), { FileStore } = require("@tus/file-store");
const [folder, max, expires] = process.argv.slice(2);
const tus = new Server({
  path: "/api/v1/uploads",
  maxSize: Number(max),
  datastore: new FileStore({ directory: folder, expirationPeriodInMilliseconds: Number(expires) }),
});
const server = http.createServer(function (request, answer) { tus.handle(request, answer); });
server.listen(0, "127.0.0.1", function () { console.log(server.address().port); });
