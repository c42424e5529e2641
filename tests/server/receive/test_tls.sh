#!/usr/bin/env bash
# TLS: a real handshake, the certificate renewed while the server runs, and what does not fit together refused.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
make_certificate() { # make_certificate NAME
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" -addext subjectAltName=IP:127.0.0.1 -days 2 \
    -keyout "$work/$1.key" -out "$work/$1.pem" 2>/dev/null
}
shown() { openssl s_client -connect "${url#https://}" </dev/null 2>/dev/null | openssl x509 -noout -subject | sed 's/.*CN = *//'; }
make_certificate one
make_certificate two
cp "$work/one.pem" "$work/cert.pem"
cp "$work/one.key" "$work/key.pem"
start_server --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
check "it says so" https "${url%%:*}"
triage=$(token --role triage)
check "a client that trusts it is answered" 200 "$(curl -sS -m 20 -o /dev/null -w '%{http_code}' --cacert "$work/one.pem" -H "Authorization: Bearer $triage" "$url/api/v1/cases")"
check "one that does not is not" 60 "$(curl -s -m 20 -o /dev/null "$url/api/v1/health"; echo $?)"
check "plain HTTP is not" 000 "$(curl -s -m 20 -o /dev/null -w '%{http_code}' "http://${url#https://}/api/v1/health")"
check "TLS 1.1 is not" 35 "$(curl -s -m 20 -o /dev/null --tls-max 1.1 --cacert "$work/one.pem" "$url/api/v1/health"; echo $?)"
curl -sS -m 20 -o /dev/null -D "$work/headers" -X POST --cacert "$work/one.pem" -H "Authorization: Bearer $triage" "$url/api/v1/session"
has "the cookie goes over TLS only" 'Set-Cookie:.*; Secure' "$work/headers"
check "the first certificate" one "$(shown)"
cp "$work/two.pem" "$work/cert.pem"
kill -HUP "$server"
for _ in $(seq 50); do grep -q event=reload "$work/err" && break; sleep 0.05; done
has "a key of another certificate is told" 'event=reload reason=.*cert.pem' "$work/err"
check "and the old pair stays" one "$(shown)"
cp "$work/two.key" "$work/key.pem"
kill -HUP "$server"
for _ in $(seq 50); do [ "$(grep -c event=reload "$work/err")" = 2 ] && break; sleep 0.05; done
check "the renewed one" two "$(shown)"
stop_server TERM
"$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 --tls-cert "$work/one.pem" --tls-key "$work/two.key" >/dev/null 2>"$work/refusal"
check "a pair that does not fit is refused at the start" 2 $?
has "with its name" 'one.pem and its key' "$work/refusal"
"$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 --tls-cert "$work/one.pem" >/dev/null 2>"$work/refusal"
has "as is half of one" 'belong together' "$work/refusal"
[ "$failures" = 0 ]
