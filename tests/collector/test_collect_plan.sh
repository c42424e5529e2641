#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What --preview shows is what is taken; what is excluded is told and is in no byte; limits cut and tell; the file beside the program
# speaks for the command line; --json and --quiet say what they promise; repair makes a whole bundle of a half one.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }
collect=$work/certtriage-collect # of its own, since a file lies beside it
cp "$build/bin/certtriage-collect" "$collect"
manifest() { unzip -p "$1" manifest.json; }
"$build/bin/mkimage" "$src/tests/machines/article-server" "$work/image" || exit 1

# --- the preview and the bundle -------------------------------------------------------------------------------------------
plan() { jq -c 'select(.kind != "collector-log") | [.id, .kind, .source, .entry, .outcome, .size, .reason, .cut]'; }
same() { # same NAME OPTION…: the preview's items are the bundle's, size for size
  local name=$1
  shift
  "$collect" --image "$work/image" --preview --json "$@" 2>/dev/null | grep '"event":"would-take"' | plan >"$work/$name.preview"
  "$collect" --image "$work/image" -o "$work/$name.zip" "$@" >/dev/null 2>&1 || fail "$name: exit code"
  manifest "$work/$name.zip" | jq -c '.items[]' | plan >"$work/$name.sent"
  [ -s "$work/$name.preview" ] || fail "$name: the preview is empty"
  diff "$work/$name.preview" "$work/$name.sent" >"$work/diff" || fail "$name: the preview shows something else: $(head -n 4 "$work/diff")"
}
same raw --raw --role both # a log's size in the preview is the file's, so to the byte only where nothing is left out
same excluded --raw --role both --exclude log-iis --exclude 'c:/inetpub/*' --exclude '*\root'
# with redaction the sizes of logs, which are not read for the preview, are the only difference
"$collect" --image "$work/image" --preview --json 2>/dev/null | jq -c 'select(.event == "would-take" and .kind != "collector-log") | [.id, .kind, .source, .outcome]' >"$work/a"
"$collect" --image "$work/image" -o "$work/redacted.zip" >/dev/null 2>&1
manifest "$work/redacted.zip" | jq -c '.items[] | select(.kind != "collector-log") | [.id, .kind, .source, .outcome]' | diff "$work/a" - >"$work/diff" ||
  fail "preview: $(head -n 4 "$work/diff")"
(cd "$work" && mkdir empty && cd empty && "$collect" --image "$work/image" --preview >../text 2>&1; [ -z "$(ls -A)" ]) || fail "--preview writes a file"
grep -qF 'the symptom: status, substatus and win32 status' "$work/text" || fail "--preview gives no reasons"
grep -qE 'ok +[0-9]+ +log-iis +C:\\inetpub\\logs\\LogFiles\\W3SVC1\\u_ex' "$work/text" || fail "--preview: no line for the log"

# every entry of the zip is an item of the preview, a certificate of a store that the preview names, or the bundle's own
entries() { # entries NAME: what is in NAME.zip and not in NAME.preview, and the other way round
  { jq -r '.[3] // empty' "$work/$1.preview"; jq -r '"items/" + ("00000" + (.[0] | tostring) | .[-6:]) + ".json"' "$work/$1.preview"; } | sort -u >"$work/told"
  unzip -Z1 "$work/$1.zip" | grep -vxE 'start\.json|manifest\.json|log/collect\.log' | sort >"$work/entries"
  local log
  log=$(manifest "$work/$1.zip" | jq -r '.items[] | select(.kind == "collector-log") | "items/" + ("00000" + (.id | tostring) | .[-6:]) + ".json"')
  comm -13 "$work/told" "$work/entries" | grep -vxF "$log" | while read -r entry; do
    IFS=/ read -r top location store file <<<"$entry"
    [ "$top" = certs ] && [[ $file == *.cer ]] && jq -r 'select(.[1] == "cert-store" and .[4] == "ok") | .[2]' "$work/$1.preview" | grep -qxF "$location\\$store" || echo "not in the preview: $entry"
  done
  comm -23 "$work/told" "$work/entries" | sed 's/^/not in the bundle: /'
}
same connect --raw --role both --connect www.contoso.com,127.0.0.1:8443 --probe-http
grep -c '"tls-probe"' "$work/connect.preview" | grep -qx 2 || fail "the preview does not name the connections"
for name in raw excluded connect; do
  [ -z "$(entries $name)" ] || fail "$name: $(entries $name | head -n 3)"
done
# the check itself: a preview that lacks an item, and one that tells of what was not sent
sed '/"cert-store"/{/Root/d}' "$work/raw.preview" >"$work/lacking.preview"
cp "$work/raw.zip" "$work/lacking.zip"
entries lacking | grep -q '^not in the preview: certs/.*/Root/' || fail "an entry that the preview lacks is not noticed"
sed 's/"iis.config.applicationHost.config"/"other"/' "$work/raw.preview" >"$work/lacking.preview"
entries lacking | grep -q '^not in the bundle: other' || fail "an entry that only the preview has is not noticed"

