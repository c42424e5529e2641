/* SPDX-License-Identifier: Apache-2.0
 *
 * bench_server [--rounds 7] [--dir FOLDER]: the server as its keeper feels it. Uploads of 64 MiB in turns
 * with
 * @tus/server and its file store; memory at rest, and while an upload comes; the page of cases over 10,000 of
 * them; 200 slow uploads at once from one address. The bars are printed; the exit code is 1 below one. */
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"
#include "bench_talk.h"
#include "job.h"
#include "rules.h"
#include "store.h"

#include <sqlite3.h>

enum { UPLOAD_BYTES = 64 << 20, SMALL_BYTES = 1 << 20, ROUNDS_MAX = 99, CASES = 10000, ASKED = 41 };
enum { SLOW = 200, SLOW_BYTES = 512 << 10, SLOW_SECONDS = 8, SLOW_STEP_MS = 50 };
enum { WAIT_SECONDS = 120, REST_SECONDS = 6 }; /* longer than threads look for work again */

struct bench {
    char dir[4096], ours[4200], theirs[4200];
    int rounds;
    int missed; /* bars */
    struct talk_server server, peer;
    char *data;
};

static void must(int r, const struct err *e)
{
    if (r >= 0)
        return;
    (void)fprintf(stderr, "bench_server: %s\n", e->text);
    exit(2);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *v, int n)
{
    qsort(v, (size_t)n, sizeof v[0], by_size);
    return v[n / 2];
}

static const char *judge_bar(struct bench *b, bool holds)
{
    b->missed += !holds;
    return holds ? "" : "  MISSED";
}

/* ---- the two servers ---- */

static void start_ours(struct bench *b)
{
    const char *const argv[] = {
        CT_BUILD_DIR "/bin/certtriage-server", "serve", "--data", b->ours, "--listen", "127.0.0.1:0", NULL};

    if (!talk_start(argv, &b->server))
        exit(2);
}

static void make_store(struct bench *b)
{
    CLEANUP(buf_done) struct buf secret = BUF_INIT(256);
    struct store *store = NULL;
    struct err e = {0};

    must(store_open(b->ours, &store, &e), &e);
    must(store_token_create(store, TOKEN_ADMIN, (struct str){0}, STR("bench"), TIME_NONE, &secret, NULL, &e),
         &e);
    (void)snprintf(b->server.token, sizeof b->server.token, "%s", buf_c(&secret));
    store_close(store);
}

static void start_theirs(struct bench *b)
{
    const char *const argv[] = {"node",    CT_SOURCE_DIR "/tests/collector/upload/tus_server.js",
                                b->theirs, "4294967296",
                                "3600000", NULL};

    (void)setenv("NODE_PATH", CT_BUILD_DIR "/npm/node_modules", 1);
    (void)mkdir(b->theirs, 0700);
    if (!talk_start(argv, &b->peer))
        exit(2);
}

/* ---- memory at rest, uploads ---- */

/* Until an answer is the empty list. */
static void wait_for_none(const struct bench *b, const char *path)
{
    CURL *curl = NULL;
    size_t bytes = SIZE_MAX;
    double begin = bench_now();

    while (talk_get(&curl, &b->server, path, &bytes) >= 0 && bytes > strlen("{\"cases\": []}") + 8) {
        if (bench_now() - begin > WAIT_SECONDS) {
            (void)fprintf(stderr, "bench_server: %s is never empty; are server and bench of one build?\n",
                          path);
            exit(2);
        }
        (void)usleep(100000);
    }
    curl_easy_cleanup(curl);
}

static void rest(struct bench *b, const char *when)
{
    struct talk_memory m;

    wait_for_none(b, "/api/v1/cases?limit=1&state=queued");
    wait_for_none(b, "/api/v1/cases?limit=1&state=running");
    (void)sleep(REST_SECONDS);
    m = talk_memory_of(&b->server);
    printf("%-36s %8.1f MiB resident (%.1f shared out) in %d processes; bar 32%s\n", when, m.rss, m.pss, m.n,
           judge_bar(b, m.rss <= 32));
}

