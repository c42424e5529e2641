#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# Four times the sites, certificates, mappings, … take at most five times the steps, in each view and each rule.
set -u
build=$1
machines=$CT_SOURCE_DIR/tests/machines
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

take() {
    "$build/bin/mkimage" "$machines/$1" "$work/$1" &&
        "$build/bin/certtriage-collect" --image "$work/$1" --role "$2" -o "$work/$2.zip" > "$work/log" 2>&1 ||
        { cat "$work/log"; exit 1; }
}

take healthy-2019 server
take healthy-client-win10 client
exec "$build/bench/bench_growth" "$work/server.zip" "$work/client.zip"
