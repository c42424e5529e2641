#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# The captures of ../shared/real: all are read in the cage, and for each connection with a hello the answers (server name,
# version, CertificateRequest seen, client's certificate seen) are tshark's. Damaged copies never crash the worker.
set -u
build=$1
captures=$CT_SOURCE_DIR/../shared/real/pcap
[ -d "$captures" ] || { echo "skipped: no captures beside the checkout"; exit 77; }
command -v tshark > /dev/null || { echo "skipped: tshark is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
server=$build/bin/certtriage-server

mkdir -p "$work/all/attach"
cp "$captures"/*.pcap "$work/all/attach"
(cd "$work/all" && zip -qr ../all.zip attach) || exit 1
n=$(find "$work/all/attach" -type f | wc -l)
read_n=$("$server" query "$work/all.zip" "SELECT count(*) FROM capture WHERE cut = 0" | tail -1)
[ "$read_n" = "$n" ] || { echo "FAIL of $n captures $read_n are read to their end"; exit 1; }
problems=$("$server" query "$work/all.zip" "SELECT entry, problem FROM bundle_problem WHERE entry LIKE 'attach/%'" | tail -n +2)
[ -z "$problems" ] || { echo "FAIL $problems"; exit 1; }
python3 "$CT_SOURCE_DIR/tests/server/facts/wire_tshark.py" "$server" "$work/all.zip" "$work"/all/attach/* || exit 1

# All in one file, and each cut off where it hurts.
mkdir -p "$work/bad/attach"
cat "$captures"/*.pcap > "$work/bad/attach/joined.pcap"
for file in "$captures"/*.pcap; do
    size=$(stat -c %s "$file")
    head -c $((size * 2 / 3)) "$file" > "$work/bad/attach/$(basename "$file")"
done
(cd "$work/bad" && zip -qr ../bad.zip attach) || exit 1
told=$("$server" query "$work/bad.zip" "SELECT count(*) FROM capture c WHERE cut AND EXISTS (SELECT 1 FROM bundle_problem p WHERE p.entry = c.entry)" | tail -1)
cut=$("$server" query "$work/bad.zip" "SELECT count(*) FROM capture WHERE cut" | tail -1)
[ "$told" = "$cut" ] && [ "${cut:-0}" -gt $((n / 2)) ] || { echo "FAIL $cut captures are cut off, $told of them are told"; exit 1; }
echo "$cut captures that are cut off or joined: told"
