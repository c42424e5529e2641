/* SPDX-License-Identifier: Apache-2.0 */
#include "cage.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "cage_confine.h"
#include "cage_spawn.h"
#include "facts_insert.h"
#include "frame.h"
#include "limits.h"
#include "text.h"

enum { PIECE_BYTES = 65536, TEXT_BYTES = 4096 };

/* A worker as the parent sees it. */
struct cage_worker {
    const char *name; /* of the job */
    struct cage_child child;
    struct facts_inserter *ins;
    struct buf rows, text;
    int64_t deadline_ms;
    bool has_ended; /* sent its end mark */
};

static int64_t now_ms(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whole frames out of w->rows into the database; what is left is the beginning of the next one. */
static int take_frames(struct cage_worker *w, struct err *e)
{
    const uint8_t *p = (const uint8_t *)buf_c(&w->rows);
    size_t left = w->rows.len;
    int r = 0;

    while (!r && left >= FRAME_HEAD_BYTES) {
        size_t len = frame_length(p);
        if (w->has_ended)
            return err_set(e, ERR_CAGE, "the worker went on after its end");
        if ((int64_t)len > LIMIT_ROW_BYTES)
            return err_set(e, ERR_CAGE, "the worker announced a row of %zu bytes", len);
        if (len > left - FRAME_HEAD_BYTES)
            break;
        w->has_ended = len == 0;
        if (len)
            r = facts_insert_row(w->ins, (struct bytes){p + FRAME_HEAD_BYTES, len}, e);
        p += FRAME_HEAD_BYTES + len;
        left -= FRAME_HEAD_BYTES + len;
    }
    if (w->rows.p)
        memmove(w->rows.p, p, left);
    w->rows.len = left;
    return r;
}

/* One read; closes *fd at its end. */
static int take_piece(int *fd, struct buf *into, struct err *e)
{
    char *to = buf_reserve(into, PIECE_BYTES);

    if (!to)
        return buf_check(into, "worker", e);
    ssize_t n = read(*fd, to, PIECE_BYTES);
    if (n < 0)
        return errno == EINTR ? 0 : err_errno(e, "worker");
    buf_wrote(into, (size_t)n);
    if (n == 0) {
        (void)close(*fd);
        *fd = -1;
    }
    return 0;
}

static int take_text(struct cage_worker *w, struct err *e)
{
    int r = take_piece(&w->child.error_fd, &w->text, e);

    if (w->text.len > TEXT_BYTES)
        return err_set(e, ERR_CAGE, "the worker said too much");
    return r;
}

static int too_late(struct err *e)
{
    return err_set(e, ERR_KILLED, "the worker took too long");
}

/* Until both pipes are closed at the other end. */
static int listen_to(struct cage_worker *w, struct err *e)
{
    while (w->child.rows_fd >= 0 || w->child.error_fd >= 0) {
        struct pollfd fds[] = {{.fd = w->child.rows_fd, .events = POLLIN},
                               {.fd = w->child.error_fd, .events = POLLIN}};
        int64_t left = w->deadline_ms - now_ms();
        int r = 0;
        if (left <= 0)
            return too_late(e);
        if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
            return err_errno(e, "worker");
        if (fds[0].revents) {
            r = take_piece(&w->child.rows_fd, &w->rows, e);
            if (!r)
                r = take_frames(w, e);
        }
        if (!r && fds[1].revents)
            r = take_text(w, e);
        if (r)
            return r;
    }
    return 0;
}

/* Its exit status; it is killed when it does not end by itself. */
static int reap(struct cage_worker *w, bool at_once, int *ret_status, struct err *e)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    bool is_killed = false;
    pid_t ended;

    while ((ended = waitpid(w->child.pid, ret_status, is_killed ? 0 : WNOHANG)) != w->child.pid) {
        if (ended < 0 && errno != EINTR)
            return err_errno(e, "worker");
        if (!is_killed && (at_once || now_ms() > w->deadline_ms)) {
            (void)kill(w->child.pid, SIGKILL);
            is_killed = true;
        } else if (!is_killed) {
            (void)nanosleep(&pause, NULL);
        }
    }
    return is_killed && !at_once ? too_late(e) : 0;
}

