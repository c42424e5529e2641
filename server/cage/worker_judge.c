/* SPDX-License-Identifier: Apache-2.0
 *
 * The judging worker: rules over the facts of one case after the other. Facts are a stranger's, so that what
 * reads them reads them in the cage; statements stay compiled from one case to the next. */
#include "cage_judge_wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cage_confine.h"
#include "compiler.h"
#include "facts_db.h"
#include "facts_image.h"
#include "limits.h"
#include "rules.h"

struct worker {
    unsigned char *memory;
    struct ruleset *rules;
    struct facts_image *image;
    struct statements *statements; /* of the image's connection */
};

static int map_memory(struct worker *w, struct err *e)
{
    void *p = mmap(NULL, FACTS_IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, CAGE_MEMORY_FD, 0);

    if (p == MAP_FAILED)
        return err_errno(e, "worker: memory");
    w->memory = p;
    (void)close(CAGE_MEMORY_FD);
    return 0;
}

/* SQLite asks the system for chance once, and keeps no statistics of its memory, whose lock costs more than
 * they tell: the cage's limit holds for all of it. */
static int warm_up(struct err *e)
{
    unsigned char chance[8];

    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) || sqlite3_initialize())
        return err_set(e, ERR_NOMEM, "SQLite cannot be started");
    sqlite3_randomness(sizeof chance, chance);
    return 0;
}

static bool read_order(struct judge_order *to)
{
    size_t have = 0;
    ssize_t n = 1;

    while (have < sizeof *to && n > 0)
        if ((n = read(CAGE_INPUT_FD, (char *)to + have, sizeof *to - have)) > 0)
            have += (size_t)n;
        else if (n < 0 && errno == EINTR)
            n = 1;
    return have == sizeof *to;
}

static bool write_all(const void *from, size_t len)
{
    const char *p = from;

    while (len > 0) {
        ssize_t n = write(CAGE_ROWS_FD, p, len);
        if (n < 0 && errno != EINTR)
            return false;
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

static bool answer(int code, struct str text)
{
    const struct judge_answer head = {(uint32_t)code, (uint32_t)text.len};

    return write_all(&head, sizeof head) && write_all(text.p, text.len);
}

static int add_json(const char *piece, size_t n, void *to)
{
    buf_add(to, piece, n);
    return ((struct buf *)to)->failed ? -1 : 0;
}

static int dump(const json_t *report, struct buf *to, struct err *e)
{
    if (json_dump_callback(report, add_json, to, JSON_COMPACT) < 0)
        return err_set(e, ERR_NOMEM, "report: writing");
    return buf_check(to, "report", e);
}

static int judge_image(struct worker *w, const struct judge_order *order, struct buf *to, struct err *e)
{
    json_t *report = NULL;
    int r = ruleset_run_kept(w->rules, w->statements, order->name, &report, e);

    if (r == 0)
        r = dump(report, to, e);
    json_decref(report);
    return r;
}

/* Facts that are laid out otherwise have a connection, and statements, of their own. */
static int judge_alone(struct worker *w, const struct judge_order *order, struct buf *to, struct err *e)
{
    sqlite3 *db = NULL;
    json_t *report = NULL;
    int r = facts_open_bytes(w->memory, (size_t)order->len, &db, e);

    if (r == 0)
        r = facts_confine(db, e);
    if (r == 0)
        r = ruleset_run(w->rules, db, order->name, &report, e);
    if (r == 0)
        r = dump(report, to, e);
    json_decref(report);
    (void)sqlite3_close(db);
    return r;
}

static int judge(struct worker *w, const struct judge_order *order, struct buf *to, struct err *e)
{
    int r;

    facts_deadline(order->deadline);
    r = facts_image_show(w->image, (size_t)order->len, e);
    if (r == 0)
        r = judge_image(w, order, to, e);
    else if (r == -ERR_UNSUPPORTED)
        r = judge_alone(w, order, to, e);
    return r;
}

/* Compiles what the rules ask, over facts without a row. */
static int begin(struct worker *w, const struct judge_order *order, struct err *e)
{
    CLEANUP(buf_done) struct buf ignored = BUF_INIT(LIMIT_REPORT_BYTES);
    int r = ruleset_read((struct str){(const char *)w->memory, (size_t)order->len}, &w->rules, e);

    if (r == 0)
        r = facts_image_new(w->memory, &w->image, e);
    if (r == 0)
        r = statements_new(facts_image_db(w->image), &w->statements, e);
    return r < 0 ? r : judge_image(w, order, &ignored, e);
}

static bool obey(struct worker *w, const struct judge_order *order)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_REPORT_BYTES);
    struct err e = {0};
    int r = order->len > FACTS_IMAGE_BYTES ? err_set(&e, ERR_LIMIT, "facts: too large")
            : order->what == JUDGE_RULES   ? begin(w, order, &e)
                                           : judge(w, order, &json, &e);

    return r < 0 ? answer(e.code, str_from(e.text)) : answer(0, buf_str(&json));
}

int worker_judge(struct err *e)
{
    static const struct cage_bounds bounds = {.memory_bytes = LIMIT_JUDGE_MEMORY_BYTES,
                                              .seconds = LIMIT_JOB_SECONDS};
    struct worker w = {0};
    struct judge_order order;
    int r;

    if ((r = map_memory(&w, e)) || (r = warm_up(e)) || (r = cage_confine(&bounds, e)))
        return r;
    while (read_order(&order) && obey(&w, &order))
        continue;
    return 0; /* the process ends here: what it has goes with it */
}
