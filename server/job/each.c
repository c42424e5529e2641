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
    void (*one)(void *ctx, const char *case_id);
    void *ctx;
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
    size_t i;

    while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
        w->one(w->ctx, w->ids[i]);
    return NULL;
}

int job_each_case(struct store *s, void (*one)(void *ctx, const char *case_id), void *ctx, struct err *e)
{
    struct each w = {.one = one, .ctx = ctx};
    pthread_t threads[THREADS];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int n = 0, r = store_cases(s, add_id, &w, e);

    if (r == -ERR_NOMEM)
        (void)err_set(e, ERR_NOMEM, "list of cases");
    /* One of them is this thread. */
    while (r == 0 && n < THREADS && n + 1 < processors && pthread_create(&threads[n], NULL, work, &w) == 0)
        n++;
    if (r == 0)
        (void)work(&w);
    while (n > 0)
        (void)pthread_join(threads[--n], NULL);
    free(w.ids);
    return r;
}
