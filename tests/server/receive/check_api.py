#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_api.py URL ADMIN UPLOAD BUNDLE ROUTES: calls every operation of schema/openapi.yaml and compares each answer with it.

A call is a line of CALLS: operationId, expected status, and what goes into it. Each operation must be called once with
success and each answer must be one that the file describes. ROUTES is what the server has ("METHOD /path", one a line): it
must be the same as what the file has."""
import base64
import hashlib
import http.client
import json
import os
import sys
import urllib.parse

import jsonschema
import yaml

url, ADMIN, UPLOAD, bundle_file, routes_file = sys.argv[1:6]
with open(os.path.join(os.environ["CT_SOURCE_DIR"], "schema/openapi.yaml"), encoding="utf-8") as f:
    api = yaml.safe_load(f)
with open(bundle_file, "rb") as f:
    BUNDLE = f.read()
SHA = hashlib.sha256(BUNDLE).hexdigest()
METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
failures, called = [], set()


def fail(text):
    failures.append(text)


def resolve(node):
    while "$ref" in node:
        target = api
        for part in node["$ref"].lstrip("#/").split("/"):
            target = target[part.replace("~1", "/")]
        node = target
    return node


def check_schema(name, schema, value):
    resolver = jsonschema.RefResolver(base_uri="", referrer=api)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver)
    for error in validator.iter_errors(value):
        fail("%s: %s: %s" % (name, "/".join(map(str, error.path)), error.message[:300]))


operations = {}
for path, item in api["paths"].items():
    for method in METHODS:
        if method in item:
            operations[item[method]["operationId"]] = (method.upper(), path, item[method])


def check_answer(name, operation, status, headers, body):
    described = operation["responses"].get(str(status)) or operation["responses"].get("default")
    if described is None:
        fail("%s: the file knows no answer %d" % (name, status))
        return
    if str(status) not in operation["responses"] and status < 400 and status != 304:
        fail("%s: %d is not described" % (name, status))
    described = resolve(described)
    for header, what in described.get("headers", {}).items():
        if headers.get(header) is not None:
            check_schema(name + " " + header, resolve(what).get("schema", {}), headers[header])
    content = described.get("content", {})
    kind = (headers.get("Content-Type") or "").split(";")[0]
    if not content:
        if body:
            fail("%s: %d has a body, %r" % (name, status, body[:100]))
        return
    if kind not in content:
        fail("%s: %d: type %r is not described" % (name, status, kind))
        return
    if kind.endswith("json"):
        check_schema(name, content[kind].get("schema", {}), json.loads(body))


def call(operation_id, expect, token=ADMIN, body=None, query=None, headers=None, path_values=None, **parameters):
    method, path, operation = operations[operation_id]
    for key, value in dict(parameters, **(path_values or {})).items():
        path = path.replace("{" + key + "}", urllib.parse.quote(str(value), safe=""))
    if query:
        path += "?" + urllib.parse.urlencode(query)
    send = dict(headers or {})
    if token:
        send["Authorization"] = "Bearer " + token
    if isinstance(body, (dict, list)):
        body = json.dumps(body)
        send.setdefault("Content-Type", "application/json")
    host = urllib.parse.urlsplit(url).netloc
    connection = http.client.HTTPConnection(host, timeout=20)
    connection.request(method, "/api/v1" + path, body=body, headers=send)
    answer = connection.getresponse()
    data = answer.read()
    connection.close()
    name = "%s (%s %s)" % (operation_id, method, path)
    if answer.status != expect:
        fail("%s: expected %d, got %d: %s" % (name, expect, answer.status, data[:300]))
    elif answer.status < 300:
        called.add(operation_id)
    check_answer(name, operation, answer.status, answer.headers, data)
    is_json = (answer.headers.get("Content-Type") or "").split(";")[0].endswith("json")
    return answer.headers, json.loads(data) if data and is_json else data


TUS = {"Tus-Resumable": "1.0.0"}
PIECE = dict(TUS, **{"Content-Type": "application/offset+octet-stream"})


def calls():
    call("health", 200, token=None)
    call("version", 200)
    call("version", 401, token="ctt_00")
    call("version", 403, token=UPLOAD)
    call("showMetrics", 200)
    call("showMetrics", 403, token=UPLOAD)
    call("showSession", 200)
    call("showSession", 401, token="ctt_00")
    call("beginSession", 200)
    call("beginSession", 200, token=UPLOAD)
    call("beginSession", 401, token="ctt_00")
    call("endSession", 200, token=None)
    call("listRules", 200)
    call("createCase", 201, body={"case": "C1", "complaint": {"url": "https://portal.example/", "when": "2026-01-02T03:04:05Z"}})
    call("createCase", 409, body={"case": "C1"})
    if call("listReports", 200, case="C1")[1]["reports"] or "no bundle yet" not in call("showReport", 404, case="C1", format="")[1]["detail"]:
        fail("a case without a bundle is no case that is not there")
    call("listReports", 404, case="none")
    call("createCase", 400, body={"case": "C2", "x": 1})
    call("createCase", 415, body="x=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    call("changeCase", 200, body={"closed": True, "complaint": None}, case="C1")
    call("changeCase", 404, body={"closed": True}, case="none")
    call("uploadBundle", 201, token=UPLOAD, body=BUNDLE, headers={"X-Certtriage-SHA256": SHA, "X-Certtriage-Case": "A1"})
    call("uploadBundle", 422, body=BUNDLE, headers={"X-Certtriage-SHA256": "0" * 64})
    call("uploadBundle", 401, token=None, body=BUNDLE)
    call("describeUploads", 204, token=None)
    metadata = "filename " + base64.b64encode(b"server.zip").decode()
    got, _ = call("createUpload", 201, body=BUNDLE[:10], headers=dict(PIECE, **{"Upload-Length": str(len(BUNDLE)), "Upload-Metadata": metadata}))
    upload = got["Location"].split("/")[-1]
    call("createUpload", 413, headers=dict(TUS, **{"Upload-Length": "99999999999"}))
    call("createUpload", 412, headers={"Upload-Length": "5"})
    call("describeUpload", 204, token=None, upload=upload)
    call("showUploadOffset", 200, headers=TUS, upload=upload)
    call("showUpload", 200, upload=upload)
    call("continueUpload", 409, body=b"x", headers=dict(PIECE, **{"Upload-Offset": "3"}), upload=upload)
    call("continueUpload", 460, body=b"x", headers=dict(PIECE, **{"Upload-Offset": "10", "Upload-Checksum": "sha1 " + base64.b64encode(b"0" * 20).decode()}), upload=upload)
    got, _ = call("continueUpload", 204, body=BUNDLE[10:], headers=dict(PIECE, **{"Upload-Offset": "10"}), upload=upload)
    if got["X-Certtriage-Bundle"] != SHA:
        fail("continueUpload: the receipt names %s" % got["X-Certtriage-Bundle"])
    call("showUpload", 200, upload=upload)
    call("endUpload", 204, headers=TUS, upload=upload)
    call("showUploadOffset", 404, headers=TUS, upload=upload)
    call("listCases", 200, query={"limit": 1, "state": "open"})
    call("listCases", 400, query={"limit": 0})
    call("listCases", 400, query={"state": "opened"})
    call("listCases", 400, query={"severity": "fatal"})
    call("listFindings", 400, query={"severity": "fatal"})
    if call("listCases", 400, query={"severity": "fatal"})[1]["title"] != "Bad Request":
        fail("the title of a problem is not that of its status (RFC 9457, 4.2.1)")
    call("showCase", 200, case="A1")
    call("showCase", 404, case="none")
    call("listBundles", 200, case="A1")
    _, rules = call("listRules", 200)
    rule = rules["rules"][0]["id"]
    call("showRule", 200, rule=rule)
    call("showRule", 404, rule="nothing")
    call("reloadRules", 200)
    call("listFindings", 200, query={"limit": 2, "severity": "info"})
    call("listFindings", 400, query={"since": "yesterday"})
    _, reports = call("listReports", 200, case="A1")
    newest = reports["reports"][0]
    call("showOldReport", 200, case="A1", report=newest["report"])
    call("showOldReport", 200, case="A1", report=newest["ruleset"][:12])
    call("showOldReport", 404, case="A1", report=999999)
    call("showDiff", 200, query={"from": newest["report"]}, case="A1")
    call("showDiff", 400, case="A1")
    call("showSuppressions", 200, case="A1")
    call("putSuppressions", 200, body={"suppressions": [{"rule": rule, "reason": "known"}]}, case="A1")
    if call("listSuppressions", 200)[1]["suppressions"] != [{"case": "A1", "rule": rule, "reason": "known"}]:
        fail("listSuppressions: what A1 lives with is not there")
    call("putSuppressions", 422, body={"suppressions": [{"rule": "nothing", "reason": "known"}]}, case="A1")
    call("putSuppressions", 422, body={"suppressions": [{"rule": rule, "reason": "known", "subjekt": "s"}]}, case="A1")
    call("putSuppressions", 422, body={"suppressions": [{"rule": rule, "reason": "known", "subject": 1}]}, case="A1")
    call("putSuppressions", 400, body={}, case="A1")
    call("listBackups", 200, case="A1")
    for days in (30, 0, None):
        call("putRetention", 204, body={"days": days}, case="A1")
        if call("showRetention", 200, case="A1")[1] != {"days": days}:
            fail("showRetention: not what was put: %s" % days)
    call("showRetention", 404, case="none")
    call("putRetention", 400, body={"days": -1}, case="A1")
    call("putRetention", 404, body={"days": 1}, case="none")
    call("startRun", 400, body={"x": 1})
    _, run = call("startRun", 202, body={"all": True})
    call("showRun", 200, run=run["run"])
    call("showRun", 404, run=999999)
    call("listRuns", 200)
    call("downloadBundle", 200, case="A1", bundle=SHA)
    call("downloadBundle", 404, case="A1", bundle="0" * 64)
    diff = call("showBundleDiff", 200, case="A1", bundle=SHA, query={"from": SHA})[1]
    if diff["changes"] or not diff["same_machine"]:
        fail("showBundleDiff: a bundle differs from itself")
    call("showBundleDiff", 404, case="A1", bundle=SHA, query={"from": "0" * 64})
    for kind in ("", ".json", ".txt", ".html"):
        call("showReport", 200, case="A1", format=kind)
    call("showReport", 404, case="A1", format=".pdf")
    headers, sarif = call("showReport", 200, case="A1", format=".sarif")
    if headers.get("Content-Type") != "application/sarif+json" or sarif.get("version") != "2.1.0" or not sarif["runs"][0]["tool"]["driver"]["rules"]:
        fail("showReport: .sarif is not SARIF: %r" % headers.get("Content-Type"))
    for which in (newest["report"], newest["ruleset"][:12]):
        if call("showReport", 200, case="A1", format=".txt", query={"report": which})[1] != call("showReport", 200, case="A1", format=".txt")[1]:
            fail("showReport: %r is not the newest report" % which)
    call("showReport", 404, case="A1", format=".txt", query={"report": "999999"})
    _, made = call("createToken", 201, body={"role": "upload", "case": "A1", "label": "desk", "expires": "2999-01-01T00:00:00Z"})
    call("createToken", 400, body={"role": "king"})
    call("createToken", 403, token=UPLOAD, body={"role": "admin"})
    call("listTokens", 200)
    call("revokeToken", 204, path_values={"token": made["id"]})
    call("revokeToken", 404, path_values={"token": "0" * 16})
    call("listAudit", 200, query={"limit": 3})
    call("deleteCase", 204, case="C1")
    call("deleteCase", 404, case="C1")


def check_routes():
    with open(routes_file, encoding="utf-8") as lines:
        have = {line.strip().replace(" /api/v1", " ", 1) for line in lines if " /api/v1/" in line}
    described = {"%s %s" % (method, path) for method, path, _ in operations.values()}
    for one in sorted(have - described):
        fail("%s: the server has it, schema/openapi.yaml does not" % one)
    for one in sorted(described - have):
        fail("%s: schema/openapi.yaml has it, the server does not" % one)


calls()
check_routes()
for one in sorted(set(operations) - called):
    fail("%s: never called with success: add a call to check_api.py" % one)
print("\n".join(failures) if failures else "%d operations" % len(called))
sys.exit(1 if failures else 0)
