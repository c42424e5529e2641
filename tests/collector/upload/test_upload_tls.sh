#!/usr/bin/env bash
# label: slow
# The collector's upload over TLS and through a proxy's tunnel; certificates that cannot be trusted, and proxies that refuse, in words.
# The authority is trusted in a mount namespace of this test alone.
set -u
if [ "${2:-}" != inside ]; then
  unshare -r -m true 2>/dev/null || { echo "skipped: no mount namespace is to be had here"; exit 77; }
  exec unshare -r -m bash "$0" "$1" inside
fi
. "$(dirname "$0")/common.sh"
unset no_proxy NO_PROXY
cd "$work" || exit 1
mkdir ca && : >ca/index && echo 01 >ca/serial
cat >ca.cnf <<CNF
[ca]
default_ca = x
[x]
dir = $work/ca
database = $work/ca/index
serial = $work/ca/serial
new_certs_dir = $work/ca
certificate = $work/root.pem
private_key = $work/root.key
default_md = sha256
policy = any
copy_extensions = copy
unique_subject = no
[any]
commonName = supplied
CNF
key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 -out "$1.key" 2>/dev/null; }
certificate() { # certificate NAME ALT FROM TO
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$1" -addext "subjectAltName=$2" -out "$1.csr" 2>/dev/null &&
    openssl ca -batch -notext -config ca.cnf -in "$1.csr" -out "$1.pem" -startdate "$3" -enddate "$4" 2>>ca.log || { tail -n 3 ca.log; exit 1; }
}
key root
openssl req -x509 -key root.key -subj "/CN=test root" -days 3 -out root.pem 2>/dev/null
certificate good DNS:triage.test,IP:127.0.0.1 20200101000000Z 20491231000000Z
certificate expired DNS:triage.test,IP:127.0.0.1 20200101000000Z 20200201000000Z
certificate name DNS:other.test 20200101000000Z 20491231000000Z
key own
openssl req -x509 -key own.key -subj /CN=own -addext subjectAltName=DNS:triage.test,IP:127.0.0.1 -days 3 -out own.pem 2>/dev/null
trusted=/etc/ssl/certs/ca-certificates.crt # Debian's libcurl
mount --bind root.pem "$trusted" || { echo "skipped: $trusted cannot be replaced"; exit 77; }

token --role upload >token
serve_with() { # serve_with CERTIFICATE
  [ -z "$server" ] || stop_server TERM
  up --tls-cert "$work/$1.pem" --tls-key "$work/$1.key"
}
serve_with good
make_file tls 5000000
check "over TLS" 0 "$(send tls "$url")"
whole "over TLS"
make_file cut 6000000
cutting 3 700000
check "over TLS, cut three times" 0 "$(send cut "https://${way#http://}")"
whole "over TLS, cut"
make_file tunnel 3000000
begin python3 "$here/connect_proxy.py" "$work/port" 200
export https_proxy=$way
check "through a proxy" 0 "$(send tunnel https://triage.test:8443)"
whole "through a proxy"
has "that makes a tunnel" '^CONNECT triage.test:8443 HTTP/1.1' "$work/way"
check "and never sees the token" 0 "$(grep -c 'with the token' "$work/way")"
make_file refused 1000000
for status in 407 403; do
  begin python3 "$here/connect_proxy.py" "$work/port" "$status"
  export https_proxy=$way
  began=$(date +%s)
  check "a proxy that answers CONNECT with $status" 2 "$(send refused https://triage.test:8443)"
  has "is told as a proxy's" 'the proxy (asks for a user and a password|does not allow)' "$work/told"
  check "at once" true "$([ $(($(date +%s) - began)) -lt 8 ] && echo true)"
done
end_between
unset https_proxy

refuses() { # refuses CERTIFICATE WORDS
  serve_with "$1"
  check "$1: exit code" 2 "$(send refused "$url")"
  has "$1: in words" "$2" "$work/told"
  has "$1: how to go on" "The bundle stays; to send it later: --upload-only $work/refused.zip\$" "$work/told"
  check "$1: one line, after that of the beginning" 2 "$(wc -l <"$work/told")"
  check "$1: nothing was sent" "" "$(stored)$(find "$work/data/spool" -type f)"
}
refuses expired 'has expired or is not valid yet, or the clock of this machine is wrong'
refuses name 'is for another name than the one in this address'
refuses own 'from an authority that this machine does not trust'
[ "$failures" = 0 ] || { tail -n 5 "$work/told" "$work/err"; exit 1; }
