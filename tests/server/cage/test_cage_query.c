/* SPDX-License-Identifier: Apache-2.0
 *
 * The asking worker answers what SQLite answers, says what is wrong with a question, and one that lies, dies,
 * says nothing or does not stop costs its case and nothing else. */
#include "cage.h"
#include "cage_query.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cage_confine.h"
#include "cage_talk_wire.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"
#include "text.h"

static struct err e;
static char folder[] = "/tmp/certtriage-query-XXXXXX", self[PATH_MAX];

static const char ROWS[] =
    "INSERT INTO machine(machine, name, is_server, build) VALUES('WEB', 'W' || char(27) || 'B', 1, 9600);"
    "INSERT INTO certificate(machine, thumbprint, subject, ski) VALUES('WEB', 'aa', 'CN=CA', "
    "x'00ff');"
    "INSERT INTO certificate(machine, thumbprint, subject) VALUES('WEB', 'bb', 'CN=B');";
static const char OTHER[] = "INSERT INTO machine(machine, name, is_server) VALUES('OLD', 'OLD', 0);";

/* is_laid_out: as the files of kept facts are; else in an order of its own. */
static size_t put_facts(struct cage_query *q, const char *rows, bool is_laid_out)
{
    sqlite3 *db = NULL;
    unsigned char *memory = NULL;
    size_t len = 0;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL))
        fail_msg("%s", sqlite3_errmsg(db));
    if (cage_query_memory(q, &memory, &e) < 0)
        fail_msg("%s", e.text);
    if (is_laid_out) {
        assert_int_equal(facts_lay_out_at(db, memory, &len, &e), 0);
    } else {
        sqlite3_int64 n = 0;
        unsigned char *bytes = sqlite3_serialize(db, "main", &n, 0);
        assert_non_null(bytes);
        memcpy(memory, bytes, (size_t)n);
        sqlite3_free(bytes);
        len = (size_t)n;
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return len;
}

struct answer {
    struct buf text;
    size_t n, most; /* rows; 0: any number */
};

static int take(void *ctx, const struct query_cell *cells, size_t n, struct err *why)
{
    static const char *const before[] = {"-", "'", "x"};
    struct answer *a = ctx;
    (void)why;

    for (size_t i = 0; i < n; i++) {
        buf_add_c(&a->text, i ? "," : "");
        buf_add_c(&a->text, before[cells[i].type]);
        if (cells[i].type == QUERY_BLOB)
            text_hex(&a->text, cells[i].data.p, cells[i].data.len);
        else
            buf_add_str(&a->text, cells[i].data);
    }
    buf_add_char(&a->text, ';');
    return a->most && ++a->n == a->most ? 7 : 0;
}

static void expect(const char *sql, const char *rows, bool is_laid_out, const char *answer)
{
    struct answer a = {.text = BUF_INIT(1 << 20)};
    struct cage_query *q = NULL;

    cage_set_program("/proc/self/exe");
    if (cage_query_new(str_from(sql), &q, &e) < 0)
        fail_msg("%s: %s", sql, e.text);
    for (int i = 0; i < 2; i++) {
        buf_clear(&a.text);
        assert_int_equal(cage_query_columns(q, take, &a, &e), 0);
        if (cage_query_run(q, put_facts(q, rows, is_laid_out), take, &a, &e) < 0)
            fail_msg("%s: %s", sql, e.text);
        assert_string_equal(buf_c(&a.text), answer);
    }
    cage_query_free(q);
    buf_done(&a.text);
}

static void it_answers_what_sqlite_answers(void **state)
{
    static const char all[] = "SELECT thumbprint AS t, ski AS k, 1 + 1 AS n, 0.5, length(subject) FROM "
                              "certificate ORDER BY 1",
                      rows[] = "'t,'k,'n,'0.5,'length(subject);'aa,x00ff,'2,'0.5,'5;'bb,-,'2,'0.5,'4;";

    (void)state;
    for (int laid_out = 0; laid_out < 2; laid_out++) {
        expect(all, ROWS, laid_out, rows);
        expect("SELECT name FROM machine", ROWS, laid_out, "'name;'W\\x1bB;");
        expect("SELECT CAST(x'41ff' AS TEXT) AS \"a\033\"", ROWS, laid_out, "'a\\x1b;'A\\xff;");
        expect("SELECT machine FROM machine WHERE 0;  ", ROWS, laid_out, "'machine;");
        expect("SELECT x'' AS e, '' AS t, NULL AS n", ROWS, laid_out, "'e,'t,'n;x,',-;");
    }
}

