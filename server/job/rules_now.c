/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_now.h"

#include "compiler.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* A rule set and how many hold it; `now` itself is one holder of the first. */
struct held {
    struct ruleset *set;
    size_t holders;
    struct held *older;
};

struct rules_now {
    char *dir;
    uint64_t stamp; /* of the folder when it was read */
    struct held *first;
    pthread_mutex_t lock;
};

static void close_dir(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}

static uint64_t mix(uint64_t hash, const void *data, size_t len)
{
    const unsigned char *p = data;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ p[i]) * 0x100000001b3u; /* FNV-1a */
    return hash;
}

/* Of names, sizes and times; the order in which a folder is read does not matter. */
static uint64_t stamp_of(const char *dir)
{
    CLEANUP(close_dir) DIR *d = dir ? opendir(dir) : NULL;
    const struct dirent *entry;
    uint64_t sum = 0;

    while (d && (entry = readdir(d))) {
        struct stat info;
        if (entry->d_name[0] == '.' || fstatat(dirfd(d), entry->d_name, &info, 0) < 0)
            continue;
        uint64_t one = mix(0xcbf29ce484222325u, entry->d_name, strlen(entry->d_name));
        one = mix(one, &info.st_size, sizeof info.st_size);
        sum += mix(one, &info.st_mtim, sizeof info.st_mtim);
    }
    return sum;
}

static int put(struct rules_now *n, struct ruleset *set, struct err *e)
{
    struct held *one = calloc(1, sizeof *one);

    if (!one)
        return err_set(e, ERR_NOMEM, "rules");
    *one = (struct held){.set = set, .holders = 1, .older = n->first};
    n->first = one;
    return 0;
}

int rules_now_open(const char *dir, struct rules_now **ret, struct err *e)
{
    struct rules_now *n = calloc(1, sizeof *n);
    struct ruleset *set = NULL;

    if (!n || (dir && !(n->dir = strdup(dir))) || pthread_mutex_init(&n->lock, NULL) != 0) {
        free(n ? n->dir : NULL);
        free(n);
        return err_set(e, ERR_NOMEM, "rules");
    }
    n->stamp = stamp_of(dir);
    if (ruleset_load(dir, true, &set, e) < 0 || put(n, set, e) < 0) {
        ruleset_free(set);
        rules_now_close(n);
        return -e->code;
    }
    *ret = n;
    return 0;
}

static void drop(struct held *one)
{
    ruleset_free(one->set);
    free(one);
}

void rules_now_close(struct rules_now *n)
{
    if (!n)
        return;
    while (n->first) {
        struct held *one = n->first;
        n->first = one->older;
        drop(one);
    }
    (void)pthread_mutex_destroy(&n->lock);
    free(n->dir);
    free(n);
}

void rules_now_release(struct rules_now *n, const struct ruleset *set)
{
    (void)pthread_mutex_lock(&n->lock);
    for (struct held **at = &n->first; *at; at = &(*at)->older) {
        struct held *one = *at;
        if (one->set != set)
            continue;
        if (--one->holders == 0) {
            *at = one->older;
            drop(one);
        }
        break;
    }
    (void)pthread_mutex_unlock(&n->lock);
}

const struct ruleset *rules_now_hold(struct rules_now *n)
{
    const struct ruleset *set;

    (void)pthread_mutex_lock(&n->lock);
    n->first->holders++;
    set = n->first->set;
    (void)pthread_mutex_unlock(&n->lock);
    return set;
}

int rules_now_reload(struct rules_now *n, bool *ret_changed, struct err *e)
{
    struct ruleset *set = NULL;
    uint64_t stamp = stamp_of(n->dir);
    const struct ruleset *old;
    int r;

    /* A folder that cannot be read as rules is not tried again until it changes once more. */
    (void)pthread_mutex_lock(&n->lock);
    n->stamp = stamp;
    (void)pthread_mutex_unlock(&n->lock);
    if (ruleset_load(n->dir, true, &set, e) < 0)
        return -e->code;
    (void)pthread_mutex_lock(&n->lock);
    old = n->first->set;
    *ret_changed = strcmp(ruleset_version(old), ruleset_version(set)) != 0;
    r = *ret_changed ? put(n, set, e) : 0;
    (void)pthread_mutex_unlock(&n->lock);
    if (r < 0 || !*ret_changed)
        ruleset_free(set);
    else
        rules_now_release(n, old);
    return r;
}

bool rules_now_is_stale(struct rules_now *n)
{
    uint64_t stamp = stamp_of(n->dir);
    bool is_stale;

    (void)pthread_mutex_lock(&n->lock);
    is_stale = stamp != n->stamp;
    (void)pthread_mutex_unlock(&n->lock);
    return is_stale;
}
