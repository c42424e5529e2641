#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What Windows said of a chain while the collector ran (certs/stores.json, `chains`) stands in the report where it differs from what the
# stores alone give, for a client by itself and for one beside its server; where they agree, nothing is said.
set -u
bin=${1:?}/bin
for tool in jq unzip zip; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
for machine in article-server article-client; do
  "$bin/mkimage" "$CT_SOURCE_DIR/tests/machines/$machine" "$work/$machine" &&
    "$bin/certtriage-collect" --image "$work/$machine" -o "$work/$machine.zip" >/dev/null 2>"$work/err" || { cat "$work/err"; exit 1; }
done
said() { # said ERROR: the client's bundle, with that as Windows' answer
  mkdir -p "$work/x$1" && (cd "$work/x$1" && unzip -qo ../article-client.zip && rm -rf manifest.json start.json items &&
    jq --argjson error "$1" '(.certificates[] | select(.store == "My")) |= (.chains = [{revocation: "none", outcome: "ok", error: $error,
      elements: [{thumbprint: .thumbprint, error: $error}]}])' certs/stores.json >new && mv new certs/stores.json && zip -qr "../said$1.zip" .)
}
count() { # count WHAT EXPECTED BUNDLE…
  local what=$1 expected=$2 got
  shift 2
  got=$("$bin/certtriage-server" lint "$@" | tr -s ' \n' ' ' |
    grep -o 'said CERT_TRUST_IS_UNTRUSTED_ROOT while it was collected; its stores alone give CERT_TRUST_NO_ERROR' | wc -l)
  [ "$got" = "$expected" ] || { echo "$what: $got times, expected $expected"; failures=1; }
}
said 32 # CERT_TRUST_IS_UNTRUSTED_ROOT
said 0
said 16 # CERT_TRUST_IS_NOT_VALID_FOR_USAGE: Windows was asked for none
count "a client alone" 1 "$work/said32.zip"
count "a client and its server" 1 "$work/article-server.zip" "$work/said32.zip"
for same in 0 16; do
  "$bin/certtriage-server" lint "$work/said$same.zip" | grep -q 'while it was collected' && { echo "$same: told as a difference"; failures=1; }
done
exit $failures
