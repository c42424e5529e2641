/* SPDX-License-Identifier: Apache-2.0 */
#include "rate.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>

enum { SETS = 512, WAYS = 8, MINUTE_US = 60 * 1000 * 1000 };

struct bucket {
    uint64_t key;
    int64_t due_us; /* when, at the steady rate, all that was taken would have been; 0: never used */
};

struct rate {
    pthread_mutex_t lock;
    int64_t step_us;
    uint64_t seed; /* so that nobody can choose keys that meet */
    struct bucket sets[SETS][WAYS];
};

int rate_new(int64_t per_minute, struct rate **ret, struct err *e)
{
    struct rate *r = NULL;

    *ret = NULL;
    if (per_minute <= 0)
        return 0;
    r = calloc(1, sizeof *r);
    if (!r || pthread_mutex_init(&r->lock, NULL) != 0) {
        free(r);
        return err_set(e, ERR_NOMEM, "rate limits");
    }
    if (getrandom(&r->seed, sizeof r->seed, 0) != (ssize_t)sizeof r->seed)
        r->seed = (uint64_t)(uintptr_t)r;
    r->step_us = per_minute < MINUTE_US ? MINUTE_US / per_minute : 1;
    *ret = r;
    return 0;
}

void rate_free(struct rate *r)
{
    if (!r)
        return;
    (void)pthread_mutex_destroy(&r->lock);
    free(r);
}

/* FNV-1a over the seed and the key, then mixed so that all bits count. */
static uint64_t hash(uint64_t seed, struct str key)
{
    uint64_t h = 14695981039346656037U ^ seed;

    for (size_t i = 0; i < key.len; i++)
        h = (h ^ (unsigned char)key.p[i]) * 1099511628211U;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdU;
    return h ^ (h >> 33);
}

/* The key's bucket, else the one of its set that used least of late, emptied. */
static struct bucket *find(struct rate *r, uint64_t key)
{
    struct bucket *set = r->sets[key % SETS], *least = set;

    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].due_us && set[i].key == key)
            return &set[i];
        if (set[i].due_us < least->due_us)
            least = &set[i];
    }
    *least = (struct bucket){.key = key};
    return least;
}

int64_t rate_take(struct rate *r, struct str key, int64_t now_us)
{
    struct bucket *b;
    int64_t wait;

    if (!r)
        return 0;
    (void)pthread_mutex_lock(&r->lock);
    b = find(r, hash(r->seed, key));
    if (b->due_us < now_us)
        b->due_us = now_us;
    wait = b->due_us + r->step_us - now_us - MINUTE_US;
    if (wait <= 0)
        b->due_us += r->step_us;
    (void)pthread_mutex_unlock(&r->lock);
    return wait > 0 ? wait : 0;
}
