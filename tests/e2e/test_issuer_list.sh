#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# The list of acceptable issuers, sentence by sentence of causes F04 to F18, H11 and H12, asked of the facts of a server and a client that were collected:
# is it sent (by Windows and by setting), from which store, how long is it on the wire, and which of the client's certificates survive it.
set -u
. "$(dirname "$0")/common.sh"
for tool in openssl; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
machines=$CT_SOURCE_DIR/tests/machines
schannel='HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL'
# the record of the site that asks for certificates
binding='HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslSniBindingInfo\{6E1B5B1A-6D1C-4E3A-9B53-3C2B7B1A77F0}'

# change: the overlay that the next `pair` puts on the server; client: that on the client
fresh() { rm -rf "$work/change" "$work/client" && mkdir -p "$work/change/registry" "$work/client"; }
stores() { printf '%s\n' "$@" >>"$work/change/stores.txt"; }
client_stores() { printf '%s\n' "$@" >>"$work/client/stores.txt"; }
registry() { # registry KEY LINE…
  { printf 'Windows Registry Editor Version 5.00\n\n[%s]\n' "$1" && shift && printf '%s\n' "$@"; } >"$work/change/registry/$((++changes)).reg"
}
changes=0
collect() { # collect MACHINE OVERLAY NAME
  rm -rf "$work/image" "$work/$3.zip"
  "$bin/mkimage" --overlay "$2" "$machines/$1" "$work/image" || exit 1
  "$bin/certtriage-collect" --image "$work/image" -o "$work/$3.zip" >/dev/null 2>"$work/collect.log"
  [ $? -le 1 ] || { cat "$work/collect.log"; exit 1; }
}
pair() { collect "$1" "$work/change" server && collect healthy-client-win10 "$work/client" client; }
ask() { "$bin/certtriage-server" query "$work/server.zip" "$work/client.zip" "$1" 2>>"$work/err" | tail -n +2 | tr '\t\n' ', ' | sed 's/ $//'; }
list() { ask "SELECT source, coalesce(is_sent, 'unknown'), is_set, names, bytes, is_cut FROM issuer_list_sent"; }
offered() { # offered FILE…: of each certificate whether the list names an issuer of its chain (1, 0, -: not known, or no list), and why it is not offered
  local one sha
  for one in "$@"; do
    sha=$(openssl x509 -in "$machines/pki/$one.pem" -noout -fingerprint -sha1 | sed 's/.*=//; s/://g' | tr A-F a-f)
    ask "SELECT DISTINCT coalesce(in_issuer_list, '-') || ' ' || coalesce(not_offered, 'offered') FROM client_certificate_answer WHERE thumbprint = '$sha'"
    echo
  done
}
wire() { # wire FILE…: bytes of the list of these subjects, as openssl finds them in the DER: the sixth element of the certificate proper
  local one n=0 sizes
  for one in "$@"; do
    sizes=$(openssl asn1parse -in "$one" | sed -n 's/^ *[0-9]*:d=2 *hl= *\([0-9]*\) *l= *\([0-9]*\) .*/\1 \2/p' | sed -n 6p)
    n=$((n + 2 + ${sizes% *} + ${sizes#* }))
  done
  echo $n
}
root=$machines/pki/root-ca.pem public=$machines/pki/public-root-ca.pem partner=$machines/pki/partner-root-ca.pem issuing=$machines/pki/issuing-ca.pem
none='the list of issuers that the server sends names none of its chain'

# Not set: on before Windows Server 2012, off from it on. Roots of AuthRoot are in the list as well.
fresh
client_stores 'User:client01 My partner-client01.pem key="p" provider="Microsoft Software Key Storage Provider"'
pair healthy-2008r2
check '2008 R2 by default' "root,1,0,2,$(wire "$root" "$public"),0" "$(list)"
check '2008 R2: who survives' "$(printf '1 offered\n0 %s' "$none")" "$(offered client01 partner-client01)"
for machine in healthy-2012 healthy-2012r2 healthy-2016 healthy-2019 healthy-2022 healthy-2025; do
  pair $machine
  check "$machine by default" '0,0' "$(ask 'SELECT is_sent, is_set FROM issuer_list_sent')"
  check "$machine: no list filters" "$(printf -- '- offered\n- offered')" "$(offered client01 partner-client01)"
done

# Set: it wins over the default, in both directions; a string of that name, or a name that is nearly right, sets nothing.
fresh
registry "$schannel" '"SendTrustedIssuerList"=dword:00000000'
pair healthy-2008r2
check '2008 R2, switched off' 'root,0,1' "$(list | cut -d, -f1-3)"
fresh
client_stores 'User:client01 My partner-client01.pem key="p" provider="Microsoft Software Key Storage Provider"'
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
pair healthy-2019
check '2019, switched on' "root,1,1,2,$(wire "$root" "$public"),0" "$(list)"
check '2019, switched on: who survives' "$(printf '1 offered\n0 %s' "$none")" "$(offered client01 partner-client01)"
fresh
registry "$schannel" '"SendTrustedIssuerList"="1"' '"SendTrusterIssuerList"=dword:00000001'
pair healthy-2019
check '2019, a string and a wrong name' 'root,0,0' "$(list | cut -d, -f1-3)"

# Roots by group policy and of the enterprise are in Root too; two certificates of one name are one name in the list.
fresh
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
stores 'LocalMachine Root partner-root-ca.pem physical=GroupPolicy' 'LocalMachine Root partner-root-ca.pem physical=Enterprise' \
  'LocalMachine Root root-ca.pem physical=GroupPolicy'
pair healthy-2019
check 'roots of every physical store, each name once' "root,1,1,3,$(wire "$root" "$public" "$partner"),0" "$(list)"

# ClientAuthIssuer, as soon as something stands in it, is the list, and Root no more (F18). An authority below the root is enough, for the client looks
# at the issuers of its own chain.
fresh
client_stores 'User:client01 My partner-client01.pem key="p" provider="Microsoft Software Key Storage Provider"'
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
stores 'LocalMachine ClientAuthIssuer partner-issuing-ca.pem'
pair healthy-2019
check 'from ClientAuthIssuer' "clientauthissuer,1,1,1,$(wire "$machines/pki/partner-issuing-ca.pem"),0" "$(list)"
check 'ClientAuthIssuer: who survives' "$(printf '0 %s\n1 offered' "$none")" "$(offered client01 partner-client01)"

# The store that the binding names comes first (F06), whatever the case of its name.
fresh
client_stores 'User:client01 My partner-client01.pem key="p" provider="Microsoft Software Key Storage Provider"'
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
stores 'LocalMachine ClientAuthIssuer partner-issuing-ca.pem' 'LocalMachine Partners issuing-ca.pem'
registry "$binding" '"DefaultSslCtlStoreName"="PARTNERS"'
pair healthy-2019
check 'from the store of the binding' "partners,1,1,1,$(wire "$issuing"),0" "$(list | tr ' ' '\n' | grep partners)"
check 'that store: who survives' "$(printf '1 offered\n0 %s' "$none")" "$(offered client01 partner-client01)"

# A store that is named and of which nothing is known: then the list is not known, and nobody is filtered (F15).
fresh
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
registry "$binding" '"DefaultSslCtlStoreName"="Partners"'
stores '-LocalMachine Root root-ca.pem'
pair healthy-2019
check 'a store that is not there' '- offered' "$(offered client01)"

# Before Windows Server 2012 a record may name a trust list by its identifier, and the store is where that list stands (F17): which names it has is not known
# here, and neither is what it refuses.
fresh
registry 'HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo\10.20.0.15:443' '"DefaultSslCtlIdentifier"="Partners"' \
  '"DefaultSslCtlStoreName"="CA"'
pair healthy-2008r2
check 'a trust list of the record' 'ctl partners,1,0,0,0,0' "$(list)"
check 'a trust list of the record: who survives' '- offered' "$(offered client01)"
check 'a trust list of the record: who is accepted' 'the store "CTL Partners" of trusted issuers is not in the evidence' \
  "$(ask 'SELECT not_accepted FROM client_certificate_answer')"

# A client that lacks its intermediate does not see that its root is named (H12); where the list names the intermediate itself, that is no matter.
fresh
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
client_stores '-LocalMachine CA issuing-ca.pem'
pair healthy-2019
check 'a chain that the client cannot build' "0 $none" "$(offered client01)"
stores 'LocalMachine ClientAuthIssuer issuing-ca.pem'
pair healthy-2019
check 'its own issuer is named' '1 offered' "$(offered client01)"

# What could not be collected is not said to be missing.
fresh
echo 'store:LocalMachine\Root' >"$work/change/denied.txt"
pair healthy-2008r2
check 'Root may not be read' '- offered' "$(offered client01)"

# More than 16384 bytes: 110 roots with names of about 150 bytes, of AuthRoot too. What is named in a list that is cut may be missing in it.
fresh
mkdir -p "$work/change/certs" "$work/many" && cd "$work/many" || exit 1
openssl ecparam -name prime256v1 -genkey -noout -out key.pem
long=$(printf 'x%.0s' $(seq 60))
for i in $(seq 110); do
  openssl req -x509 -new -key key.pem -days 3650 -out "many$i.pem" -subj "/O=$long/OU=$long/CN=Many $i" 2>/dev/null || exit 1
  stores "LocalMachine Root many$i.pem$([ $((i % 2)) = 0 ] && echo ' physical=AuthRoot')"
done
cp many*.pem "$work/change/certs"
registry "$schannel" '"SendTrustedIssuerList"=dword:00000001'
pair healthy-2019
check 'too long' "root,1,1,112,$(wire "$root" "$public" many*.pem),$(($(wire "$root" "$public" many*.pem) > 16384))" "$(list)"
check 'too long: cut' 1 "$(list | cut -d, -f6)"
check 'too long: the note' 'the list of issuers is longer than 16384 bytes and is cut: what it names may be missing in it' \
  "$(ask 'SELECT note FROM client_certificate_answer')"
exit $((failures > 0))
