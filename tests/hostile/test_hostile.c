/* SPDX-License-Identifier: Apache-2.0
 *
 * Broken bundles, each broken in one way, through the real cage: no crash, a problem that names the entry,
 * the rest used. `test_hostile make DIR` writes them all into a folder. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cage.h"
#include "facts_db.h"
#include "limits.h"
#include "sample_bundle.h"

static void add_hostile_names(struct zip_maker *z)
{
    static const char *const NAMES[] = {"../evil.log",
                                        "/etc/passwd",
                                        "C:\\evil",
                                        "logs\\w3svc\\1\\x.log",
                                        "logs/w3svc/1/./x.log",
                                        "logs//x.log",
                                        "logs/\x1b[2J.log",
                                        "logs/x.log.",
                                        "logs/n\xc3\xa4me.log",
                                        "logs/a:b.log",
                                        " "};

    for (size_t i = 0; i < ARRAY_LEN(NAMES); i++)
        zip_put(z, NAMES[i], STR("x"));
}

static void add_same_name(struct zip_maker *z)
{
    zip_put(z, "IIS/Web/1/WEB.config", STR("<configuration/>"));
}

/* Two entries of one and the same packed data, as a quine bomb has thousands. */
static void add_overlap(struct zip_maker *z)
{
    struct str data = STR("#Fields: date\r\n2026-01-02\r\n");
    struct zip_lie lie = {.no_central = true};
    size_t at = zip_add_raw(z, STR("logs/w3svc/1/one.log"), 0, zip_crc(data), data, data.len, &lie);

    zip_point(z, STR("logs/w3svc/1/one.log"), 0, zip_crc(data), data.len, data.len, at, &lie);
    zip_point(z, STR("logs/w3svc/1/two.log"), 0, zip_crc(data), data.len, data.len, at, &lie);
}

static void add_bomb(struct zip_maker *z, const char *name, unsigned n_mib, uint64_t declared)
{
    CLEANUP(buf_done) struct buf packed = BUF_INIT(64 << 20);
    struct zip_lie lie = {.size = declared};
    uint32_t crc = zip_bomb(&packed, 'a', n_mib);

    (void)zip_add_raw(z, str_from(name), 8, crc, buf_str(&packed), (uint64_t)n_mib << 20, &lie);
}

static void add_honest_bomb(struct zip_maker *z)
{
    add_bomb(z, "logs/w3svc/1/bomb.log", 10240, 0);
}

static void add_lying_bomb(struct zip_maker *z)
{
    add_bomb(z, "logs/w3svc/1/bomb.log", 10240, 100);
    add_bomb(z, "registry/http.reg", 10240, 100);
}

/* Each within what one entry may be; not all of them together. */
static void add_bombs(struct zip_maker *z)
{
    add_bomb(z, "logs/w3svc/1/bomb1.log", 4000, 0);
    add_bomb(z, "logs/w3svc/1/bomb2.log", 4000, 0);
    add_bomb(z, "logs/w3svc/1/bomb3.log", 4000, 0);
}

static void add_many(struct zip_maker *z)
{
    char name[64];

    for (int i = 0; i < LIMIT_ENTRIES; i++) {
        (void)snprintf(name, sizeof name, "attach/%d", i);
        (void)zip_add_raw(z, str_from(name), 0, 0, STR(""), 0, &(struct zip_lie){.flags = 0});
    }
}

static void add_stray(struct zip_maker *z)
{
    zip_put(z, "logs/w3svc/2/more.log", STR("x"));
}

/* One broken bundle and what becomes of it. */
struct hostile {
    const char *name;
    struct twist twist;
    int r;            /* of cage_run */
    const char *says; /* in the problem, or in the error where r is not 0 */
    const char *of;   /* the entry that the problem names; NULL: the bundle */
    const char *lost; /* the item that is lost */
};

static char long_line[10 << 20];
static char deep_json[100001];
static char deep_xml[30001];

