#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# The same sources give the same EXE, whatever folders they lie and are built in, at whatever time, in whatever language and order. The
# program's own objects, its resources and the link are made twice; the libraries are those of the build.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CCACHE_DISABLE=1 # an object out of a cache would be the same without being built
failed=0
fail() { echo "$*"; failed=1; }

# build_in FOLDER KIND LIBS JOBS: the sources as they are now, copied there; $work/FOLDER-out/certtriage-collect.exe
build_in() {
  local sources=$work/$1 out=$work/$1-out toolchain=toolchain.cmake
  [ "$2" = win64 ] || toolchain=toolchain-x86.cmake
  mkdir -p "$sources"
  (cd "$src" && tar -cf - CMakeLists.txt LICENSE schema collector deploy) | tar -C "$sources" -xf - || return
  cmake -S "$sources" -B "$out" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$sources/deploy/win64/$toolchain" \
    -DCERTTRIAGE_WIN64_LIBS="$3" -DCMAKE_BUILD_TYPE=MinSizeRel >"$work/log" 2>&1 &&
    cmake --build "$out" --target certtriage-collect -j "$4" >>"$work/log" 2>&1 && return
  tail -n 5 "$work/log"
  return 1
}

# twice KIND LIBS
twice() {
  local one=$work/$1-a-out/certtriage-collect.exe other="$work/$1/another folder/with a longer name-out/certtriage-collect.exe"
  build_in "$1-a" "$1" "$2" "$(nproc)" || { fail "$1: it does not build in $work"; return; }
  # __DATE__ and a linker's time stamp are taken from SOURCE_DATE_EPOCH where it is set.
  (export TZ=Asia/Tokyo LC_ALL=C SOURCE_DATE_EPOCH=86400; umask 077; build_in "$1/another folder/with a longer name" "$1" "$2" 1) ||
    { fail "$1: it does not build a second time"; return; }
  [ -s "$one" ] && [ -s "$other" ] || { fail "$1: no EXE"; return; }
  cmp "$one" "$other" || fail "$1: two builds of the same sources differ"
  ! grep -qaF "$work" "$one" || fail "$1: the EXE holds the path that it was built in"
  ! grep -qaF "$src" "$one" || fail "$1: the EXE holds the path of its sources"
  echo "$1: $(stat -c %s "$one") bytes, SHA-256 $(sha256sum <"$one" | cut -c1-16)…, twice"
}

found=no
for kind in win64:x86_64 win32:i686; do
  libs=$build/${kind%:*}-libs
  [ -f "$libs/stamp" ] || libs=$src/build/${kind%:*}-libs # the sanitizers' build has none of its own
  [ -f "$libs/stamp" ] && command -v "${kind#*:}-w64-mingw32-gcc" >/dev/null || continue
  found=yes
  twice "${kind%:*}" "$(realpath "$libs")"
done
[ $found = yes ] || { echo "skipped: no libraries for Windows (deploy/build --windows), or no mingw-w64"; exit 77; }
exit $failed