# --- it changes nothing ---------------------------------------------------------------------------------------------------
state() { find "$work/image" -printf '%p %y %m %s %T@ %C@\n' | sort; }
state >"$work/before"
if strace -f -qq -o "$work/strace" -e trace=openat true 2>/dev/null; then
  strace -f -qq -e signal=none -e trace=file,desc,network -o "$work/strace" "$collect" --image "$work/image" --role both -o "$work/watched.zip" >/dev/null 2>&1
  grep -E 'O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND' "$work/strace" | grep -vF "\"$work/watched.zip\"" >"$work/wrong"
  grep -E '[0-9 ](unlink|rename|mkdir|rmdir|link|symlink|chmod|chown|utime|truncate|creat|mknod|setxattr)[a-z0-9]*\(' "$work/strace" >>"$work/wrong"
  grep -E '[0-9 ](connect|sendto|sendmsg)\(' "$work/strace" | grep AF_INET >>"$work/wrong"
  [ ! -s "$work/wrong" ] || fail "more than the zip is written: $(head -n 3 "$work/wrong")"
  grep -E 'O_WRONLY|O_RDWR' "$work/strace" | grep -qF "\"$work/watched.zip\"" || fail "the writing of the zip was not seen"
fi
state | diff "$work/before" - >"$work/diff" || fail "the volume was changed: $(head -n 3 "$work/diff")"

# --- what is excluded -----------------------------------------------------------------------------------------------------
manifest "$work/excluded.zip" >"$work/manifest.json"
jq -e '[.items[] | select(.kind == "log-iis") | .outcome] == ["excluded"]' "$work/manifest.json" >/dev/null || fail "log-iis is not told as excluded"
jq -e '[.items[] | select(.store == "Root")] | length > 0 and all(.outcome == "excluded")' "$work/manifest.json" >/dev/null || fail "Root is not told as excluded"
jq -e '[.items[] | select(.kind == "web-config")] | length > 0 and all(.outcome == "excluded" and .entry == null)' "$work/manifest.json" >/dev/null || fail "web.config is not told as excluded"
unzip -Z1 "$work/excluded.zip" | grep -iE '^logs/w3svc|/Root/|^iis/web' && fail "what was excluded is in the bundle"
unzip -p "$work/excluded.zip" certs/stores.json | jq -e '.certificates | all(.store != "Root")' >/dev/null || fail "stores.json holds an excluded store"
"$collect" --image "$work/image" -o "$work/keys.zip" --exclude key-acl >/dev/null 2>&1
unzip -p "$work/keys.zip" acl/keys.json | jq -e '.files == []' >/dev/null || fail "keys.json holds excluded keys"

