/* SPDX-License-Identifier: Apache-2.0
 *
 * How long linting a log-heavy bundle takes, set against inflating it with unzip -p: README.md. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "extract.h"
#include "limits.h"
#include "sink.h"
#include "unpack.h"
#include "w3c.h"

struct pass {
    struct unpack *unpack;
    struct entry *entries;
    size_t n_entries;
    int64_t bytes, rows;
};

static int count_bytes(void *ctx, struct bytes piece)
{
    ((struct pass *)ctx)->bytes += (int64_t)piece.len;
    return 0;
}

static int scan_piece(void *ctx, struct bytes piece)
{
    return w3c_feed(ctx, piece);
}

static int ignore_line(const struct w3c_line *line, void *ctx)
{
    int64_t status = 0;

    (void)w3c_number(line, W3C_STATUS, &status);
    *(int64_t *)ctx += status;
    return 0;
}

static int count_row(struct bytes frame, void *ctx, struct err *e)
{
    (void)frame, (void)e;
    ((struct pass *)ctx)->rows++;
    return 0;
}

static int view_read(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    return unpack_read(((struct pass *)ctx)->unpack, entry->index, a, ret, e);
}

static int view_stream(void *ctx, const struct entry *entry, int (*take)(void *, struct bytes),
                       void *take_ctx, struct err *e)
{
    return unpack_stream(((struct pass *)ctx)->unpack, entry->index, take, take_ctx, e);
}

static int inflate_only(struct pass *p, struct arena *a, struct err *e)
{
    int r = 0;

    (void)a;
    for (size_t i = 0; r == 0 && i < p->n_entries; i++)
        r = unpack_stream(p->unpack, i, count_bytes, p, e);
    return r;
}

static int scan_lines(struct pass *p, struct arena *a, struct err *e)
{
    int64_t sum = 0;
    int r = 0;

    (void)a;
    for (size_t i = 0; r == 0 && i < p->n_entries; i++) {
        CLEANUP(w3c_done) struct w3c w;
        w3c_init(&w, W3C_IIS, p->entries[i].name, ignore_line, &sum);
        if (str_iends(p->entries[i].name, STR(".log")))
            r = unpack_stream(p->unpack, i, scan_piece, &w, e);
    }
    return r;
}

static int extract_all(struct pass *p, struct arena *a, struct err *e)
{
    struct bundle_view view = {
        .entries = p->entries, .n_entries = p->n_entries, .ctx = p, .read = view_read, .stream = view_stream};
    struct extract_site site = {STR("Default Web Site"), 1};
    struct extract_path paths[] = {{site.name, site.name}, {site.name, STR("Default Web Site/orders")}};
    struct extract_state x = {.arena = a,
                              .view = &view,
                              .collected_ms = TIME_NONE,
                              .sites = &site,
                              .n_sites = 1,
                              .paths = paths,
                              .n_paths = ARRAY_LEN(paths)};
    int r = sink_open_put(count_row, p, &x.sink, e);

    if (r == 0)
        r = extract_logs(&x, e);
    return sink_close(x.sink, e) < 0 ? -1 : r;
}

static struct took in_process(const char *bundle, const char *what,
                              int (*job)(struct pass *, struct arena *, struct err *))
{
    CLEANUP(arena_done) struct arena a = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    struct pass p = {.rows = 0};
    struct err e = {0};
    int fd = open(bundle, O_RDONLY | O_CLOEXEC);
    struct rusage before, after;
    double begin = bench_now();
    (void)getrusage(RUSAGE_SELF, &before);
    int r = fd < 0 ? -1 : unpack_open(fd, NULL, &a, &p.unpack, &e);

    p.n_entries = r < 0 ? 0 : unpack_count(p.unpack);
    p.entries = r < 0 ? NULL : arena_array(&a, p.n_entries + 1, sizeof(*p.entries));
    for (size_t i = 0; p.entries && i < p.n_entries; i++)
        p.entries[i] =
            (struct entry){.name = unpack_entry(p.unpack, i)->name, .index = i, .time_ms = TIME_NONE};
    r = p.entries ? job(&p, &a, &e) : -1;
    struct took took = {.wall = r < 0 ? -1 : bench_now() - begin};
    (void)getrusage(RUSAGE_SELF, &after);
    took.cpu = bench_cpu(&after) - bench_cpu(&before);
    unpack_close(p.unpack);
    (void)close(fd);
    if (r < 0)
        fprintf(stderr, "bench_logs: %s: %s\n", what, e.text);
    return took;
}

static int bench(const char *bundle, const char *server, int rounds, double mib)
{
    const char *const unzip[] = {"unzip", "-p", bundle, NULL};
    struct took base = bench_run(unzip);

    if (base.wall < 0) {
        fprintf(stderr, "bench_logs: unzip did not run\n");
        return 2;
    }
    bench_say("unpack alone", in_process(bundle, "unpack", inflate_only), base, mib);
    bench_say("unpack and scan", in_process(bundle, "scan", scan_lines), base, mib);
    bench_say("unpack and extract", in_process(bundle, "extract", extract_all), base, mib);
    return server ? bench_compare(bundle, server, rounds, mib, 0.35) : 0;
}

int main(int argc, char **argv)
{
    const char *server = NULL, *bundle = NULL;
    char path[] = "/tmp/bench-logs-XXXXXX";
    long mib = 256, rounds = 3;
    struct err e = {0};

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--server") == 0)
            server = argv[i + 1];
        else if (strcmp(argv[i], "--bundle") == 0)
            bundle = argv[i + 1];
        else if (strcmp(argv[i], "--mib") == 0)
            mib = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtol(argv[i + 1], NULL, 10);
    }
    if (!bundle)
        (void)close(mkstemp(path));
    if ((!bundle || access(bundle, R_OK) != 0) && bench_bundle_make(bundle ? bundle : path, mib, &e) < 0) {
        fprintf(stderr, "bench_logs: %s\n", e.text);
        return 2;
    }
    int r = bench(bundle ? bundle : path, server, (int)rounds, (double)mib);
    if (!bundle)
        (void)unlink(path);
    return r;
}
