/* SPDX-License-Identifier: Apache-2.0 */
#include "store_keep.h"

#include "blob_files.h"
#include "store_db.h"

#include <fts.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

static int64_t now_ms(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Files come and go meanwhile: one that is gone is not counted. */
static int add_up(char *dir, int64_t *ret, struct err *e)
{
    char *roots[] = {dir, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
    const FTSENT *one;

    *ret = 0;
    if (!tree)
        return err_errno(e, "%s", dir);
    while ((one = fts_read(tree)))
        if (one->fts_info == FTS_F)
            *ret += one->fts_statp->st_size;
    (void)fts_close(tree);
    return 0;
}

static int count(struct store *s, struct store_sizes *ret, struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      "SELECT (SELECT count(*) FROM cases), (SELECT count(DISTINCT sha256) FROM bundle)", "");
    if (r == 0 && (r = store_step(s, st.row, e)) > 0) {
        ret->cases = sqlite3_column_int64(st.row, 0);
        ret->bundles = sqlite3_column_int64(st.row, 1);
    }
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? r : 0;
}

/* Who asks meanwhile gets what was known before. */
static int bytes_of(struct store *s, int64_t age_ms, int64_t *ret, struct err *e)
{
    int64_t now = now_ms(), bytes = 0;
    bool is_due;
    int r = 0;

    (void)pthread_mutex_lock(&s->lock);
    is_due = s->sized_ms == 0 || now - s->sized_ms >= age_ms;
    if (is_due)
        s->sized_ms = now;
    bytes = s->size_bytes;
    (void)pthread_mutex_unlock(&s->lock);
    if (is_due && (r = add_up(s->blobs->dir, &bytes, e)) == 0) {
        (void)pthread_mutex_lock(&s->lock);
        s->size_bytes = bytes;
        (void)pthread_mutex_unlock(&s->lock);
    }
    *ret = bytes;
    return r;
}

int store_sizes_read(struct store *s, int64_t age_ms, struct store_sizes *ret, struct err *e)
{
    struct statvfs disk;

    *ret = (struct store_sizes){0};
    if (statvfs(s->blobs->dir, &disk) < 0)
        return err_errno(e, "%s: free space", s->blobs->dir);
    ret->free_bytes = (int64_t)((uint64_t)disk.f_bavail * disk.f_frsize);
    return count(s, ret, e) < 0 || bytes_of(s, age_ms, &ret->bytes, e) < 0 ? -e->code : 0;
}
