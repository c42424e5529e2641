#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# schema/facts.sql is what schema/facts.cmake makes of schema/facts/*.sql today.
set -u
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake -DOUT="$work/facts.sql" -P "$CT_SOURCE_DIR/schema/facts.cmake" || exit 1
if ! cmp -s "$work/facts.sql" "$CT_SOURCE_DIR/schema/facts.sql"; then
  echo "schema/facts.sql is not what its parts say; run: cmake -P schema/facts.cmake"
  exit 1
fi
