#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The event log files of ../shared/real: as many records as python3-evtx finds, with the same numbers and times.
set -u
build=$1
events=$CT_SOURCE_DIR/../shared/real/evtx
[ -d "$events" ] || { echo "skipped: no event logs beside the checkout"; exit 77; }
/usr/bin/python3 -c 'import Evtx.Evtx' 2> /dev/null || { echo "skipped: python3-evtx is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 "$CT_SOURCE_DIR/tests/server/facts/evtx_records.py" "$build/bin/certtriage-server" "$work" "$events"/*.evtx
