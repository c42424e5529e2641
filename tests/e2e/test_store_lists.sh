#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Lists that lie in registry hives to facts: a revocation list and a trust list of the store CA (properties 33 and 34 of their blobs, causes 3),
# and the lists that Windows fetches by itself (AutoUpdate). Once by the collector from hives, once from the registry text of `reg export`.
set -u
. "$(dirname "$0")/common.sh"
for tool in openssl zip sha1sum od; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done

# A CA, and its list of one revoked certificate.
change=$work/change
mkdir -p "$change/registry" "$work/ca" && cd "$work/ca" || exit 1
printf '[ca]\ndefault_ca=a\n[a]\ndatabase=index\ncrlnumber=n\ndefault_md=sha256\ndefault_crl_days=30\n' >ca.cnf
printf 'R\t300101000000Z\t260101000000Z,keyCompromise\t02\tunknown\t/CN=Gone\n' >index
echo 0b >n
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out ca.pem -subj '/CN=Lists CA' -days 30 2>/dev/null
openssl ca -config ca.cnf -gencrl -keyfile key.pem -cert ca.pem 2>/dev/null | openssl crl -outform DER -out list.crl || exit 1
cp "$CT_SOURCE_DIR/tests/fuzz/seeds/fuzz_lists/signed.stl" list.stl || exit 1
cat "$CT_SOURCE_DIR/tests/fuzz/seeds/fuzz_lists/bare.stl" >fetched.stl

hex() { od -An -v -tx1 "$1" | tr -d '\n' | sed 's/^ *//; s/ /,/g'; }
sha1() { sha1sum "$1" | cut -d' ' -f1; }
property() { # property ID FILE: one element of a blob that holds that file
  local n
  n=$(stat -c %s "$2")
  printf '%02x,00,00,00,01,00,00,00,%02x,%02x,00,00,%s' "$1" $((n & 255)) $((n >> 8)) "$(hex "$2")"
}
store='HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\SystemCertificates'
policy='HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\SystemCertificates' # the same list once more, by group policy
{
  printf 'Windows Registry Editor Version 5.00\n\n'
  printf '[%s\\CA\\CRLs\\%s]\n"Blob"=hex:%s\n\n' "$store" "$(sha1 list.crl | tr a-f A-F)" "$(property 33 list.crl)"
  printf '[%s\\CA\\CTLs\\%s]\n"Blob"=hex:%s\n\n' "$store" "$(sha1 list.stl | tr a-f A-F)" "$(property 34 list.stl)"
  printf '[%s\\CA\\CTLs\\%s]\n"Blob"=hex:%s\n\n' "$policy" "$(sha1 list.stl | tr a-f A-F)" "$(property 34 list.stl)"
  printf '[%s\\AuthRoot\\AutoUpdate]\n"EncodedCtl"=hex:%s\n' "$store" "$(hex fetched.stl)"
} >"$change/registry/lists.reg"
cd "$work" || exit 1

"$bin/mkimage" --overlay "$change" "$CT_SOURCE_DIR/tests/machines/healthy-2019" "$work/image" || exit 1
"$bin/certtriage-collect" --image "$work/image" -o "$work/hive.zip" >/dev/null 2>"$work/collect.log" || { cat "$work/collect.log"; exit 1; }
mkdir -p text/registry && cp "$change/registry/lists.reg" text/registry/software.reg && (cd text && zip -qr ../text.zip registry)

ask() { "$bin/certtriage-server" query "$work/$1.zip" "$2" 2>>"$work/err" | tail -n +2 | tr '\t' ','; }
for way in hive text; do
  check "$way: the revocation list" "CA,Registry,CN=Lists CA,0b,1" \
    "$(ask $way "SELECT store, physical, issuer, lower(number), revoked FROM store_crl WHERE sha1 = '$(sha1 ca/list.crl)'")"
  check "$way: who is revoked" "02,2026-01-01T00:00:00.000Z,keyCompromise" \
    "$(ask $way "SELECT serial, iso(revoked), reason FROM crl_entry WHERE sha1 = '$(sha1 ca/list.crl)'")"
  check "$way: the trust list of a store" "CA,Registry,roots,2 CA,GroupPolicy,roots,2 " \
    "$(ask $way "SELECT store, physical, purpose, entries FROM store_ctl WHERE sha1 = '$(sha1 ca/list.stl)' ORDER BY physical DESC" | tr '\n' ' ')"
  check "$way: whom the list in two stores names, once each" "2,2" \
    "$(ask $way "SELECT count(*), count(DISTINCT subject) FROM ctl_entry WHERE sha1 = '$(sha1 ca/list.stl)'")"
  check "$way: the fetched list, of which date" "LocalMachine,Root,AuthRoot,roots,2026-01-01T00:00:00.000Z,2" \
    "$(ask $way "SELECT location, store, physical, purpose, iso(this_update), entries FROM store_ctl WHERE sha1 = '$(sha1 ca/fetched.stl)'")"
  check "$way: whom it names" "0102030405060708090a0102030405060708090a,126 1112131415161718191a1112131415161718191a,126 " \
    "$(ask $way "SELECT subject, properties FROM ctl_entry WHERE sha1 = '$(sha1 ca/fetched.stl)' ORDER BY 1" | tr '\n' ' ')"
done
exit $((failures > 0))
