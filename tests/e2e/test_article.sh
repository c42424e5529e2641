#!/usr/bin/env bash
# The article's own example, from machine folders to the diagnosis, on the command line.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server --role server --url https://chiranth.com/ --when 2015-09-06T15:46:29Z
made_bundle article-client --role client

"$bin/certtriage-server" lint "$work/article-server.zip" "$work/article-client.zip" >"$work/report.txt"
check "an error was found" 1 $?
"$bin/certtriage-server" lint --format json -o "$work/report.json" "$work/article-server.zip" "$work/article-client.zip"
first=$(/usr/bin/python3 -c '
import json, sys
r = json.load(open(sys.argv[1]))
d = [d for d in r["diagnoses"] if d["symptom"]["status"] == 403 and d["symptom"]["substatus"] == 7]
print(len(d), d[0]["causes"][0]["rule"])
errors = [f for f in r["findings"] if f["severity"] == "error"]
print(" ".join(sorted({f["rule"] for f in errors})))' "$work/report.json")
check "the most likely cause of its 403.7, and the errors" "1 reneg-500-0-64
reneg-500-0-64 sslbinding-negotiate-missing" "$first"
has "the binding is mended with netsh" 'netsh http (add|update) sslcert ipport=10\.10\.10\.10:443' "$work/report.txt"
has "its certificate is kept" 'certhash=[0-9a-f]{40}' "$work/report.txt"
has "its application id is kept" 'appid="\{4dc3e181-e14b-4a21-b022-59fc669b0914\}"' "$work/report.txt"
has "negotiation is switched on" 'clientcertnegotiation=enable' "$work/report.txt"
has "the log line is shown" 'u_ex150906\.log' "$work/report.txt"
has "the trace is shown" '800703e3' "$work/report.txt"

# A question that no rule asks.
"$bin/certtriage-server" query "$work/article-server.zip" "SELECT count(*) AS n FROM app_pool" >"$work/answer"
check "query answers" "n" "$(head -1 "$work/answer")"
"$bin/certtriage-server" query "$work/article-server.zip" "DELETE FROM request" 2>"$work/refusal"
check "query only reads" 2 $?
"$bin/certtriage-server" query "$work/article-server.zip" "ATTACH '/etc/passwd' AS x" 2>"$work/refusal"
check "query opens nothing" 2 $?
"$bin/certtriage-server" facts "$work/article-server.zip" -o "$work/facts.sqlite"
check "facts are a database" 0 $?

# A rule added as a file is picked up without a rebuild.
added_rule "$work/rules"
"$bin/certtriage-server" rules list --rules "$work/rules" >"$work/list"
check "one rule more" $(($("$bin/certtriage-server" rules list | wc -l) + 1)) "$(wc -l <"$work/list")"
[ "$failures" = 0 ]
