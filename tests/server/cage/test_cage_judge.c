/* SPDX-License-Identifier: Apache-2.0
 *
 * The judging worker says what the rules say in this process, one case after the other, and one that lies,
 * dies or says nothing costs its case and nothing else. */
#include "cage.h"
#include "cage_judge.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cage_confine.h"
#include "cage_talk_wire.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"

static struct err e;
static struct ruleset *rules;
static char folder[] = "/tmp/certtriage-judge-XXXXXX", self[PATH_MAX];

static const char SERVER[] =
    "INSERT INTO machine(machine, name, is_server, build, windows, collected) VALUES('WEB', 'WEB', 1, 9600, "
    "'Windows Server 2012 R2', 1700000000000);"
    "INSERT INTO item(machine, id, kind, source, outcome) VALUES('WEB', 1, 'reg-schannel', 'x', 'ok');"
    "INSERT INTO certificate(machine, thumbprint, subject, issuer, self_issued, self_signed) VALUES('WEB', "
    "'bb', 'CN=CA', 'CN=Root', 0, 0);";
static const char OTHER[] =
    "INSERT INTO machine(machine, name, is_server, build, collected) VALUES('OLD', 'OLD', 1, 7601, "
    "1600000000000);"
    "INSERT INTO bundle_problem(machine, problem) VALUES('OLD', 'there is no manifest');";

static sqlite3 *make_facts(const char *rows)
{
    sqlite3 *db = NULL;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL))
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(facts_settle(db, &e), 0);
    return db;
}

static char *in_this_process(const char *rows)
{
    sqlite3 *db = make_facts(rows);
    json_t *report = NULL;

    assert_int_equal(facts_confine(db, &e), 0);
    assert_int_equal(ruleset_run(rules, db, "case", &report, &e), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    char *text = json_dumps(report, JSON_COMPACT);
    json_decref(report);
    return text;
}

/* is_laid_out: as the files of kept facts are; else in an order of its own. */
static int put_facts(struct cage_judge *j, const char *rows, bool is_laid_out, size_t *ret_len)
{
    char path[PATH_MAX + 8];
    sqlite3 *db = make_facts(rows);
    unsigned char *memory = NULL;
    sqlite3_int64 len = 0;
    int r;

    (void)snprintf(path, sizeof path, "%s/facts", folder);
    (void)unlink(path);
    if (is_laid_out)
        assert_int_equal(facts_lay_out(db, path, &e), 0);
    r = cage_judge_memory(j, &memory, &e);
    if (r == 0 && is_laid_out) {
        assert_int_equal(facts_image_read(path, memory, ret_len, &e), 0);
    } else if (r == 0) {
        unsigned char *bytes = sqlite3_serialize(db, "main", &len, 0);
        assert_non_null(bytes);
        memcpy(memory, bytes, (size_t)len);
        sqlite3_free(bytes);
        *ret_len = (size_t)len;
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return r;
}

static void expect_same(struct cage_judge *j, const char *rows, bool is_laid_out)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_REPORT_BYTES);
    char *expected = in_this_process(rows);
    size_t len = 0;

    if (put_facts(j, rows, is_laid_out, &len) < 0 || cage_judge_run(j, len, "case", &json, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(buf_c(&json), expected);
    free(expected);
}

static void it_says_what_the_rules_say(void **state)
{
    struct cage_judge *j = NULL;

    (void)state;
    cage_set_program("/proc/self/exe");
    assert_int_equal(cage_judge_new(rules, &j, &e), 0);
    for (int i = 0; i < 2; i++) {
        expect_same(j, SERVER, true);
        expect_same(j, OTHER, true);
        expect_same(j, SERVER, false);
        expect_same(j, OTHER, false);
    }
    cage_judge_free(j);
}

static void what_is_not_facts_is_refused(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_REPORT_BYTES);
    struct cage_judge *j = NULL;
    unsigned char *memory = NULL;

    (void)state;
    assert_int_equal(cage_judge_new(rules, &j, &e), 0);
    assert_int_equal(cage_judge_memory(j, &memory, &e), 0);
    memset(memory, 'x', 5000);
    assert_true(cage_judge_run(j, 5000, "case", &json, &e) < 0);
    assert_int_equal(cage_judge_memory(j, &memory, &e), 0);
    assert_true(cage_judge_run(j, 0, "case", &json, &e) < 0);
    assert_int_equal(cage_judge_run(j, (size_t)FACTS_IMAGE_BYTES + 1, "case", &json, &e), -ERR_LIMIT);
    expect_same(j, SERVER, true); /* and goes on */
    cage_judge_free(j);
}

/* What an owned worker may do. Each has the rules already, and one order before it. */
static void say(const void *what, size_t n)
{
    if (write(CAGE_ROWS_FD, what, n) < 0)
        _exit(7);
}

static void garbage(void)
{
    char many[4096];

    memset(many, 0xa5, sizeof many);
    say(many, sizeof many);
}

static void too_much(void)
{
    say(&(const struct cage_answer){.code = 0, .len = UINT32_MAX}, sizeof(struct cage_answer));
}

static void long_excuse(void)
{
    say(&(const struct cage_answer){.code = 1, .len = 1 << 20}, sizeof(struct cage_answer));
}

static void odd_code(void)
{
    say(&(const struct cage_answer){.code = 4711, .len = 6}, sizeof(struct cage_answer));
    say("\033[2Jhi", 6);
}

static void half(void)
{
    say(&(const struct cage_answer){.code = 0, .len = 100}, sizeof(struct cage_answer));
    say("{", 1);
    _exit(0);
}

static void silent(void)
{
    for (;;)
        (void)sleep(1);
}

static void forbidden(void)
{
    (void)fork();
}

/* Honest, but with much memory afterwards. */
static void large(void)
{
    say(&(const struct cage_answer){.code = 0, .len = 2, .is_large = 1}, sizeof(struct cage_answer));
    say("{}", 2);
}

static const struct {
    const char *name, *says; /* what the error text holds; NULL: it is no liar */
    void (*play)(void);
} LIARS[] = {
    {"garbage", "announced more than it may", garbage},
    {"too_much", "announced more than it may", too_much},
    {"long_excuse", "announced more than it may", long_excuse},
    {"odd_code", "[2Jhi", odd_code},
    {"half", "ended", half},
    {"silent", "took too long", silent},
    {"forbidden", "system call that it may not make", forbidden},
    {"large", NULL, large},
};

static int play(void)
{
    const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);
    static const struct cage_bounds bounds = {.memory_bytes = LIMIT_JUDGE_MEMORY_BYTES, .seconds = 60};
    struct cage_order order;

    name = strrchr(name, '/') + 1;
    for (size_t i = 0; i < ARRAY_LEN(LIARS); i++) {
        if (strcmp(LIARS[i].name, name) != 0)
            continue;
        /* The one that sleeps is not confined: that it may not sleep there would end it too early. */
        if (LIARS[i].play != silent && cage_confine(&bounds, &e))
            return 9;
        if (read(CAGE_INPUT_FD, &order, sizeof order) != sizeof order)
            return 8;
        say(&(const struct cage_answer){.code = 0}, sizeof(struct cage_answer));
        if (read(CAGE_INPUT_FD, &order, sizeof order) == sizeof order)
            LIARS[i].play();
        return 0;
    }
    return -1;
}

