#!/usr/bin/env bash
# Metrics: who may read them, their form, and that they count what happens.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
scrape() {
  curl -sS -m 20 -H "Authorization: Bearer $triage" -D "$work/headers" "$url/api/v1/metrics" >"$work/metrics" &&
    /usr/bin/python3 "$CT_SOURCE_DIR/tests/server/receive/check_metrics.py" "$work/metrics" || failures=$((failures + 1))
}
value() { awk -v m="$1" 'index($0, m " ") == 1 {print substr($0, length(m) + 2)}' "$work/metrics"; }
above() { awk -v v="$(value "$2")" -v low="$3" 'BEGIN {exit !(v + 0 > low)}' || { echo "$1: $2 is '$(value "$2")', not over $3"; failures=$((failures + 1)); }; }
status() { curl -sS -m 20 -o "$work/answer" -w '%{http_code}' "$@"; }
start_server
triage=$(token --role triage)
upload=$(token --role upload --case A1)

check "not without a token" 401 "$(status "$url/api/v1/metrics")"
check "not for who uploads" 403 "$(status -H "Authorization: Bearer $upload" "$url/api/v1/metrics")"
scrape
has "their type" '^Content-Type: text/plain; version=0.0.4' "$work/headers"
check "both were counted" 2 "$(value 'certtriage_http_requests_total{operation="GET /api/v1/metrics",status="4xx"}')"
check "nothing was judged yet" 0 "$(value 'certtriage_jobs_ended_total{kind="lint",result="done"}')"

made_bundle healthy-2019 >/dev/null
check "a bundle" 201 "$(status -H "Authorization: Bearer $upload" --data-binary "@$work/healthy-2019.zip" "$url/api/v1/bundles")"
check "is judged" done "$(case_state A1)"
printf 'no bundle' >"$work/bad.zip"
check "what is none" 201 "$(status -H "Authorization: Bearer $triage" -H 'X-Certtriage-Case: B1' --data-binary "@$work/bad.zip" "$url/api/v1/bundles")"
case_state B1 >/dev/null
check "a path that is not there" 404 "$(status "$url/nothing")"
for _ in $(seq 50); do # the job is written down a moment before it is counted
  scrape
  [ "$(value 'certtriage_job_duration_seconds_count{kind="lint"}')" = 2 ] && break
  sleep 0.1
done
check "uploads" 2 "$(value 'certtriage_http_requests_total{operation="POST /api/v1/bundles",status="2xx"}')"
check "their bytes" "$(($(stat -c %s "$work/healthy-2019.zip") + 9))" "$(value certtriage_upload_bytes_total)"
check "no operation" 1 "$(value 'certtriage_http_requests_total{operation="none",status="4xx"}')"
check "jobs" 2 "$(value 'certtriage_job_duration_seconds_count{kind="lint"}')"
check "all of them in the last bucket" 2 "$(value 'certtriage_job_duration_seconds_bucket{kind="lint",le="+Inf"}')"
check "none waits" 0 "$(value certtriage_queue_length)"
check "cases" 2 "$(value certtriage_cases)"
check "bundles" 2 "$(value certtriage_bundles)"
above "workers" certtriage_workers_started_total 1
above "the disk" certtriage_disk_free_bytes 1000000
above "the store" certtriage_store_bytes 10000
above "memory" process_resident_memory_bytes 1000000
above "processor time" process_cpu_seconds_total 0
above "connections" certtriage_connections_accepted_total 5
above "and this one" certtriage_connections_open 0
[ -z "${PROMTOOL:-}" ] || "$PROMTOOL" check metrics <"$work/metrics" || failures=$((failures + 1))
[ "$failures" = 0 ]