/* One statement stays compiled from case to case; the worker is the same. */
static void cases_do_not_see_each_other(void **state)
{
    struct answer a = {.text = BUF_INIT(1 << 20)};
    struct cage_counts before, after;
    struct cage_query *q = NULL;

    (void)state;
    cage_set_program("/proc/self/exe");
    cage_count(&before);
    assert_int_equal(cage_query_new(STR("SELECT machine FROM machine"), &q, &e), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cage_query_run(q, put_facts(q, ROWS, i != 1), take, &a, &e), 0);
        assert_int_equal(cage_query_run(q, put_facts(q, OTHER, i != 2), take, &a, &e), 0);
    }
    cage_count(&after);
    assert_string_equal(buf_c(&a.text), "'WEB;'OLD;'WEB;'OLD;'WEB;'OLD;");
    assert_int_equal(after.started - before.started, 1);
    cage_query_free(q);
    buf_done(&a.text);
}

static void what_is_wrong_with_a_question_is_said_in_a_line(void **state)
{
    static const struct {
        const char *sql, *says;
    } WRONG[] = {
        {"SELECT no_such FROM machine", "query: no such column: no_such"},
        {"SELECT * FROM no_such", "query: no such table: no_such"},
        {"SELEKT 1", "query: near \"SELEKT\": syntax error"},
        {"DELETE FROM machine",
         "query: not authorized; a query can read the tables of schema/facts.sql and no more"},
        {"PRAGMA user_version",
         "query: not authorized; a query can read the tables of schema/facts.sql and no more"},
        {"ATTACH '/etc/passwd' AS x",
         "query: not authorized; a query can read the tables of schema/facts.sql and no more"},
        {"SELECT load_extension('/tmp/x.so')", "query: not authorized to use function: load_extension"},
        {"SELECT random()", "query: not authorized to use function: random"},
        {"SELECT 1; SELECT 2", "query: one SELECT, in quotes"},
        {"", "query: one SELECT, in quotes"},
    };
    struct cage_query *q = NULL;
    char *long_one = malloc((size_t)LIMIT_QUERY_BYTES + 1);

    (void)state;
    cage_set_program("/proc/self/exe");
    for (size_t i = 0; i < ARRAY_LEN(WRONG); i++) {
        assert_int_equal(cage_query_new(str_from(WRONG[i].sql), &q, &e), -ERR_USAGE);
        if (!strstr(e.text, WRONG[i].says) || strchr(e.text, '\n'))
            fail_msg("%s: %s", WRONG[i].sql, e.text);
    }
    assert_non_null(long_one);
    memset(long_one, ' ', (size_t)LIMIT_QUERY_BYTES);
    assert_int_equal(cage_query_new((struct str){long_one, (size_t)LIMIT_QUERY_BYTES}, &q, &e), -ERR_USAGE);
    assert_non_null(strstr(e.text, "a SELECT has less than 65536"));
    free(long_one);
}

static void fails(const char *sql, int code, const char *says)
{
    struct answer a = {.text = BUF_INIT(64 << 20)};
    struct cage_query *q = NULL;

    assert_int_equal(cage_query_new(str_from(sql), &q, &e), 0);
    assert_int_equal(cage_query_run(q, put_facts(q, ROWS, true), take, &a, &e), code);
    if (!strstr(e.text, says))
        fail_msg("%s: %s", sql, e.text);
    cage_query_free(q);
    buf_done(&a.text);
}

#define NUMBERS "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "

