#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Redaction costs no fact: the server reads the same out of a redacted bundle as out of a raw one, for the machines and
# for real configuration files, logs and traces put into one of them.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
real=$src/../shared/real
bin=$build/bin
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
for tool in mkimage certtriage-collect certtriage-server; do [ -x "$bin/$tool" ] || { echo "skipped: $tool is not built"; exit 77; }; done

# What redaction can touch. A URL loses its query by design, so what follows a "?" does not count.
tables='site application virtual_directory app_pool binding config_fragment effective_config config_error effective_collection
  effective_item section_lock certificate_mapping
  mapping_rule wcf_endpoint trace trace_event request http_error'
facts() { # bundle
  for table in $tables; do
    echo "== $table"
    "$bin/certtriage-server" query "$1" "SELECT * FROM $table" | sed 's/?[^\t]*//g' | sort
  done
}
compare() { # image name
  "$bin/certtriage-collect" --image "$1" -o "$work/redacted.zip" >/dev/null 2>&1
  "$bin/certtriage-collect" --image "$1" --raw -o "$work/raw.zip" >/dev/null 2>&1
  facts "$work/redacted.zip" >"$work/redacted" 2>"$work/err"
  facts "$work/raw.zip" >"$work/raw" 2>>"$work/err"
  if ! diff "$work/raw" "$work/redacted" >"$work/diff"; then
    echo "FAILED: $2: redaction changes facts:" >&2
    head -n "${CT_LINES:-6}" "$work/diff" | cut -c1-200 >&2
    failed=1
  fi
  rows=$((rows + $(grep -vc '^== ' "$work/redacted")))
}

rows=0
for machine in "$src"/tests/machines/*/machine.json; do
  name=$(basename "$(dirname "$machine")")
  "$bin/mkimage" "$(dirname "$machine")" "$work/$name" && compare "$work/$name" "$name"
done
[ $rows -gt 300 ] || { echo "FAILED: only $rows facts" >&2; failed=1; }
echo "machines: $rows facts"

image=$work/article-server
apphost=$image/Windows/System32/inetsrv/config/applicationHost.config
cp "$apphost" "$work/own.config"
n=0
for file in "$real"/iis-config/*{E16__Exchange__IIS,Data__E16_Configured,AppHostConfig,Resources}*__{applicationHost,E16_Configured_ApplicationHost,IIS,original}.config; do
  [ -f "$file" ] || continue
  cat "$file" >"$apphost"
  compare "$image" "$(basename "$file")"
  n=$((n + 1))
done
cat "$work/own.config" >"$apphost"
for file in "$real"/iis-config/*{ECP_web,OWA_web,Project__web,service__Web,Server__Web}.config; do
  [ -f "$file" ] || continue
  cat "$file" >"$image/inetpub/wwwroot/web.config"
  compare "$image" "$(basename "$file")"
  n=$((n + 1))
done
for file in "$real"/freb/*.xml; do
  [ -f "$file" ] || continue
  cat "$file" >"$image/inetpub/logs/FailedReqLogFiles/W3SVC1/fr000001.xml"
  compare "$image" "$(basename "$file")"
  n=$((n + 1))
done
echo "with $n real files: $rows facts"
exit $failed
