#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# Random W3C logs with all that odd logs have: the numbers of requests, HTTPERR lines, symptoms, answers, pairs and skipped lines are those that a
# reader of its own counts (logs_counted.py).
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 "$CT_SOURCE_DIR/tests/server/facts/logs_counted.py" "$1/bin/certtriage-server" "$work" 30
