#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: ordinary
# Each rule has its three cases and evidence that a probe brings, each cause is a rule or an exception, and the table in the README is theirs.
exec python3 "$CT_SOURCE_DIR/tests/rules/catalogue.py" --check