static int64_t now_ms(void)
{
    struct timespec t;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void an_owned_worker_costs_its_case_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; LIARS[i].says; i++) {
        CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_REPORT_BYTES);
        struct cage_judge *j = NULL;
        char path[PATH_MAX + 8];
        size_t len = 0;

        (void)snprintf(path, sizeof path, "%s/%s", folder, LIARS[i].name);
        assert_int_equal(symlink(self, path), 0);
        cage_set_program(path);
        assert_int_equal(cage_judge_new(rules, &j, &e), 0);
        if (put_facts(j, SERVER, true, &len) < 0)
            fail_msg("%s: %s", LIARS[i].name, e.text);
        facts_deadline(now_ms() + 1000);
        assert_int_equal(cage_judge_run(j, len, "case", &json, &e), -ERR_CAGE);
        facts_deadline(0);
        if (!strstr(e.text, LIARS[i].says))
            fail_msg("%s: %s", LIARS[i].name, e.text);
        assert_null(strchr(e.text, '\033'));
        cage_set_program("/proc/self/exe"); /* the next worker is an honest one */
        if (LIARS[i].play == odd_code) {    /* of which only the answer was odd */
            cage_judge_free(j);
            assert_int_equal(cage_judge_new(rules, &j, &e), 0);
        }
        expect_same(j, OTHER, true);
        cage_judge_free(j);
        (void)unlink(path);
    }
}

/* This one ends after its answer: who asked it again would hear that. */
static void a_large_worker_is_replaced(void **state)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_REPORT_BYTES);
    struct cage_judge *j = NULL;
    char path[PATH_MAX + 8];
    size_t len = 0;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/large", folder);
    assert_int_equal(symlink(self, path), 0);
    cage_set_program(path);
    assert_int_equal(cage_judge_new(rules, &j, &e), 0);
    assert_int_equal(put_facts(j, SERVER, true, &len), 0);
    assert_int_equal(cage_judge_run(j, len, "case", &json, &e), 0);
    assert_string_equal(buf_c(&json), "{}");
    cage_set_program("/proc/self/exe");
    expect_same(j, OTHER, true);
    cage_judge_free(j);
    (void)unlink(path);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_what_the_rules_say),
        cmocka_unit_test(what_is_not_facts_is_refused),
        cmocka_unit_test(an_owned_worker_costs_its_case_and_nothing_else),
        cmocka_unit_test(a_large_worker_is_replaced),
    };
    char path[PATH_MAX + 8];
    int r;

    if (argc > 1 && strcmp(argv[1], "worker") == 0) {
        r = play();
        return r < 0 ? cage_worker_main(argc, argv) : r;
    }
    if (!mkdtemp(folder) || !realpath("/proc/self/exe", self) || ruleset_load(NULL, true, &rules, &e) < 0)
        return 1;
    r = cmocka_run_group_tests(tests, NULL, NULL);
    ruleset_free(rules);
    (void)snprintf(path, sizeof path, "%s/facts", folder);
    (void)unlink(path);
    (void)rmdir(folder);
    return r;
}
