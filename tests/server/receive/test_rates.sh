#!/usr/bin/env bash
# label: slow
# Rate limits: of a token, of an address, of failed sign-ins; what the answers say, and by flag, environment and file.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
ask() { : >"$work/answer"; curl -sS -m 20 -o "$work/answer" -D "$work/headers" -w '%{http_code}\n' "$@"; }
as() { ask -H "Authorization: Bearer $1" "$url/api/v1/session"; }
times() { local n=$1; shift; for _ in $(seq "$n"); do "$@"; done | sort | uniq -c | sed 's/^ *//' | paste -sd ' '; }
too_many() { # too_many WHAT PATTERN
  has "$1: when to come again" '^Retry-After: [1-9][0-9]*' "$work/headers"
  has "$1: as a problem" '^Content-Type: application/problem\+json' "$work/headers"
  has "$1: its status" '"status": 429' "$work/answer"
  has "$1: why" "$2" "$work/answer"
}
triage=$(token --role triage)
other=$(token --role triage)

start_server --token-rate 6
check "six of a token at once" "6 200" "$(times 6 as "$triage")"
check "then no more" 429 "$(as "$triage")"
too_many "a token" 'too many requests of this token; try again in [0-9]+ s'
check "those of another do not count" 200 "$(as "$other")"
check "nor those without" 200 "$(ask "$url/api/v1/health")"
has "it is in the log" 'status=429 .*reason="too many requests of this token' "$work/err"
stop_server TERM

start_server --token-rate 60
check "sixty at once" "60 200" "$(times 60 as "$triage")"
for _ in $(seq 60); do last=$(as "$triage"); [ "$last" = 429 ] && break; done # one may have come due meanwhile
check "then no more" 429 "$last"
sleep "$(shown=$(tr -d '\r' <"$work/headers" | sed -n 's/^Retry-After: //p'); echo "${shown:-1}")"
check "after the time that was said it may" 200 "$(as "$triage")"
stop_server TERM

made_bundle healthy-2019 >/dev/null
start_server --token-rate 60
token --role upload --case A1 >"$work/token"
for _ in $(seq 200); do [ "$(as "$(cat "$work/token")")" = 429 ] && break; done
: >"$work/err"
timeout 60 "$bin/certtriage-collect" --upload-only "$work/healthy-2019.zip" --upload "$url" --token-file "$work/token" </dev/null >"$work/said" 2>&1
check "the collector waits, and gets its bundle through" 0 $?
has "it was told to" 'status=429' "$work/err"
check "it did not ask again and again" 1 "$(awk '/status=429/ {n++} END {print n < 8}' "$work/err")"
stop_server TERM
start_server
check "in the end it is there" done "$(case_state A1)"
stop_server TERM

CERTTRIAGE_FAILURE_RATE=3 start_server
check "three failed sign-ins" "3 401" "$(times 3 as ctt_00)"
check "then no more" 429 "$(as ctt_01)"
too_many "failed sign-ins" 'too many failed sign-ins from this address'
check "who has a token is not locked out by others" 200 "$(as "$triage")"
check "without any token it is no sign-in" "9 401" "$(times 9 ask "$url/api/v1/session")"
stop_server TERM

printf '{"address-rate": 5}\n' >"$work/config.json"
start_server --config "$work/config.json"
check "five from an address" "5 200" "$(times 5 ask "$url/api/v1/health")"
check "then no more" 429 "$(ask "$url/api/v1/health")"
too_many "an address" 'too many requests from this address'
check "not with a token either" 429 "$(as "$triage")"
check "an upload is refused before its bytes" 429 "$(head -c 3000000 /dev/zero | ask -H "Authorization: Bearer $triage" -H 'Expect: 100-continue' --data-binary @- "$url/api/v1/bundles")"
times 12 ask "$url/api/v1/health" >"$work/crowd" 2>/dev/null
has "whoever comes on and on is told for a while" ' 429' "$work/crowd"
has "then not even heard" ' 000' "$work/crowd"
sleep 1.2 # the log says it once a second
has "which is in the log" 'event=connections-turned-away n=[0-9]+ last=127.0.0.1' "$work/err"
stop_server TERM

start_server --proxy 127.0.0.1 --address-rate 5
from() { ask -H "X-Forwarded-For: $1" "$url/api/v1/health"; }
check "behind the proxy each client has its own" "5 200" "$(times 5 from 192.0.2.1)"
check "then no more" 429 "$(from 192.0.2.1)"
check "for another" 200 "$(from 192.0.2.2)"
check "whatever it claims itself" 429 "$(from '192.0.2.77, 192.0.2.1')"
check "in a header of its own, too" 429 "$(ask -H 'X-Forwarded-For: 192.0.2.77' -H 'X-Forwarded-For: 192.0.2.1' "$url/api/v1/health")"
check "IPv6 counts by its network" "5 200" "$(for i in 1 2 3 4 5; do from "2001:db8::$i"; done | sort | uniq -c | sed 's/^ *//')"
check "then no more of that" 429 "$(from 2001:db8::6)"
check "another network" 200 "$(from 2001:db8:0:1::6)"
check "what is no address is the proxy's own" "5 200" "$(times 5 from unknown)"
check "counted" 429 "$(from '<script>')"
has "the log names the client" 'path=/api/v1/health status=429 from=192.0.2.1 ' "$work/err"
ask -X POST -H "Authorization: Bearer $triage" -H 'X-Forwarded-For: 192.0.2.9' -H 'X-Forwarded-Proto: https' "$url/api/v1/session" >/dev/null
has "the cookie goes over the proxy's TLS only" 'Set-Cookie:.*; Secure' "$work/headers"
stop_server TERM

start_server --address-rate 5
check "without a proxy nobody is believed" "5 200 1 429" "$(for i in 1 2 3 4 5 6; do ask -H "X-Forwarded-For: 192.0.2.$i" "$url/api/v1/health"; done | sort | uniq -c | sed 's/^ *//' | paste -sd ' ')"
stop_server TERM
"$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 --proxy nobody >/dev/null 2>"$work/refusal"
has "a proxy is an address" 'proxy nobody: not an IP address' "$work/refusal"

start_server --address-rate 0 --token-rate 0 --failure-rate 0
check "without limits" "40 401" "$(times 40 as ctt_00)"
[ "$failures" = 0 ]
