// SPDX-License-Identifier: Apache-2.0
// upload.js URL TOKEN FILE CASE CHUNK: tus-js-client; prints retries, the offsets that it went on from, and the receipt.
"use strict";
const fs = require("fs"), tus = require("tus-js-client");
const [url, token, file, name, chunk] = process.argv.slice(2);
const starts = [];
let failures = 0;
const upload = new tus.Upload(fs.readFileSync(file), {
  endpoint: url + "/api/v1/uploads",
  headers: { Authorization: "Bearer " + token },
  chunkSize: chunk === "all" ? Infinity : Number(chunk),
  retryDelays: [50, 100, 200, 400, 800, 1600, 1600, 1600, 1600, 1600],
  metadata: { filename: "server.zip", case: name },
  onShouldRetry: function () { failures++; return true; },
  onAfterResponse: function (request, answer) {
    if (request.getMethod() === "HEAD") starts.push(answer.getHeader("Upload-Offset"));
    if (answer.getHeader("X-Certtriage-Bundle")) console.log("bundle " + answer.getHeader("X-Certtriage-Bundle"));
  },
  onError: function (e) { console.log("failed " + e); process.exit(1); },
  onSuccess: function () {
    console.log("failures " + failures);
    console.log("resumed " + starts.join(" "));
    process.exit(0);
  },
});
upload.start();
