/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cage.h"
#include "cage_confine.h"
#include "compiler.h"

static _Atomic uint64_t n_started, n_failed;

void cage_count(struct cage_counts *ret)
{
    *ret = (struct cage_counts){atomic_load(&n_started), atomic_load(&n_failed)};
}

void cage_count_failed(void)
{
    atomic_fetch_add(&n_failed, 1);
}

static const char *program = "/proc/self/exe";

void cage_set_program(const char *path)
{
    program = path;
}

enum { SAFE_FD = 10 }; /* above the numbers that the worker's descriptors get, so that none is overwritten */

struct plumbing {
    int input, memory, rows_read, rows_write, error_read, error_write;
};

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

static void plumbing_done(struct plumbing *p)
{
    close_fd(&p->input);
    close_fd(&p->memory);
    close_fd(&p->rows_read);
    close_fd(&p->rows_write);
    close_fd(&p->error_read);
    close_fd(&p->error_write);
}

/* Moves a descriptor out of the way, closed on exec. */
static bool lift(int *fd)
{
    int lifted = fcntl(*fd, F_DUPFD_CLOEXEC, SAFE_FD);

    (void)close(*fd);
    *fd = lifted;
    return lifted >= 0;
}

static int lay(int input_fd, int memory_fd, struct plumbing *p, struct err *e)
{
    int rows[2], error[2];

    p->input = fcntl(input_fd, F_DUPFD_CLOEXEC, SAFE_FD);
    if (memory_fd >= 0 && (p->memory = fcntl(memory_fd, F_DUPFD_CLOEXEC, SAFE_FD)) < 0)
        return err_errno(e, "worker");
    if (p->input < 0 || pipe2(rows, O_CLOEXEC))
        return err_errno(e, "worker");
    p->rows_read = rows[0];
    p->rows_write = rows[1];
    if (pipe2(error, O_CLOEXEC))
        return err_errno(e, "worker");
    p->error_read = error[0];
    p->error_write = error[1];
    if (!lift(&p->rows_read) || !lift(&p->rows_write) || !lift(&p->error_read) || !lift(&p->error_write))
        return err_errno(e, "worker");
    return 0;
}

/* A program that calls the cage and does not play the worker itself would, started as one, start the next
 * without end: what a worker runs in says that it is one. */
#define IN_CAGE "CERTTRIAGE_IN_CAGE"

/* posix_spawn's functions return an error number; the first one stays. */
static int add_actions(posix_spawn_file_actions_t *actions, const struct plumbing *p)
{
    int r = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);

    if (!r)
        r = posix_spawn_file_actions_addopen(actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
#ifndef CERTTRIAGE_SANITIZED /* the sanitizer's report goes where the parent's goes */
    if (!r)
        r = posix_spawn_file_actions_addopen(actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
#endif
    if (!r)
        r = posix_spawn_file_actions_adddup2(actions, p->input, CAGE_INPUT_FD);
    if (!r)
        r = posix_spawn_file_actions_adddup2(actions, p->rows_write, CAGE_ROWS_FD);
    if (!r)
        r = posix_spawn_file_actions_adddup2(actions, p->error_write, CAGE_ERROR_FD);
    if (!r && p->memory >= 0)
        r = posix_spawn_file_actions_adddup2(actions, p->memory, CAGE_MEMORY_FD);
    if (!r)
        r = posix_spawn_file_actions_addclosefrom_np(actions,
                                                     (p->memory >= 0 ? CAGE_MEMORY_FD : CAGE_ERROR_FD) + 1);
    return r;
}

/* The caller's signal mask and handlers are not the worker's. */
static int add_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none, all;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int r = posix_spawnattr_setsigmask(attributes, &none);
    if (!r)
        r = posix_spawnattr_setsigdefault(attributes, &all);
    if (!r)
        r = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    return r;
}

static int spawn(const char *what, const struct plumbing *p, pid_t *ret)
{
    char name[] = "certtriage-server", command[] = "worker", zone[] = "TZ=UTC0", locale[] = "LC_ALL=C";
    char sanitizer[] =
        "ASAN_OPTIONS=detect_leaks=0"; /* the leak check traces threads, which the filter forbids */
    /* pieces of up to 64 KiB, of which SQLite takes and gives back thousands, are kept at hand */
    char pieces[] = "GLIBC_TUNABLES=glibc.malloc.tcache_max=65536:glibc.malloc.tcache_count=2000";
    char in_cage[] = IN_CAGE "=1", job[32];
    char *argv[] = {name, command, job, NULL};
    char *environment[] = {zone, locale, sanitizer, pieces, in_cage, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    size_t len = 0;

    for (; what[len] && len < sizeof job - 1; len++)
        job[len] = what[len];
    job[len] = 0;
    int r = posix_spawn_file_actions_init(&actions);
    if (r)
        return r;
    r = posix_spawnattr_init(&attributes);
    if (!r) {
        r = add_actions(&actions, p);
        if (!r)
            r = add_attributes(&attributes);
        if (!r)
            r = posix_spawn(ret, program, &actions, &attributes, argv, environment);
        (void)posix_spawnattr_destroy(&attributes);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    return r;
}

int cage_spawn(const char *what, int input_fd, int memory_fd, struct cage_child *ret, struct err *e)
{
    CLEANUP(plumbing_done) struct plumbing p = {-1, -1, -1, -1, -1, -1};
    pid_t pid;

    if (getenv(IN_CAGE))
        return err_set(e, ERR_CAGE, "%s: a worker starts no worker (main must call cage_worker_main)",
                       program);
    int r = lay(input_fd, memory_fd, &p, e);
    if (r)
        return r;
    errno = spawn(what, &p, &pid);
    if (errno)
        return err_errno(e, "worker: %s", program);
    atomic_fetch_add(&n_started, 1);
    *ret = (struct cage_child){.pid = pid, .rows_fd = p.rows_read, .error_fd = p.error_read};
    p.rows_read = p.error_read = -1;
    return 0;
}

int cage_killed_by(int number, struct err *e)
{
    switch (number) {
    case SIGSYS:
        return err_set(e, ERR_CAGE, "the worker was killed: it made a system call that it may not make");
    case SIGXCPU:
    case SIGKILL:
        return err_set(e, ERR_KILLED, "the worker was killed: it took too much time or memory");
    default:
        return err_set(e, ERR_CAGE, "the worker was killed: signal %d (%s)", number, strsignal(number));
    }
}
