/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_judge.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cage_judge_wire.h"
#include "cage_spawn.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"
#include "text.h"

/* What a worker may take beyond a deadline that it knows itself; and to read and compile its rules. */
enum { GRACE_MS = 5000, BEGIN_MS = 60000, PIECE_BYTES = 262144 };

struct cage_judge {
    const struct ruleset *rules;
    int memory_fd;
    unsigned char *memory;
    struct cage_child child; /* pid -1: none runs */
    int orders_fd;           /* a socket: to write to one whose reader is gone must not kill */
    bool is_ready;           /* has its rules */
    int64_t jobs;
};

static int64_t now_ms(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

/* Ends the worker, however it does; *ret_status as waitpid. */
static void stop(struct cage_judge *j, int *ret_status)
{
    close_fd(&j->orders_fd);
    close_fd(&j->child.rows_fd);
    close_fd(&j->child.error_fd);
    if (j->child.pid > 0) {
        (void)kill(j->child.pid, SIGKILL);
        while (waitpid(j->child.pid, ret_status, 0) < 0 && errno == EINTR)
            continue;
    }
    j->child.pid = -1;
    j->is_ready = false;
}

/* What a worker that ended by itself had to say, or what ended it. */
static int has_ended(struct cage_judge *j, struct err *e)
{
    char text[ERR_TEXT_BYTES];
    CLEANUP(buf_done) struct buf words = BUF_INIT(8 * sizeof text);
    CLEANUP(close_fd) int error_fd = j->child.error_fd;
    int status = 0;

    j->child.error_fd = -1;
    cage_count_failed();
    stop(j, &status); /* what has ended already does not mind */
    if (WIFSIGNALED(status))
        return cage_killed_by(WTERMSIG(status), e);
    ssize_t n = read(error_fd, text, sizeof text);
    text_add_printable(&words, (struct str){text, n > 0 ? (size_t)n : 0});
    return err_set(e, ERR_CAGE, "the judging worker ended: %s", words.p ? buf_c(&words) : "");
}

/* What it says or does is wrong. */
static int give_up(struct cage_judge *j, const char *why, struct err *e)
{
    int status = 0;

    cage_count_failed();
    stop(j, &status);
    return err_set(e, ERR_CAGE, "the judging worker %s", why);
}

/* 0, or -ERR_CAGE when it ends or is late. */
static int read_exactly(struct cage_judge *j, char *to, size_t len, int64_t deadline, struct err *e)
{
    while (len > 0) {
        struct pollfd fd = {.fd = j->child.rows_fd, .events = POLLIN};
        int64_t left = deadline - now_ms();
        if (left <= 0)
            return give_up(j, "took too long", e);
        if (poll(&fd, 1, (int)left) <= 0)
            continue;
        ssize_t n = read(j->child.rows_fd, to, len);
        if (n == 0)
            return has_ended(j, e);
        if (n < 0 && errno != EINTR)
            return give_up(j, "cannot be heard", e);
        to += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int read_text(struct cage_judge *j, size_t len, int64_t deadline, struct buf *to, struct err *e)
{
    int r = 0;

    while (r == 0 && len > 0) {
        size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;
        char *room = buf_reserve(to, piece);
        if (!room)
            return give_up(j, "sent a report that is too large", e);
        r = read_exactly(j, room, piece, deadline, e);
        if (r == 0)
            buf_wrote(to, piece);
        len -= piece;
    }
    return r;
}

/* A code that is none of ours, and words that may be anything. */
static int told_by(uint32_t code, const struct buf *words, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(8 * ERR_TEXT_BYTES);

    text_add_printable(&text, buf_str(words));
    return err_set(e, code > ERR_CAGE ? ERR_CAGE : (int)code, "%s", text.p ? buf_c(&text) : "");
}

static int take_answer(struct cage_judge *j, int64_t deadline, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);
    struct judge_answer head = {0};
    int r = read_exactly(j, (char *)&head, sizeof head, deadline, e);

    if (r < 0)
        return r;
    if (head.len > (head.code ? ERR_TEXT_BYTES : LIMIT_REPORT_BYTES))
        return give_up(j, "announced more than it may", e);
    r = read_text(j, head.len, deadline, head.code ? &words : ret, e);
    return r < 0 || head.code == 0 ? r : told_by(head.code, &words, e);
}

static int send_order(struct cage_judge *j, const struct judge_order *order, struct err *e)
{
    ssize_t n = send(j->orders_fd, order, sizeof *order, MSG_NOSIGNAL);

    return n == (ssize_t)sizeof *order ? 0 : has_ended(j, e);
}

static int send_rules(struct cage_judge *j, struct err *e)
{
    CLEANUP(buf_done) struct buf texts = BUF_INIT(FACTS_IMAGE_BYTES);
    int r = ruleset_write(j->rules, &texts, e);

    if (r < 0)
        return r;
    memcpy(j->memory, texts.p, texts.len);
    return send_order(j, &(struct judge_order){.what = JUDGE_RULES, .len = texts.len}, e);
}

static int start(struct cage_judge *j, struct err *e)
{
    int pair[2], r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, "judging worker");
    r = cage_spawn(CAGE_JUDGE, pair[0], j->memory_fd, &j->child, e);
    (void)close(pair[0]);
    if (r < 0) {
        (void)close(pair[1]);
        return r;
    }
    j->orders_fd = pair[1];
    j->jobs = 0;
    return send_rules(j, e);
}

/* Memory that both have, of a size that neither can change: a shorter one would kill the parent. */
static int share_memory(struct cage_judge *j, struct err *e)
{
    void *p;

    j->memory_fd = memfd_create("facts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (j->memory_fd < 0 || ftruncate(j->memory_fd, FACTS_IMAGE_BYTES) ||
        fcntl(j->memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
        return err_errno(e, "judging worker: memory");
    p = mmap(NULL, FACTS_IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, j->memory_fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, "judging worker: memory");
    j->memory = p;
    return 0;
}

int cage_judge_new(const struct ruleset *rules, struct cage_judge **ret, struct err *e)
{
    struct cage_judge *j = calloc(1, sizeof *j);
    int r;

    if (!j)
        return err_set(e, ERR_NOMEM, "judging worker: out of memory");
    *j = (struct cage_judge){.rules = rules,
                             .memory_fd = -1,
                             .orders_fd = -1,
                             .child = {.pid = -1, .rows_fd = -1, .error_fd = -1}};
    r = share_memory(j, e);
    if (r == 0)
        r = start(j, e);
    if (r < 0) {
        cage_judge_free(j);
        return r;
    }
    *ret = j;
    return 0;
}

void cage_judge_free(struct cage_judge *j)
{
    int status = 0;

    if (!j)
        return;
    stop(j, &status);
    if (j->memory)
        (void)munmap(j->memory, FACTS_IMAGE_BYTES);
    close_fd(&j->memory_fd);
    free(j);
}

int cage_judge_memory(struct cage_judge *j, unsigned char **ret, struct err *e)
{
    CLEANUP(buf_done) struct buf nothing = BUF_INIT(1);
    int status = 0, r = 0;

    if (j->child.pid > 0 && j->jobs >= LIMIT_JUDGE_JOBS)
        stop(j, &status);
    if (j->child.pid < 0)
        r = start(j, e);
    if (r == 0 && !j->is_ready) {
        r = take_answer(j, now_ms() + BEGIN_MS, &nothing, e);
        j->is_ready = r == 0;
        if (r < 0)
            stop(j, &status);
    }
    *ret = j->memory;
    return r;
}

int cage_judge_run(struct cage_judge *j, size_t len, const char *case_id, struct buf *ret, struct err *e)
{
    struct judge_order order = {
        .what = JUDGE_CASE, .len = len, .deadline = facts_deadline_or(now_ms() + LIMIT_JOB_SECONDS * 1000)};
    int r;

    if (!j->is_ready)
        return err_set(e, ERR_CAGE, "the judging worker is not ready");
    (void)snprintf(order.name, sizeof order.name, "%s", case_id);
    j->jobs++;
    r = send_order(j, &order, e);
    return r < 0 ? r : take_answer(j, order.deadline + GRACE_MS, ret, e);
}
