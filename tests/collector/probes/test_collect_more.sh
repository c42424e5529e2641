#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The configuration's history, the one central log of all sites, installed updates, the switch of the CAPI2 log: from an image into the bundle
# and, where the server has a table for it, out of it.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
check() { # check WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || { echo "$1: expected '$2', got '$3'"; failed=1; }
}
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }

overlay=$work/overlay
config=$overlay/files/Windows/System32/inetsrv/config
mkdir -p "$config" "$overlay/registry" "$overlay/files/inetpub/logs/LogFiles/W3SVC"
plain=$src/tests/machines/article-server/files/Windows/System32/inetsrv/config/applicationHost.config
sed 's/centralLogFileMode="[A-Za-z]*"/centralLogFileMode="CentralW3C"/; s/<log>/<log centralLogFileMode="CentralW3C">/' "$plain" >"$config/applicationHost.config"
grep -q 'centralLogFileMode="CentralW3C"' "$config/applicationHost.config" || { echo "the configuration was not changed"; exit 1; }
printf '#Fields: date time s-sitename c-ip sc-status sc-substatus sc-win32-status\n2015-09-01 10:00:00 W3SVC1 10.0.0.9 403 7 64\n' \
  >"$overlay/files/inetpub/logs/LogFiles/W3SVC/u_ex150901.log"
for i in 1 2 3 4 5; do
  mkdir -p "$overlay/files/inetpub/history/CFGHISTORY_000000000$i"
  sed "s/<configuration>/<configuration><!-- $i -->/; s|</configuration>|<x password=\"Pl4nted-$i\" /></configuration>|" "$plain" \
    >"$overlay/files/inetpub/history/CFGHISTORY_000000000$i/applicationHost.config"
done
cat >"$overlay/registry/more.reg" <<'END'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\WINEVT\Channels\Microsoft-Windows-CAPI2/Operational]
"Enabled"=dword:00000001

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages\Package_for_KB2802568~31bf3856ad364e35~amd64~~6.1.1.0]
"CurrentState"=dword:00000070
"InstallClient"="left out"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\Packages\Microsoft-Windows-IIS~31bf3856ad364e35~amd64~~6.1.1.0]
"CurrentState"=dword:00000070
END
"$build/bin/mkimage" --overlay "$overlay" "$src/tests/machines/article-server" "$work/image" || exit 1
"$build/bin/certtriage-collect" --image "$work/image" --role server --online-revocation -o "$work/x.zip" >/dev/null 2>"$work/err"
check "exit code" 0 $?
items() { unzip -p "$work/x.zip" manifest.json | jq -r ".items[] | select(.kind == \"$1\") | [.outcome, .entry // \"\"] | join(\" \")"; }

check "the list and the newest three" "ok iis/history.json
ok iis/history/CFGHISTORY_0000000005/applicationHost.config
ok iis/history/CFGHISTORY_0000000004/applicationHost.config
ok iis/history/CFGHISTORY_0000000003/applicationHost.config" "$(items iis-history)"
check "all folders, the newest first" "CFGHISTORY_0000000005 CFGHISTORY_0000000004 CFGHISTORY_0000000003 CFGHISTORY_0000000002 CFGHISTORY_0000000001" \
  "$(unzip -p "$work/x.zip" iis/history.json | jq -r '[.folders[] | select(.files[0].name == "applicationHost.config") | .name] | join(" ")')"
mkdir "$work/whole" && unzip -qo "$work/x.zip" -d "$work/whole"
check "no secret of the history" 0 "$(grep -rc Pl4nted "$work/whole" | grep -vc ':0$')"
check "the central log" "ok logs/w3svc/central/u_ex150901.log" "$(items log-iis)"
check "whose lines name their site" 1 "$("$build/bin/certtriage-server" query "$work/x.zip" \
  "SELECT count(*) FROM request WHERE status = 403 AND substatus = 7 AND site <> ''" | tail -n 1)"
check "an image builds no chains" "excluded " "$(items chain-online)"
check "updates, and nothing else of the packages" "1" \
  "$("$build/bin/certtriage-server" query "$work/x.zip" "SELECT count(*) FROM registry_value WHERE key LIKE '%Component Based Servicing%' AND key LIKE '%Package_for_KB2802568%' AND name = 'CurrentState' AND number = 112" | tail -n 1)"
check "not the others, not their values" 0 "$(grep -cE 'Microsoft-Windows-IIS~|left out' "$work/whole/registry/system.reg")"
check "the CAPI2 log is on" 1 "$("$build/bin/certtriage-server" query "$work/x.zip" "SELECT number FROM registry_value WHERE key LIKE '%CAPI2/Operational' AND name = 'Enabled'" | tail -n 1)"
check "no rule failed on it" 0 "$("$build/bin/certtriage-server" lint --format json "$work/x.zip" | jq '[.verdicts[]? | select(.verdict == "error")] | length')"
check "the history is no configuration" 1 "$("$build/bin/certtriage-server" query "$work/x.zip" "SELECT count(*) FROM config_file WHERE entry LIKE '%applicationHost.config'" | tail -n 1)"
exit $failed