/* No two bundles may be one. */
static double upload(struct bench *b, const struct talk_server *s, size_t bytes)
{
    double took;

    if (getrandom(b->data, 16, 0) != 16)
        exit(2);
    took = talk_upload(s, b->data, bytes);
    if (took < 0) {
        (void)fprintf(stderr, "bench_server: an upload to %s failed\n", s->url);
        exit(2);
    }
    return took;
}

/* Between two uploads what a server puts off until after its answer is done, and nothing waits for the disk:
 * the file store leaves its bytes to be written some time, and a sync of ours would write them, too. */
static void calm(const struct bench *b)
{
    int fd = open(b->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)usleep(400000);
    if (fd < 0 || syncfs(fd) < 0)
        exit(2);
    (void)close(fd);
}

/* Theirs, and what it takes until its bytes are on the disk, as ours are when we say so. */
static double upload_theirs(struct bench *b, double *ret_durable)
{
    double took = upload(b, &b->peer, UPLOAD_BYTES), begin = bench_now();
    int fd = open(b->theirs, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || syncfs(fd) < 0)
        exit(2);
    (void)close(fd);
    *ret_durable = took + bench_now() - begin;
    return took;
}

static void say_rate(struct bench *b, const char *about, const double *ours, const double *theirs)
{
    double ratio[ROUNDS_MAX];

    for (int i = 0; i < b->rounds; i++)
        ratio[i] = theirs[i] / ours[i];
    double r = median(ratio, b->rounds);
    printf("%-36s %8.2f times, median of %d rounds; bar 1%s\n", about, r, b->rounds, judge_bar(b, r >= 1));
}

/* What an upload takes whose bytes are few, the worker that judges it included. */
static double peak_of_small(struct bench *b)
{
    (void)talk_memory_begin(&b->server);
    for (int i = 0; i < b->rounds; i++) {
        (void)upload(b, &b->server, SMALL_BYTES);
        calm(b);
    }
    return talk_memory_of(&b->server).peak;
}

static void compare_uploads(struct bench *b)
{
    double ours[ROUNDS_MAX], theirs[ROUNDS_MAX], durable[ROUNDS_MAX], small, peak, mib = UPLOAD_BYTES >> 20;

    (void)upload(b, &b->server, UPLOAD_BYTES); /* is linted: rules are compiled, threads have their memory */
    calm(b);
    small = peak_of_small(b);
    (void)talk_memory_begin(&b->server);
    for (int i = 0; i < b->rounds; i++) {
        theirs[i] = upload_theirs(b, &durable[i]);
        calm(b);
        ours[i] = upload(b, &b->server, UPLOAD_BYTES);
        calm(b);
    }
    say_rate(b, "64 MiB by tus, of @tus/server's rate", ours, theirs);
    say_rate(b, "  when its file is synced, as ours is", ours, durable);
    peak = talk_memory_of(&b->server).peak;
    printf("%-36s %8.0f MiB/s\n", "  ours", mib / median(ours, b->rounds));
    printf("%-36s %8.0f MiB/s (memory %.0f MiB)\n", "  @tus/server, FileStore",
           mib / median(theirs, b->rounds), talk_memory_of(&b->peer).peak);
    printf("%-36s %8.1f MiB at most, %.1f with uploads of 1 MiB; flat within 4%s\n", "  memory meanwhile",
           peak, small, judge_bar(b, peak <= small + 4));
}

/* ---- slow uploads ---- */

struct slow {
    struct talk_body body;
    CURL *curl;
    struct curl_slist *headers;
};

static bool begin_slow(const struct bench *b, struct slow *one, CURLM *multi)
{
    char location[512];

    if (!talk_create(&b->server, SLOW_BYTES, location, sizeof location))
        return false;
    one->body = (struct talk_body){.p = b->data, .len = SLOW_BYTES};
    one->curl = talk_patch(&b->server, location, &one->body, &one->headers);
    (void)curl_easy_setopt(one->curl, CURLOPT_MAX_SEND_SPEED_LARGE, (curl_off_t)(SLOW_BYTES / SLOW_SECONDS));
    (void)curl_easy_setopt(one->curl, CURLOPT_UPLOAD_BUFFERSIZE, 16L << 10);
    return curl_multi_add_handle(multi, one->curl) == CURLM_OK;
}