static const struct hostile HOSTILE[] = {
    {"wrong-version",
     {.version = 2},
     -ERR_UNSUPPORTED,
     "manifest.json: version: 2 is newer than 1",
     NULL,
     NULL},
    {"broken-manifest", {.manifest_text = "{\"version\": 1,"}, 0, "line 1", "manifest.json", NULL},
    {"deep-manifest", {.manifest_text = deep_json}, 0, "nested deeper", "manifest.json", NULL},
    {"manifest-of-another-shape", {.manifest_text = "[]"}, 0, "not an object", "manifest.json", NULL},
    {"hash-mismatch",
     {.change = WEB_ENTRY, .change_to = {WEB, sizeof WEB - 2}},
     0,
     "SHA-256",
     WEB_ENTRY,
     WEB_ENTRY},
    {"crc-mismatch", {.lie_about = WEB_ENTRY, .lie = {.crc = 1}}, 0, "CRC", WEB_ENTRY, WEB_ENTRY},
    {"crc-mismatch-in-log", {.lie_about = LOG_ENTRY, .lie = {.crc = 1}}, 0, "CRC", LOG_ENTRY, NULL},
    {"missing-entry", {.drop = WEB_ENTRY}, 0, "does not hold it", WEB_ENTRY, WEB_ENTRY},
    {"encrypted", {.lie_about = WEB_ENTRY, .lie = {.flags = 1}}, 0, "encrypted", WEB_ENTRY, WEB_ENTRY},
    {"packed-otherwise",
     {.lie_about = WEB_ENTRY, .lie = {.method = 12}},
     0,
     "deflated",
     WEB_ENTRY,
     WEB_ENTRY},
    {"longer-than-said", {.lie_about = WEB_ENTRY, .lie = {.size = 10}}, 0, "declares", WEB_ENTRY, WEB_ENTRY},
    {"shorter-than-said", {.lie_about = WEB_ENTRY, .lie = {.size = 1000}}, 0, "", WEB_ENTRY, WEB_ENTRY},
    {"unbelievable-size",
     {.lie_about = WEB_ENTRY, .lie = {.size = 30000000}},
     0,
     "can hold",
     WEB_ENTRY,
     WEB_ENTRY},
    {"hostile-names", {.add = add_hostile_names}, 0, "not a legal name", "../evil.log", NULL},
    {"same-name-twice", {.add = add_same_name}, 0, "more than once", WEB_ENTRY, WEB_ENTRY},
    {"overlapping", {.add = add_overlap}, 0, "overlaps", "logs/w3svc/1/two.log", NULL},
    {"bomb-that-says-so",
     {.add = add_honest_bomb},
     0,
     "more bytes than an entry may have",
     "logs/w3svc/1/bomb.log",
     NULL},
    {"bomb-that-lies",
     {.add = add_lying_bomb},
     0,
     "inflates to more than the 100 bytes",
     "registry/http.reg",
     NULL},
    {"bombs-together",
     {.add = add_bombs, .uses_up = true},
     0,
     "all entries together",
     "logs/w3svc/1/bomb3.log",
     NULL},
    {"entry-that-nobody-named", {.add = add_stray}, 0, "did not name it", "logs/w3svc/2/more.log", NULL},
    {"too-many-entries", {.add = add_many}, -ERR_LIMIT, "more than 20000 entries", NULL, NULL},
    {"by-hand", {.by_hand = true}, 0, "no manifest", NULL, NULL},
    {"collector-killed", {.unfinished = true}, 0, "read by its local headers", NULL, NULL},
    {"line-of-10-MB", {.log_more = {long_line, sizeof long_line}}, 0, NULL, NULL, NULL},
};

static void fill(void)
{
    memset(long_line, 'a', sizeof long_line);
    long_line[sizeof long_line - 2] = '\r';
    long_line[sizeof long_line - 1] = '\n';
    memset(deep_json, '[', sizeof deep_json - 1);
    for (size_t i = 0; i + 3 < sizeof deep_xml; i += 3)
        memcpy(deep_xml + i, "<a>", 3);
}

struct result {
    sqlite3 *db;
    struct err e;
    int r;
};

static struct result run(struct str bundle)
{
    struct result x = {.db = NULL};
    char path[] = "/tmp/certtriage-hostile-XXXXXX";
    int fd = mkstemp(path);
    struct cage_job job = {.what = "extract", .input_fd = fd, .name = "b.zip"};

    assert_true(fd >= 0);
    (void)unlink(path);
    for (size_t at = 0; at < bundle.len;) {
        ssize_t n = write(fd, bundle.p + at, bundle.len - at);
        assert_true(n > 0);
        at += (size_t)n;
    }
    assert_int_equal(facts_create(NULL, &x.db, &x.e), 0);
    x.r = cage_run(&job, NULL, x.db, &x.e);
    (void)close(fd);
    return x;
}

static int count(sqlite3 *db, const char *sql, const char *first, const char *second)
{
    sqlite3_stmt *s = NULL;
    int n = -1;

    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL))
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    (void)sqlite3_bind_text(s, 1, first, -1, SQLITE_STATIC);
    (void)sqlite3_bind_text(s, 2, second, -1, SQLITE_STATIC);
    if (sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int(s, 0);
    (void)sqlite3_finalize(s);
    return n;
}

static void print_problems(sqlite3 *db)
{
    sqlite3_stmt *s = NULL;

    assert_int_equal(
        sqlite3_prepare_v2(db, "SELECT entry, problem FROM bundle_problem LIMIT 30", -1, &s, NULL), 0);
    while (sqlite3_step(s) == SQLITE_ROW)
        print_message("  %s: %s\n", (const char *)sqlite3_column_text(s, 0),
                      (const char *)sqlite3_column_text(s, 1));
    (void)sqlite3_finalize(s);
}

