/* SPDX-License-Identifier: Apache-2.0 */
#include "each.h"

#include "compiler.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 16 };

struct each {
    char (*ids)[65];
    size_t n, room;
    atomic_size_t next;
    const struct ruleset *rules;
    void (*one)(void *ctx, struct judge *judge, const char *case_id);
    void *ctx;
    pthread_mutex_t lock;
    struct err e; /* why the first thread that could not begin did not */
    bool failed;
};

static int add_id(void *ctx, const char *id)
{
    struct each *w = ctx;

    if (w->n == w->room) {
        size_t room = w->room ? 2 * w->room : 256;
        void *more = realloc(w->ids, room * sizeof *w->ids);
        if (!more)
            return -ERR_NOMEM;
        w->ids = more;
        w->room = room;
    }
    strncpy(w->ids[w->n], id, 64);
    w->ids[w->n++][64] = 0;
    return 0;
}

static void *work(void *ctx)
{
    struct each *w = ctx;
    struct judge *judge = NULL;
    struct err e = {0};
    size_t i;

    if (judge_new(w->rules, &judge, &e) < 0) {
        (void)pthread_mutex_lock(&w->lock);
        w->e = w->failed ? w->e : e;
        w->failed = true;
        (void)pthread_mutex_unlock(&w->lock);
        return NULL;
    }
    while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
        w->one(w->ctx, judge, w->ids[i]);
    judge_free(judge);
    return NULL;
}

int job_each_case(struct store *s, const struct ruleset *rules,
                  void (*one)(void *ctx, struct judge *judge, const char *case_id), void *ctx, struct err *e)
{
    struct each w = {.rules = rules, .one = one, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER};
    pthread_t threads[THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int n = 0, r = store_cases(s, add_id, &w, e);

    if (r == -ERR_NOMEM)
        (void)err_set(e, ERR_NOMEM, "list of cases");
    /* One is this thread, which makes one more than processors: another has work while one waits for its
     * worker or the store. */
    while (r == 0 && n < THREADS && n < processors && pthread_create(&threads[n], NULL, work, &w) == 0)
        n++;
    if (r == 0)
        (void)work(&w);
    while (n > 0)
        (void)pthread_join(threads[--n], NULL);
    free(w.ids);
    /* Those that began did the others' part, too; when none did, cases are left. */
    if (r == 0 && w.failed && atomic_load(&w.next) < w.n) {
        *e = w.e;
        r = -e->code;
    }
    return r;
}
