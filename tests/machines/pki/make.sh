#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates of the sample machines anew, into the folder of this script. The private keys are thrown away:
# nothing that is tested needs them. The machines name certificates by file ({sha1:web.pem}), so nothing else changes.
set -eu
out=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > ca.cnf <<'CNF'
[ca]
default_ca = default
[default]
dir = .
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
email_in_dn = no
[any]
domainComponent = optional
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[ca_sub]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://pki.example.test/root.crl
authorityInfoAccess = caIssuers;URI:http://pki.example.test/root.crt
[leaf]
keyUsage = critical,digitalSignature,keyEncipherment
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = URI:http://pki.example.test/issuing.crl
authorityInfoAccess = caIssuers;URI:http://pki.example.test/issuing.crt
[bare]
keyUsage = critical,digitalSignature,keyEncipherment
subjectKeyIdentifier = hash
CNF

# issue NAME SUBJECT ISSUER SECTION FROM TO [extension…]: NAME.pem, signed by ISSUER (itself: self-signed)
issue() {
    name=$1 subject=$2 issuer=$3 section=$4 from=$5 to=$6
    shift 6
    : > index.txt
    cp ca.cnf this.cnf
    sed -n "/^\[$section\]/,/^\[/p" ca.cnf | grep -v '^\[' > body || true
    { echo '[this]'; cat body; for line in "$@"; do echo "$line"; done; } >> this.cnf
    openssl req -new -newkey rsa:2048 -nodes -keyout "$name.key" -subj "$subject" -config ca.cnf -out "$name.csr" 2>/dev/null
    if [ "$issuer" = "$name" ]; then
        openssl ca -batch -config this.cnf -selfsign -keyfile "$name.key" -in "$name.csr" -startdate "$from" -enddate "$to" \
            -extensions this -notext -out "$name.pem" -preserveDN 2>/dev/null
    else
        openssl ca -batch -config this.cnf -cert "$issuer.pem" -keyfile "$issuer.key" -in "$name.csr" -startdate "$from" \
            -enddate "$to" -extensions this -notext -out "$name.pem" -preserveDN 2>/dev/null
    fi
    cp "$name.pem" "$out/$name.pem"
}

first=20100101000000Z
last=20400101000000Z
org='/DC=test/DC=example'
server='extendedKeyUsage = serverAuth'
client='extendedKeyUsage = clientAuth'
upn() { echo "subjectAltName = otherName:1.3.6.1.4.1.311.20.2.3;UTF8:$1@example.test"; }

issue root-ca "$org/CN=Example Root CA" root-ca root $first 20450101000000Z
issue issuing-ca "$org/CN=Example Issuing CA" root-ca ca_sub $first 20440101000000Z
issue partner-root-ca "/O=Example Partner/CN=Partner Root CA" partner-root-ca root $first 20450101000000Z
issue partner-issuing-ca "/O=Example Partner/CN=Partner Issuing CA" partner-root-ca ca_sub $first 20440101000000Z
issue public-root-ca "/C=US/O=Example Trust Services/CN=Example Public Root" public-root-ca root $first 20450101000000Z
issue old-root-ca "$org/CN=Example Old Root CA" old-root-ca root 20000101000000Z 20120101000000Z

issue web "$org/CN=web01.example.test" issuing-ca leaf $first $last "$server" \
    'subjectAltName = DNS:web01.example.test,DNS:www.example.test'
issue partner-web "$org/CN=partner.example.test" issuing-ca leaf $first $last "$server" 'subjectAltName = DNS:partner.example.test'
issue article-web "/CN=chiranth.com" issuing-ca leaf $first $last "$server" 'subjectAltName = DNS:chiranth.com'
issue web-expired "$org/CN=web01.example.test" issuing-ca leaf 20120101000000Z 20140101000000Z "$server" \
    'subjectAltName = DNS:web01.example.test'

issue client01 "$org/OU=Clients/CN=client01" issuing-ca leaf $first $last "$client" "$(upn client01)"
issue client02 "$org/OU=Clients/CN=client02" issuing-ca leaf $first $last "$client" "$(upn client02)"
issue client01-renewed "$org/OU=Clients/CN=client01" issuing-ca leaf $first $last "$client" "$(upn client01)"
issue client-expired "$org/OU=Clients/CN=client-expired" issuing-ca leaf 20120101000000Z 20140101000000Z "$client" \
    "$(upn client-expired)"
issue client-future "$org/OU=Clients/CN=client-future" issuing-ca leaf 20380101000000Z $last "$client" "$(upn client-future)"
issue client-server-eku "$org/OU=Clients/CN=client-server-eku" issuing-ca leaf $first $last "$server"
issue client-any-eku "$org/OU=Clients/CN=client-any-eku" issuing-ca leaf $first $last 'extendedKeyUsage = anyExtendedKeyUsage'
issue client-no-eku "$org/OU=Clients/CN=client-no-eku" issuing-ca leaf $first $last
issue client-self-signed "$org/OU=Clients/CN=client-self-signed" client-self-signed bare $first $last "$client"
issue partner-client01 "/O=Example Partner/CN=partner-client01" partner-issuing-ca leaf $first $last "$client"
issue service01 "$org/OU=Services/CN=service01" issuing-ca leaf $first $last "$client" 'subjectAltName = DNS:service01.example.test'

# One root whose name alone is longer than the list of trusted issuers may be
units=
for i in $(seq -f %03g 1 225); do units="$units/OU=unit $i of an authority whose name is far longer than it should"; done
issue many-names "/CN=Many Names Root$units" many-names root $first 21000101000000Z
