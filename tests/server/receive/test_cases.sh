#!/usr/bin/env bash
# Cases made, found, changed, closed and deleted; bundles listed and downloaded; tokens; who did what.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
ask() { : >"$work/answer"; curl -sS -m 20 -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@"; }
as() { # as TOKEN METHOD PATH MORE…
  local token=$1 method=$2 path=$3
  shift 3
  ask -X "$method" -H "Authorization: Bearer $token" "$@" "$url/api/v1$path"
}
send() { # send TOKEN METHOD PATH JSON
  as "$1" "$2" "$3" -H 'Content-Type: application/json' -d "$4"
}
get() { jq -r "$1" "$work/answer"; }
shown() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"; }
start_server
triage=$(token --role triage)
admin=$(token --role admin --label keeper)

check "a case" 201 "$(send "$triage" POST /cases '{"case": "A1", "complaint": {"url": "https://portal.example/in", "seen": "403.7"}}')"
check "where it is" cases/A1 "$(shown Location)"
check "nothing in it yet" empty "$(get .state)"
check "its complaint" https://portal.example/in "$(get .complaint.url)"
check "twice" 409 "$(send "$triage" POST /cases '{"case": "A1"}')"
check "an id that is none" 400 "$(send "$triage" POST /cases '{"case": "../x"}')"
check "a word that is none" 400 "$(send "$triage" POST /cases '{"name": "x"}')"
check "not JSON" 400 "$(send "$triage" POST /cases '{"case": ')"
check "a form of another site" 415 "$(as "$triage" POST /cases -d '{"case": "F1"}')"
check "too much" 413 "$(head -c 70000 /dev/zero | tr '\0' ' ' | as "$triage" POST /cases -H 'Content-Type: application/json' --data-binary @-)"
check "a complaint that is none" 400 "$(send "$triage" PATCH /cases/A1 '{"complaint": {"url": "portal"}}')"
check "another complaint" 200 "$(send "$triage" PATCH /cases/A1 '{"complaint": {"thumbprint": "0123456789abcdef0123456789ABCDEF01234567"}}')"
check "takes the place of the first" null "$(get .complaint.url)"
check "none" 200 "$(send "$triage" PATCH /cases/A1 '{"complaint": null}')"
check "at all" null "$(get .complaint)"
check "an id is found for it" 201 "$(send "$triage" POST /cases '{}')"
check "closed" 200 "$(send "$triage" PATCH /cases/A1 '{"closed": true}')"
check "since now" true "$([ "$(get .closed)" != null ] && echo true)"
check "no such case" 404 "$(send "$triage" PATCH /cases/none '{"closed": true}')"
as "$triage" GET '/cases?state=closed' >/dev/null
check "the closed ones" A1 "$(get '.cases[].case')"
as "$triage" GET '/cases?state=open' >/dev/null
check "the open ones" 1 "$(get '.cases | length')"
as "$triage" GET '/cases?state=empty&since=2020-01-01T00:00:00Z' >/dev/null
check "both are new" 2 "$(get '.cases | length')"
as "$triage" GET '/cases?until=2020-01-01T00:00:00Z' >/dev/null
check "and none is old" 0 "$(get '.cases | length')"
check "a time that is none" 400 "$(as "$triage" GET '/cases?since=yesterday')"

printf 'PK\005\006%018d' 0 | tr 0 '\000' >"$work/one.zip"
{ cat "$work/one.zip"; printf x; } >"$work/two.zip"
one=$(sha256sum <"$work/one.zip" | cut -c1-64)
two=$(sha256sum <"$work/two.zip" | cut -c1-64)
put() { as "$triage" POST /bundles -H "X-Certtriage-Case: $1" --data-binary "@$work/$2.zip"; }
check "a bundle" 201 "$(put A1 one)"
check "opens it again" null "$(as "$triage" GET /cases/A1 >/dev/null; get .closed)"
check "another bundle" 201 "$(put A1 two)"
check "the first in a second case" 201 "$(put B2 one)"
case_state A1 >/dev/null
case_state B2 >/dev/null
check "the list of them" 200 "$(as "$triage" GET /cases/A1/bundles)"
check "has both" "$(printf '%s\n' "$one" "$two" | sort)" "$(get '.bundles[].bundle' | sort)"
check "with their sizes" 22,23 "$(get '[.bundles[].size] | sort | join(",")')"
check "download" 200 "$(as "$triage" GET "/cases/A1/bundles/$two")"
check "gives the bytes" "$two" "$(sha256sum <"$work/answer" | cut -c1-64)"
check "under a name" "attachment; filename=\"A1-${two:0:12}.zip\"" "$(shown Content-Disposition)"
check "known ones are not sent" 304 "$(as "$triage" GET "/cases/A1/bundles/$two" -H "If-None-Match: \"$two\"")"
check "one of another case" 404 "$(as "$triage" GET "/cases/B2/bundles/$two")"
check "a path for a hash" 404 "$(as "$triage" GET "/cases/B2/bundles/..%2f..%2fcerttriage.db")"

