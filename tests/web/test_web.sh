#!/usr/bin/env bash
# The pages in a real browser (headless Chromium by playwright-core): sign in, cases, one case, upload, by keyboard, narrow and wide,
# dark and light, without a finding of axe-core. Screenshots land in the build folder's screenshots/.
# label: slow
# label: ordinary
set -u
. "$(dirname "$0")/../e2e/common.sh"
command -v chromium >/dev/null && command -v npm >/dev/null || { echo "skipped: chromium or npm is not installed (deploy/setup --tests)"; exit 77; }
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
made_bundle article-server --case WEB1 --url https://chiranth.com/ --when 2015-09-06T15:46:29Z
made_bundle article-client --case WEB1
start_server
mkdir -p "$build/screenshots"
triage=$(token --role triage) NODE_PATH=$build/npm/node_modules url=$url work=$work out=$build/screenshots \
  timeout 300 node "$(dirname "$0")/pages.js" || failures=$((failures + 1))
[ "$failures" = 0 ]
