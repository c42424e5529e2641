/* SPDX-License-Identifier: Apache-2.0
 *
 * How long linting a log-heavy bundle takes, set against inflating it with unzip -p: README.md. */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "extract.h"
#include "limits.h"
#include "sink.h"
#include "unpack.h"
#include "w3c.h"

enum { ROUNDS_MAX = 99 };

static double now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct took {
    double wall, cpu; /* seconds; wall negative: it did not run */
    long kib;         /* largest process */
};

static double cpu_of(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

/* wall is negative when it ended by a signal or with 2 and more. */
static struct took run(const char *const *argv)
{
    double begin = now();
    struct rusage usage = {0};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 1);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return (struct took){.wall = -1};
    bool ran = WIFEXITED(status) && WEXITSTATUS(status) < 2;
    return (struct took){.wall = ran ? now() - begin : -1, .cpu = cpu_of(&usage), .kib = usage.ru_maxrss};
}

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
    double begin = now();
    (void)getrusage(RUSAGE_SELF, &before);
    int r = fd < 0 ? -1 : unpack_open(fd, &a, &p.unpack, &e);

    p.n_entries = r < 0 ? 0 : unpack_count(p.unpack);
    p.entries = r < 0 ? NULL : arena_array(&a, p.n_entries + 1, sizeof(*p.entries));
    for (size_t i = 0; p.entries && i < p.n_entries; i++)
        p.entries[i] =
            (struct entry){.name = unpack_entry(p.unpack, i)->name, .index = i, .time_ms = TIME_NONE};
    r = p.entries ? job(&p, &a, &e) : -1;
    struct took took = {.wall = r < 0 ? -1 : now() - begin};
    (void)getrusage(RUSAGE_SELF, &after);
    took.cpu = cpu_of(&after) - cpu_of(&before);
    unpack_close(p.unpack);
    (void)close(fd);
    if (r < 0)
        fprintf(stderr, "bench_logs: %s: %s\n", what, e.text);
    return took;
}

static void say(const char *what, struct took t, struct took base, double mib)
{
    printf("%-24s %8.4f s wall, %8.4f s cpu, %6.0f MiB/s; of unzip -p: %.2f wall, %.2f cpu\n", what, t.wall,
           t.cpu, mib / t.wall, t.wall / base.wall, t.cpu / base.cpu);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* One after the other, round by round, so that whatever else the machine does meets both. */
static int compare(const char *const *unzip, const char *const *lint, int rounds, double mib)
{
    struct took best = {.wall = -1}, base = {.wall = -1};
    double ratios[ROUNDS_MAX];
    long kib = 0;

    for (int i = 0; i < rounds; i++) {
        struct took a = run(unzip), b = run(lint);
        if (a.wall < 0 || b.wall < 0) {
            fprintf(stderr, "bench_logs: %s did not run\n", a.wall < 0 ? unzip[0] : lint[0]);
            return 2;
        }
        ratios[i] = b.wall / a.wall;
        base = base.wall < 0 || a.wall < base.wall ? a : base;
        best = best.wall < 0 || b.wall < best.wall ? b : best;
        kib = b.kib > kib ? b.kib : kib;
    }
    qsort(ratios, (size_t)rounds, sizeof(ratios[0]), by_size);
    say("certtriage-server lint", best, base, mib);
    printf(
        "ratio %.2f (best of each), %.2f (median of %d rounds), bar 0.35; largest process %.1f MiB, bar 64\n",
        best.wall / base.wall, ratios[rounds / 2], rounds, (double)kib / 1024);
    return 0;
}

static int bench(const char *bundle, const char *server, int rounds, double mib)
{
    const char *const unzip[] = {"unzip", "-p", bundle, NULL};
    const char *const lint[] = {server, "lint", "--format", "json", bundle, NULL};
    struct took base = run(unzip);

    if (base.wall < 0) {
        fprintf(stderr, "bench_logs: unzip did not run\n");
        return 2;
    }
    say("unzip -p", base, base, mib);
    say("unpack alone", in_process(bundle, "unpack", inflate_only), base, mib);
    say("unpack and scan", in_process(bundle, "scan", scan_lines), base, mib);
    say("unpack and extract", in_process(bundle, "extract", extract_all), base, mib);
    return server ? compare(unzip, lint, rounds, mib) : 0;
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
    rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
    int r = bench(bundle ? bundle : path, server, (int)rounds, (double)mib);
    if (!bundle)
        (void)unlink(path);
    return r;
}
