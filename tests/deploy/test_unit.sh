#!/usr/bin/env bash
# The systemd unit: systemd understands every line, finds it tight, and the server tells it when it is ready and when it ends.
set -u
. "$(dirname "$0")/../e2e/common.sh"
command -v systemd-analyze >/dev/null || { echo "skipped: systemd is not installed (deploy/setup --tests)"; exit 77; }
sed "s|/usr/bin/certtriage-server|$bin/certtriage-server|" "$CT_SOURCE_DIR/deploy/certtriage-server.service" >"$work/certtriage-server.service"
check "systemd understands it" "" "$(systemd-analyze verify --recursive-errors=no "$work/certtriage-server.service" 2>&1 | grep -F certtriage)"
check "reload reads again what is read" '/bin/kill -HUP $MAINPID' "$(sed -n 's/^ExecReload=//p' "$work/certtriage-server.service")"
cat >"$work/override" <<'UNIT'
[Service]
IPAddressAllow=192.0.2.0/24
LoadCredential=cert.pem:/etc/certtriage/cert.pem
ExecStart=
UNIT
mkdir "$work/certtriage-server.service.d" && { cat "$work/override" && sed -n 's/^ *\(ExecStart=.*192.0.2.1.*\)/\1/p' "$CT_SOURCE_DIR/deploy/README.md" | sed "s|/usr/bin/certtriage-server|$bin/certtriage-server|"; } >"$work/certtriage-server.service.d/override.conf"
check "what deploy/README.md writes over it" "" "$(systemd-analyze verify --recursive-errors=no "$work/certtriage-server.service" 2>&1 | grep -F certtriage)"
check "is a way to serve" 1 "$(grep -c '^ExecStart=.*--tls-cert' "$work/certtriage-server.service.d/override.conf")"
rm -r "$work/certtriage-server.service.d"
systemd-analyze security --offline=true --threshold=20 "$work/certtriage-server.service" >"$work/security" 2>&1
check "its exposure is at most 2.0 of 10" 0 $?
[ "$failures" = 0 ] || tail -3 "$work/security"

# sd_notify(3): a datagram to $NOTIFY_SOCKET.
/usr/bin/python3 - "$work/notify" >"$work/told" <<'PY' &
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
s.settimeout(20)
for _ in range(2):
    print(s.recv(1000).decode(), flush=True)
PY
listener=$!
for _ in $(seq 100); do [ -S "$work/notify" ] && break; sleep 0.05; done
NOTIFY_SOCKET=$work/notify start_server
stop_server TERM
wait "$listener"
check "READY, then STOPPING" "READY=1 STOPPING=1" "$(tr '\n' ' ' <"$work/told" | sed 's/ *$//')"
[ "$failures" = 0 ]
