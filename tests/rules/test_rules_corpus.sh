#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: ordinary
# label: slow
# Over what the tests of the rules left (ctest runs those first). What rules read is what extractors fill: of the bundles no column stays empty.
set -u
build=$1
server=$build/bin/certtriage-server
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mapfile -t bundles < <(find "$build/tests/rule-bundles" -name '*.zip' | sort)
[ ${#bundles[@]} -gt 100 ] || { echo "FAIL ${#bundles[@]} bundles in $build/tests/rule-bundles: run test_rules first"; exit 1; }

"$server" rules check --corpus "${bundles[@]}" > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }

"$build/bin/mkimage" "$CT_SOURCE_DIR/tests/machines/healthy-2019" "$work/image" || exit 1
"$build/bin/certtriage-collect" --image "$work/image" --role server -o "$work/b.zip" > /dev/null 2>&1

# What the reports of those tests show as evidence is in their bundles, and no two remedies of one report undo each other.
python3 "$CT_SOURCE_DIR/tests/machines/check_reports.py" "$build/tests/rule-reports" > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }
tail -1 "$work/out"

# Names that somebody chose to harm who reads or mends are quoted or left out in all that the rules say.
python3 "$CT_SOURCE_DIR/tests/rules/check_hostile.py" "$server" "$build/tests/rule-reports" > "$work/out" 2>&1 || { cat "$work/out"; exit 1; }
tail -1 "$work/out"

# A rule that reads what nothing fills is named, and is refused.
cat > "$work/a-corpus-broken.sql" <<'SQL'
-- rule: a-corpus-broken
-- code: Z01
-- title: A column that this bundle does not fill
-- severity: info
-- confidence: V
-- role: server
-- needs: server/cert-store:Disallowed
-- message: {effect}
-- remedy: None.
-- references: https://learn.microsoft.com/
-- since: 1
SELECT machine, 'x' AS subject, reason AS effect FROM crl_entry
SQL
if "$server" rules check --rules "$work" --corpus "$work/b.zip" > "$work/out" 2>&1; then
    echo "FAIL a column that nothing fills is accepted"
    exit 1
fi
grep -q '^crl_entry.reason: no bundle fills it, and the rule a-corpus-broken reads it$' "$work/out" || { echo "FAIL not named:"; cat "$work/out"; exit 1; }
