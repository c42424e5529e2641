/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "compiler.h"
#include "facts_image.h"
#include "limits.h"
#include "text.h"

enum { PIECE_BYTES = 262144 };

int64_t cage_talk_now(void)
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

/* *ret_status as waitpid. */
static void end(struct cage_talk *t, int *ret_status)
{
    close_fd(&t->orders_fd);
    close_fd(&t->child.rows_fd);
    close_fd(&t->child.error_fd);
    if (t->child.pid > 0) {
        (void)kill(t->child.pid, SIGKILL);
        while (waitpid(t->child.pid, ret_status, 0) < 0 && errno == EINTR)
            continue;
    }
    t->child.pid = -1;
    t->is_ready = false;
}

void cage_talk_stop(struct cage_talk *t)
{
    int status = 0;

    end(t, &status);
}

/* What a worker that ended by itself had to say, or what ended it. */
static int has_ended(struct cage_talk *t, struct err *e)
{
    char text[ERR_TEXT_BYTES];
    CLEANUP(buf_done) struct buf words = BUF_INIT(8 * sizeof text);
    CLEANUP(close_fd) int error_fd = t->child.error_fd;
    int status = 0;

    t->child.error_fd = -1;
    cage_count_failed();
    end(t, &status); /* what has ended already does not mind */
    if (WIFSIGNALED(status))
        return cage_killed_by(WTERMSIG(status), e);
    ssize_t n = read(error_fd, text, sizeof text);
    text_add_printable(&words, (struct str){text, n > 0 ? (size_t)n : 0});
    return err_set(e, ERR_CAGE, "the %s ended: %s", t->called, buf_c(&words));
}

int cage_talk_give_up(struct cage_talk *t, const char *why, struct err *e)
{
    cage_count_failed();
    cage_talk_stop(t);
    return err_set(e, ERR_CAGE, "the %s %s", t->called, why);
}

/* 0, or -ERR_CAGE when it ends or is late. */
static int read_exactly(struct cage_talk *t, char *to, size_t len, int64_t deadline, struct err *e)
{
    while (len > 0) {
        struct pollfd fd = {.fd = t->child.rows_fd, .events = POLLIN};
        int64_t left = deadline - cage_talk_now();
        if (left <= 0)
            return cage_talk_give_up(t, "took too long", e);
        if (poll(&fd, 1, (int)left) <= 0)
            continue;
        ssize_t n = read(t->child.rows_fd, to, len);
        if (n == 0)
            return has_ended(t, e);
        if (n < 0 && errno != EINTR)
            return cage_talk_give_up(t, "cannot be heard", e);
        to += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int read_text(struct cage_talk *t, size_t len, int64_t deadline, struct buf *to, struct err *e)
{
    int r = 0;

    while (r == 0 && len > 0) {
        size_t piece = len < PIECE_BYTES ? len : PIECE_BYTES;
        char *room = buf_reserve(to, piece);
        if (!room)
            return cage_talk_give_up(t, "sent more than can be kept", e);
        r = read_exactly(t, room, piece, deadline, e);
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
    return err_set(e, code > ERR_CAGE ? ERR_CAGE : (int)code, "%s", buf_c(&text));
}

int cage_talk_answer(struct cage_talk *t, size_t most, int64_t deadline, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf words = BUF_INIT(ERR_TEXT_BYTES);
    struct cage_answer head = {0};
    int r = read_exactly(t, (char *)&head, sizeof head, deadline, e);

    if (r < 0)
        return r;
    if (head.is_large)
        t->jobs = LIMIT_JUDGE_JOBS;
    if (head.len > (head.code ? ERR_TEXT_BYTES : most))
        return cage_talk_give_up(t, "announced more than it may", e);
    r = read_text(t, head.len, deadline, head.code ? &words : ret, e);
    return r < 0 || head.code == 0 ? r : told_by(head.code, &words, e);
}

int cage_talk_order(struct cage_talk *t, const struct cage_order *order, struct err *e)
{
    ssize_t n = send(t->orders_fd, order, sizeof *order, MSG_NOSIGNAL);

    return n == (ssize_t)sizeof *order ? 0 : has_ended(t, e);
}

int cage_talk_start(struct cage_talk *t, struct err *e)
{
    int pair[2], r;

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
        return err_errno(e, "%s", t->called);
    r = cage_spawn(t->what, pair[0], t->memory_fd, &t->child, e);
    (void)close(pair[0]);
    if (r < 0) {
        (void)close(pair[1]);
        return r;
    }
    t->orders_fd = pair[1];
    t->jobs = 0;
    return 0;
}

/* Of a size that neither can change: a shorter one would kill the parent. */
static int share_memory(struct cage_talk *t, struct err *e)
{
    void *p;

    t->memory_fd = memfd_create("facts", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (t->memory_fd < 0 || ftruncate(t->memory_fd, FACTS_IMAGE_BYTES) ||
        fcntl(t->memory_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
        return err_errno(e, "%s: memory", t->called);
    p = mmap(NULL, FACTS_IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, t->memory_fd, 0);
    if (p == MAP_FAILED)
        return err_errno(e, "%s: memory", t->called);
    t->memory = p;
    return 0;
}

int cage_talk_open(struct cage_talk *t, const char *what, const char *called, struct err *e)
{
    int r;

    *t = (struct cage_talk){.what = what,
                            .called = called,
                            .memory_fd = -1,
                            .orders_fd = -1,
                            .child = {.pid = -1, .rows_fd = -1, .error_fd = -1}};
    r = share_memory(t, e);
    if (r < 0)
        cage_talk_close(t);
    return r;
}

void cage_talk_close(struct cage_talk *t)
{
    cage_talk_stop(t);
    if (t->memory)
        (void)munmap(t->memory, FACTS_IMAGE_BYTES);
    t->memory = NULL;
    close_fd(&t->memory_fd);
}
