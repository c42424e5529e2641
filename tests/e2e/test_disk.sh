#!/usr/bin/env bash
# label: slow
# A disk that fills up, one that turns read-only under a running server, one that is read-only from the beginning: uploads
# are refused with a reason, what was acknowledged stays, linting goes on when there is room again.
set -u
if [ -z "${CT_MOUNTS:-}" ]; then # mounts of its own: as root, or as one's own root
  for how in "unshare -m" "unshare -rm"; do
    $how mount -t tmpfs -o size=1m tmpfs /mnt 2>/dev/null && CT_MOUNTS=yes exec $how bash "$0" "$@"
  done
  echo "neither root nor user namespaces: nothing can be mounted, skipped"
  exit 77
fi
. "$(dirname "$0")/common.sh"
disk=$work/disk
end() { stop_any; umount -l "$disk" 2>/dev/null; finish; }
stop_any() { [ -z "$server" ] || stop_server KILL; }
trap end EXIT
mkdir "$disk"
ln -s "$disk/data" "$work/data"
made_bundle article-server >/dev/null
made_bundle article-client >/dev/null
head -c 3000000 /dev/urandom >"$work/big"
ask() { curl -sS -m 20 -o "$work/answer" -D "$work/headers" -w '%{http_code}' -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $admin" "$@"; }
put() { # put CASE FILE MORE…
  local name=$1 file=$2
  shift 2
  ask -H "X-Certtriage-Case: $name" --data-binary "@$file" "$@" "$url/api/v1/bundles"
}
patch() { # patch OFFSET FILE ADDRESS MORE…
  local offset=$1 file=$2 address=$3
  shift 3
  ask -X PATCH -H 'Content-Type: application/offset+octet-stream' -H "Upload-Offset: $offset" --data-binary "@$file" "$@" "$address"
}
create() { ask -X POST -H "Upload-Length: 3000000" -H "Upload-Metadata: case $(printf %s "$1" | base64)" "$url/api/v1/uploads"; }
shown() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"; }
refused() { # refused WHAT CODE: with a reason that can be read
  check "$1 is refused" 507 "$2"
  has "$1: a problem is told" '^Content-Type: application/problem\+json' "$work/headers"
  has "$1: in one line" '"detail": "[^"]*(no room|full|No space|[Rr]ead-?only)' "$work/answer"
}
reads() { # what needs no room works
  check "$1: cases are listed" 200 "$(ask "$url/api/v1/cases")"
  check "$1: a report is shown" 200 "$(ask "$url/api/v1/cases/A/report.json")"
  check "$1: a bundle is downloaded" 200 "$(ask "$url/api/v1/cases/A/bundles/$first")"
}
whole() { # whole WHAT
  "$bin/certtriage-server" check --data "$work/data" >"$work/checked" 2>&1
  check "$1: check finds no damage" 0 $?
  has "$1: counted" ' 0 damaged' "$work/checked"
}
first=$(sha256sum "$work/article-server.zip" | cut -d' ' -f1)
big=$(sha256sum "$work/big" | cut -d' ' -f1)
begin() { # begin: a server with one case that is judged and an upload that is begun: $one
  mkdir -p "$disk/data"
  start_server --min-free 0
  triage=$(token --role triage) admin=$(token --role admin)
  check "an upload" 201 "$(put A "$work/article-server.zip")"
  check "is judged" done "$(case_state A)"
  check "another begins" 201 "$(create T)"
  one=$url/api/v1/$(shown Location)
}

# ---- full ----
mount -t tmpfs -o size=24m tmpfs "$disk" || exit 77
begin
fill() { # fill KIB: that much stays free
  dd if=/dev/zero of="$disk/fill" bs=1024 count=$(($(df --output=avail -k "$disk" | tail -1) - $1)) status=none
}
fill 200
check "there is room for a bundle" 201 "$(put L "$work/article-client.zip")"
for _ in $(seq 200); do grep -q 'event=linted case=L' "$work/err" && break; sleep 0.1; done
has "not for its facts, which is tried again" 'event=linted case=L .*disk is full" then="tried again"' "$work/err"
rm "$disk/fill"
fill 0
refused "a simple upload" "$(put B "$work/big")"
refused "a small one" "$(put B "$work/article-server.zip")"
refused "a piece" "$(patch 0 "$work/big" "$one")"
refused "an upload in pieces" "$(create N)"
refused "judging again" "$(ask -X POST -H 'Content-Type: application/json' -d '{"all": true}' "$url/api/v1/reprocess")"
check "where to go on is told" 200 "$(ask -I "$one")"
check "which is where it was" 0 "$(shown Upload-Offset)"
reads full
timeout 20 "$bin/certtriage-server" serve --data "$disk/other" --listen 127.0.0.1:0 >"$work/said" 2>&1
check "no server begins there" 2 $?
has "which says why" '^certtriage-server: .*/other: .*(full|No space left on device)$' "$work/said"
rm "$disk/fill"
# Room that goes while the body comes.
meanwhile() { # meanwhile UPLOAD…: slowly
  (sleep 0.8; fill 1000) &
  "$@" --limit-rate 1M
  wait $!
}
refused "a piece, in the middle" "$(meanwhile patch 0 "$work/big" "$one")"
rm "$disk/fill"
refused "a simple upload, in the middle" "$(meanwhile put B "$work/big")"
rm "$disk/fill"
check "with room again it goes on" 200 "$(ask -I "$one")"
offset=$(shown Upload-Offset)
tail -c "+$((offset + 1))" "$work/big" >"$work/rest"
check "from $offset" 204 "$(patch "$offset" "$work/rest" "$one")"
check "to the same bytes" "$big" "$(sha256sum "$work/data/bundles/${big:0:2}/$big.zip" | cut -d' ' -f1)"
for _ in $(seq 90); do [ "$(case_state L)" = done ] && break; sleep 1; done
check "what could not be linted is" done "$(case_state L)"
check "judging again works" 202 "$(ask -X POST -H 'Content-Type: application/json' -d '{"all": true}' "$url/api/v1/reprocess")"
for one in A L T; do check "$one is judged" done "$(case_state $one)"; done
stop_server TERM
whole full
check "nothing is left in the spool" "" "$(find "$disk/data/spool" -type f)"

# ---- read-only from the beginning ----
mount -o remount,bind,ro "$disk"
timeout 20 "$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 >"$work/said" 2>&1
check "read-only: the server does not begin" 2 $?
check "it says one line" 1 "$(wc -l <"$work/said")"
has "that names the folder and the reason" '^certtriage-server: .*/data: the data folder must be writable: Read-only file system$' "$work/said"
"$bin/certtriage-server" check --data "$work/data" >"$work/said" 2>&1
check "read-only: what is there can be checked" 0 $?
has "all of it" '^[1-9][0-9]* cases, [1-9][0-9]* bundles, [1-9][0-9]* reports, .* 0 damaged' "$work/said"
umount "$disk"

# ---- turns read-only while it is used, as ext4 does after an error of the disk ----
truncate -s 64M "$work/image"
if ! mkfs.ext4 -q "$work/image" 2>/dev/null || ! mount -o loop,errors=remount-ro "$work/image" "$disk" 2>/dev/null; then
  echo "no loop device: the part in which a file system turns read-only is skipped"
  [ "$failures" = 0 ]
  exit
fi
begin
check "a half" 204 "$(patch 0 <(head -c 1000000 "$work/big") "$one")"
echo 1 >"/sys/fs/ext4/$(basename "$(findmnt -no SOURCE "$disk")")/trigger_fs_error"
refused "read-only: a simple upload" "$(put B "$work/big")"
refused "read-only: a piece" "$(patch 1000000 <(tail -c +1000001 "$work/big") "$one")"
refused "read-only: an upload in pieces" "$(create N)"
reads read-only
stop_server KILL
umount "$disk"
mount -o loop,errors=remount-ro "$work/image" "$disk"
start_server --min-free 0
one=$url/api/v1/uploads/${one##*/}
check "mended: it goes on" 200 "$(ask -I "$one")"
check "where it was" 1000000 "$(shown Upload-Offset)"
check "to the end" 204 "$(patch 1000000 <(tail -c +1000001 "$work/big") "$one")"
check "that is the same bundle" "$big" "$(shown X-Certtriage-Bundle)"
check "mended: what was refused is taken" 201 "$(put B "$work/article-client.zip")"
for one in A B T; do check "mended: $one is judged" done "$(case_state $one)"; done
stop_server TERM
whole mended
[ "$failures" = 0 ]
