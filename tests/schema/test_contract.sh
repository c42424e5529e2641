#!/usr/bin/env bash
# What the programs write, against the schemas of the contract, by a validator that is not ours (Debian's python3-jsonschema).
set -u
build=$1
bin=$build/bin
schema=$CT_SOURCE_DIR/schema
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
valid() { # valid SCHEMA FILE WHAT
  if ! /usr/bin/python3 -c '
import json, sys, jsonschema
schema = json.load(open(sys.argv[1]))
cls = jsonschema.validators.validator_for(schema)
cls.check_schema(schema)
errors = sorted(cls(schema).iter_errors(json.load(open(sys.argv[2]))), key=str)
for e in errors[:5]:
    print(list(e.absolute_path), e.message[:300])
sys.exit(1 if errors else 0)' "$1" "$2" >"$work/why" 2>&1; then
    echo "$3 does not fit $(basename "$1"):"
    tail -6 "$work/why"
    failures=$((failures + 1))
  fi
}

for machine in "$CT_SOURCE_DIR"/tests/machines/*/; do
  [ -e "$machine/machine.json" ] || continue
  name=$(basename "$machine")
  "$bin/mkimage" "$machine" "$work/$name" || exit 1
  "$bin/certtriage-collect" --image "$work/$name" --case contract --url https://example.test/ -o "$work/$name.zip" 2>"$work/log"
  [ $? -le 1 ] || { cat "$work/log"; exit 1; }
  unzip -p "$work/$name.zip" manifest.json >"$work/manifest.json"
  valid "$schema/manifest.schema.json" "$work/manifest.json" "the manifest of $name"
  "$bin/certtriage-server" lint --format json -o "$work/report.json" "$work/$name.zip"
  [ $? -le 1 ] || exit 1
  valid "$schema/report.schema.json" "$work/report.json" "the report of $name"
done

# The validator is awake: a report without its cases is refused.
echo '{}' >"$work/empty.json"
before=$failures
valid "$schema/report.schema.json" "$work/empty.json" "an empty object" >/dev/null
[ "$failures" -gt "$before" ] || { echo "the validator accepted an empty report"; exit 1; }
[ "$before" = 0 ]