check "triage deletes nothing" 403 "$(as "$triage" DELETE /cases/A1)"
check "an admin does" 204 "$(as "$admin" DELETE /cases/A1)"
check "it is gone" 404 "$(as "$triage" GET /cases/A1)"
check "with its report" 404 "$(as "$triage" GET /cases/A1/report.json)"
check "its bundle, and what was found in it" "" "$(find "$work/data" -name "$two*")"
check "its folder" "" "$(find "$work/data/cases" -name A1 2>/dev/null)"
check "not what another case has" 1 "$(find "$work/data/bundles" -name "$one*" | wc -l)"
check "nor its report" 200 "$(as "$triage" GET /cases/B2/report.json)"
check "no word of it in the tables" 0 "$(cat "$work"/data/certtriage.db* | grep -ac '"case":"A1"')"
check "twice is once" 404 "$(as "$admin" DELETE /cases/A1)"

check "triage makes no tokens" 403 "$(send "$triage" POST /tokens '{"role": "upload"}')"
check "a token" 201 "$(send "$admin" POST /tokens '{"role": "upload", "case": "B2", "label": "desk 7", "expires": "2999-01-01T00:00:00Z"}')"
secret=$(get .token) id=$(get .id)
check "works" 201 "$(as "$secret" POST /bundles --data-binary "@$work/one.zip")"
check "the list" 200 "$(as "$admin" GET /tokens)"
check "has it" "upload B2 desk 7" "$(get ".tokens[] | select(.id == \"$id\") | \"\\(.role) \\(.case) \\(.label)\"")"
check "with its last use" true "$(get ".tokens[] | select(.id == \"$id\") | .used != null")"
check "without its secret" 0 "$(grep -c "$secret" "$work/answer")"
check "the command line knows it" 1 "$("$bin/certtriage-server" token list --data "$work/data" | grep -c "^$id  upload  B2 .*desk 7$")"
check "one that is over" 400 "$(send "$admin" POST /tokens '{"role": "upload", "expires": "2001-01-01T00:00:00Z"}')"
check "a role that is none" 400 "$(send "$admin" POST /tokens '{"role": "king"}')"
check "taken back" 204 "$(as "$admin" DELETE "/tokens/$id")"
check "it works no more" 401 "$(as "$secret" POST /bundles --data-binary "@$work/one.zip")"
check "no such token" 404 "$(as "$admin" DELETE /tokens/0000000000000000)"
check "by the command line" 0 "$("$bin/certtriage-server" token revoke "$(send "$admin" POST /tokens '{"role": "triage"}' >/dev/null; get .id)" --data "$work/data"; echo $?)"
check "that works no more, either" 401 "$(as "$(get .token)" GET /cases)"

check "who did what: not for triage" 403 "$(as "$triage" GET /audit)"
check "for admins" 200 "$(as "$admin" GET '/audit?case=A1')"
check "uploaded, seen, deleted" "bundle-downloaded bundle-uploaded case-changed case-created case-deleted case-seen" "$(get '[.entries[].action] | unique | join(" ")')"
check "by whom" "admin 127.0.0.1" "$(get '.entries[] | select(.action == "case-deleted") | "\(.role) \(.address)"')"
check "what was looked at twice stands once" 1 "$(get '[.entries[] | select(.action == "case-seen")] | length')"
as "$admin" GET '/audit?limit=2' >/dev/null
next=$(get .next) last=$(get '.entries[1].at')
check "in pages" true "$(as "$admin" GET "/audit?limit=2&after=$next" >/dev/null; get ".entries[0].at <= \"$last\"")"
as "$admin" GET "/audit?action=token-created" >/dev/null
check "the tokens too" 2 "$(get '.entries | length')"
[ "$failures" = 0 ]