static bool is_as_expected(const struct hostile *h, const struct result *x)
{
    if (x->r != h->r)
        return false;
    if (h->r)
        return strstr(x->e.text, h->says) != NULL;
    if (h->says &&
        count(x->db, "SELECT count(*) FROM bundle_problem WHERE entry IS ?1 AND instr(problem, ?2) > 0",
              h->of, h->says) < 1)
        return false;
    if (h->lost &&
        count(x->db, "SELECT count(*) FROM item WHERE outcome = 'lost' AND entry = ?1", h->lost, NULL) != 1)
        return false;
    if (!h->lost && count(x->db, "SELECT count(*) FROM item WHERE outcome = 'lost'", NULL, NULL) > 0)
        return false;
    /* the rest is used: the site of the configuration, the build of the registry, both lines of the log */
    return count(x->db, "SELECT count(*) FROM site WHERE site = 'Default Web Site'", NULL, NULL) == 1 &&
           count(x->db, "SELECT count(*) FROM machine WHERE build = 9600", NULL, NULL) == 1 &&
           (h->twist.uses_up ||
            count(x->db, "SELECT sum(count) FROM request_count WHERE status = 403 AND substatus = 7", NULL,
                  NULL) == 2);
}

static void each_broken_bundle_is_told_and_the_rest_used(void **state)
{
    (void)state;
    int n_wrong = 0;

    for (size_t i = 0; i < ARRAY_LEN(HOSTILE); i++) {
        CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
        make(&z, &HOSTILE[i].twist);
        struct result x = run(buf_str(&z.out));
        if (!is_as_expected(&HOSTILE[i], &x)) {
            print_message("%s: %d %s\n", HOSTILE[i].name, x.r, x.r ? x.e.text : "");
            print_problems(x.db);
            n_wrong++;
        }
        assert_int_equal(sqlite3_close(x.db), SQLITE_OK);
    }
    assert_int_equal(n_wrong, 0);
}

static void a_good_bundle_has_no_problem(void **state)
{
    (void)state;
    static const struct hostile GOOD = {.name = "good"};
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    make(&z, &GOOD.twist);
    struct result x = run(buf_str(&z.out));
    print_problems(x.db);
    assert_true(is_as_expected(&GOOD, &x));
    assert_int_equal(count(x.db, "SELECT count(*) FROM bundle_problem", NULL, NULL), 0);
    assert_int_equal(count(x.db, "SELECT count(*) FROM item", NULL, NULL), N_ITEMS);
    assert_int_equal(
        count(x.db, "SELECT count(*) FROM machine WHERE machine = 'WEB01' AND collected = 1767352000000",
              NULL, NULL),
        1);
    assert_int_equal(
        count(x.db,
              "SELECT count(*) FROM complaint WHERE host = ?1 AND port = 443 AND path = '/app/x' "
              "AND thumbprint = 'aabb'",
              "web01.example", NULL),
        1);
    assert_int_equal(sqlite3_close(x.db), SQLITE_OK);
}

static void what_is_no_bundle_is_one_clear_error(void **state)
{
    (void)state;
    static const struct str NOT[] = {{"", 0},
                                     {"x", 1},
                                     {"this is a text, not a zip\n", 26},
                                     {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22},
                                     {"PK\3\4", 4}};

    for (size_t i = 0; i < ARRAY_LEN(NOT); i++) {
        struct result x = run(NOT[i]);
        if (x.r != -ERR_FORMAT || !strstr(x.e.text, "zip"))
            fail_msg("%zu: %d %s", i, x.r, x.e.text);
        assert_int_equal(count(x.db, "SELECT count(*) FROM machine", NULL, NULL), 0);
        (void)sqlite3_close(x.db);
    }
}

static void broken_xml_leaves_the_rest(void **state)
{
    (void)state;
    static const struct str XML[] = {
        {"<configuration><a></b>", 22},
        {"", 0},
        {"\xff\xfe\0", 3},
        {deep_xml, sizeof deep_xml - 1},
        {CONFIG, 300},
        {"<!DOCTYPE a [<!ENTITY x \"aaaaaaaaaa\"><!ENTITY y \"&x;&x;&x;&x;\">]><a>&y;</a>", 75}};

    for (size_t i = 0; i < ARRAY_LEN(XML); i++) {
        CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
        zip_put(&z, CONFIG_ENTRY, XML[i]);
        zip_put(&z, REG_ENTRY, (struct str){REG, sizeof REG - 1});
        zip_finish(&z);
        struct result x = run(buf_str(&z.out));
        assert_int_equal(x.r, 0);
        if (count(x.db,
                  "SELECT (SELECT count(*) FROM bundle_problem WHERE entry = ?1) + "
                  "(SELECT count(*) FROM config_error WHERE entry = ?1)",
                  CONFIG_ENTRY, NULL) < 1)
            fail_msg("nobody says that XML %zu is broken", i);
        assert_int_equal(count(x.db, "SELECT count(*) FROM machine WHERE build = 9600", NULL, NULL), 1);
        (void)sqlite3_close(x.db);
    }
}

