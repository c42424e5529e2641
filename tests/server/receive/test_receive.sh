#!/usr/bin/env bash
# The server on the network, asked by curl: who may do what, what bad requests get, what an upload leaves.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
ask() { curl -sS -m 20 -o "$work/answer" -w '%{http_code}' "$@"; }
member() { sed -n "s/^ *\"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$work/answer"; }

start_server
upload=$(token --role upload --case A1)
triage=$(token --role triage)
printf 'PK\005\006%018d' 0 | tr 0 '\000' >"$work/empty.zip"
hash=$(sha256sum "$work/empty.zip" | cut -d' ' -f1)

check "health needs no token" 200 "$(ask "$url/api/v1/health")"
check "no token" 401 "$(ask "$url/api/v1/cases")"
check "wrong token" 401 "$(ask -H 'Authorization: Bearer ctt_00' "$url/api/v1/cases")"
check "an upload token cannot read" 403 "$(ask -H "Authorization: Bearer $upload" "$url/api/v1/cases")"
check "no such path" 404 "$(ask -H "Authorization: Bearer $triage" "$url/api/v2/x")"
check "a path that climbs" 404 "$(ask --path-as-is -H "Authorization: Bearer $triage" "$url/api/v1/cases/../../etc/passwd")"
check "wrong method" 405 "$(ask -X DELETE -H "Authorization: Bearer $triage" "$url/api/v1/cases")"
check "unknown case" 404 "$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/nothing")"
check "problem type" about:blank "$(member type)"
check "another case than the token's" 403 "$(ask -H "Authorization: Bearer $upload" -H 'X-Certtriage-Case: B2' --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "an illegal case id" 400 "$(ask -H "Authorization: Bearer $triage" -H 'X-Certtriage-Case: ../x' --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "another hash than announced" 422 "$(ask -H "Authorization: Bearer $upload" -H "X-Certtriage-SHA256: ${hash//[0-9]/0}" --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "a declared size over the limit" 413 "$(ask -H "Authorization: Bearer $upload" -H 'Content-Length: 99999999999' -H 'Expect: 100-continue' -X POST "$url/api/v1/bundles")"
check "nothing was stored by all that" "" "$(find "$work/data/bundles" -type f)"
check "the spool is empty again" "" "$(find "$work/data/spool" -type f)"

check "a good upload" 201 "$(ask -H "Authorization: Bearer $upload" -H "X-Certtriage-SHA256: $hash" --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "its receipt" "$hash" "$(member bundle)"
check "its case" A1 "$(member case)"
check "it is stored under its hash" "$hash" "$(sha256sum "$work/data/bundles/${hash:0:2}/$hash.zip" | cut -d' ' -f1)"
for _ in $(seq 200); do
  code=$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1")
  case $(member state) in queued | running) sleep 0.05 ;; *) break ;; esac
done
check "the case is there" 200 "$code"
check "it was linted" done "$(member state)"
check "a browser signs in with the token as password" 200 "$(ask -u "triage:$triage" "$url/api/v1/cases/A1/report.html")"
check "text report" 200 "$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1/report.txt")"
check "unknown report format" 404 "$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1/report.pdf")"

check "the pages need no token" 200 "$(ask "$url/")"
check "a token becomes a cookie" 200 "$(ask -c "$work/jar" -X POST -H "Authorization: Bearer $triage" "$url/api/v1/session")"
check "that no script can read" 1 "$(grep -c '^#HttpOnly_127.0.0.1' "$work/jar")"
check "an upload token too, for its upload page" 200 "$(ask -X POST -H "Authorization: Bearer $upload" "$url/api/v1/session")"
check "the cookie reads" 200 "$(ask -b "$work/jar" "$url/api/v1/cases")"
check "it changes nothing for another site" 403 "$(ask -b "$work/jar" -H 'Origin: http://elsewhere.test' --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "nor for what has no origin" 403 "$(ask -b "$work/jar" --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "it does for our own page" 201 "$(ask -b "$work/jar" -H "Origin: $url" --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
# So does a password that a browser was told for a report; a program says no Origin.
check "nor does a password" 403 "$(ask -u "x:$triage" -H 'Origin: http://elsewhere.test' --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "nor from a page without an origin" 403 "$(ask -u "x:$triage" -H 'Origin: null' --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "a password reads" 200 "$(ask -u "x:$triage" -H 'Origin: http://elsewhere.test' "$url/api/v1/cases")"
check "and a program changes with it" 201 "$(ask -u "x:$triage" --data-binary "@$work/empty.zip" "$url/api/v1/bundles")"
check "a cookie that is no token" 401 "$(ask -b certtriage=ctt_00 "$url/api/v1/cases")"

stop_server KILL
start_server
check "what was acknowledged is there after kill -9" 200 "$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1/report.json")"
kill "$server"
wait "$server"
check "the server ends on SIGTERM" 0 $?
server=
[ "$failures" = 0 ]
