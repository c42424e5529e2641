#!/usr/bin/env bash
# seeds.sh BUILD OUT: bundles of the test machines, for fuzz_unpack as they are and for fuzz_extract as text.
set -eu
build=$1 out=$2
here=$(cd "$(dirname "$0")" && pwd)
machines=$(dirname "$here")/machines
mkdir -p "$out/fuzz_unpack" "$out/fuzz_extract"
for machine in article-server article-client healthy-2019; do
  "$build/bin/mkimage" "$machines/$machine" "$out/$machine" >/dev/null
  "$build/bin/certtriage-collect" --image "$out/$machine" -o "$out/fuzz_unpack/$machine" >/dev/null 2>&1 || [ $? = 1 ]
  mkdir "$out/$machine.x"
  unzip -q "$out/fuzz_unpack/$machine" -d "$out/$machine.x"
  # small ones: the registry with the configuration, the configuration with the logs, the certificates
  for pick in 'registry/*:iis/*' 'iis/*:logs/*' 'certs/*:acl/*:registry/system.reg' 'logs/freb/*:logs/httperr/*'; do
    (cd "$out/$machine.x" && IFS=: && set +f && for file in $pick; do
      find $file -type f 2>/dev/null | head -6 | while IFS= read -r one; do printf '@@ %s\n' "$one"; cat "$one"; printf '\n'; done
    done) >"$out/fuzz_extract/$machine-$(printf %s "$pick" | tr -c 'a-z\n' -)"
  done
done
