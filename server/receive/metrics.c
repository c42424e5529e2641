/* SPDX-License-Identifier: Apache-2.0
 *
 * Metrics in the text format of Prometheus (https://prometheus.io/docs/instrumenting/exposition_formats/,
 * "Text-based format", 0.0.4). Nothing here has a label whose values a stranger could make up. */
#include "cage.h"
#include "job.h"
#include "request.h"
#include "store_keep.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum {
    TEXT_BYTES = 1 << 20,
    SIZES_MS = 60 * 1000 /* how old the size of the store may be: it is added up */
};

static void head(struct buf *b, const char *name, const char *type, const char *help)
{
    buf_printf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A metric of one value. */
static void one(struct buf *b, const char *name, const char *type, const char *help, int64_t value)
{
    head(b, name, type, help);
    buf_printf(b, "%s %" PRId64 "\n", name, value);
}

static void seconds(struct buf *b, int64_t ms)
{
    buf_printf(b, "%" PRId64 ".%03" PRId64, ms / 1000, ms % 1000);
}

static void add_build(struct buf *b, const struct request *r)
{
    const struct ruleset *rules = rules_now_hold(r->server->options.rules);

    head(b, "certtriage_build_info", "gauge", "1; the labels say which program, rules and extractors judge.");
    buf_printf(b, "certtriage_build_info{version=\"%s\",ruleset=\"%s\",extractors=\"%s\"} 1\n",
               CERTTRIAGE_VERSION, ruleset_version(rules), job_extractors());
    rules_now_release(r->server->options.rules, rules);
}

static void add_route(struct buf *b, const struct request_counts *c, const struct route *route)
{
    for (unsigned status_class = 1; status_class <= STATUS_CLASSES; status_class++) {
        uint64_t n = request_counts_of(c, route, status_class);
        if (n > 0)
            buf_printf(
                b, "certtriage_http_requests_total{operation=\"%s%s%s\",status=\"%uxx\"} %" PRIu64 "\n",
                route ? route->method : "none", route ? " " : "", route ? route->path : "", status_class, n);
    }
}

static void add_requests(struct buf *b, const struct request *r)
{
    const struct request_counts *c = r->server->counts;
    const struct route *route;

    head(b, "certtriage_http_requests_total", "counter",
         "Requests that were answered, by operation of schema/openapi.yaml and class of status.");
    for (size_t i = 0; (route = route_at(i)); i++)
        add_route(b, c, route);
    add_route(b, c, NULL);
    one(b, "certtriage_upload_bytes_total", "counter", "Bytes of bundles that were received.",
        (int64_t)request_counts_upload_bytes(c));
}

static void add_connections(struct buf *b, const struct request *r)
{
    struct connection_counts c;

    connections_count(r->server->connections, &c);
    one(b, "certtriage_connections_open", "gauge", "Connections that are open.", c.open);
    one(b, "certtriage_connections_accepted_total", "counter", "Connections that were accepted.",
        (int64_t)c.accepted);
    one(b, "certtriage_connections_turned_away_total", "counter", "Connections that were one too many.",
        (int64_t)c.turned_away);
    one(b, "certtriage_connections_cut_total", "counter",
        "Connections that were ended because their client was too slow.", (int64_t)c.cut);
}

static int add_queue(struct buf *b, const struct request *r, struct err *e)
{
    struct store_queue q = {0};

    if (store_queue_read(r->server->store, &q, e) < 0)
        return -e->code;
    head(b, "certtriage_jobs", "gauge", "Jobs that are queued or running.");
    buf_printf(b, "certtriage_jobs{state=\"queued\",kind=\"lint\"} %" PRId64 "\n", q.lint_queued);
    buf_printf(b, "certtriage_jobs{state=\"queued\",kind=\"reprocess\"} %" PRId64 "\n", q.reprocess_queued);
    buf_printf(b, "certtriage_jobs{state=\"running\",kind=\"any\"} %" PRId64 "\n", q.running);
    one(b, "certtriage_queue_length", "gauge", "Jobs that wait.", q.lint_queued + q.reprocess_queued);
    one(b, "certtriage_cases_set_aside", "gauge",
        "Cases whose newest job failed for good; their bundles are kept.", q.failed);
    return 0;
}

static void add_kind(struct buf *b, const char *kind, const struct job_kind_counts *c)
{
    static const char *const bounds[JOB_BUCKETS] = JOB_BUCKET_SECONDS;
    uint64_t n = 0;

    for (size_t i = 0; i < JOB_BUCKETS; i++) {
        n += c->within[i];
        buf_printf(b, "certtriage_job_duration_seconds_bucket{kind=\"%s\",le=\"%s\"} %" PRIu64 "\n", kind,
                   bounds[i], n);
    }
    buf_printf(b, "certtriage_job_duration_seconds_sum{kind=\"%s\"} ", kind);
    seconds(b, c->sum_ms);
    buf_printf(b, "\ncerttriage_job_duration_seconds_count{kind=\"%s\"} %" PRIu64 "\n", kind, n);
}

static void add_jobs(struct buf *b, const struct request *r)
{
    static const char *const kinds[JOB_KINDS] = {[JOB_LINT] = "lint", [JOB_REPROCESS] = "reprocess"};
    struct job_counts c;

    job_pool_count(r->server->options.pool, &c);
    head(b, "certtriage_jobs_ended_total", "counter", "Jobs that ended, and how.");
    for (size_t i = 0; i < JOB_KINDS; i++)
        buf_printf(b,
                   "certtriage_jobs_ended_total{kind=\"%s\",result=\"done\"} %" PRIu64 "\n"
                   "certtriage_jobs_ended_total{kind=\"%s\",result=\"again\"} %" PRIu64 "\n"
                   "certtriage_jobs_ended_total{kind=\"%s\",result=\"set-aside\"} %" PRIu64 "\n",
                   kinds[i], c.of[i].done, kinds[i], c.of[i].again, kinds[i], c.of[i].set_aside);
    head(b, "certtriage_job_duration_seconds", "histogram", "How long jobs took, those that failed, too.");
    for (size_t i = 0; i < JOB_KINDS; i++)
        add_kind(b, kinds[i], &c.of[i]);
}

static void add_workers(struct buf *b)
{
    struct cage_counts c;

    cage_count(&c);
    one(b, "certtriage_workers_started_total", "counter", "Worker processes that were started, one a bundle.",
        (int64_t)c.started);
    one(b, "certtriage_workers_failed_total", "counter",
        "Worker processes that were killed or sent what they should not.", (int64_t)c.failed);
}

static int add_store(struct buf *b, struct http_server *h, struct err *e)
{
    struct store_sizes s;

    if (store_sizes_read(h->store, SIZES_MS, &s, e) < 0)
        return -e->code;
    one(b, "certtriage_cases", "gauge", "Cases that are kept.", s.cases);
    one(b, "certtriage_bundles", "gauge", "Bundles that are kept.", s.bundles);
    one(b, "certtriage_store_bytes", "gauge", "Size of all files of the data folder; at most a minute old.",
        s.bytes);
    one(b, "certtriage_disk_free_bytes", "gauge", "Free space of the disk of the data folder.", s.free_bytes);
    one(b, "certtriage_disk_reserve_bytes", "gauge", "Free space that uploads leave (--min-free).",
        h->options.min_free_bytes);
    return 0;
}

/* proc(5): /proc/self/statm, in pages; "size resident …". */
static void add_process(struct buf *b)
{
    FILE *f = fopen("/proc/self/statm", "re");
    long long size = 0, resident = 0;
    struct timespec cpu;

    if (f && fscanf(f, "%lld %lld", &size, &resident) == 2) {
        one(b, "process_virtual_memory_bytes", "gauge", "Virtual memory.", size * sysconf(_SC_PAGESIZE));
        one(b, "process_resident_memory_bytes", "gauge", "Resident memory.",
            resident * sysconf(_SC_PAGESIZE));
    }
    if (f)
        (void)fclose(f);
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    head(b, "process_cpu_seconds_total", "counter", "Processor time, without that of workers.");
    buf_printf(b, "process_cpu_seconds_total ");
    seconds(b, (int64_t)cpu.tv_sec * 1000 + cpu.tv_nsec / 1000000);
    buf_add_char(b, '\n');
}

static int show_metrics(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(TEXT_BYTES);

    add_build(&b, r);
    add_requests(&b, r);
    add_connections(&b, r);
    add_jobs(&b, r);
    add_workers(&b);
    add_process(&b);
    if (add_queue(&b, r, e) < 0 || add_store(&b, r->server, e) < 0 || buf_check(&b, "metrics", e) < 0)
        return -e->code;
    r->is_secret = true;
    return answer(r, MHD_HTTP_OK, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b), e);
}

static const struct route rows[] = {
    {.method = "GET", .path = "/api/v1/metrics", .role = TOKEN_TRIAGE, .end = show_metrics},
};
const struct route_table routes_metrics = ROUTE_TABLE(rows);
