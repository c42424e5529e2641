#!/usr/bin/env bash
# label: slow
# Uploads that outlive the collector, the server, or the time that the server gives; and those that cannot succeed.
set -u
. "$(dirname "$0")/common.sh"
export NODE_PATH=$build/npm/node_modules
stuck() { # stuck NAME [TIMES]: sends in the background, and stands still when the first piece is through; $client
  relay after=1 stall="${2:-1}"
  "$bin/certtriage-collect" --upload-only "$work/$1.zip" --upload "$way" --token-file "$work/token" \
    </dev/null >"$work/said" 2>"$work/told" &
  client=$!
  stands_still 1
}
stands_still() { # stands_still TIMES
  for _ in $(seq 1000); do [ "$(asked PATCH stalled)" -ge "$1" ] && return; sleep 0.02; done
  echo "nothing was sent"
}
up
token --role upload >"$work/token"

make_file server 5000000
stuck server
stop_server KILL
up
touch "$work/port.go"
wait "$client"
check "the server is killed and comes again" 0 $?
whole "killed server"
check "and nothing was sent twice" 1 "$(asked POST 201)"
rm "$work/port.go"

make_file client 5000000
stuck client
kill -KILL "$client"
wait "$client" 2>/dev/null
has "what is known stands beside the zip" '"url": "http' "$work/client.zip.upload.json"
check "without the token" 0 "$(grep -c "$(cat "$work/token")" "$work/client.zip.upload.json")"
check "for its owner alone" 600 "$(stat -c %a "$work/client.zip.upload.json")"
check "a part is there" 1 "$(find "$work/data/spool" -type f -size +1000k | wc -l)"
check "run again, it goes on" 0 "$(send client "$way")"
whole "killed collector"
has "and says so" "going on with an earlier one: 1024 of 4882 KiB are there" "$work/told"
check "with no second upload" 1 "$(asked POST 201)"
end_between

make_file tampered 3000000
printf '{"server":"%s","case":"","url":"http://127.0.0.1:9/api/v1/uploads/x","size":3000000,"sha256":"%s"}' "$url" "$hash" >"$work/tampered.zip.upload.json"
check "a note that names another server" 0 "$(send tampered "$url")"
whole "tampered note"
printf 'rubbish' >"$work/tampered.zip.upload.json"
check "a note that is none" 0 "$(send tampered "$url")"
whole "broken note"

make_file other 5000000
stuck other
kill -KILL "$client"
wait "$client" 2>/dev/null
check "run again for another case" 0 "$(send other "$way/" --case OTHER)" # which the address's slash does not make another one
whole "another case"
has "it goes into that case" "^uploaded $hash to case OTHER" "$work/said"
check "so it is begun anew" 2 "$(asked POST 201)"
stop_server TERM
rm -rf "$work/data/spool" # of the first one
up

make_file stopped 5000000
printf 'n\n' >"$work/answer"
set -m # process groups of their own, in which SIGINT is not ignored
stuck stopped 2
kill -INT "$client"
wait "$client"
check "Ctrl+C ends it" 2 $?
check "what was sent stays" 1 "$(find "$work/data/spool" -type f -size +1000k | wc -l)"
has "and how to go on is said" "stopped before all was sent. The bundle stays; to send it later: --upload-only" "$work/told"
"$bin/certtriage-collect" --upload-only "$work/stopped.zip" --upload "$way" --token-file "$work/token" <"$work/answer" >"$work/said" 2>"$work/told" &
client=$!
stands_still 2
kill -INT "$client"
wait "$client"
check "Ctrl+C again" 2 $?
set +m
check "given up: it is ended at the server" 0 "$(find "$work/data/spool" -type f | wc -l)"
check "and not known any more" "" "$(find "$work" -maxdepth 1 -name '*.upload.json')"
stop_server TERM

up --upload-expires 1s
make_file expired 5000000
stuck expired
kill -KILL "$client"
wait "$client" 2>/dev/null
sleep 2.5
check "an upload that has expired" 0 "$(send expired "$way")"
has "is begun anew" "begins anew" "$work/told"
whole "expired"
stop_server TERM

make_file nobody 1000000
began=$(date +%s)
check "nobody there" 2 "$(send nobody "$url" --retry-seconds 5)"
check "in bounded time" true "$([ $(($(date +%s) - began)) -le 12 ] && echo true)"
has "is told" "nothing got through \(is the address right, .*\?\). The bundle stays; to send it later: --upload-only $work/nobody.zip$" "$work/told"
check "the zip is as it was" "$hash" "$(sha256sum "$work/nobody.zip" | cut -d' ' -f1)"

# @tus/server: others' reading of the protocol.
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
mkdir "$work/tus"
begin node "$here/tus_server.js" "$work/tus" 4000000 0
make_file foreign 3000000
check "to @tus/server" 0 "$(send foreign "$way")"
check "all bytes are there" "$hash" "$(find "$work/tus" -type f -size +2M -exec sha256sum {} + | cut -d' ' -f1)"
has "that it names no hash is told" "does not say their SHA-256" "$work/told"
make_file large 4000001
check "larger than it takes" 2 "$(send large "$way")"
has "is told" "has 4000001 bytes, this server takes at most 4000000" "$work/told"
check "before anything is sent" 2 "$(find "$work/tus" -type f | wc -l)"
port=${way##*:}
printf %s "$port" >"$work/port"
tus=$between
between=
make_file broken 3900000
cutting 3 900000
check "to @tus/server, cut three times" 0 "$(send broken "$way")"
check "all bytes of that are there" 1 "$(find "$work/tus" -type f -size +2M -exec sha256sum {} + | grep -c "^$hash")"
end_between
kill "$tus" && wait "$tus" 2>/dev/null
[ "$failures" = 0 ] || { tail -n 5 "$work/told" "$work/err"; exit 1; }
