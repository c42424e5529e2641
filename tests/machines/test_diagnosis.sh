#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# The diagnosis of every machine with a fault: 95 of 100 right at the first place, and no false error. Each report's
# evidence is in its bundles, and no two of its remedies undo each other.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
"$1/bench/bench_diagnosis" --reports "$work" || bad=1
python3 "$CT_SOURCE_DIR/tests/machines/check_reports.py" "$work" || bad=1
exit $bad
