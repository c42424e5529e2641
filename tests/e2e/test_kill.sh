#!/usr/bin/env bash
# label: ordinary
# Kill -9 at random moments while a bundle comes by tus, one by a simple POST, cases are linted, judged again and deleted:
# what was acknowledged is there, what was not can be sent on, and ends under the same SHA-256. 200 rounds when CI=true.
set -u
. "$(dirname "$0")/common.sh"
if [ "${CI:-}" = true ]; then rounds=${CT_KILL_ROUNDS:-200}; else rounds=${CT_KILL_ROUNDS:-6}; fi
RANDOM=${CT_KILL_SEED:=$RANDOM}
kept=20 # rounds whose cases are kept
made_bundle article-server >/dev/null
start_server
triage=$(token --role triage)
admin=$(token --role admin)
ask() { curl -sS -m 20 -o "$work/answer" -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $admin" "$@" 2>/dev/null; }
code() { ask -w '%{http_code}' "$@" || true; }
shown() { tr -d '\r' <"$2" | sed -n "s/^$1: //Ip"; }
hash_of() { sha256sum "$1" | cut -d' ' -f1; }
fill() { # fill FILE BYTES: a bundle that is like no other
  cp "$work/article-server.zip" "$1" # a name that ends in .zip: zip would add it
  (cd "$work" && head -c "$2" /dev/urandom >noise && zip -q0 "$1" noise)
}
check_store() { "$bin/certtriage-server" check --data "$work/data" >"$work/checked"; }

# Each of these runs beside the others until the server is gone; FILE.acknowledged says that it was answered well.
by_post() { # by_post CASE FILE
  [ "$(curl -sS -m 20 --limit-rate 4M -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $admin" -H "X-Certtriage-Case: $1" --data-binary "@$2" "$url/api/v1/bundles" 2>/dev/null)" = 201 ] && touch "$2.acknowledged"
}
by_tus() { # by_tus CASE FILE MORE…: the upload's address is in FILE.at
  local name=$1 file=$2
  shift 2
  curl -sS -m 20 -D "$file.made" -o /dev/null -X POST -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $admin" -H "Upload-Length: $(stat -c %s "$file")" \
    -H "Upload-Metadata: case $(printf %s "$name" | base64 -w0)" "$url/api/v1/uploads" 2>/dev/null
  [ -s "$file.made" ] && shown Location "$file.made" >"$file.at"
  [ -s "$file.at" ] && [ "$(curl -sS -m 20 --limit-rate 5M -o /dev/null -w '%{http_code}' -X PATCH -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $admin" \
    -H 'Content-Type: application/offset+octet-stream' -H 'Upload-Offset: 0' "$@" --data-binary "@$file" "$url/api/v1/$(cat "$file.at")" 2>/dev/null)" = 204 ] && touch "$file.acknowledged"
}
again() { curl -sS -m 20 -o /dev/null -X POST -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' -d '{"all": true}' "$url/api/v1/reprocess" 2>/dev/null; }
forget() { # forget CASE MARK
  case $(curl -sS -m 20 -o /dev/null -w '%{http_code}' -X DELETE -H "Authorization: Bearer $admin" "$url/api/v1/cases/$1" 2>/dev/null) in 204 | 404) touch "$2" ;; esac
}

stored() { # stored WHAT HASH: the bundle is there, byte for byte
  check "$1 is stored" "$2" "$(hash_of "$work/data/bundles/${2:0:2}/$2.zip" 2>/dev/null)"
}
resumed=0
resume() { # resume ROUND: what the killed server left of it goes on
  local file=$work/tus-$1.zip hash offset
  [ -s "$file.at" ] || return
  hash=$(hash_of "$file")
  check "round $1: the upload is known" 200 "$(code -I -D "$work/headers" "$url/api/v1/$(cat "$file.at")")"
  offset=$(shown Upload-Offset "$work/headers")
  if [ "$offset" != "$(stat -c %s "$file")" ]; then
    [ "$offset" = 0 ] || resumed=$((resumed + 1))
    [ ! -e "$file.acknowledged" ] || check "round $1: what was acknowledged is whole" whole "$offset bytes"
    tail -c "+$((offset + 1))" "$file" >"$work/rest"
    check "round $1: the rest" 204 "$(code -X PATCH -D "$work/headers" -H 'Content-Type: application/offset+octet-stream' -H "Upload-Offset: $offset" --data-binary "@$work/rest" "$url/api/v1/$(cat "$file.at")")"
  fi
  check "round $1: the receipt" "$hash" "$(shown X-Certtriage-Bundle "$work/headers")"
  stored "round $1: the upload" "$hash"
  touch "$file.acknowledged"
}

start=$SECONDS posted=0
for i in $(seq "$rounds"); do
  fill "$work/tus-$i.zip" 1500000
  fill "$work/post-$i.zip" $((RANDOM * 20))
  checksum=()
  [ $((i % 3)) -ne 0 ] || checksum=(-H "Upload-Checksum: sha256 $(openssl sha256 -binary "$work/tus-$i.zip" | base64 -w0)")
  by_tus "T$i" "$work/tus-$i.zip" "${checksum[@]}" &
  jobs=($!)
  by_post "P$i" "$work/post-$i.zip" &
  jobs+=($!)
  [ $((i % 4)) -ne 0 ] || { again & jobs+=($!); }
  [ "$i" -le "$kept" ] || { forget "T$((i - kept))" "$work/gone-T$((i - kept))" & jobs+=($!); forget "P$((i - kept))" "$work/gone-P$((i - kept))" & jobs+=($!); }
  sleep "0.$(printf %03d $((RANDOM % 600)))"
  stop_server KILL
  wait "${jobs[@]}" 2>/dev/null
  if [ $((i % 10)) = 0 ] || [ "$i" -le 3 ]; then
    check_store
    check "after kill $i nothing is damaged" 0 $?
  fi
  start_server
  resume "$i"
  if [ -e "$work/post-$i.zip.acknowledged" ]; then
    posted=$((posted + 1))
    stored "round $i: what was posted" "$(hash_of "$work/post-$i.zip")"
  fi
  rm -f "$work/tus-$((i - kept)).zip" "$work/post-$((i - kept)).zip"
done
echo "$rounds rounds in $((SECONDS - start)) s: $posted posts acknowledged, $resumed uploads went on in the middle"
[ "$rounds" -lt 20 ] || { check "some were posted" true "$([ "$posted" -gt 0 ] && echo true)"; check "some went on in the middle" true "$([ "$resumed" -gt 0 ] && echo true)"; }

# A case that was linted in three rounds that ended so may have been set aside; it is judged when it is asked for.
lost=0
for i in $(seq $((rounds > kept ? rounds - kept + 1 : 1)) "$rounds"); do
  for one in "T$i:$work/tus-$i.zip" "P$i:$work/post-$i.zip"; do
    [ -e "${one#*:}.acknowledged" ] || continue
    state=$(case_state "${one%%:*}")
    [ "$state" != failed ] || { again; state=$(case_state "${one%%:*}"); }
    [ "$state" = done ] || { lost=$((lost + 1)); echo "${one%%:*} is $state"; }
  done
done
check "every acknowledged case is judged in the end" 0 "$lost"
back=0
for mark in "$work"/gone-*; do
  [ ! -e "$mark" ] || [ "$(code "$url/api/v1/cases/${mark##*-}")" = 404 ] || back=$((back + 1))
done
check "no deleted case comes back" 0 "$back"
stop_server TERM
dead=$work/data/spool/tus-00000000000000000000000000000000
echo dead >"$dead"
start_server
stop_server TERM
check "a file that no upload has is removed" "" "$(ls "$dead" 2>/dev/null)"
check_store
check "check finds everything" 0 $?
has "and says so" ' 0 damaged' "$work/checked"
check "the spool holds what was begun, unanswered" "$(sqlite3 "$work/data/certtriage.db" "SELECT count(*) FROM upload WHERE done IS NULL")" "$(find "$work/data/spool" -type f | wc -l)"
[ "$failures" = 0 ] || { echo "CT_KILL_SEED=$CT_KILL_SEED"; exit 1; }
