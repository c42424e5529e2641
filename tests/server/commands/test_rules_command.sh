#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `rules` prints, and what `lint` does with suppressions and with the name of a case.
set -u
build=$1
server=$build/bin/certtriage-server
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# says NAME PATTERN…: the file holds each
says() {
    for pattern in "${@:2}"; do
        grep -q -- "$pattern" "$work/$1" || { echo "FAIL $1 does not hold: $pattern"; head -20 "$work/$1"; bad=1; }
    done
}
lacks() {
    if grep -q -- "$2" "$work/$1"; then echo "FAIL $1 holds: $2"; bad=1; fi
}
# gives CODE COMMAND…: its output is in $work/out, its complaint in $work/err
gives() {
    "${@:2}" > "$work/out" 2> "$work/err"
    local code=$?
    [ $code = "$1" ] || { echo "FAIL ${*:2}: exit code $code, not $1: $(head -3 "$work/err")"; bad=1; }
}

"$build/bin/mkimage" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/image" || exit 1
"$build/bin/certtriage-collect" --image "$work/image" --role server --case INC-4711 -o "$work/b.zip" > /dev/null 2>&1

gives 0 "$server" rules list
says out '^E01  reneg-500-0-64 .*error '
gives 0 "$server" rules list --format md
says out '^| 11 A 500 before the 403.7 | `reneg-500-0-64`' '^| E01 | `reneg-500-0-64` | error | V | server |'
gives 0 "$server" rules list --format json
says out '"id": "reneg-500-0-64"' '"500.0.64"'
gives 2 "$server" rules list --format xml
says err 'text, json or md'

# The record was changed after its last failure: what failed then may be mended, or be something else.
mkdir -p "$work/late/registry"
cat > "$work/late/registry/late.reg" <<'REG'
Windows Registry Editor Version 5.00

; LastWriteTime=2015-09-07T07:00:00Z
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo\10.10.10.10:443]
REG
"$build/bin/mkimage" --overlay "$work/late" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/late.image" || exit 1
"$build/bin/certtriage-collect" --image "$work/late.image" --role server -o "$work/late.zip" > /dev/null 2>&1
"$server" lint "$work/b.zip" > "$work/out" 2>&1
lacks out 'Its source was changed at'
"$server" lint "$work/late.zip" > "$work/out" 2>&1
says out 'reneg-500-0-64, error' '! Its source was changed at 2015-09-07T07:00:00.000Z, after the symptom was last seen' '-- the source of a cause was changed: reneg-500-0-64'

# The cases of one rule, as the runner prints them; a rule that is not there is named.
gives 0 "$server" rules test access-accept-only
says out '^ok   access-accept-only fires$' '^ok   access-accept-only quiet$' '^ok   access-accept-only denied$' '^[0-9]* cases, [0-9]* reports, 0 wrong$'
"$server" rules test access-acept-only > "$work/out" 2> "$work/err" && { echo "FAIL a rule that is not there is tested"; bad=1; }
says err 'access-acept-only: no such rule; see rules list'
gives 2 "$server" rules test access-accept-only server-root-missing
says err 'one rule at a time'

gives 0 "$server" rules explain server-root-missing --tests "$CT_SOURCE_DIR/tests/rules"
says out '^The server does not trust the root' '^explains   403.16' '^What to do' 'certutil -addstore Root' '^How it is found' '^  case fires'
"$server" rules explain server-root-mising > "$work/out" 2> "$work/err" && { echo "FAIL a rule that is not there"; bad=1; }
says err 'server-root-mising: no such rule'

