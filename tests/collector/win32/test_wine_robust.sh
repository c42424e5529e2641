#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# The EXE under Wine, as Windows 7 and as Windows 10, where things go wrong: names that are long and not ASCII, a disk that is full, files,
# keys and folders without rights, a call that hangs, a server that is not there, a proxy that refuses PATCH, connections that are cut. And
# when all goes well, nothing on the machine has changed.
set -u
. "$CT_SOURCE_DIR/tests/collector/win32/common.sh"
for tool in x86_64-w64-mingw32-gcc setpriv unshare; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
here=$CT_SOURCE_DIR/tests/collector/win32
compile() { x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Os -static "$@" || exit 1; }
compile -shared -Wl,--kill-at -o "$work/stuck.dll" "$here/httpapi_stuck.c"
compile -municode -o "$work/deny_key.exe" "$here/deny_key.c" -ladvapi32
here=$CT_SOURCE_DIR/tests/collector/upload # where relay() looks

names() {
  local zip
  [ "$(count "$dir/whole.zip" '.kind == "web-config" and .outcome == "ok" and (.source | length > 260 and contains("Ärger-証明書"))')" = 1 ] ||
    fail "the web.config below a folder with a long name is not there"
  zip=$dir/$(printf 'ö%.0s' $(seq 60))/$(printf '証%.0s' $(seq 60))/$(printf 'y%.0s' $(seq 120))/bündel.zip
  mkdir -p "$(dirname "$zip")"
  collect "$zip" >/dev/null 2>"$dir.err"
  [ $? = 1 ] && unzip -tqq "$zip" || fail "no bundle at a long path: $(tail -n 1 "$dir.err")"
}

# A file system of 200 KiB that only this command sees, and the Wine that it starts: files are opened by the wineserver.
full_disk() {
  local code
  end_wine
  mkdir -p "$dir/disk"
  (
    export -f windows_path collect
    export wine exe
    unshare --map-root-user --mount bash -c 'mount -t tmpfs -o size=200k none "$1" || exit 99
      collect "$1/full.zip" >/dev/null 2>"$2"
      code=$?
      cp "$1/full.zip" "$3"
      exit $code' - "$dir/disk" "$dir.err" "$dir/full.zip"
  ) 2>"$dir.mount"
  code=$?
  end_wine
  [ $code != 99 ] && ! grep -q '^unshare:' "$dir.mount" || { echo "$version: not tried, a full disk: $(tail -n 1 "$dir.mount")"; return; }
  [ $code = 2 ] || fail "a full disk: exit code $code"
  tail -n 1 "$dir.err" | grep -q 'full\.zip.*repair.*(112)' || fail "a full disk: $(tail -n 1 "$dir.err")" # ERROR_DISK_FULL
  "$bin/certtriage-collect" repair "$dir/full.zip" >/dev/null 2>&1 && unzip -tqq "$dir/full-repaired.zip" || fail "a full disk: all is lost"
  [ "$(told "$dir.err")" -gt 5 ] && [ "$(count "$dir/full-repaired.zip" true)" -ge $(($(told "$dir.err") - 1)) ] ||
    fail "a full disk: $(count "$dir/full-repaired.zip" true) items of $(told "$dir.err")"
}

hanging() {
  cp --remove-destination "$work/stuck.dll" "$WINEPREFIX/drive_c/windows/system32/httpapi.dll"
  HTTPAPI_STUCK=call WINEDLLOVERRIDES="$WINEDLLOVERRIDES;httpapi=n" collect "$dir/hangs.zip" --item-seconds 10 >/dev/null 2>"$dir.err"
  [ $? = 1 ] && unzip -tqq "$dir/hangs.zip" || fail "a call that hangs: $(tail -n 1 "$dir.err")"
  [ "$(count "$dir/hangs.zip" '.outcome == "timeout"')" = 1 ] && [ "$(count "$dir/hangs.zip" '.kind == "http-sslcert" and .outcome == "timeout"')" = 1 ] ||
    fail "a call that hangs is not the one item that timed out"
  [ "$(count "$dir/hangs.zip" '.kind == "log-iis" and .outcome == "ok"')" -gt 0 ] || fail "what comes behind a call that hangs is not there"
}