/* Drives them to their ends; meanwhile somebody asks for something small. */
static double drive(const struct bench *b, CURLM *multi, int *ret_held, double *ret_coming)
{
    CURL *other = NULL;
    double worst = 0, next = bench_now() + 1;
    int running = 1, left;
    const CURLMsg *m;
    size_t bytes;

    while (running > 0 && curl_multi_perform(multi, &running) == CURLM_OK) {
        (void)curl_multi_poll(multi, NULL, 0, SLOW_STEP_MS, NULL);
        if (bench_now() < next)
            continue;
        double took = talk_get(&other, &b->server, "/api/v1/cases?limit=50", &bytes);
        worst = took < 0 || worst < 0 ? -1 : took > worst ? took : worst;
        if (running == SLOW)
            *ret_coming = talk_memory_of(&b->server).rss;
        next = bench_now() + 1;
    }
    curl_easy_cleanup(other);
    while ((m = curl_multi_info_read(multi, &left)))
        *ret_held += m->msg == CURLMSG_DONE && m->data.result == CURLE_OK;
    return worst;
}

static void slow_uploads(struct bench *b)
{
    struct slow *all = calloc(SLOW, sizeof *all);
    CURLM *multi = curl_multi_init();
    double before = talk_memory_begin(&b->server), begin = bench_now(), coming = 0, worst;
    int begun = 0, held = 0;

    for (int i = 0; all && i < SLOW; i++)
        begun += begin_slow(b, &all[i], multi);
    worst = drive(b, multi, &held, &coming);
    printf("%-36s %8d of %d begun held for %.0f s; bar %d%s\n", "slow uploads at once", held, begun,
           bench_now() - begin, SLOW, judge_bar(b, held == SLOW));
    printf("%-36s %8.1f MiB, %.1f before; %.1f at most while what came is judged\n",
           "  memory while all of them come", coming, before, talk_memory_of(&b->server).peak);
    printf("%-36s %8.1f ms at worst%s\n", "  a page of cases meanwhile", worst * 1e3,
           judge_bar(b, worst >= 0));
    for (int i = 0; all && i < SLOW; i++) {
        if (all[i].curl)
            (void)curl_multi_remove_handle(multi, all[i].curl);
        curl_easy_cleanup(all[i].curl);
        curl_slist_free_all(all[i].headers);
    }
    (void)curl_multi_cleanup(multi);
    free(all);
}

/* ---- 10,000 cases ---- */

/* As a year of work leaves them: two bundles, a job that is done, a report and three findings each. */
static const char fill_sql[] =
    "BEGIN;"
    "CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
    "SELECT i, printf('CASE-%%06d', i) AS id, %lld - i * 3000000 AS at FROM n;"
    "INSERT INTO cases(id, created, received, severity, cause, closed) SELECT id, at, at, "
    "CASE i %% 3 WHEN 0 THEN 'error' WHEN 1 THEN 'warning' ELSE 'info' END, "
    "'The issuing CA of the client certificates is not in the Root store of machine WEB' || i, "
    "CASE WHEN i %% 4 = 0 THEN at END FROM n;"
    "INSERT INTO bundle(case_id, sha256, received) SELECT id, printf('%%064d', i * 2 + k.column1), at FROM "
    "n, "
    "(VALUES(0), (1)) k;"
    "INSERT INTO job(case_id, state, added) SELECT id, 'done', at FROM n;"
    "INSERT INTO report(case_id, ruleset, extractors, made, json) SELECT id, '%s', '%s', at, "
    "printf('{\"findings\": [], \"filler\": \"%%.*c\"}', 8000, 'x') FROM n;"
    "INSERT INTO finding(case_id, fingerprint, report, rule, severity, machine, site, subject, title, born, "
    "first) "
    "SELECT id, printf('%%08d', k.column1), i + 1, 'rule-' || k.column1, 'error', 'WEB' || i, 'Default Web "
    "Site', "
    "'/', 'The issuing CA is not in the Root store', i + 1, at FROM n, (VALUES(0), (1), (2)) k;"
    "DROP TABLE n; COMMIT;";