gives 0 "$server" rules check --tests "$CT_SOURCE_DIR/tests/rules"
says out '^[0-9]* rules are good, rule set '
mkdir "$work/tests"
cp "$CT_SOURCE_DIR"/tests/rules/*.test "$work/tests"
rm "$work/tests/server-root-missing.test"
sed -i '/^case denied$/d' "$work/tests/admap-upn-missing.test"
"$server" rules check --tests "$work/tests" > "$work/out" 2> "$work/err" && { echo "FAIL rules without tests are accepted"; bad=1; }
says err '^server-root-missing.sql:1: .* has no case fires' '^admap-upn-missing.sql:1: .* has no case denied' 'rules: 2 lack tests'

# What Windows Server 2008 R2 has not is advised to machines that have it only.
mkdir "$work/new"
sed 's/\[9200-\] PS> Install/PS> Install/' "$CT_SOURCE_DIR/server/rules/pack/iismap-module-missing.sql" > "$work/new/iismap-module-missing.sql"
"$server" rules check --rules "$work/new" > "$work/out" 2> "$work/err" && { echo "FAIL a cmdlet that is not on every Windows"; bad=1; }
says err '^iismap-module-missing.sql:[0-9]*: Windows has "Install-WindowsFeature" from build 9200 on: begin the line with \[9200-\]'

gives 0 "$server" rules time "$work/b.zip"
says out ' ms .*%  reneg-500-0-64$' ' ms in all, [0-9]* rules'

"$server" rules check --corpus "$work/b.zip" > "$work/out" 2> "$work/err" && { echo "FAIL one bundle fills every column"; bad=1; }
says out '^event.record: no bundle fills it, and the rule '
lacks out '^request.status:'
says err 'columns that rules read are filled by no bundle'

# The name of the case is in the manifest; the command line goes before it.
gives 1 "$server" lint "$work/b.zip"
says out 'case INC-4711'
gives 1 "$server" lint --case X-1 "$work/b.zip"
says out 'case X-1'

cat > "$work/list.json" <<'JSON'
[{"rule": "reneg-500-0-64", "subject": "10.10.10.*:443", "reason": "the device is replaced", "until": "2027-05-31"},
 {"rule": "freb-disabled", "subject": "Nobody", "reason": "noise"}]
JSON
gives 1 "$server" lint --suppressions "$work/list.json" --at 2027-05-31T20:00:00Z "$work/b.zip"
says out '^SUPPRESSED' '\[error\] reneg-500-0-64.*the device is replaced, until 2027-05-31' 'covers nothing: freb-disabled Nobody'
lacks out 'MOST LIKELY CAUSE: The certificate is asked for too late'
says out 'MOST LIKELY CAUSE: The http.sys binding does not ask'
gives 1 "$server" lint --suppressions "$work/list.json" --at 2027-06-01T00:00:00Z "$work/b.zip"
says out 'has ended: reneg-500-0-64' 'MOST LIKELY CAUSE: The certificate is asked for too late'

# All errors are suppressed: nothing fails, and nothing is diagnosed.
echo '[{"rule": "reneg-500-0-64", "reason": "r"}, {"rule": "sslbinding-negotiate-missing", "reason": "r", "machine": "web2012?2"}]' > "$work/list.json"
gives 0 "$server" lint --suppressions "$work/list.json" "$work/b.zip"
says out 'what was seen is' 'Suppressed: 2' 'None, beside what is suppressed'
lacks out 'show no failure'
gives 0 "$server" lint --format json --suppressions "$work/list.json" "$work/b.zip"
python3 -c 'import json, sys, jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' \
    "$work/out" "$CT_SOURCE_DIR/schema/report.schema.json" || bad=1

for wrong in '{' '{}' '[{"rule": "reneg-500-0-64"}]' '[{"rule": "no-such", "reason": "r"}]' '[{"rule": "reneg-500-0-64", "reason": "r", "until": "soon"}]'; do
    echo "$wrong" > "$work/list.json"
    "$server" lint --suppressions "$work/list.json" "$work/b.zip" > "$work/out" 2> "$work/err"
    [ $? -gt 1 ] || { echo "FAIL a list that is wrong: $wrong"; bad=1; }
    says err 'list.json: suppression'
done
exit $bad
