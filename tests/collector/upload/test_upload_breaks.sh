#!/usr/bin/env bash
# label: slow
# The collector's upload over networks and proxies that break, refuse and damage, to the real server: in the end one whole bundle is there.
set -u
. "$(dirname "$0")/common.sh"
export NODE_PATH=$build/npm/node_modules
up
token --role upload >"$work/token"

make_file plain 5000000
check "nothing goes wrong" 0 "$(send plain "$url" --case A1)"
whole "nothing goes wrong"
has "the case" "to case A1$" "$work/said"
check "nothing went wrong" 1 "$(grep -c . "$work/told")"
check "the same again" 0 "$(send plain "$url/" --case A1)"
whole "the same again"

peak() { # peak NAME: KiB of memory
  python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$bin/certtriage-collect" --upload-only "$work/$1.zip" --upload "$url" --token-file "$work/token"
}
make_file little 100000
small=$(peak little)
make_file much 200000000
large=$(peak much)
check "all of the large one is there" "$hash" "$(stored)"
check "memory does not grow with the file ($small, $large KiB)" true "$([ "$large" -lt $((small + 2048)) ] && echo true)"
rm -f "$work/much.zip"

make_file cut 6000000
cutting 5 700000
check "cut five times" 0 "$(send cut "$way")"
whole "cut five times"
check "and that was noticed" true "$([ "$(grep -c 'trying again' "$work/told")" -ge 2 ] && echo true)" # libcurl mends the rest itself

for status in 400 403 405 501; do
  make_file "no$status" 3000000
  relay "patch=$status"
  check "a proxy that answers PATCH with $status" 0 "$(send "no$status" "$way")"
  whole "no PATCH, $status"
  check "asked once" 1 "$(asked PATCH "$status")"
  has "said" "does not let PATCH through" "$work/told"
done
make_file dropped 1500000
relay drop-patch=1
check "a proxy that hangs up on PATCH" 0 "$(send dropped "$way")"
whole "hangs up on PATCH"

make_file busy 3000000
relay busy=1 wait=3
began=$(date +%s%N)
check "429" 0 "$(send busy "$way")"
check "waits as long as it was told" true "$([ $((($(date +%s%N) - began) / 1000000)) -ge 3000 ] && echo true)"
whole "429"
relay busy=100 wait=3600
make_file later 3000000
began=$(date +%s)
check "429 for an hour" 2 "$(send later "$way" --retry-seconds 20)"
check "is not waited for" true "$([ $(($(date +%s) - began)) -lt 10 ] && echo true)"
has "and says so" "asked again after 3600 s only. The bundle stays; to send it later: --upload-only $work/later.zip$" "$work/told"
end_between
check "which goes on" 0 "$(send later "$url")"
whole "later" # at another address it begins anew
relay fail=2
make_file bad 3000000
check "502 twice" 0 "$(send bad "$way")"
whole "502 twice"

make_file damaged 3000000
relay damage=2
check "two pieces arrive damaged" 0 "$(send damaged "$way")"
whole "damaged"
check "the server refused them" 2 "$(asked PATCH 460)"
make_file hopeless 3000000
relay damage=100
check "each arrives damaged" 2 "$(send hopeless "$way" --json)"
has "as JSON, too" '^\{"event":"not-uploaded","bundle":"[^"]*hopeless.zip","error":"[^"]*what arrives there' "$work/said"
has "said" "what arrives there is not what is sent" "$work/told"
check "not for ever" 5 "$(asked PATCH 460)"
check "nothing is stored" "" "$(stored)"
check "the zip is as it was" "$hash" "$(sha256sum "$work/hopeless.zip" | cut -d' ' -f1)"
rm -f "$work/hopeless.zip.upload.json"
make_file lied 2000000
relay lie=1
check "a receipt for something else" 2 "$(send lied "$way")"
has "is none" "received other bytes than were sent" "$work/told"
rm -f "$work/lied.zip.upload.json"

make_file forgotten 3000000
relay forget=1
check "the upload is gone in the middle" 0 "$(send forgotten "$way")"
whole "forgotten"
has "it began anew" "begins anew" "$work/told"
make_file elsewhere 2000000
relay elsewhere=http://127.0.0.1:9/x
check "sent elsewhere" 2 "$(send elsewhere "$way")"
has "the token does not go there" "another server, where the token must not go" "$work/told"
make_file stalled 2000000
relay stall=1
check "a piece that is never answered" 0 "$(send stalled "$way" --retry-seconds 18)"
whole "stalled"
make_file simple 2000000
relay no-tus=1
check "a server without tus" 0 "$(send simple "$way" --case B2)"
whole "without tus"
check "got one POST" 1 "$(grep -c '^POST /api/v1/bundles 201$' "$work/way")"
end_between
[ "$failures" = 0 ] || { tail -n 5 "$work/told" "$work/err"; exit 1; }
