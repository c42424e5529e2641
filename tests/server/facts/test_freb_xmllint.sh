#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The failed-request traces of ../shared/real against XPath: the request, how many events there are, and each error event.
set -u
build=$1
traces=$CT_SOURCE_DIR/../shared/real/freb
[ -d "$traces" ] || { echo "skipped: no traces beside the checkout"; exit 77; }
command -v xmllint > /dev/null || { echo "skipped: xmllint is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ask() { "$build/bin/certtriage-server" query "$work/one.zip" "$1" | tail -n +2; }
n_errors=0
for file in "$traces"/*.xml; do
    rm -rf "$work/one" "$work/one.zip"
    mkdir -p "$work/one/logs/freb/1"
    cp "$file" "$work/one/logs/freb/1/fr000001.xml"
    (cd "$work/one" && zip -qr ../one.zip .) || exit 1
    path() { xmllint --xpath "$1" "$file"; }
    event='//*[local-name()="Event"]'
    error="$event[.//*[local-name()='RenderingInfo']/*[local-name()='Opcode']='MODULE_SET_RESPONSE_ERROR_STATUS']"
    expected="$(path 'string(/failedRequest/@statusCode)') $(path 'string(/failedRequest/@verb)') $(path 'string(/failedRequest/@timeTaken)') $(path "count($event)")"
    n=$(path "count($error)")
    for ((i = 1; i <= n; i++)); do
        data() { path "string(($error)[$i]//*[@Name='$1'])"; }
        expected+=$'\n'"$(data ModuleName)|$(data HttpStatus)|$(data HttpSubStatus)|$(data ErrorCode)|$(data HttpReason)"
    done
    answer="$(ask "SELECT status || ' ' || method || ' ' || taken || ' ' || events FROM trace")"
    [ "$n" = 0 ] || answer+=$'\n'"$(ask "SELECT module || '|' || status || '|' || substatus || '|' || error_code || '|' || substr(detail, instr(detail, 'HttpReason=') + 11,
        instr(substr(detail, instr(detail, 'HttpReason=') + 11) || ';', ';') - 1) FROM trace_event WHERE name = 'MODULE_SET_RESPONSE_ERROR_STATUS' ORDER BY line")"
    [ "$expected" = "$answer" ] || { echo "FAIL $(basename "$file"): expected $expected; facts say $answer"; exit 1; }
    n_errors=$((n_errors + n))
done
[ "$n_errors" -gt 0 ] || { echo "FAIL no error event in any of them"; exit 1; }
echo "$n_errors error events, as XPath finds them"