static void what_goes_wrong_with_the_rows_is_said_in_a_line(void **state)
{
    (void)state;
    cage_set_program("/proc/self/exe");
    fails(NUMBERS "SELECT sum(i) FROM n", -ERR_LIMIT,
          "query: stopped, it takes more than 50000000 steps or 20 seconds");
    fails("SELECT json_extract(name, '$.x') FROM machine", -ERR_USAGE, "query: malformed JSON");
    fails("SELECT replace(hex(printf('%0900000d', 1)), '0', 'xxxxxxxxxx') FROM machine", -ERR_USAGE,
          "query: string or blob too big");
}

/* Who has enough says so, and the next case is asked all the same. */
static void rows_end_when_they_are_enough(void **state)
{
    struct answer a = {.text = BUF_INIT(64 << 20), .most = 3};
    struct cage_query *q = NULL;

    (void)state;
    cage_set_program("/proc/self/exe");
    assert_int_equal(cage_query_new(STR(NUMBERS "SELECT i FROM n"), &q, &e), 0);
    for (int i = 0; i < 2; i++) {
        buf_clear(&a.text);
        a.n = 0;
        assert_int_equal(cage_query_run(q, put_facts(q, ROWS, true), take, &a, &e), 7);
        assert_string_equal(buf_c(&a.text), "'1;'2;'3;");
    }
    cage_query_free(q);
    buf_done(&a.text);
}

/* What an owned worker may do. Each has told its columns, one, and got its first case. */
static void say(const void *what, size_t n)
{
    if (write(CAGE_ROWS_FD, what, n) < 0)
        _exit(7);
}

static void head(uint32_t code, uint32_t len)
{
    say(&(const struct cage_answer){.code = code, .len = len}, sizeof(struct cage_answer));
}

static void garbage(void)
{
    char many[4096];

    memset(many, 0xa5, sizeof many);
    say(many, sizeof many);
}

static void too_much(void)
{
    head(0, UINT32_MAX);
}

static void row_of(const char *bytes, size_t n)
{
    head(0, (uint32_t)n);
    say(bytes, n);
}

static void no_cells(void)
{
    row_of("\0\0\0\0", 4);
}

static void many_cells(void)
{
    row_of("\2\0\0\0T\0\0\0\0T\0\0\0\0", 14);
}

static void countless_cells(void)
{
    row_of("\xff\xff\xff\xff", 4);
}

static void odd_type(void)
{
    row_of("\1\0\0\0Z\0\0\0\0", 9);
}

static void long_cell(void)
{
    row_of("\1\0\0\0T\377\377\377\177x", 10);
}

static void full_null(void)
{
    row_of("\1\0\0\0N\1\0\0\0x", 10);
}

static void not_utf8(void)
{
    row_of("\1\0\0\0T\1\0\0\0\xff", 10);
}

static void escapes(void)
{
    row_of("\1\0\0\0T\3\0\0\0\033[2J", 12);
}

static void half_row(void)
{
    row_of("\1\0\0\0T\3\0", 7);
}

static void half_answer(void)
{
    head(0, 100);
    say("{", 1);
    _exit(0);
}

static void odd_code(void)
{
    head(4711, 6);
    say("\033[2Jhi", 6);
}

static void endless(void)
{
    static char rows[9 * 7000];

    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = "\1\0\0\0T\0\0\0\0"[i % 9];
    for (;;)
        row_of(rows, sizeof rows);
}

static void silent(void)
{
    for (;;)
        (void)sleep(1);
}

static void opens(void)
{
    (void)open("/etc/passwd", O_RDONLY | O_CLOEXEC);
}

