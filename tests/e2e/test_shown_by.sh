#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A case with a client and a server: which client certificates would be offered, which accepted, the first reason for each refusal; and the chain of each
# as a tree in the text report.
set -u
. "$(dirname "$0")/common.sh"
machines=$CT_SOURCE_DIR/tests/machines
mkdir -p "$work/client" "$work/server"
ksp='provider="Microsoft Software Key Storage Provider"'
cat >"$work/client/stores.txt" <<END
User:client01 My partner-client01.pem key="p" $ksp
User:client01 My client-expired.pem key="e" $ksp
User:client01 My client-future.pem key="f" $ksp
User:client01 My client-server-eku.pem key="s" $ksp
User:client01 My client-self-signed.pem key="z" $ksp
User:client01 My client-any-eku.pem key="a" $ksp archived
User:client01 My client-no-eku.pem key="n" $ksp eku=1.3.6.1.5.5.7.3.4
User:client01 My client01-renewed.pem key="r" $ksp
User:client01 My client02.pem
END
echo 'LocalMachine Disallowed client01-renewed.pem' >"$work/server/stores.txt"
for side in client server; do
  machine=healthy-2019
  [ $side = server ] || machine=healthy-client-win10
  "$bin/mkimage" --overlay "$work/$side" "$machines/$machine" "$work/$side.image" &&
    "$bin/certtriage-collect" --image "$work/$side.image" -o "$work/$side.zip" >/dev/null 2>"$work/collect.log"
  [ $? -le 1 ] || { cat "$work/collect.log"; exit 1; }
done

answer() { # answer SUBJECT_CN: offered or why not, accepted or why not
  "$bin/certtriage-server" query "$work/server.zip" "$work/client.zip" "SELECT coalesce(not_offered, 'offered') || ' / ' || coalesce(not_accepted, 'accepted')
    FROM client_certificate_answer WHERE subject LIKE 'CN=$1,%'" 2>>"$work/err" | tail -n +2 | LC_ALL=C sort
}
of='OU=Clients, DC=example, DC=test'
check 'every certificate has an answer' 10 "$("$bin/certtriage-server" query "$work/server.zip" "$work/client.zip" 'SELECT count(*) FROM client_certificate_answer' | tail -1)"
check 'a good one' 'offered / accepted' "$(answer client01 | tail -1)"
check 'of another authority' 'offered / its issuer is missing: CN=Partner Issuing CA, O=Example Partner' "$(answer partner-client01)"
check 'expired' "not valid at the time of collection / CERT_TRUST_IS_NOT_TIME_VALID: CN=client-expired, $of" "$(answer client-expired)"
check 'not yet valid' "not valid at the time of collection / CERT_TRUST_IS_NOT_TIME_VALID: CN=client-future, $of" "$(answer client-future)"
check 'for servers' "its usages do not include client authentication / CERT_TRUST_IS_NOT_VALID_FOR_USAGE: CN=client-server-eku, $of" "$(answer client-server-eku)"
check 'self-signed' "offered / CERT_TRUST_IS_UNTRUSTED_ROOT: CN=client-self-signed, $of" "$(answer client-self-signed)"
check 'archived' 'archived / accepted' "$(answer client-any-eku)"
check 'limited in the store' 'its usages are limited in the store, and client authentication is not among them / accepted' "$(answer client-no-eku)"
check 'without its key' 'no private key / accepted' "$(answer client02)"
check 'distrusted by the server' "offered / CERT_TRUST_IS_EXPLICIT_DISTRUST: CN=client01, $of" "$(answer client01 | head -1)"

"$bin/certtriage-server" lint "$work/server.zip" "$work/client.zip" >"$work/report" 2>>"$work/err"
[ $? -le 1 ] || { echo "lint: $(cat "$work/err")"; exit 1; }
tree() { sed -n '/^CLIENT CERTIFICATES/,/^FINDINGS/p' "$work/report" | grep -A"$2" -F "  CN=$1" | sed -n 's/^      //p'; }
check 'a tree' "CN=Example Root CA, DC=example, DC=test [Root], until 2045-01-01
└─ CN=Example Issuing CA, DC=example, DC=test [CA], until 2044-01-01
   └─ CN=client-expired, OU=Clients, DC=example, DC=test, until 2014-01-01
      ! CERT_TRUST_IS_NOT_TIME_VALID" "$(tree 'client-expired, OU=Clients, DC=example, DC=test (' 7 | head -4)"
check 'a tree without its top' "? CN=Partner Issuing CA, O=Example Partner: missing
└─ CN=partner-client01, O=Example Partner, until 2040-01-01
   ! CERT_TRUST_IS_PARTIAL_CHAIN" "$(tree 'partner-client01, O=Example Partner (' 6 | head -3)"
exit $((failures > 0))