# As somebody who may neither write into that folder nor read those logs, nor open that key.
no_rights() {
  local user=() profile=$WINEPREFIX/drive_c/users/$(id -un 65534) logs=$WINEPREFIX/drive_c/inetpub/logs/LogFiles/W3SVC1 key='SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL'
  end_wine
  cp "$exe" "$work/deny_key.exe" "$dir"
  mkdir -p "$dir/locked" "$dir/open"
  chmod 000 "$logs"/*
  chmod 555 "$dir/locked"
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$profile/AppData/LocalLow" "$profile/AppData/Local" "$profile/AppData/Roaming" # Wine's cryptnet crashes without
    chown -R 65534:65534 "$profile"
    chown 65534:65534 "$dir/open" "$WINEPREFIX" "$WINEPREFIX"/*.reg # its drive_c is made of links: to other prefixes, too
    rm -f "$WINEPREFIX/wineserver" # where Debian's Wine keeps the name of its folder in /tmp
    user=(setpriv --reuid 65534 --regid 65534 --clear-groups env HOME="$dir/open")
  fi
  as_user() { (cd "$dir" && timeout 120 "${user[@]}" "$@"); }
  as_user "$wineserver" -p # rights of keys live as long as it does
  as_user "$wine" deny_key.exe "$key" 2>"$dir.err" || fail "the key was not locked: $(tail -n 1 "$dir.err")"
  as_user "$wine" certtriage-collect.exe --role server -o 'locked\x.zip' >/dev/null 2>"$dir.err"
  [ $? = 2 ] && [ ! -e "$dir/locked/x.zip" ] && tail -n 1 "$dir.err" | grep -q 'locked.x\.zip.*(5)' || fail "a locked folder: $(tail -n 1 "$dir.err")"
  as_user "$wine" certtriage-collect.exe --role server -o 'open\x.zip' >/dev/null 2>"$dir.err"
  [ $? = 1 ] && unzip -tqq "$dir/open/x.zip" || fail "no rights: $(tail -n 1 "$dir.err")"
  as_user "$wineserver" -k
  as_user "$wineserver" -w
  [ ! -s "$WINEPREFIX/wineserver" ] || rm -rf "/tmp/$(basename "$(cat "$WINEPREFIX/wineserver")")"
  [ "$(count "$dir/open/x.zip" '.kind == "log-iis" and .outcome == "denied" and .osCode == 5')" -gt 0 ] || fail "logs that may not be read are not denied"
  [ "$(count "$dir/open/x.zip" '.kind == "reg-schannel" and .outcome == "denied" and .osCode == 5')" = 1 ] || fail "a key that may not be opened is not denied"
  [ "$(count "$dir/open/x.zip" '.kind == "iis-config" and .outcome == "ok"')" -gt 0 ] || fail "what may be read is not there"
}

send() { # send NAME URL MORE…
  local name=$1 to=$2
  shift 2
  timeout 120 "$wine" "$exe" --upload-only "$(windows_path "$work/$name.zip")" --upload "$to" --token-file "$(windows_path "$work/token")" "$@" \
    >"$work/said" 2>"$work/told" </dev/null
  echo $?
}
network() {
  up
  token --role upload >"$work/token"
  make_file "refused-$version" 3000000
  relay patch=405
  check "$version: a proxy that refuses PATCH" 0 "$(send "refused-$version" "$way")"
  whole "$version: a proxy that refuses PATCH"
  make_file "cut-$version" 4000000
  cutting 3 700000
  check "$version: cut three times" 0 "$(send "cut-$version" "$way")"
  whole "$version: cut three times"
  end_between
  stop_server TERM
  make_file "nobody-$version" 1000000
  check "$version: nobody there" 2 "$(send "nobody-$version" "$url" --retry-seconds 3)"
  has "$version: nobody there, is told" 'The bundle stays; to send it later: --upload-only ' "$work/told"
  check "$version: nobody there, the zip is as it was" "$hash" "$(sha256sum "$work/nobody-$version.zip" | cut -d' ' -f1)"
}

# snapshot NAME: each file of the prefix with its bytes, each folder with its time, which a temporary file would change, and the registry
# with the time of each key. Left out is what Wine itself writes whenever it starts: the times of its own settings, of the version that it
# writes anew and of the mouse and keyboard that it makes, and the list of its fonts.
snapshot() {
  end_wine
  (cd "$WINEPREFIX" && find drive_c -printf '%P %y %s %m %T@ %l\n' | sort && find drive_c -type f -print0 | sort -z | xargs -0 sha256sum) >"$dir.$1"
  for file in system user userdef; do
    awk '/^\[/ { key = tolower($0); times = 1; all = 1
           if (key ~ /^\[software\\\\wine\]|^\[software\\\\microsoft\\\\windows nt\\\\currentversion\]|^\[system\\\\currentcontrolset\\\\control\\\\deviceclasses\\\\.*hid#vid_845e/) times = 0
           if (key ~ /^\[software\\\\wine\\\\fonts\]|^\[system\\\\currentcontrolset\\\\hardware profiles\\\\current\\\\software\\\\fonts\]/) all = 0 }
         !all { next }
         !times && /^\[/ { sub(/ [0-9]+$/, "") }
         !times && /^#time=/ { next }
         { print }' "$WINEPREFIX/$file.reg"
  done >>"$dir.$1"
}
unchanged() {
  timeout 60 "$wine" cmd /c exit >/dev/null 2>&1 # Wine has its way first
  snapshot before
  collect "$dir/again.zip" --role both --probe --connect 127.0.0.1:1 --evtx --security-log >/dev/null 2>&1
  [ $? = 1 ] || fail "the second time goes wrong"
  snapshot after
  [ "$(wc -l <"$dir.before")" -gt 10000 ] || fail "the prefix was not read"
  diff "$dir.before" "$dir.after" >"$dir.diff" || fail "this has changed on the machine:
$(head -n 20 "$dir.diff")"
  # what the comparison is there for
  timeout 60 "$wine" reg add 'HKLM\Software\Changed' /f >/dev/null 2>&1
  touch "$WINEPREFIX/drive_c/users/x" && rm "$WINEPREFIX/drive_c/users/x"
  snapshot changed
  [ "$(diff "$dir.after" "$dir.changed" | grep -cE '^> (users d|\[Software\\\\Changed\])')" = 2 ] || fail "a change is not seen"
}

# Logs of any size take no memory. The number holds all DLLs of Wine as well, which are 20 MB in a program that does nothing.
peak() { collect "$dir/peak.zip" --json 2>/dev/null | sed -n 's/.*"peakMemory":\([0-9]*\).*/\1/p'; }
memory() {
  local without with log=$WINEPREFIX/drive_c/inetpub/logs/LogFiles/W3SVC1/u_ex150907.log
  without=$(peak)
  awk 'BEGIN { print "#Fields: date time c-ip sc-status"; for (i = 0; i < 1500000; i++) printf "2015-09-07 00:00:00 10.0.%d.%d 403\n", i % 199, i % 251 }' >"$log"
  with=$(peak)
  rm "$log"
  echo "$version: peak memory $without bytes, with 50 MB of logs more $with"
  [ "${without:-0}" -gt 1000000 ] && [ $((with - without)) -lt 2000000 ] || fail "logs take memory: $without bytes, with 50 MB more $with"
}

try() {
  as_windows "$@" || return
  unchanged
  names
  memory
  full_disk
  hanging
  network
  no_rights
}
try win7 'Windows 6\.1'
try win10 'Windows 10\.0'
exit $((failures > 0))
