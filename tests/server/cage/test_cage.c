/* SPDX-License-Identifier: Apache-2.0
 *
 * The cage: this program plays the worker, too. A worker that was taken over tries to get out, or to feed the
 * parent with what is not a fact. */
#include "cage.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "cage_confine.h"
#include "facts_db.h"
#include "limits.h"
#include "sink.h"

/* Each returns only when the attempt did not end the process; what it returns is what the attempt returned.
 */
static long try_open(void)
{
    return open("/etc/passwd", O_RDONLY);
}

static long try_create(void)
{
    return open("certtriage-escaped", O_WRONLY | O_CREAT, 0600);
}

static long try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0);
}

static long try_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0);
}

static long try_fork(void)
{
    return fork();
}

static long try_exec(void)
{
    char name[] = "true", *argv[] = {name, NULL};

    return execv("/bin/true", argv);
}

static long try_write_elsewhere(void)
{
    return write(STDOUT_FILENO, "x", 1);
}

static long try_write_input(void)
{
    return write(CAGE_INPUT_FD, "x", 1);
}

static long try_kill_parent(void)
{
    return kill(getppid(), SIGTERM);
}

static long try_executable_memory(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
                   MAP_FAILED
               ? -1
               : 0;
}

static long try_map_input(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, CAGE_INPUT_FD, 0) == MAP_FAILED ? -1 : 0;
}

