#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Secrets planted in every format that is read of a volume are in no byte of the bundle, in no encoding. That the search finds them is
# shown by --raw, which lets all of those through that are not left out before redaction.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
here=$src/tests/collector/redact
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }
mkdir -p "$work/overlay/registry"
"$build/bin/mkimage" "$src/tests/machines/article-server" "$work/base" >/dev/null || exit 1
python3 "$here/plant.py" "$work" || exit 1
mv "$work/image" "$work/planted"
"$build/bin/mkimage" --overlay "$work/overlay" "$src/tests/machines/article-server" "$work/image" || exit 1
cp -r "$work/planted/." "$work/image/"
"$build/bin/certtriage-collect" --image "$work/image" --role both -o "$work/redacted.zip" >"$work/said" 2>&1
"$build/bin/certtriage-collect" --image "$work/image" --role both --raw -o "$work/raw.zip" >/dev/null 2>&1
python3 "$here/search.py" "$work/names" "$work/redacted.zip" >"$work/found" || exit 1
python3 "$here/search.py" "$work/names" "$work/raw.zip" >"$work/raw" || exit 1
n=$(grep -vc ' entry$' "$work/names")
planted=$(grep -c ' redacted$' "$work/names")
seen=$(grep -c '^redacted ' "$work/raw")
echo "planted secrets found: $(wc -l <"$work/found") of $n; with --raw $seen of the $planted that redaction leaves out"
failed=0
[ ! -s "$work/found" ] || { echo "FAILED: in the bundle: $(head -n 9 "$work/found")" >&2; failed=1; }
grep -q 'Zq[0-9]*[RNE]Qz' "$work/said" && { echo "FAILED: on the screen: $(grep 'Zq[0-9]*[RNE]Qz' "$work/said" | head -n 2)" >&2; failed=1; }
[ "$seen" = "$planted" ] || { echo "FAILED: planted where nothing looks: $(grep ' redacted$' "$work/names" | cut -d' ' -f1 | grep -vF -f <(cut -d' ' -f2 "$work/raw") | paste -sd' ')" >&2; failed=1; }
exit $failed
