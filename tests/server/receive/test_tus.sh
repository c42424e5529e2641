#!/usr/bin/env bash
# tus 1.0.0 by curl: what the protocol says, word for word, and what is left on the disk.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
ask() { : >"$work/answer"; curl -sS -m 20 -o "$work/answer" -D "$work/headers" -w '%{http_code}' "$@"; }
tus() { ask -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $upload" "$@"; }
shown() { tr -d '\r' <"$work/headers" | sed -n "s/^$1: //Ip"; }
member() { sed -n "s/^ *\"$1\": \"\\(.*\\)\",\\{0,1\\}\$/\\1/p" "$work/answer"; }
b64() { printf %s "$1" | base64 -w0; }
piece() { # piece FROM LENGTH: of the bundle, as a file
  dd if="$work/bundle" bs=1 skip="$1" count="$2" status=none >"$work/piece"
  printf %s "$work/piece"
}
patch() { # patch OFFSET FILE MORE…
  local offset=$1 file=$2
  shift 2
  tus -X PATCH -H 'Content-Type: application/offset+octet-stream' -H "Upload-Offset: $offset" --data-binary "@$file" "$@" "$one"
}
create() { tus -X POST -H 'Content-Length: 0' -H "Upload-Length: 1000" "$@" "$url/api/v1/uploads"; }
whole() { tus -X POST -H 'Upload-Length: 1000' -H 'Content-Type: application/offset+octet-stream' --data-binary "@$work/bundle" "$@" "$url/api/v1/uploads"; }
made() { one=$url/api/v1/$(shown Location); }
start_server
upload=$(token --role upload --case A1)
other=$(token --role upload --case A1)
triage=$(token --role triage)
head -c 1000 /dev/urandom >"$work/bundle"
hash=$(sha256sum "$work/bundle" | cut -d' ' -f1)

check "OPTIONS" 204 "$(ask -X OPTIONS "$url/api/v1/uploads")"
check "versions" 1.0.0 "$(shown Tus-Version)"
check "extensions" creation,creation-with-upload,checksum,expiration,termination "$(shown Tus-Extension)"
check "the largest" 4294967296 "$(shown Tus-Max-Size)"
check "algorithms" sha1,sha256 "$(shown Tus-Checksum-Algorithm)"
check "without a version" 412 "$(ask -X POST -H "Authorization: Bearer $upload" -H 'Upload-Length: 5' "$url/api/v1/uploads")"
check "the version is said" 1.0.0 "$(shown Tus-Version)"
check "without a token" 401 "$(ask -X POST -H 'Tus-Resumable: 1.0.0' -H 'Upload-Length: 5' "$url/api/v1/uploads")"
check "too large" 413 "$(tus -X POST -H 'Upload-Length: 4294967297' "$url/api/v1/uploads")"
check "no length" 400 "$(tus -X POST "$url/api/v1/uploads")"
check "a part of an upload" 400 "$(tus -X POST -H 'Upload-Concat: partial' -H 'Upload-Length: 5' "$url/api/v1/uploads")"
check "parts joined" 400 "$(tus -X POST -H 'Upload-Concat: final;uploads/a uploads/b' -H 'Upload-Length: 5' "$url/api/v1/uploads")"
check "a length that comes later" 400 "$(tus -X POST -H 'Upload-Defer-Length: 1' "$url/api/v1/uploads")"
check "metadata that is no Base64" 400 "$(create -H 'Upload-Metadata: filename !!!')"
check "a case that is none" 400 "$(create -H "Upload-Metadata: case $(b64 ../x)")"
check "another case than the token's" 403 "$(create -H "Upload-Metadata: case $(b64 B2)")"
check "nothing of that is left" "" "$(find "$work/data/spool" -type f)"

check "creation" 201 "$(create -H "Upload-Metadata: filename $(b64 server.zip),case $(b64 A1),other")"
made
check "answers say the version" 1.0.0 "$(shown Tus-Resumable)"
has "and when it ends" '^Upload-Expires: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} 2[0-9]{3} ' "$work/headers"
check "it is empty" 200 "$(tus -I "$one")"
check "offset" 0 "$(shown Upload-Offset)"
check "length" 1000 "$(shown Upload-Length)"
check "kept by nobody" no-store "$(shown Cache-Control)"
check "of another token it is not there" 404 "$(ask -I -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $other" "$one")"
check "triage may look" 200 "$(ask -I -H 'Tus-Resumable: 1.0.0' -H "Authorization: Bearer $triage" "$one")"
check "PATCH" 204 "$(patch 0 "$(piece 0 400)")"
check "goes on" 400 "$(shown Upload-Offset)"
check "another offset" 409 "$(patch 0 "$(piece 0 400)")"
check "no offset" 400 "$(tus -X PATCH -H 'Content-Type: application/offset+octet-stream' --data-binary x "$one")"
check "another type" 415 "$(tus -X PATCH -H 'Upload-Offset: 400' -H 'Content-Type: text/plain' --data-binary x "$one")"
check "more than declared" 413 "$(patch 400 "$work/bundle")"
check "a checksum of something else" 460 "$(patch 400 "$(piece 400 100)" -H "Upload-Checksum: sha1 $(printf x | openssl sha1 -binary | base64)")"
check "an unknown algorithm" 400 "$(patch 400 "$(piece 400 100)" -H "Upload-Checksum: crc32 AAAA")"
check "none of that counts" 200 "$(tus -I "$one")"
check "offset is as before" 400 "$(shown Upload-Offset)"
check "a good checksum" 204 "$(patch 400 "$(piece 400 100)" -H "Upload-Checksum: sha256 $(openssl sha256 -binary "$work/piece" | base64 -w0)")"
check "POST instead of PATCH" 204 "$(tus -X POST -H 'X-HTTP-Method-Override: PATCH' -H 'Content-Type: application/offset+octet-stream' -H 'Upload-Offset: 500' --data-binary "@$(piece 500 100)" "$one")"