/* "3 text" of a worker that ended with an error. What it says is a stranger's word, too. */
static int told_by(const struct cage_worker *w, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(TEXT_BYTES * 8);
    struct str rest, number = str_cut(buf_str(&w->text), ' ', &rest);
    uint64_t code;

    if (!str_to_u64(number, ERR_CAGE, &code) || code == 0 || code == ERR_CAGE)
        return err_set(e, ERR_CAGE, "the worker ended without a reason");
    text_add_printable(&text, rest);
    return err_set(e, (int)code, "%s", buf_c(&text));
}

static int judge(const struct cage_worker *w, int status, struct err *e)
{
    if (WIFSIGNALED(status))
        return cage_killed_by(WTERMSIG(status), e);
    if (WEXITSTATUS(status) != 0)
        return told_by(w, e);
    if (!w->has_ended || w->rows.len)
        return err_set(e, ERR_CAGE, "the worker stopped in the middle");
    return 0;
}

static int run(struct cage_worker *w, struct err *e)
{
    struct err reap_error = {0};
    int status = 0, r = listen_to(w, e);
    int reaped = reap(w, r != 0, &status, &reap_error);

    if (r)
        return r;
    if (reaped) {
        *e = reap_error;
        return reaped;
    }
    return judge(w, status, e);
}

static void worker_done(struct cage_worker *w)
{
    if (w->child.rows_fd >= 0)
        (void)close(w->child.rows_fd);
    if (w->child.error_fd >= 0)
        (void)close(w->child.error_fd);
    buf_done(&w->rows);
    buf_done(&w->text);
    facts_inserter_close(w->ins);
    free(w);
}

/* The parent's own problems (memory, disk) pass as they are; rows that cannot be are the worker's. */
static int blame(int r, const struct cage_worker *w, struct err *e)
{
    if (r == 0 || e->code == ERR_NOMEM || e->code == ERR_IO || w->text.len)
        return r;
    if (e->code == ERR_FORMAT || e->code == ERR_LIMIT) {
        struct err inner = *e;
        return err_set(e, ERR_CAGE, "the worker sent what is not a fact: %.600s", inner.text);
    }
    return r;
}

/* A bundle that could not even be opened has no facts; all else stays, and the coverage says what happened.
 */
static void leave_problem(struct cage_worker *w, const struct err *e)
{
    struct err ignored = {0};

    if (e->code == ERR_CAGE || e->code == ERR_KILLED || facts_inserter_has_machine(w->ins))
        (void)facts_insert_problem(w->ins, e->text, &ignored); /* the error itself is returned anyway */
}

static int run_in_transaction(struct cage_worker *w, sqlite3 *db, struct err *e)
{
    if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL))
        return err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    int r = blame(run(w, e), w, e);
    if (r)
        leave_problem(w, e);
    if (r == -ERR_CAGE || r == -ERR_KILLED)
        cage_count_failed();
    if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) && !r)
        r = err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    return r;
}

int cage_begin(const struct cage_job *job, struct cage_worker **ret, struct err *e)
{
    int64_t seconds = job->seconds ? job->seconds : LIMIT_WORKER_SECONDS;
    struct cage_worker *w = calloc(1, sizeof *w);

    if (!w)
        return err_set(e, ERR_NOMEM, "%s: out of memory", job->name);
    *w = (struct cage_worker){.name = job->name,
                              .child = {.pid = -1, .rows_fd = -1, .error_fd = -1},
                              .rows = BUF_INIT(LIMIT_ROW_BYTES + FRAME_HEAD_BYTES + PIECE_BYTES),
                              .text = BUF_INIT(TEXT_BYTES + PIECE_BYTES),
                              .deadline_ms = now_ms() + seconds * 1000};
    int r = cage_spawn(job->what, job->input_fd, -1, &w->child, e);
    if (r) {
        worker_done(w);
        return err_wrap(e, "%s", job->name);
    }
    *ret = w;
    return 0;
}

void cage_cancel(struct cage_worker *w)
{
    struct err ignored = {0};
    int status = 0;

    (void)reap(w, true, &status, &ignored);
    worker_done(w);
}

int cage_end(struct cage_worker *w, const char *label, sqlite3 *db, struct err *e)
{
    const char *name = w->name;
    int r = facts_inserter_open(db, label, &w->ins, e);

    if (r) {
        cage_cancel(w);
    } else {
        r = run_in_transaction(w, db, e);
        worker_done(w);
    }
    return r ? err_wrap(e, "%s", name) : 0;
}

int cage_run(const struct cage_job *job, const char *label, sqlite3 *db, struct err *e)
{
    struct cage_worker *w = NULL;
    int r = cage_begin(job, &w, e);

    return r ? r : cage_end(w, label, db, e);
}