static void fill_store(const struct bench *b)
{
    struct ruleset *rules = NULL;
    struct err e = {0};
    char path[4300], sql[4096];
    sqlite3 *db = NULL;

    must(ruleset_load(NULL, true, &rules, &e), &e);
    (void)snprintf(sql, sizeof sql, fill_sql, CASES - 1, 1750000000000LL, ruleset_version(rules),
                   job_extractors());
    ruleset_free(rules);
    (void)snprintf(path, sizeof path, "%s/certtriage.db", b->ours);
    if (sqlite3_open(path, &db) != SQLITE_OK || sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
        (void)fprintf(stderr, "bench_server: %s\n", sqlite3_errmsg(db));
        exit(2);
    }
    (void)sqlite3_close(db);
}

static void ask_pages(struct bench *b)
{
    static const struct {
        const char *about, *path;
    } pages[] = {
        {"the first page of 10,000 cases", "/api/v1/cases?limit=50"},
        {"  of those open, with an error", "/api/v1/cases?limit=50&state=open&severity=error"},
        {"  whose word no case has", "/api/v1/cases?limit=50&q=nowhere"},
        {"  in a state that no case has", "/api/v1/cases?limit=50&state=failed"},
        {"  the last one", "/api/v1/cases?limit=50&after=1720150000000,CASE-009950"},
        {"  100 findings of all cases", "/api/v1/findings?limit=100"},
    };
    double took[ASKED];
    size_t bytes = 0;

    for (size_t k = 0; k < sizeof pages / sizeof pages[0]; k++) {
        CURL *curl = NULL;
        for (int i = 0; i < ASKED; i++)
            if ((took[i] = talk_get(&curl, &b->server, pages[k].path, &bytes)) < 0)
                exit(2);
        curl_easy_cleanup(curl);
        double middle = median(took, ASKED);
        printf("%-36s %8.1f ms, at worst %.1f of %d (%zu bytes); bar 50%s\n", pages[k].about, middle * 1e3,
               took[ASKED - 1] * 1e3, ASKED, bytes, judge_bar(b, middle < 0.05));
    }
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *where)
{
    (void)info, (void)type, (void)where;
    return remove(path);
}

static void run(struct bench *b)
{
    make_store(b);
    start_ours(b);
    start_theirs(b);
    rest(b, "at rest, an empty store");
    compare_uploads(b);
    slow_uploads(b);
    rest(b, "at rest, after all of that");
    talk_stop(&b->peer);
    talk_stop(&b->server);
    fill_store(b);
    start_ours(b);
    rest(b, "at rest, over 10,000 cases");
    ask_pages(b);
    rest(b, "at rest, after pages were read");
    talk_stop(&b->server);
}

int main(int argc, char **argv)
{
    struct bench b = {.rounds = 7};
    const char *parent = "/tmp";

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--rounds") == 0)
            b.rounds = (int)strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--dir") == 0)
            parent = argv[i + 1];
    }
    (void)snprintf(b.dir, sizeof b.dir, "%.4000s/bench-server-XXXXXX", parent);
    b.data = malloc(UPLOAD_BYTES);
    if (b.rounds < 1 || b.rounds > ROUNDS_MAX || !b.data || !mkdtemp(b.dir)) {
        (void)fprintf(stderr, "bench_server [--rounds 7] [--dir FOLDER]\n");
        return 2;
    }
    memset(b.data, 'x', UPLOAD_BYTES);
    (void)snprintf(b.ours, sizeof b.ours, "%s/ours", b.dir);
    (void)snprintf(b.theirs, sizeof b.theirs, "%s/theirs", b.dir);
    (void)setvbuf(stdout, NULL, _IOLBF, 0);
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
    run(&b);
    (void)nftw(b.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(b.data);
    curl_global_cleanup();
    return b.missed > 0;
}
