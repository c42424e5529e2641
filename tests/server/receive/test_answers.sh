#!/usr/bin/env bash
# What all answers have in common: entity tags, gzip, OPTIONS, HEAD, problems, CORS, request ids.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
ask() { : >"$work/answer"; curl -sS -m 20 -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@"; }
shown() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"; }
start_server
triage=$(token --role triage)
bound=$(token --role triage --case A1)
auth="Authorization: Bearer $triage"

check "a list" 200 "$(ask -H "$auth" "$url/api/v1/rules")"
tag=$(shown ETag)
check "has a tag" 'W/"' "${tag:0:3}"
check "the same again is not sent" 304 "$(ask -H "$auth" -H "If-None-Match: $tag" "$url/api/v1/rules")"
check "nothing of it" "" "$(cat "$work/answer")"
check "another tag is answered in full" 200 "$(ask -H "$auth" -H 'If-None-Match: "other"' "$url/api/v1/rules")"
ask -H "$auth" "$url/api/v1/rules" >/dev/null && cp "$work/answer" "$work/plain"
check "gzip" 200 "$(ask -H "$auth" -H 'Accept-Encoding: gzip' "$url/api/v1/rules")"
check "is said" gzip "$(shown Content-Encoding)"
check "and gives the same" "$(sha256sum <"$work/plain")" "$(gzip -dc "$work/answer" | sha256sum)"
check "its tag too" "$tag" "$(shown ETag)"
check "HEAD" 200 "$(ask -I -H "$auth" "$url/api/v1/rules")"
check "has the tag" "$tag" "$(shown ETag)"
check "OPTIONS needs no token" 204 "$(ask -X OPTIONS "$url/api/v1/session")"
check "and lists the methods" "GET, HEAD, POST, DELETE, OPTIONS" "$(shown Allow)"
check "a method that is none of them" 405 "$(ask -X PUT -H "$auth" "$url/api/v1/session")"
check "is told which are" "GET, HEAD, POST, DELETE, OPTIONS" "$(shown Allow)"
check "as a problem" application/problem+json "$(shown Content-Type)"
check "an address that is too long" 414 "$(ask -H "$auth" "$url/api/v1/cases/$(printf %02000d 0)")"
check "CORS is off" "" "$(ask -H "$auth" -H "Origin: https://desk.test" "$url/api/v1/cases" >/dev/null; shown Access-Control-Allow-Origin)"
check "an answer has an id" 16 "$(shown X-Request-Id | tr -d '\n' | wc -c)"
has "that stands in the log" "event=request id=$(shown X-Request-Id) method=GET path=/api/v1/cases status=200" "$work/err"
check "a token for one case may list" 200 "$(ask -H "Authorization: Bearer $bound" "$url/api/v1/cases")"
check "only its own case" 403 "$(ask -H "Authorization: Bearer $bound" "$url/api/v1/cases/B2")"
stop_server TERM

start_server --cors-origin https://desk.test
check "CORS for the one origin" 200 "$(ask -H "$auth" -H "Origin: https://desk.test" "$url/api/v1/cases")"
check "is allowed" https://desk.test "$(shown Access-Control-Allow-Origin)"
check "without cookies" "" "$(shown Access-Control-Allow-Credentials)"
check "a preflight" 204 "$(ask -X OPTIONS -H "Origin: https://desk.test" -H 'Access-Control-Request-Method: POST' "$url/api/v1/bundles")"
has "names the headers" '^Access-Control-Allow-Headers:.*Upload-Offset' "$work/headers"
check "another origin" 200 "$(ask -H "$auth" -H "Origin: https://other.test" "$url/api/v1/cases")"
check "is not" "" "$(shown Access-Control-Allow-Origin)"
[ "$failures" = 0 ]
