#!/usr/bin/env bash
# label: slow
# A disk that does not take what was written (fsync says EIO once; Linux then takes the pages for clean, so that the next one
# says that all is well): what was not synced was never there, and nothing acknowledged is lost. strace plays the disk.
set -u
. "$(dirname "$0")/common.sh"
command -v strace >/dev/null || { echo "skipped: no strace"; exit 77; }
tracer=
heal() { [ -z "$tracer" ] || { kill -INT "$tracer" && wait "$tracer"; } 2>/dev/null; tracer=; }
end() { heal; finish; }
trap end EXIT
break_sync() { # [-P file]: syncs (of this file) fail from now on
  strace -f -p "$server" -e trace=fsync,fdatasync -e inject=fsync,fdatasync:error=EIO "$@" -o "$work/trace" 2>"$work/tracer" &
  tracer=$!
  for _ in $(seq 100); do grep -q attached "$work/tracer" && return; sleep 0.05; done
  cat "$work/tracer"
  echo "skipped: strace may not trace here"
  exit 77
}
made_bundle article-server >/dev/null
bundle=$work/article-server.zip
size=$(stat -c %s "$bundle")
hash=$(sha256sum "$bundle" | cut -d' ' -f1)
half=$((size / 2))
start_server
triage=$(token --role triage)
ask() { curl -sS -m 20 -o "$work/answer" -D "$work/top" -w '%{http_code}' -H "Authorization: Bearer $triage" -H 'Tus-Resumable: 1.0.0' "$@"; }
shown() { sed -n "s/^$1: *//ip" "$work/top" | tr -d '\r'; }
patch() { ask -X PATCH -H 'Content-Type: application/offset+octet-stream' -H "Upload-Offset: $1" --data-binary @- "$one"; }
put() { ask -H "X-Certtriage-Case: $1" --data-binary "@$bundle" "$url/api/v1/bundles"; }
stored() { find "$work/data/bundles" -name "$hash.zip" | wc -l; }

check "an upload in pieces" 201 "$(ask -X POST -H "Upload-Length: $size" -H "Upload-Metadata: case $(printf T | base64)" "$url/api/v1/uploads")"
one=$url/api/v1/uploads/$(basename "$(shown Location)")
check "its first half" 204 "$(head -c "$half" "$bundle" | patch 0)"
break_sync -P "$work/data/spool/tus-${one##*/}"
check "a piece that the disk does not take is not acknowledged" 500 "$(tail -c "+$((half + 1))" "$bundle" | head -c 5000 | patch "$half")"
has "but a problem, which says where to go on" "nothing behind byte $half is kept" "$work/answer"
heal
check "it goes on" 200 "$(ask -I "$one")"
check "where its last good sync was" "$half" "$(shown Upload-Offset)"
check "the rest" 204 "$(tail -c "+$((half + 1))" "$bundle" | patch "$half")"
check "is the bundle" "$hash" "$(shown X-Certtriage-Bundle)"
check "and judged" done "$(case_state T)"
"$bin/certtriage-server" check --data "$work/data" >"$work/checked"
check "and whole" 0 $?

(cd "$work" && echo other >note && zip -q article-server.zip note)
hash=$(sha256sum "$bundle" | cut -d' ' -f1)
break_sync
check "a simple upload that the disk does not take is not acknowledged" 500 "$(put S)"
heal
check "nor kept" 0 "$(stored)"
check "sent again it is" 201 "$(put S)"
check "under its hash" "$hash" "$(sha256sum "$(find "$work/data/bundles" -name "$hash.zip")" | cut -d' ' -f1)"
check "judged" done "$(case_state S)"

(cd "$work" && echo third >note && zip -q article-server.zip note)
break_sync -P "$work/data/certtriage.db-wal"
first=$(put W)
case $first in 500 | 507) first=refused ;; esac
check "rows that the disk does not take are not acknowledged" refused "$first"
heal
check "nor are any after them, though the disk is well again" 507 "$(put W)"
has "which says what to do" 'until the server is started again' "$work/answer"
check "what there is can be read" 200 "$(ask "$url/api/v1/cases/S")"
stop_server TERM
start_server
check "and then goes on" 201 "$(put W)"
check "to a report" done "$(case_state W)"
stop_server TERM
"$bin/certtriage-server" check --data "$work/data" >"$work/checked"
check "nothing is lost" 0 $?
has "of what was acknowledged" '^3 cases, 3 bundles' "$work/checked"
[ "$failures" = 0 ]
