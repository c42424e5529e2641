#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates that have something odd about them anew, with an authority of their own, into the folder of this script: make.sh throws its
# keys away, so these can be made without changing the others. Needs OpenSSL 3.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# sign NAME SUBJECT DIGEST [extension…]: NAME.pem with the key NAME.key, signed by the odd root (a root: by its own key)
sign() {
    name=$1 subject=$2 digest=$3
    shift 3
    printf '[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index.txt\nnew_certs_dir=.\nrand_serial=yes\npolicy=p\nunique_subject=no\nemail_in_dn=no\n' > c.cnf
    printf '[p]\ndomainComponent=optional\norganizationalUnitName=optional\ncommonName=supplied\n[req]\ndistinguished_name=n\n[n]\n[x]\n' >> c.cnf
    printf '%s\n' 'subjectKeyIdentifier = hash' "$@" >> c.cnf
    : > index.txt
    own='-cert odd-root-ca.pem' by=odd-root-ca
    case $name in *-root-ca) own=-selfsign by=$name ;; esac
    openssl req -new -key "$name.key" -subj "$subject" -config c.cnf -out "$name.csr"
    # shellcheck disable=SC2086
    openssl ca -batch -config c.cnf -md "$digest" $own -keyfile "$by.key" -in "$name.csr" -startdate 20100101000000Z \
        -enddate 20400101000000Z -extensions x -notext -out "$name.pem" -preserveDN 2> /dev/null
    cp "$name.pem" "$out/$name.pem"
}
rsa() { openssl genrsa -out "$1.key" "$2" 2> /dev/null; }

org='/DC=test/DC=example'
signs='keyUsage = critical,digitalSignature,keyEncipherment'
client='extendedKeyUsage = clientAuth'
aki='authorityKeyIdentifier = keyid'

rsa odd-root-ca 2048
sign odd-root-ca "$org/CN=Example Odd Root CA" sha256 'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,keyCertSign,cRLSign'

for name in encipherment md5 sha1 sha512 both-ekus is-ca critical-extension; do rsa "odd-$name" 2048; done
rsa odd-rsa512 512
rsa odd-inspection-root-ca 2048
openssl ecparam -genkey -noout -name prime256v1 -out odd-p256.key
openssl ecparam -genkey -noout -name secp521r1 -out odd-p521.key
openssl ecparam -genkey -noout -name secp256k1 -out odd-k256.key
openssl genpkey -algorithm ed25519 -out odd-ed25519.key

sign odd-encipherment "$org/OU=Clients/CN=odd-encipherment" sha256 'keyUsage = critical,keyEncipherment' "$client" "$aki"
sign odd-md5 "$org/OU=Clients/CN=odd-md5" md5 "$signs" "$client" "$aki"
sign odd-sha1 "$org/OU=Clients/CN=odd-sha1" sha1 "$signs" "$client" "$aki"
sign odd-sha512 "$org/OU=Clients/CN=odd-sha512" sha512 "$signs" "$client" "$aki"
sign odd-rsa512 "$org/OU=Clients/CN=odd-rsa512" sha256 "$signs" "$client" "$aki"
sign odd-both-ekus "$org/OU=Clients/CN=odd-both-ekus" sha256 "$signs" 'extendedKeyUsage = serverAuth,clientAuth' "$aki"
sign odd-is-ca "$org/OU=Clients/CN=odd-is-ca" sha256 'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,digitalSignature,keyCertSign' "$client" "$aki"
sign odd-critical-extension "$org/OU=Clients/CN=odd-critical-extension" sha256 "$signs" "$client" "$aki" '1.3.6.1.4.1.99999.1 = critical,DER:0500'
for name in p256 p521 k256 ed25519; do
    sign "odd-$name" "$org/OU=Clients/CN=odd-$name" sha256 'keyUsage = critical,digitalSignature' "$client" "$aki"
done
sign odd-inspection-root-ca "$org/CN=Zscaler Root CA" sha256 'basicConstraints = critical,CA:TRUE' 'keyUsage = critical,keyCertSign'
