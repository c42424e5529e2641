#!/usr/bin/env bash
# The pages in a real browser (headless Chromium by playwright-core): an engineer's way by keyboard from upload to remedy, every page narrow and
# wide, dark and light, without a finding of axe-core; hostile names; breaks of an upload. Screenshots land in the build folder's screenshots/.
# label: slow
# label: ordinary
set -u
. "$(dirname "$0")/../e2e/common.sh"
command -v chromium >/dev/null && command -v npm >/dev/null || { echo "skipped: chromium or npm is not installed (deploy/setup --tests)"; exit 77; }
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
made_bundle article-server --case WEB1 >/dev/null
"$bin/certtriage-collect" --image "$work/article-server" -o "$work/earlier.zip" --case HOSTILE >"$work/collect.log" 2>&1 # the machine before
made_bundle article-client --case WEB1 >/dev/null

# The same server a day later, whose site is called by what a page must not run, and must not be turned around by.
mkdir "$work/machines" && cp -r "$CT_SOURCE_DIR/tests/machines/article-server" "$CT_SOURCE_DIR/tests/machines/pki" "$work/machines"
bad=$(printf '&lt;img src=x onerror=alert(1)&gt;\xe2\x80\xaegnp.exe')
sed -i "s|Default Web Site|${bad//&/\\&}|g" "$work/machines/article-server/files/Windows/System32/inetsrv/config/applicationHost.config"
sed -i 's|2015-09-07T08:00:00|2015-09-08T08:00:00|' "$work/machines/article-server/machine.json"
"$bin/mkimage" "$work/machines/article-server" "$work/evil.image" || exit 1
"$bin/certtriage-collect" --image "$work/evil.image" -o "$work/evil.zip" --case HOSTILE --url 'https://chiranth.com/<b>x</b>' >"$work/collect.log" 2>&1
[ $? -le 1 ] || { cat "$work/collect.log"; exit 1; }

# 20 MiB: an upload of three pieces.
python3 - "$work/big.zip" <<'PY'
import os, sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_STORED) as z:
    z.writestr("attach/noise.bin", os.urandom(20 << 20))
PY

# A rule that pages.js puts into the server's folder of rules, and has them read again.
added_rule "$work/more" && mkdir "$work/rules"

start_server --rules "$work/rules"
triage=$(token --role triage)
check "the bundle before" 201 "$(curl -sS -m 60 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H 'X-Certtriage-Case: HOSTILE' --data-binary "@$work/earlier.zip" "$url/api/v1/bundles")"
check "the hostile bundle is taken" 201 "$(curl -sS -m 60 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H 'X-Certtriage-Case: HOSTILE' --data-binary "@$work/evil.zip" "$url/api/v1/bundles")"
check "and judged" "done" "$(case_state HOSTILE)"
mkdir -p "$build/screenshots"
triage=$triage admin=$(token --role admin) uploader=$(token --role upload --case BIG) bound=$(token --role triage --case WEB1) NODE_PATH=$build/npm/node_modules \
  url=$url work=$work out=$build/screenshots timeout 1200 node "$(dirname "$0")/pages.js" || failures=$((failures + 1))
[ "$failures" = 0 ]
