#!/usr/bin/env bash
# Event files in a bundle that was collected and in one made by hand: they stand beside the requests of their minute in the
# report, which keeps to its schema.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server >/dev/null
event() { # event SECOND ALERT
  echo "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Schannel'/><EventID>36888</EventID><Level>2</Level>" \
    "<TimeCreated SystemTime='2015-09-06T15:46:$1.5000000Z'/><EventRecordID>$1</EventRecordID><Channel>System</Channel><Computer>WEB2012R2</Computer></System>" \
    "<EventData><Data Name='AlertDesc'>$2</Data></EventData></Event>"
}
mkdir -p "$work/add/logs/events" "$work/add/attach"
{ event 31 46 && event 33 46 && echo '<Event><System><EventID>1'; } >"$work/add/logs/events/System.xml"
cp "$CT_SOURCE_DIR/tests/fuzz/seeds/fuzz_evtx/file" "$work/add/attach/client.evtx"
(cd "$work/add" && zip -qr ../article-server.zip .)
"$bin/certtriage-server" lint "$work/article-server.zip" >"$work/report.txt"
has "events stand beside the symptom" 'beside it: schannel 36888: a fatal alert was sent, alert 46 \(certificate_unknown\)' "$work/report.txt"
has "what was skipped is told" 'System\.xml: 1 event was skipped; the first: the event is cut off' "$work/report.txt"
"$bin/certtriage-server" query "$work/article-server.zip" "SELECT entry, format, events FROM event_channel ORDER BY entry" >"$work/channels"
check "both files are read" "$(printf 'entry\tformat\tevents\nattach/client.evtx\tevtx\t2\nlogs/events/System.xml\txml\t2')" "$(cat "$work/channels")"

# A client of the case that had no certificate to send, in the same minute.
made_bundle article-client --role client >/dev/null
mkdir -p "$work/client/logs/events"
echo "<Event><System><Provider Name='Schannel'/><EventID>36875</EventID><Level>3</Level><TimeCreated SystemTime='2015-09-06T15:46:02Z'/>" \
  "<EventRecordID>9</EventRecordID><Channel>System</Channel></System></Event>" >"$work/client/logs/events/System.xml"
(cd "$work/client" && zip -qr ../article-client.zip .)
"$bin/certtriage-server" lint "$work/article-server.zip" "$work/article-client.zip" >"$work/case.txt"
has "the client's events stand there, too" 'beside it: on CLIENT07: schannel 36875: the server asked for a client certificate' "$work/case.txt"

mkdir "$work/hand"
(cd "$work/hand" && unzip -q "$work/article-server.zip" && rm -rf manifest.json items && zip -qr ../hand.zip .)
"$bin/certtriage-server" lint --format json -o "$work/report.json" "$work/hand.zip"
beside=$(/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
try:
    import jsonschema
    jsonschema.validate(r, json.load(open(sys.argv[2])))
except ImportError:
    pass
d = [d for d in r["diagnoses"] if d["symptom"]["status"] == 403]
e = d[0]["symptom"]["events"][0]
print(e["count"], e["entry"], e["line"], e["last"])' "$work/report.json" "$CT_SOURCE_DIR/schema/report.schema.json")
check "without a manifest as well" "2 logs/events/System.xml 1 2015-09-06T15:46:33.500Z" "$beside"

# What a healthy server writes in the ordinary course of life raises no alarm.
made_bundle healthy-2019 >/dev/null
one() { # one PROVIDER ID LEVEL TIME DATA
  echo "<Event><System><Provider Name='$1'/><EventID>$2</EventID><Level>$3</Level><TimeCreated SystemTime='2024-03-$4Z'/><Channel>System</Channel>" \
    "<Computer>WEB2019.example.test</Computer></System><EventData>$5</EventData></Event>"
}
mkdir -p "$work/healthy/logs/events"
{
  one Schannel 36880 4 12T08:00:00 "<Data Name='Type'>server</Data>"
  one Schannel 36887 2 12T08:00:01 "<Data Name='AlertDesc'>46</Data>"
  one Schannel 36888 2 12T08:00:02 "<Data Name='AlertDesc'>70</Data>"
  one Schannel 36874 2 12T08:00:03 "<Data Name='Protocol'>TLS 1.0</Data>"
  one Schannel 36871 2 12T08:00:04 "<Data Name='Type'>client</Data><Data Name='ErrorState'>10013</Data>"
  one NETLOGON 5719 2 02T02:16:00 "<Data>EXAMPLE</Data>"
  one Microsoft-Windows-Time-Service 129 3 02T02:16:01 "<Data>15</Data>"
  one Microsoft-Windows-HttpEvent 15300 3 01T00:00:00 "<Data Name='Endpoint'>0.0.0.0:443</Data>"
  one Microsoft-Windows-HttpEvent 15301 3 01T00:00:01 "<Data Name='Endpoint'>0.0.0.0:443</Data>"
  one Service-Control-Manager 7036 4 12T08:00:05 "<Data>running</Data>"
} >"$work/healthy/logs/events/System.xml"
alarms() {
  "$bin/certtriage-server" lint --format json -o "$work/alarms.json" "$work/healthy-2019.zip"
  /usr/bin/python3 -c '
import json, sys
print(sorted(f["rule"] for f in json.load(open(sys.argv[1]))["findings"] if f["severity"] != "info"))' "$work/alarms.json"
}
before=$(alarms)
(cd "$work/healthy" && zip -qr ../healthy-2019.zip .)
check "ordinary events of a healthy server raise no alarm" "$before" "$(alarms)"
check "and it has none" "[]" "$before"
[ "$failures" = 0 ]
