#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every machine folder makes an image, twice the same; the README tells of it; and the real collector reads all of it:
# whatever it plans is there, absent or out of an image's reach, never denied or an error.
# Of a healthy machine nothing but information is told.
set -u
build=$1
here=$CT_SOURCE_DIR/tests/machines
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

fail() {
    echo "FAIL $*"
    bad=1
}

outcomes() {
    unzip -p "$1" 'items/*.json' | grep -o '"outcome": *"[a-z]*"' | sort | uniq -c
}

for machine in "$here"/*/machine.json; do
    name=$(basename "$(dirname "$machine")")
    grep -q "\`$name\`" "$here/README.md" || fail "$name: README.md does not tell of it"
    "$build/bin/mkimage" "$here/$name" "$work/$name" || fail "$name: mkimage"
    "$build/bin/mkimage" "$here/$name" "$work/$name.again" || fail "$name: mkimage, the second time"
    diff -r "$work/$name" "$work/$name.again" > /dev/null || fail "$name: two images of one machine differ"
    role=$(sed -n 's/.*"role": *"\([a-z,]*\)".*/\1/p' "$machine")
    "$build/bin/certtriage-collect" --image "$work/$name" --role "$role" -o "$work/$name.zip" > "$work/log" 2>&1 ||
        fail "$name: certtriage-collect: $(tail -1 "$work/log")"
    if outcomes "$work/$name.zip" | grep -v '"ok"\|"absent"\|"excluded"' > "$work/bad"; then
        fail "$name: $(tr '\n' ' ' < "$work/bad")"
    fi
    # what works is told nothing but information
    case $name in healthy-*)
        "$build/bin/certtriage-server" lint --format json "$work/$name.zip" > "$work/report" || fail "$name: lint"
        jq -r '.findings[] | select(.severity != "info") | "\(.severity) \(.rule) \(.subject)"' "$work/report" > "$work/bad"
        [ ! -s "$work/bad" ] || fail "$name: $(tr '\n' ' ' < "$work/bad")"
        if [ "$role" != client ]; then
            # nor is it together with a client that works, looked at on the same day
            mkdir "$work/$name.day"
            printf '{ "collected": "%s" }\n' "$(jq -r .collected "$machine")" > "$work/$name.day/machine.json"
            "$build/bin/mkimage" --overlay "$work/$name.day" "$here/healthy-client-win10" "$work/$name.client" || fail "$name: mkimage of its client"
            "$build/bin/certtriage-collect" --image "$work/$name.client" --role client -o "$work/$name.client.zip" > /dev/null 2>&1 || fail "$name: its client"
            "$build/bin/certtriage-server" lint --format json "$work/$name.zip" "$work/$name.client.zip" > "$work/report" || fail "$name: lint with a client"
            jq -r '.findings[] | select(.severity != "info") | "\(.severity) \(.rule) \(.subject)"' "$work/report" > "$work/bad"
            [ ! -s "$work/bad" ] || fail "$name with a client: $(tr '\n' ' ' < "$work/bad")"
        fi
        ;;
    esac
    echo "$name: $(outcomes "$work/$name.zip" | tr -d '"' | tr -s ' \n' ' ')"
done

# What denied.txt names is denied, and nothing else is.
mkdir "$work/denied"
cat > "$work/denied/denied.txt" <<'LIST'
C:\inetpub\logs\LogFiles\W3SVC1
C:\inetpub\wwwroot\web.config
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL
store:LocalMachine\Root
LIST
"$build/bin/mkimage" --overlay "$work/denied" "$here/article-server" "$work/image" || fail "denied: mkimage"
"$build/bin/certtriage-collect" --image "$work/image" --role server -o "$work/denied.zip" > /dev/null 2>&1
unzip -p "$work/denied.zip" 'items/*.json' | grep -c '"outcome": *"denied"' > "$work/count"
[ "$(cat "$work/count")" = 4 ] || fail "denied: $(cat "$work/count") items are denied, not 4: $(outcomes "$work/denied.zip")"
[ $bad = 0 ]