static long try_make_executable(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static long try_ptrace(void)
{
    return syscall(SYS_ptrace, 16, getppid(), 0, 0);
}

static long try_io_uring(void)
{
    return syscall(SYS_io_uring_setup, 1, NULL);
}

static long try_stat(void)
{
    return access("/etc/passwd", R_OK);
}

#ifndef CERTTRIAGE_SANITIZED
static long try_much_memory(void)
{
    static volatile char *p;
    size_t n = (size_t)LIMIT_WORKER_MEMORY_BYTES;

    p = malloc(n);
    if (!p)
        _exit(7); /* refused: what the test wants to see */
    for (size_t i = 0; i < n; i += 4096)
        p[i] = 1;
    return 0;
}
#endif

static long try_much_time(void)
{
    for (volatile unsigned long i = 0;; i++)
        continue;
    return 0;
}

/* The job's own thread, which was started before the worker was confined: it is confined, too. */
static atomic_int thread_shall_open;

static void *open_when_told(void *ctx)
{
    while (!atomic_load(&thread_shall_open))
        continue;
    _exit(open("/etc/passwd", O_RDONLY) < 0 ? 4 : 5);
    return ctx;
}

static int start_thread(void *ctx, struct err *e)
{
    static pthread_t thread;

    return pthread_create(&thread, NULL, open_when_told, ctx) ? err_set(e, ERR_NOMEM, "no thread") : 0;
}

static long try_open_in_thread(void)
{
    atomic_store(&thread_shall_open, 1);
    return try_much_time(); /* the thread ends the process before */
}

static long try_thread(void)
{
    pthread_t thread;

    return pthread_create(&thread, NULL, open_when_told, NULL) ? -1 : 0;
}

static long send_forever(const void *frame, size_t len)
{
    while (write(CAGE_ROWS_FD, frame, len) > 0)
        continue;
    return -1;
}

static long send_garbage(void)
{
    return send_forever("\x10\0\0\0garbage in a row", 20);
}

static long send_oversized(void)
{
    return send_forever("\xff\xff\xff\xff", 4);
}

static long send_nothing_and_stop(void)
{
    _exit(0);
}

static long send_half_a_row(void)
{
    if (write(CAGE_ROWS_FD, "\x10\0\0\0\7mach", 9) != 9)
        _exit(3);
    _exit(0);
}

static long send_after_the_end(void)
{
    return send_forever("\0\0\0\0\0\0\0\0", 8);
}

static void send_machine(struct sink *s)
{
    sink_begin(s, "machine");
    sink_c(s, "name", "WEB01");
    sink_end(s);
}

static long send_endless_rows(void)
{
    struct sink *s;
    struct err e = {0};

    (void)sink_open_fd(CAGE_ROWS_FD, &s, &e);
    send_machine(s);
    for (;;) {
        sink_begin(s, "registry_key");
        sink_c(s, "key", "HKLM");
        sink_end(s);
        if (sink_check(s, &e)) /* its own limit; a hostile one goes on */
            return send_forever("\x27\0\0\0\x0cregistry_key\1\0\3keyT\x0f\0\0\0HKLM\\aaaaaaaaaa", 43);
    }
}

static long send_rows_then_crash(void)
{
    struct sink *s;
    struct err e = {0};

    (void)sink_open_fd(CAGE_ROWS_FD, &s, &e);
    send_machine(s);
    sink_problem(s, STR("entry"), 1, "seen before the end");
    (void)sink_close(s, &e);
    (void)raise(SIGSEGV);
    return open("/", O_RDONLY); /* where raise is not allowed, this ends it */
}

static long send_rows_good(void)
{
    struct sink *s;
    struct err e = {0};

    (void)sink_open_fd(CAGE_ROWS_FD, &s, &e);
    send_machine(s);
    _exit(sink_close(s, &e) ? 3 : 0);
}

static long say_forever(void)
{
    while (write(CAGE_ERROR_FD, "3 and so on and so on and so on ", 32) > 0)
        continue;
    return -1;
}

static long say_error(void)
{
    static const char TEXT[] = "3 not a \x1b[2Jzip";

    _exit(write(CAGE_ERROR_FD, TEXT, sizeof TEXT - 1) < 0 ? 3 : 2);
}

static long close_and_hang(void)
{
    (void)close(CAGE_ROWS_FD);
    (void)close(CAGE_ERROR_FD);
    return try_much_time();
}

struct part {
    const char *what;
    long (*play)(void);
    const char *says; /* in the parent's error */
};

static const struct part ESCAPES[] = {
    {"open", try_open, "system call"},
    {"create", try_create, "system call"},
    {"socket", try_socket, "system call"},
    {"unix socket", try_unix_socket, "system call"},
    {"fork", try_fork, "system call"},
    {"exec", try_exec, "system call"},
    {"write elsewhere", try_write_elsewhere, "system call"},
    {"write input", try_write_input, "system call"},
    {"kill parent", try_kill_parent, "system call"},
    {"executable memory", try_executable_memory, "system call"},
    {"map input", try_map_input, "system call"},
    {"make executable", try_make_executable, "system call"},
    {"ptrace", try_ptrace, "system call"},
    {"io_uring", try_io_uring, "system call"},
    {"stat", try_stat, "system call"},
    {"open in a thread", try_open_in_thread, "system call"},
    {"thread", try_thread, "system call"},
    {"much time", try_much_time, "too long"},
};

static const struct part LIES[] = {
    {"garbage", send_garbage, "not a fact"},
    {"oversized", send_oversized, "announced a row"},
    {"nothing", send_nothing_and_stop, "stopped in the middle"},
    {"half a row", send_half_a_row, "stopped in the middle"},
    {"after the end", send_after_the_end, "went on after its end"},
    {"say forever", say_forever, "said too much"},
    {"close and hang", close_and_hang, "too long"},
};

static const struct part OTHERS[] = {
    {"endless rows", send_endless_rows, NULL},
    {"rows then crash", send_rows_then_crash, NULL},
    {"good", send_rows_good, NULL},
    {"say error", say_error, NULL},
#ifndef CERTTRIAGE_SANITIZED
    {"much memory", try_much_memory, NULL},
#endif
};

static int play(const char *what)
{
    static const struct {
        const struct part *parts;
        size_t n;
    } LISTS[] = {{ESCAPES, ARRAY_LEN(ESCAPES)}, {LIES, ARRAY_LEN(LIES)}, {OTHERS, ARRAY_LEN(OTHERS)}};
    struct cage_bounds bounds = {.memory_bytes = LIMIT_WORKER_MEMORY_BYTES, .seconds = LIMIT_WORKER_SECONDS};
    struct err e;

    if (strcmp(what, "open in a thread") == 0)
        bounds.start = start_thread;
    if (cage_confine(&bounds, &e))
        _exit(9);
    for (size_t l = 0; l < ARRAY_LEN(LISTS); l++)
        for (size_t i = 0; i < LISTS[l].n; i++)
            if (strcmp(LISTS[l].parts[i].what, what) == 0)
                _exit(LISTS[l].parts[i].play() < 0 ? 4 : 5);
    _exit(8);
}

struct result {
    sqlite3 *db;
    struct err e;
    int r;
};

static struct result run(const char *what, int64_t seconds)
{
    struct result x = {.db = NULL};
    char path[] = "/tmp/certtriage-cage-XXXXXX";
    int fd = mkstemp(path);
    struct cage_job job = {.what = what, .input_fd = fd, .name = "b.zip", .seconds = seconds};

    assert_true(fd >= 0);
    (void)unlink(path);
    assert_int_equal(facts_create(NULL, &x.db, &x.e), 0);
    x.r = cage_run(&job, NULL, x.db, &x.e);
    (void)close(fd);
    return x;
}

static int count(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int n = -1;

    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    if (sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int(s, 0);
    (void)sqlite3_finalize(s);
    return n;
}

static void expect_killed(const struct part *part)
{
    struct result x = run(part->what, 3);
    int code = strstr(x.e.text, "took too") ? ERR_KILLED : ERR_CAGE; /* it might have been the machine */

    if (x.r != -code || !strstr(x.e.text, part->says))
        fail_msg("%s: %d %s", part->what, x.r, x.e.text);
    assert_int_equal(count(x.db, "SELECT count(*) FROM bundle_problem WHERE problem LIKE 'the worker%'"), 1);
    assert_int_equal(count(x.db, "SELECT count(*) FROM machine"), 1);
    assert_int_equal(sqlite3_close(x.db), SQLITE_OK);
}

static void nothing_gets_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ESCAPES); i++)
        expect_killed(&ESCAPES[i]);
}