static void connects(void)
{
    (void)socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static void executes(void)
{
    (void)execl("/bin/true", "true", (char *)NULL);
}

static void forks(void)
{
    (void)fork();
}

static void signals_parent(void)
{
    (void)kill(getppid(), SIGTERM);
}

#define NO_ROWS "sent what are no rows"
#define NO_CALL "system call that it may not make"
static const struct {
    const char *name, *says; /* what the error text holds */
    void (*play)(void);
    int code;
} LIARS[] = {
    {"garbage", "announced more than it may", garbage, ERR_CAGE},
    {"too_much", "announced more than it may", too_much, ERR_CAGE},
    {"no_cells", NO_ROWS, no_cells, ERR_CAGE},
    {"many_cells", NO_ROWS, many_cells, ERR_CAGE},
    {"countless_cells", NO_ROWS, countless_cells, ERR_CAGE},
    {"odd_type", NO_ROWS, odd_type, ERR_CAGE},
    {"long_cell", NO_ROWS, long_cell, ERR_CAGE},
    {"full_null", NO_ROWS, full_null, ERR_CAGE},
    {"not_utf8", NO_ROWS, not_utf8, ERR_CAGE},
    {"escapes", NO_ROWS, escapes, ERR_CAGE},
    {"half_row", NO_ROWS, half_row, ERR_CAGE},
    {"half_answer", "ended", half_answer, ERR_CAGE},
    {"odd_code", "[2Jhi", odd_code, ERR_CAGE},
    {"endless", "more than 2000000 rows", endless, ERR_LIMIT},
    {"silent", "took too long", silent, ERR_CAGE},
    {"opens", NO_CALL, opens, ERR_CAGE},
    {"connects", NO_CALL, connects, ERR_CAGE},
    {"executes", NO_CALL, executes, ERR_CAGE},
    {"forks", NO_CALL, forks, ERR_CAGE},
    {"signals_parent", NO_CALL, signals_parent, ERR_CAGE},
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
        row_of("\1\0\0\0T\1\0\0\0m", 10);
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

static int count_rows(void *ctx, const struct query_cell *cells, size_t n, struct err *why)
{
    (void)cells, (void)n, (void)why;
    (*(int64_t *)ctx)++;
    return 0;
}

static void an_owned_worker_costs_its_case_and_nothing_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(LIARS); i++) {
        struct answer a = {.text = BUF_INIT(1 << 20)};
        struct cage_query *q = NULL;
        char path[PATH_MAX + 8];
        int64_t n_rows = 0;
        size_t len;

        (void)snprintf(path, sizeof path, "%s/%s", folder, LIARS[i].name);
        assert_int_equal(symlink(self, path), 0);
        cage_set_program(path);
        if (cage_query_new(STR("SELECT machine AS m FROM machine"), &q, &e) < 0)
            fail_msg("%s: %s", LIARS[i].name, e.text);
        len = put_facts(q, ROWS, true);
        if (LIARS[i].play == silent)
            facts_deadline(now_ms() + 1000);
        assert_int_equal(cage_query_run(q, len, count_rows, &n_rows, &e), -LIARS[i].code);
        facts_deadline(0);
        if (!strstr(e.text, LIARS[i].says))
            fail_msg("%s: %s", LIARS[i].name, e.text);
        assert_null(strchr(e.text, '\033'));
        assert_int_equal(n_rows, LIARS[i].play == endless ? LIMIT_ROWS : 0);
        cage_set_program("/proc/self/exe"); /* the next worker is an honest one */
        if (LIARS[i].play == odd_code) {    /* of which only the answer was odd */
            cage_query_free(q);
            assert_int_equal(cage_query_new(STR("SELECT machine AS m FROM machine"), &q, &e), 0);
        }
        assert_int_equal(cage_query_run(q, put_facts(q, OTHER, true), take, &a, &e), 0);
        assert_string_equal(buf_c(&a.text), "'OLD;");
        cage_query_free(q);
        buf_done(&a.text);
        (void)unlink(path);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_what_sqlite_answers),
        cmocka_unit_test(cases_do_not_see_each_other),
        cmocka_unit_test(what_is_wrong_with_a_question_is_said_in_a_line),
        cmocka_unit_test(what_goes_wrong_with_the_rows_is_said_in_a_line),
        cmocka_unit_test(rows_end_when_they_are_enough),
        cmocka_unit_test(an_owned_worker_costs_its_case_and_nothing_else),
    };
    int r;

    if (argc > 1 && strcmp(argv[1], "worker") == 0) {
        r = play();
        return r < 0 ? cage_worker_main(argc, argv) : r;
    }
    if (!mkdtemp(folder) || !realpath("/proc/self/exe", self))
        return 1;
    r = cmocka_run_group_tests(tests, NULL, NULL);
    (void)rmdir(folder);
    return r;
}
