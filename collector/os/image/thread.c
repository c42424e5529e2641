/* SPDX-License-Identifier: Apache-2.0 */
#include "../process.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct os_thread {
    pthread_t id;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    void (*work)(void *ctx);
    void *ctx;
    bool stop, done;
};

static void *wait_and_work(void *arg)
{
    struct os_thread *t = arg;

    (void)pthread_mutex_lock(&t->lock);
    while (t->work == NULL && !t->stop)
        (void)pthread_cond_wait(&t->changed, &t->lock);
    void (*work)(void *ctx) = t->work;
    (void)pthread_mutex_unlock(&t->lock);
    if (work != NULL)
        work(t->ctx);
    (void)pthread_mutex_lock(&t->lock);
    t->done = true;
    (void)pthread_cond_broadcast(&t->changed);
    (void)pthread_mutex_unlock(&t->lock);
    return NULL;
}

int os_thread_new(struct os_thread **ret, struct err *e)
{
    struct os_thread *t = calloc(1, sizeof(*t));
    pthread_condattr_t monotonic;

    if (t == NULL)
        return err_set(e, ERR_NOMEM, "thread: out of memory");
    (void)pthread_mutex_init(&t->lock, NULL);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&t->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    if (pthread_create(&t->id, NULL, wait_and_work, t) != 0) {
        free(t);
        return err_set(e, ERR_NOMEM, "thread: the system makes none");
    }
    *ret = t;
    return 0;
}

void os_thread_run(struct os_thread *t, void (*work)(void *ctx), void *ctx)
{
    (void)pthread_mutex_lock(&t->lock);
    t->ctx = ctx;
    t->work = work;
    (void)pthread_cond_broadcast(&t->changed);
    (void)pthread_mutex_unlock(&t->lock);
}

bool os_thread_wait(struct os_thread *t, unsigned ms)
{
    struct timespec until;
    int r = 0;

    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    (void)pthread_mutex_lock(&t->lock);
    while (!t->done && r == 0)
        r = pthread_cond_timedwait(&t->changed, &t->lock, &until);
    bool done = t->done;
    (void)pthread_mutex_unlock(&t->lock);
    return done;
}

void os_thread_free(struct os_thread *t)
{
    if (t == NULL)
        return;
    (void)pthread_mutex_lock(&t->lock);
    bool idle = t->work == NULL || t->done;
    t->stop = true;
    (void)pthread_cond_broadcast(&t->changed);
    (void)pthread_mutex_unlock(&t->lock);
    if (!idle)
        return;
    (void)pthread_join(t->id, NULL);
    (void)pthread_mutex_destroy(&t->lock);
    (void)pthread_cond_destroy(&t->changed);
    free(t);
}

struct os_gate {
    pthread_mutex_t lock;
    pthread_t owner;
};

int os_gate_new(struct os_gate **ret, struct err *e)
{
    struct os_gate *g = calloc(1, sizeof(*g));

    if (g == NULL)
        return err_set(e, ERR_NOMEM, "gate: out of memory");
    (void)pthread_mutex_init(&g->lock, NULL);
    g->owner = pthread_self();
    *ret = g;
    return 0;
}

void os_gate_free(struct os_gate *g)
{
    if (g == NULL)
        return;
    (void)pthread_mutex_destroy(&g->lock);
    free(g);
}

void os_gate_give(struct os_gate *g, const struct os_thread *owner)
{
    (void)pthread_mutex_lock(&g->lock);
    g->owner = owner == NULL ? pthread_self() : owner->id;
    (void)pthread_mutex_unlock(&g->lock);
}

void os_gate_enter(struct os_gate *g)
{
    (void)pthread_mutex_lock(&g->lock);
    if (pthread_equal(g->owner, pthread_self()))
        return;
    (void)pthread_mutex_unlock(&g->lock);
    for (;;)
        (void)pause();
}

void os_gate_leave(struct os_gate *g)
{
    (void)pthread_mutex_unlock(&g->lock);
}

void os_sleep_ms(unsigned ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

    (void)nanosleep(&left, NULL);
}

unsigned os_ticks_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000);
}