static void lies_are_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(LIES); i++)
        expect_killed(&LIES[i]);
}

static void memory_is_bounded(void **state)
{
    (void)state;
#ifdef CERTTRIAGE_SANITIZED
    skip();
#else
    struct result x = run("much memory", 30);
    assert_int_equal(x.r, -ERR_CAGE);
    assert_non_null(strstr(x.e.text, "ended without a reason")); /* malloc said no, and the worker left */
    (void)sqlite3_close(x.db);
#endif
}

static void endless_rows_end(void **state)
{
    (void)state;
    struct result x = run("endless rows", 100);
    assert_int_equal(x.r, -ERR_CAGE);
    assert_non_null(strstr(x.e.text, "more rows"));
    assert_in_range(count(x.db, "SELECT count(*) FROM registry_key"), LIMIT_ROWS - 2, LIMIT_ROWS);
    (void)sqlite3_close(x.db);
}

static void good_rows_stay_when_the_worker_dies(void **state)
{
    (void)state;
    struct result x = run("rows then crash", 10);
    assert_int_equal(x.r, -ERR_CAGE);
    assert_int_equal(count(x.db, "SELECT count(*) FROM machine WHERE machine = 'WEB01'"), 1);
    assert_int_equal(count(x.db, "SELECT count(*) FROM bundle_problem"), 2);
    (void)sqlite3_close(x.db);
}

static void a_good_worker_is_believed(void **state)
{
    (void)state;
    struct result x = run("good", 10);
    assert_int_equal(x.r, 0);
    assert_int_equal(count(x.db, "SELECT count(*) FROM machine WHERE machine = 'WEB01'"), 1);
    assert_int_equal(count(x.db, "SELECT count(*) FROM bundle_problem"), 0);
    (void)sqlite3_close(x.db);
}

static void its_error_is_passed_on_without_control_characters(void **state)
{
    (void)state;
    struct result x = run("say error", 10);
    assert_int_equal(x.r, -ERR_FORMAT);
    assert_string_equal(x.e.text, "b.zip: not a \\x1b[2Jzip");
    assert_int_equal(count(x.db, "SELECT count(*) FROM machine"), 0);
    (void)sqlite3_close(x.db);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    cage_set_program("/nonexistent/certtriage");
    struct result x = run("good", 10);
    cage_set_program("/proc/self/exe");
    assert_int_equal(x.r, -ERR_MISSING);
    (void)sqlite3_close(x.db);
}

static void a_worker_starts_no_worker(void **state)
{
    (void)state;
    assert_int_equal(setenv("CERTTRIAGE_IN_CAGE", "1", 1), 0);
    struct result x = run("good", 10);
    assert_int_equal(unsetenv("CERTTRIAGE_IN_CAGE"), 0);
    assert_int_equal(x.r, -ERR_CAGE);
    assert_non_null(strstr(x.e.text, "starts no worker"));
    (void)sqlite3_close(x.db);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_worker_is_believed),
        cmocka_unit_test(nothing_gets_out),
        cmocka_unit_test(lies_are_seen),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(endless_rows_end),
        cmocka_unit_test(good_rows_stay_when_the_worker_dies),
        cmocka_unit_test(its_error_is_passed_on_without_control_characters),
        cmocka_unit_test(a_program_that_is_not_there_is_an_error),
        cmocka_unit_test(a_worker_starts_no_worker),
    };

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return play(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
