# Sourced by the tests that treat the EXE badly, for what they share: Wine, once as Windows 7 and once as Windows 10, and in it the article's
# server with a site whose folder has a name that is long and not ASCII.
. "$CT_SOURCE_DIR/tests/collector/upload/common.sh"
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
wine=/usr/lib/wine/wine64 wineserver=/usr/lib/wine/wineserver
[ -x "$wine" ] || wine=$(command -v wine64 || command -v wine) || { echo "skipped: wine is not there"; exit 77; }
[ -x "$wineserver" ] || wineserver=$(command -v wineserver)
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
machine=$CT_SOURCE_DIR/tests/machines/article-server
export WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d' LC_ALL=C.UTF-8
unset DISPLAY WAYLAND_DISPLAY http_proxy https_proxy no_proxy
chmod 755 "$work" # who has no rights gets that far
end_wine() { # of every prefix of this test
  local prefix
  for prefix in "$work"/*/prefix; do
    [ ! -d "$prefix" ] || { WINEPREFIX=$prefix "$wineserver" -k && WINEPREFIX=$prefix timeout 60 "$wineserver" -w; } >/dev/null 2>&1
  done
}
trap 'end_between; end_wine; finish' EXIT
fail() {
  echo "$version: $*"
  failures=$((failures + 1))
}

deep=C:/inetpub
for i in 1 2 3 4 5 6; do deep=$deep/zertifikat-Ärger-証明書-ordner-$i-$(printf 'x%.0s' $(seq 30)); done
config=files/Windows/System32/inetsrv/config/applicationHost.config
mkdir -p "$work/overlay/$(dirname $config)" "$work/overlay/files/${deep#C:/}"
sed "s|physicalPath=\"%SystemDrive%\\\\inetpub\\\\wwwroot\"|physicalPath=\"${deep//\//\\\\}\"|" "$machine/$config" >"$work/overlay/$config"
! cmp -s "$work/overlay/$config" "$machine/$config" || { echo "the site's folder is not where it was"; exit 1; }
echo '<configuration><system.webServer><security><access sslFlags="Ssl" /></security></system.webServer></configuration>' \
  >"$work/overlay/files/${deep#C:/}/web.config"

windows_path() { local p=Z:$1; printf '%s\n' "${p//\//\\}"; }
collect() { timeout 120 "$wine" "$exe" --role server -o "$(windows_path "$1")" "${@:2}"; } # collect ZIP OPTION…
count() { unzip -p "$1" manifest.json | jq "[.items[] | select($2)] | length"; }           # count ZIP WHICH-ITEMS
told() { grep -cE '^(ok|absent|excluded|denied|truncated|timeout|error) ' "$1"; }          # told STDERR: items that the run spoke of

# as_windows VERSION "WHAT ver SAYS": a prefix, filled, in WINEPREFIX; $version, $dir; a first bundle $dir/whole.zip
as_windows() {
  version=$1 dir=$work/$1
  CERTTRIAGE_BUILD=$build CERTTRIAGE_WINDOWS=$version CERTTRIAGE_OVERLAY=$work/overlay \
    "$CT_SOURCE_DIR/deploy/demo-wine" "$machine" "$dir" --role server -o whole.zip >"$dir.out" 2>"$dir.err"
  [ $? = 1 ] && unzip -tqq "$dir/whole.zip" || { fail "no bundle: $(tail -n 1 "$dir.err")"; return 1; } # 1: Wine has no event logs
  export WINEPREFIX=$dir/prefix
  timeout 60 "$wine" cmd /c ver 2>/dev/null | grep -q "$2" || fail "Wine does not say that it is $2"
}