# --- limits ---------------------------------------------------------------------------------------------------------------
cp -a "$work/image" "$work/large"
log=$(ls "$work"/large/inetpub/logs/LogFiles/W3SVC1/*.log | head -n 1)
awk 'BEGIN { srand(1); print "#Fields: date time c-ip sc-status"; for (i = 0; i < 300000; i++) printf "2015-09-06 %08x %08x 403\n", rand() * 4294967295, i }' >"$log"
"$collect" --image "$work/large" -o "$work/log.zip" --max-log 1 >/dev/null 2>&1 || fail "--max-log: exit code"
manifest "$work/log.zip" | jq -e '.items[] | select(.kind == "log-iis" and .outcome == "truncated" and .cut == "head" and .size <= 1048700 and .original > 7000000)' >/dev/null ||
  fail "--max-log: $(manifest "$work/log.zip" | jq -c '.items[] | select(.kind == "log-iis")')"
unzip -p "$work/log.zip" logs/w3svc/1/*.log | tail -n 1 | grep -q ' 000493df 403' || fail "--max-log: the newest line is not there"
"$collect" --image "$work/large" -o "$work/small.zip" --max-bundle 1 >/dev/null 2>&1 || fail "--max-bundle: exit code"
[ "$(stat -c %s "$work/small.zip")" -le 1048576 ] || fail "--max-bundle: $(stat -c %s "$work/small.zip") bytes"
unzip -tqq "$work/small.zip" || fail "--max-bundle: not a valid zip"
manifest "$work/small.zip" | jq -e '.items[] | select(.kind == "log-iis" and .outcome == "truncated" and .cut == "tail")' >/dev/null || fail "--max-bundle: not told"

# --- the file beside the program --------------------------------------------------------------------------------------------
printf '\xef\xbb\xbf{"case": "from-file", "output": "%s", "raw": true, "quiet": false, "exclude": ["log-freb", "log-iis"], "max-log": 2}' "$work/beside.zip" >"$work/certtriage-collect.json"
"$collect" --image "$work/image" >/dev/null 2>&1 || fail "file beside: exit code"
manifest "$work/beside.zip" | jq -e '.case == "from-file" and .redacted == false and ([.items[] | select(.kind == "log-freb") | .outcome] == ["excluded"])' >/dev/null || fail "the file beside is not read"
"$collect" --image "$work/image" --case from-line -o "$work/line.zip" >/dev/null 2>&1
manifest "$work/line.zip" | jq -e '.case == "from-line"' >/dev/null || fail "the command line does not go before the file"
wrong() { # wrong TEXT MESSAGE
  printf '%s' "$1" >"$work/certtriage-collect.json"
  "$collect" --image "$work/image" >"$work/out" 2>"$work/err"
  [ $? = 2 ] && [ "$(wc -l <"$work/err")" = 1 ] && grep -qF "certtriage-collect.json" "$work/err" && grep -qF -- "$2" "$work/err" || fail "file beside: $1: $(cat "$work/err")"
}
wrong '{"case": ' 'line 1'
wrong '[]' 'not a JSON object'
wrong '{"nonsense": "x"}' '--nonsense'
wrong '{"case": {"a": 1}}' 'case'
wrong '{"max-log": 0}' '--max-log'
rm "$work/certtriage-collect.json"

# --- how it talks ----------------------------------------------------------------------------------------------------------
"$collect" --image "$work/image" --quiet -o "$work/q.zip" >"$work/out" 2>"$work/err"
[ ! -s "$work/err" ] && [ "$(cat "$work/out")" = "$work/q.zip" ] || fail "--quiet: $(head -n 2 "$work/err")"
"$collect" --image "$work/image" --json -o "$work/j.zip" >"$work/out" 2>/dev/null
jq -e . "$work/out" >/dev/null || fail "--json: not JSON"
[ "$(jq -s 'map(select(.event == "item")) | length' "$work/out")" = "$(manifest "$work/j.zip" | jq '.items | length')" ] || fail "--json: not every item"
tail -n 1 "$work/out" | jq -e --arg zip "$work/j.zip" '.event == "end" and .bundle == $zip and .bytes > 0 and .outcomes.ok > 0' >/dev/null || fail "--json: the end"
unzip -p "$work/q.zip" log/collect.log | grep -q '^ok .*applicationHost.config' || fail "the log within lacks the items"
unzip -p "$work/q.zip" log/collect.log | grep -q '^limits: log file 64, .*; item 120 s, all 1800 s$' || fail "the log within lacks the limits"
cp -a "$work/image" "$work/denied"
printf '%s\n' 'C:\inetpub\wwwroot\web.config' >>"$work/denied/denied.txt"
"$collect" --image "$work/denied" -o "$work/d.zip" >/dev/null 2>"$work/err"
[ $? = 1 ] || fail "something denied: exit code"
[ "$(sed -n '/^could not be read:$/,$p' "$work/err" | grep -c '^  denied .*wwwroot.web.config')" = 1 ] || fail "what was denied is not said once more: $(tail -n 5 "$work/err")"
tail -n 1 "$work/err" | grep -qE '; [0-9]+ ok, .*[1-9]+ denied \(no right to read\)' || fail "the last line: $(tail -n 1 "$work/err")"
for option in $(sed -n 's/^[A-Z]*([a-z_]*, "\(--*[a-z-]*\)".*/\1/p' "$src/collector/options.def"); do "$collect" --help | grep -q -e " $option " || fail "--help lacks $option"; done

# --- repair ------------------------------------------------------------------------------------------------------------------
size=$(stat -c %s "$work/redacted.zip")
for part in 10 35 60 95 100; do
  head -c $((size * part / 100)) "$work/redacted.zip" >"$work/half-$part.zip"
  "$collect" repair "$work/half-$part.zip" >"$work/out" 2>"$work/err" || { fail "repair at $part per cent: $(cat "$work/err")"; continue; }
  out=$work/half-$part-repaired.zip
  [ "$(cat "$work/out")" = "$out" ] && unzip -tqq "$out" || fail "repair at $part per cent: not a valid zip"
  manifest "$out" | jq -c '.items[]' | sed 's/ *//' >"$work/items"
  manifest "$work/redacted.zip" | jq -c '.items[]' | head -n "$(wc -l <"$work/items")" | diff - "$work/items" >/dev/null || fail "repair at $part per cent: other items"
  manifest "$out" | jq -e '.machine.name == "WEB2012R2" and .machine.roles == ["server"]' >/dev/null || fail "repair at $part per cent: the machine is not known"
done
"$collect" repair "$work/half-35.zip" >/dev/null 2>"$work/err" && fail "repair writes over a file that is there"
head -c 20 "$work/redacted.zip" >"$work/nothing.zip"
"$collect" repair "$work/nothing.zip" >/dev/null 2>"$work/err" && fail "repair of nothing"
"$collect" repair "$work/half-60.zip" "$work/named.zip" >/dev/null 2>&1 && [ -s "$work/named.zip" ] || fail "repair with a name"
exit $failed
