/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_reprocess SERVER.zip CLIENT.zip [CASES]: so many ordinary cases (1,000) are judged again from stored
 * facts, on all processors, with their reports stored; then by a rule that is new, as --dry-run does. The
 * peer in the same run: the sqlite3 shell that writes out the same facts. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "bench_case.h"
#include "cage.h"
#include "each.h"
#include "facts_db.h"
#include "impact.h"
#include "job.h"

enum { PEER_ROUNDS = 30 };

struct bench {
    struct store *store;
    struct ruleset *rules;
    char dir[64], first[4200];
    int n;
};

static void must(int r, const struct err *e)
{
    if (r >= 0)
        return;
    (void)fprintf(stderr, "bench_reprocess: %s\n", e->text);
    exit(2);
}

static void add_bundle(struct bench *b, const char *path, const char *case_id, char sha256[65])
{
    struct err e = {0};
    struct blob_spool *spool = NULL;
    char piece[65536];
    size_t n;
    FILE *f = fopen(path, "rb");

    if (!f)
        must(err_errno(&e, "%s", path), &e);
    must(blob_spool_begin(store_blobs(b->store), 1 << 30, &spool, &e), &e);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        must(blob_spool_write(spool, piece, n, &e), &e);
    (void)fclose(f);
    must(blob_spool_hash(spool, sha256, &e), &e);
    must(store_bundle_add(b->store, spool, sha256, str_from(case_id), 1000, &e), &e);
}

static void fill(const char *path, int (*with)(sqlite3 *db))
{
    sqlite3 *db = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK || with(db) < 0)
        exit(2);
    (void)sqlite3_close(db);
}

static char found[4200];

static int remember(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)where;
    if (type == FTW_F)
        (void)snprintf(found, sizeof found, "%s", path);
    return 0;
}

static void build_first(struct bench *b, const char *const *bundles)
{
    static int (*const fills[])(sqlite3 *) = {bench_fill_server, bench_fill_client};
    struct err e = {0};
    CLEANUP(buf_done) struct buf kept = BUF_INIT(8192);
    char sha256[65], folder[128];

    for (int i = 0; i < 2; i++)
        add_bundle(b, bundles[i], "B0", sha256);
    must(job_case_path(b->store, STR("B0"), false, &kept, NULL, &e), &e);
    for (int i = 0; i < 2; i++) {
        CLEANUP(buf_done) struct buf path = BUF_INIT(8192);
        add_bundle(b, bundles[i], "B0", sha256);
        must(blob_facts_path(store_blobs(b->store), sha256, FACTS_VERSION, EXTRACTORS_VERSION, &path, &e),
             &e);
        fill(buf_c(&path), fills[i]);
    }
    must(blob_case_forget(store_blobs(b->store), STR("B0"), NULL, &e), &e);
    buf_clear(&kept);
    double begin = bench_now();
    must(job_case_path(b->store, STR("B0"), false, &kept, NULL, &e), &e);
    (void)printf("facts of one case         %8.1f ms to build, once\n", (bench_now() - begin) * 1e3);
    (void)snprintf(folder, sizeof folder, "%s/cases/B0", b->dir);
    (void)nftw(folder, remember, 8, FTW_PHYS);
    (void)snprintf(b->first, sizeof b->first, "%s", found);
}

static void copy_file(const char *from, const char *to)
{
    char piece[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    size_t n;

    while (in && out && (n = fread(piece, 1, sizeof piece, in)) > 0)
        (void)fwrite(piece, 1, n, out);
    if (!in || !out || fclose(in) != 0 || fclose(out) != 0)
        exit(2);
}

/* The same facts under other names: what is timed is not how they were made. */
static void build_others(struct bench *b, const char *const *bundles)
{
    const char *name = strrchr(b->first, '/') + 1;
    char id[32], folder[160], path[400], sha256[65];

    for (int i = 1; i < b->n; i++) {
        (void)snprintf(id, sizeof id, "B%d", i);
        for (int k = 0; k < 2; k++)
            add_bundle(b, bundles[k], id, sha256);
        (void)snprintf(folder, sizeof folder, "%s/cases/%s", b->dir, id);
        (void)mkdir(folder, 0700);
        (void)snprintf(path, sizeof path, "%s/%.200s", folder, name);
        copy_file(b->first, path);
    }
}

static void one_case(void *ctx, struct judge *judge, const char *case_id)
{
    struct bench *b = ctx;
    struct err e = {0};

    must(job_lint_case(b->store, b->rules, str_from(case_id), &(struct job_how){.judge = judge}, NULL, &e),
         &e);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

/* Processor time of this process, or of its children that have ended, in seconds. */
static double processor(int who)
{
    struct rusage u = {0};

    (void)getrusage(who, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Every case of the store; what a busy machine takes of the rate it does not take of the processor's time. */
static double judge_all(struct bench *b)
{
    struct err e = {0};
    double begin = bench_now(), own = processor(RUSAGE_SELF), workers = processor(RUSAGE_CHILDREN), took;

    must(job_each_case(b->store, b->rules, one_case, b, &e), &e);
    took = bench_now() - begin;
    own = processor(RUSAGE_SELF) - own;
    workers = processor(RUSAGE_CHILDREN) - workers;
    (void)printf(
        "%5d cases, %3zu rules    %8.1f cases/s with stored reports (the bar: 300 on two processors)\n", b->n,
        ruleset_count(b->rules), b->n / took);
    (void)printf("processor for a case      %8.2f ms in workers, %.2f ms in the server\n",
                 workers / b->n * 1e3, own / b->n * 1e3);
    return took;
}

static double time_peer(const struct bench *b)
{
    const char *const argv[] = {"sqlite3", "-readonly", b->first, ".dump", NULL};
    double begin = bench_now();

    for (int i = 0; i < PEER_ROUNDS; i++)
        if (bench_run(argv).wall < 0)
            return -1;
    return (bench_now() - begin) / PEER_ROUNDS;
}

static void run(struct bench *b, const char *const *bundles)
{
    struct err e = {0};
    struct stat info = {0};
    json_t *impact = NULL;
    double begin, took, peer;

    must(ruleset_load(NULL, true, &b->rules, &e), &e);
    must(store_open(b->dir, &b->store, &e), &e);
    build_first(b, bundles);
    build_others(b, bundles);
    (void)stat(b->first, &info);
    took = judge_all(b);
    peer = time_peer(b);
    (void)printf("facts of one case         %8.2f MiB\n", (double)info.st_size / 1048576);
    (void)printf("sqlite3 .dump of a case   %8.2f ms; a case is judged in %.2f ms, %.2f times that\n",
                 peer * 1e3, took / b->n * 1e3, took / b->n / peer);
    begin = bench_now();
    must(impact_of(b->store, b->rules, 3, &impact, &e), &e);
    (void)printf("impact of rules           %8.1f s for %d cases\n", bench_now() - begin, b->n);
    json_decref(impact);
    store_close(b->store);
    ruleset_free(b->rules);
    (void)nftw(b->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    struct bench b = {.dir = "/tmp/bench-reprocess-XXXXXX", .n = 1000};

    if (argc > 1 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    if (argc > 3)
        b.n = (int)strtol(argv[3], NULL, 10);
    if (argc < 3 || b.n < 1 || !mkdtemp(b.dir)) {
        (void)fprintf(stderr, "bench_reprocess SERVER.zip CLIENT.zip [CASES]\n");
        return 2;
    }
    run(&b, (const char *const[]){argv[1], argv[2]});
    return 0;
}
