/* SPDX-License-Identifier: Apache-2.0 */
#include "ahead.h"

#include <pthread.h>
#include <stdlib.h>

enum { STACK_BYTES = 256 * 1024 };

struct piece {
    size_t len;
    int r; /* of `make`; nothing follows an error or an empty piece */
    struct err e;
    uint8_t bytes[AHEAD_PIECE_BYTES];
};

struct ahead {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ahead_make make; /* NULL: no stream */
    void *ctx;
    size_t n_made, n_taken; /* of this stream; made - taken pieces wait, at most AHEAD_PIECES */
    bool is_ready, is_making, has_ended, shall_stop;
    bool is_held; /* the caller reads piece n_taken */
    struct piece pieces[AHEAD_PIECES];
};

static bool has_work(const struct ahead *a)
{
    return a->make && !a->has_ended && a->n_made - a->n_taken < AHEAD_PIECES;
}

/* The lock is held before and after, not while the piece is made. */
static void make_one(struct ahead *a)
{
    struct piece *p = &a->pieces[a->n_made % AHEAD_PIECES];
    const ahead_make make = a->make; /* ahead_end may forget it meanwhile */

    a->is_making = true;
    (void)pthread_mutex_unlock(&a->lock);
    p->len = 0;
    p->r = make(a->ctx, p->bytes, &p->len, &p->e);
    (void)pthread_mutex_lock(&a->lock);
    a->is_making = false;
    a->has_ended = p->r || p->len == 0;
    a->n_made++;
    (void)pthread_cond_broadcast(&a->changed);
}

static void *work(void *ctx)
{
    struct ahead *a = ctx;

    (void)pthread_mutex_lock(&a->lock);
    a->is_ready = true;
    (void)pthread_cond_broadcast(&a->changed);
    while (!a->shall_stop) {
        if (has_work(a))
            make_one(a);
        else
            (void)pthread_cond_wait(&a->changed, &a->lock);
    }
    (void)pthread_mutex_unlock(&a->lock);
    return NULL;
}

static int start_thread(struct ahead *a)
{
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes))
        return -1;
    int r = pthread_attr_setstacksize(&attributes, STACK_BYTES);
    if (!r)
        r = pthread_create(&a->thread, &attributes, work, a);
    (void)pthread_attr_destroy(&attributes);
    return r;
}

int ahead_start(struct ahead **ret, struct err *e)
{
    struct ahead *a = calloc(1, sizeof *a);

    if (!a || pthread_mutex_init(&a->lock, NULL) || pthread_cond_init(&a->changed, NULL) || start_thread(a)) {
        free(a);
        return err_set(e, ERR_NOMEM, "unpacking: no second thread");
    }
    (void)pthread_mutex_lock(&a->lock);
    while (!a->is_ready)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    (void)pthread_mutex_unlock(&a->lock);
    *ret = a;
    return 0;
}

void ahead_stop(struct ahead *a)
{
    if (!a)
        return;
    ahead_end(a);
    (void)pthread_mutex_lock(&a->lock);
    a->shall_stop = true;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
    (void)pthread_join(a->thread, NULL);
    (void)pthread_cond_destroy(&a->changed);
    (void)pthread_mutex_destroy(&a->lock);
    free(a);
}

void ahead_begin(struct ahead *a, ahead_make make, void *ctx)
{
    ahead_end(a);
    (void)pthread_mutex_lock(&a->lock);
    a->n_made = a->n_taken = 0;
    a->has_ended = false;
    a->make = make;
    a->ctx = ctx;
    (void)pthread_cond_broadcast(&a->changed);
    (void)pthread_mutex_unlock(&a->lock);
}

/* Piece i is taken once piece i + 1 is asked for: until then its bytes are the caller's. */
int ahead_next(struct ahead *a, struct bytes *ret, struct err *e)
{
    (void)pthread_mutex_lock(&a->lock);
    if (a->is_held) {
        a->n_taken++;
        a->is_held = false;
        (void)pthread_cond_broadcast(&a->changed);
    }
    while (a->n_made == a->n_taken)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    const struct piece *p = &a->pieces[a->n_taken % AHEAD_PIECES];
    a->is_held = p->r == 0 && p->len; /* the end and an error stay */
    (void)pthread_mutex_unlock(&a->lock);
    *ret = (struct bytes){p->bytes, p->len};
    if (p->r)
        *e = p->e;
    return p->r;
}

void ahead_end(struct ahead *a)
{
    (void)pthread_mutex_lock(&a->lock);
    a->make = NULL;
    a->is_held = false;
    while (a->is_making)
        (void)pthread_cond_wait(&a->changed, &a->lock);
    (void)pthread_mutex_unlock(&a->lock);
}