stop_server KILL
start_server
one=$url/api/v1/uploads/${one##*/}
check "after kill -9" 200 "$(tus -I "$one")"
check "it goes on where it was" 600 "$(shown Upload-Offset)"
check "the rest, without a length" 411 "$(patch 600 "$(piece 600 400)" -H 'Transfer-Encoding: chunked')"
check "the rest" 204 "$(patch 600 "$(piece 600 400)")"
check "receipt: bundle" "$hash" "$(shown X-Certtriage-Bundle)"
check "receipt: case" A1 "$(shown X-Certtriage-Case)"
check "stored under its hash" "$hash" "$(sha256sum "$work/data/bundles/${hash:0:2}/$hash.zip" | cut -d' ' -f1)"
check "the spool is empty" "" "$(find "$work/data/spool" -type f)"
check "who lost the answer asks" 200 "$(tus -I "$one")"
check "and sees that it is whole" 1000 "$(shown Upload-Offset)"
check "the receipt as JSON" 200 "$(tus "$one")"
check "its bundle" "$hash" "$(member bundle)"
check "its state" stored "$(member state)"
check "not for another's token" 404 "$(ask -H "Authorization: Bearer $other" "$one")"
case_state A1 >/dev/null
check "it was linted" 1 "$(curl -sS -H "Authorization: Bearer $triage" "$url/api/v1/cases" | grep -c '"case": "A1"')"

check "all at once" 201 "$(whole -H "Upload-Metadata: sha256 $(b64 "$hash")")"
check "offset is the length" 1000 "$(shown Upload-Offset)"
check "the same twice" "$hash" "$(shown X-Certtriage-Bundle)"
check "is one bundle" 1 "$(find "$work/data/bundles" -type f | wc -l)"
check "announced as another" 460 "$(whole -H "Upload-Metadata: sha256 $(b64 "${hash//[0-9]/0}")")"

check "one to end" 201 "$(create)"
made
check "DELETE" 204 "$(tus -X DELETE "$one")"
check "it is gone" 404 "$(tus -I "$one")"
check "PATCH finds it no more" 404 "$(patch 0 "$(piece 0 10)")"
check "nor its file" "" "$(find "$work/data/spool" -type f)"

# A connection that is dead without anybody having noticed: its upload is handed over at once (tusd #234).
check "one that gets stuck" 201 "$(create)"
made
path=/${one#*//*/}
exec 5<>"/dev/tcp/127.0.0.1/${url##*:}"
printf 'PATCH %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\nContent-Length: 1000\r\n\r\n' "$path" "$upload" >&5
cat "$(piece 0 300)" >&5
for _ in $(seq 100); do [ "$(find "$work/data/spool" -type f -size +299c | wc -l)" = 1 ] && break; sleep 0.05; done
began=$(date +%s%N)
check "HEAD by a new connection" 200 "$(tus -I "$one")"
offset=$(shown Upload-Offset)
check "finds what came" 300 "$offset"
check "PATCH goes on" 204 "$(patch 300 "$(piece 300 200)")"
check "without a wait" true "$([ $((($(date +%s%N) - began) / 1000000)) -lt 2000 ] && echo true)"
cat "$(piece 500 500)" >&5
check "what the dead one still sends" 500 "$(sleep 0.3; tus -I "$one" >/dev/null; shown Upload-Offset)"
exec 5>&- 5<&-
stop_server TERM

start_server --upload-expires 1s
check "one that expires" 201 "$(create)"
made
sleep 2.1
check "is gone then" 410 "$(tus -I "$one")"
check "nor written to" 410 "$(patch 0 "$(piece 0 10)")"
for _ in $(seq 120); do [ -z "$(find "$work/data/spool" -type f -name "*${one##*/}")" ] && break; sleep 0.1; done
check "and removed" "" "$(find "$work/data/spool" -type f -name "*${one##*/}")"
stop_server TERM
start_server --min-free 1000G
check "health says that the disk is full" full "$(curl -sS -m 20 "$url/api/v1/health" | jq -r .status)"
check "a disk that is nearly full" 507 "$(create)"
check "for simple uploads, too" 507 "$(ask -H "Authorization: Bearer $upload" --data-binary "@$work/bundle" "$url/api/v1/bundles")"
check "what is there can be read" 200 "$(ask -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1")"
[ "$failures" = 0 ]