static void a_bundle_cut_anywhere_gives_what_is_whole(void **state)
{
    (void)state;
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    make(&z, &(struct twist){.version = 0});
    size_t whole = z.out.len;
    int n_items = 0;

    for (size_t len = 100; len < whole; len += 97) {
        struct result x = run((struct str){z.out.p, len});
        if (x.r && x.r != -ERR_FORMAT)
            fail_msg("cut at %zu: %d %s", len, x.r, x.e.text);
        int n = x.r ? 0 : count(x.db, "SELECT count(*) FROM item WHERE outcome = 'ok'", NULL, NULL);
        assert_true(n >= n_items); /* more bytes, more items */
        n_items = n;
        if (!x.r)
            assert_true(count(x.db, "SELECT count(*) FROM bundle_problem WHERE entry IS NULL", NULL, NULL) >
                        0);
        (void)sqlite3_close(x.db);
    }
    assert_int_equal(n_items, N_ITEMS - 1);
}

/* A small generator of its own, so that a failure can be seen again. */
static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void no_changed_byte_breaks_the_worker(void **state)
{
    (void)state;
    CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
    uint32_t seed = 2026;
    make(&z, &(struct twist){.version = 0});

    for (int i = 0; i < 200; i++) {
        CLEANUP(buf_done) struct buf copy = BUF_INIT(1 << 20);
        buf_add_str(&copy, buf_str(&z.out));
        for (uint32_t n = random_next(&seed) % 8 + 1; n; n--)
            copy.p[random_next(&seed) % copy.len] = (char)random_next(&seed);
        struct result x = run(buf_str(&copy));
        if (x.r == -ERR_CAGE || x.r == -ERR_IO)
            fail_msg("change %d: %s", i, x.e.text);
        (void)sqlite3_close(x.db);
    }
}

static void zips_of_others_do_no_harm(void **state)
{
    (void)state;
    char path[1024];
    const char *source = getenv("CT_SOURCE_DIR") ? getenv("CT_SOURCE_DIR") : CT_SOURCE_DIR;
    (void)snprintf(path, sizeof path, "%s/../shared/real/zips", source);
    DIR *dir = opendir(path);
    int n = 0, n_good = 0;

    if (!dir) {
        print_message("skipped: no collection of zips\n");
        skip();
    }
    for (struct dirent *d; (d = readdir(dir));) {
        char file[2048];
        struct err e;
        sqlite3 *db = NULL;
        (void)snprintf(file, sizeof file, "%s/%s", path, d->d_name);
        int fd = d->d_name[0] == '.' ? -1 : open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        struct cage_job job = {.what = "extract", .input_fd = fd, .name = d->d_name};
        assert_int_equal(facts_create(NULL, &db, &e), 0);
        int r = cage_run(&job, NULL, db, &e);
        if (r == -ERR_CAGE || r == -ERR_IO)
            fail_msg("%s", e.text);
        n++;
        n_good += r == 0;
        (void)sqlite3_close(db);
        (void)close(fd);
    }
    (void)closedir(dir);
    print_message("%d zips, %d with something to use\n", n, n_good);
    assert_true(n_good > 0 && n_good < n);
}

static int make_all(const char *dir)
{
    for (size_t i = 0; i < ARRAY_LEN(HOSTILE); i++) {
        CLEANUP(zip_maker_done) struct zip_maker z = ZIP_MAKER_INIT;
        char path[1024];
        make(&z, &HOSTILE[i].twist);
        (void)snprintf(path, sizeof path, "%s/%s.zip", dir, HOSTILE[i].name);
        FILE *f = fopen(path, "wb");
        if (!f || fwrite(z.out.p, 1, z.out.len, f) != z.out.len || fclose(f))
            return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_bundle_has_no_problem),
        cmocka_unit_test(what_is_no_bundle_is_one_clear_error),
        cmocka_unit_test(each_broken_bundle_is_told_and_the_rest_used),
        cmocka_unit_test(broken_xml_leaves_the_rest),
        cmocka_unit_test(a_bundle_cut_anywhere_gives_what_is_whole),
        cmocka_unit_test(no_changed_byte_breaks_the_worker),
        cmocka_unit_test(zips_of_others_do_no_harm),
    };

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    fill();
    if (argc == 3 && strcmp(argv[1], "make") == 0)
        return make_all(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
