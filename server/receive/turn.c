/* SPDX-License-Identifier: Apache-2.0 */
#include "turn.h"

#include "compiler.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { IDLE_MAX = 256 }; /* uploads without a request whose running hash is kept */

/* An upload that has, or lately had, a request. `n_turns` and the list are the registry's lock's, the rest
 * its own's. */
struct upload {
    struct upload *next;
    unsigned n_turns;
    pthread_mutex_t lock;
    struct upload_turn *owner;
    struct store_upload row;
    struct blob_upload *blob; /* NULL: not opened yet, or it is done */
    bool is_known;            /* row was read */
};

struct upload_turns {
    pthread_mutex_t lock;
    struct store *store;
    struct upload *uploads; /* the last used first */
};

struct upload_turn {
    struct upload_turns *turns;
    struct upload *upload;
    int64_t mark; /* where the piece under way began; -1 none */
};

int upload_turns_new(struct store *s, struct upload_turns **ret, struct err *e)
{
    struct upload_turns *t = calloc(1, sizeof *t);

    if (!t || pthread_mutex_init(&t->lock, NULL) != 0) {
        free(t);
        return err_set(e, ERR_NOMEM, "uploads");
    }
    t->store = s;
    *ret = t;
    return 0;
}

static void upload_free(struct upload *u)
{
    blob_upload_close(u->blob);
    (void)pthread_mutex_destroy(&u->lock);
    free(u);
}

void upload_turns_free(struct upload_turns *t)
{
    if (!t)
        return;
    while (t->uploads) {
        struct upload *u = t->uploads;
        t->uploads = u->next;
        upload_free(u);
    }
    (void)pthread_mutex_destroy(&t->lock);
    free(t);
}

static struct upload *upload_new(const char *id)
{
    struct upload *u = calloc(1, sizeof *u);

    if (!u || pthread_mutex_init(&u->lock, NULL) != 0) {
        free(u);
        return NULL;
    }
    memcpy(u->row.id, id, strlen(id));
    return u;
}

/* Under the lock: unlinks and returns the upload of the id. */
static struct upload *unlink_upload(struct upload_turns *t, const char *id)
{
    for (struct upload **at = &t->uploads; *at; at = &(*at)->next) {
        struct upload *u = *at;
        if (strcmp(u->row.id, id) != 0)
            continue;
        *at = u->next;
        return u;
    }
    return NULL;
}

static struct upload *refer(struct upload_turns *t, const char *id)
{
    struct upload *u;

    (void)pthread_mutex_lock(&t->lock);
    u = unlink_upload(t, id);
    if (!u)
        u = upload_new(id);
    if (u) {
        u->n_turns++;
        u->next = t->uploads;
        t->uploads = u;
    }
    (void)pthread_mutex_unlock(&t->lock);
    return u;
}

/* Under the lock: the list is short of those that nobody used for longest, and of those that hold nothing. */
static void forget_idle(struct upload_turns *t)
{
    size_t n = 0;

    for (struct upload **at = &t->uploads; *at;) {
        struct upload *u = *at;
        if (u->n_turns == 0 && (!u->blob || ++n > IDLE_MAX)) {
            *at = u->next;
            upload_free(u);
        } else {
            at = &u->next;
        }
    }
}

static void unrefer(struct upload_turns *t, struct upload *u)
{
    (void)pthread_mutex_lock(&t->lock);
    u->n_turns--;
    forget_idle(t);
    (void)pthread_mutex_unlock(&t->lock);
}

static int read_row(const struct upload_turns *t, struct upload *u, struct err *e)
{
    char id[sizeof u->row.id];

    if (u->is_known)
        return 0;
    memcpy(id, u->row.id, sizeof id);
    if (store_upload_get(t->store, id, &u->row, e) < 0)
        return -e->code;
    u->is_known = true;
    return 0;
}

static int open_blob(const struct upload_turns *t, struct upload *u, struct err *e)
{
    if (u->blob || u->row.is_done)
        return 0;
    if (blob_upload_open(store_blobs(t->store), u->row.id, false, &u->blob, e) >= 0)
        return 0;
    /* Killed between making it a bundle and writing that down: its hash says what it became. */
    return e->code == ERR_MISSING && u->row.sha256[0] ? 0 : -e->code;
}

static int forget_unchecked(const struct upload_turns *t, struct upload *u, struct err *e)
{
    if (u->row.checked < 0 || !u->blob)
        return 0;
    if (blob_upload_cut(u->blob, u->row.checked, e) < 0 || blob_upload_sync(u->blob, e) < 0 ||
        store_upload_checked(t->store, u->row.id, -1, e) < 0)
        return -e->code;
    u->row.checked = -1;
    return 0;
}

static int take(struct upload_turn *turn, struct err *e)
{
    struct upload *u = turn->upload;
    int r;

    (void)pthread_mutex_lock(&u->lock);
    u->owner = turn;
    r = read_row(turn->turns, u, e);
    if (r == 0)
        r = open_blob(turn->turns, u, e);
    if (r == 0)
        r = forget_unchecked(turn->turns, u, e);
    (void)pthread_mutex_unlock(&u->lock);
    return r;
}

int upload_turn_take(struct upload_turns *t, const char *id, struct upload_turn **ret, struct err *e)
{
    struct upload_turn *turn = strlen(id) < sizeof turn->upload->row.id ? calloc(1, sizeof *turn) : NULL;
    struct upload *u = turn ? refer(t, id) : NULL;

    if (!u) {
        free(turn);
        return err_set(e, ERR_MISSING, "upload: no such upload");
    }
    *turn = (struct upload_turn){.turns = t, .upload = u, .mark = -1};
    if (take(turn, e) < 0) {
        upload_turn_end(turn);
        return -e->code;
    }
    *ret = turn;
    return 0;
}

void upload_turn_end(struct upload_turn *t)
{
    struct upload *u = t ? t->upload : NULL;
    struct err ignored = {0};

    if (!t)
        return;
    (void)pthread_mutex_lock(&u->lock);
    if (u->owner == t) {
        u->owner = NULL;
        if (u->blob && u->row.checked >= 0)
            (void)forget_unchecked(t->turns, u, &ignored);
        if (u->blob)
            blob_upload_park(u->blob);
    }
    (void)pthread_mutex_unlock(&u->lock);
    unrefer(t->turns, u);
    free(t);
}

/* Locks the upload of the turn, if it still is this one's. */
static int begin(struct upload_turn *t, struct err *e)
{
    (void)pthread_mutex_lock(&t->upload->lock);
    if (t->upload->owner == t && t->upload->is_known)
        return 0;
    (void)pthread_mutex_unlock(&t->upload->lock);
    return err_set(e, ERR_GONE, "upload: another connection goes on with it");
}

static int end(struct upload_turn *t, int r)
{
    (void)pthread_mutex_unlock(&t->upload->lock);
    return r;
}

static int64_t offset_of(const struct upload *u)
{
    return u->blob && !u->row.is_done ? blob_upload_size(u->blob) : u->row.length;
}

int upload_turn_show(struct upload_turn *t, struct store_upload *ret, int64_t *ret_offset, struct err *e)
{
    int r = begin(t, e);

    if (r < 0)
        return r;
    if (t->upload->blob)
        r = blob_upload_sync(t->upload->blob, e);
    *ret = t->upload->row;
    *ret_offset = offset_of(t->upload);
    return end(t, r);
}

static int mark(struct upload_turn *t, bool is_checked, struct err *e)
{
    struct upload *u = t->upload;
    int64_t size = blob_upload_size(u->blob);

    /* What is there must be there before it is written down that it is good. */
    if (blob_upload_mark(u->blob, e) < 0 ||
        (is_checked &&
         (blob_upload_sync(u->blob, e) < 0 || store_upload_checked(t->turns->store, u->row.id, size, e) < 0)))
        return -e->code;
    if (is_checked)
        u->row.checked = size;
    t->mark = size;
    return 0;
}

int upload_turn_mark(struct upload_turn *t, bool is_checked, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, t->upload->blob ? mark(t, is_checked, e) : 0);
}

static int write_piece(struct upload_turn *t, struct str data, struct err *e)
{
    struct upload *u = t->upload;

    if (!u->blob || (int64_t)data.len > u->row.length - blob_upload_size(u->blob))
        return err_set(e, ERR_LIMIT, "upload: more bytes than its declared length of %lld",
                       (long long)u->row.length);
    return blob_upload_write(u->blob, data.p, data.len, e);
}

int upload_turn_write(struct upload_turn *t, struct str data, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, write_piece(t, data, e));
}

static int keep(struct upload_turn *t, int64_t *ret_offset, struct err *e)
{
    struct upload *u = t->upload;

    if (u->blob && blob_upload_sync(u->blob, e) < 0)
        return -e->code;
    if (u->row.checked >= 0 && store_upload_checked(t->turns->store, u->row.id, -1, e) < 0)
        return -e->code;
    u->row.checked = -1;
    *ret_offset = offset_of(u);
    return 0;
}

int upload_turn_keep(struct upload_turn *t, int64_t *ret_offset, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, keep(t, ret_offset, e));
}

static int forget(struct upload_turn *t, struct err *e)
{
    struct upload *u = t->upload;

    if (!u->blob || t->mark < 0)
        return 0;
    return blob_upload_cut(u->blob, t->mark, e) < 0 ? -e->code : keep(t, &(int64_t){0}, e);
}

int upload_turn_forget(struct upload_turn *t, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, forget(t, e));
}

static int remove_upload(struct upload_turn *t, struct err *e)
{
    struct upload *u = t->upload;

    /* The row first: a file without a row is only lost space, and tidied. */
    if (store_upload_remove(t->turns->store, u->row.id, e) < 0)
        return -e->code;
    blob_upload_close(u->blob);
    u->blob = NULL;
    u->is_known = false;
    return blob_upload_remove(store_blobs(t->turns->store), u->row.id, e);
}

int upload_turn_remove(struct upload_turn *t, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, remove_upload(t, e));
}

/* Its hash, then the bytes under it, then the rows: each durable before the next, so that a killed server
 * goes on. */
static int make_bundle(struct upload_turn *t, struct err *e)
{
    struct upload *u = t->upload;
    struct store *s = t->turns->store;

    if (u->blob && (blob_upload_hash(u->blob, u->row.sha256, e) < 0 ||
                    store_upload_hashed(s, u->row.id, u->row.sha256, e) < 0))
        return -e->code;
    if (u->row.announced[0] && strcmp(u->row.announced, u->row.sha256) != 0) {
        (void)remove_upload(t, e);
        return err_set(e, ERR_CHECKSUM,
                       "upload: what arrived has another SHA-256 than was announced; send it again");
    }
    if ((u->blob && blob_upload_sync(u->blob, e) < 0) ||
        store_upload_done(s, &u->row, u->blob, (int64_t)time(NULL) * 1000, e) < 0)
        return -e->code;
    u->row.is_done = true;
    blob_upload_close(u->blob);
    u->blob = NULL;
    return 0;
}

static int settle(struct upload_turn *t, struct store_upload *ret, bool *ret_is_new, struct err *e)
{
    struct upload *u = t->upload;
    int r = 0;

    *ret_is_new = !u->row.is_done && offset_of(u) == u->row.length;
    if (*ret_is_new)
        r = make_bundle(t, e);
    if (r == 0)
        *ret = u->row;
    return r;
}

int upload_turn_settle(struct upload_turn *t, struct store_upload *ret, bool *ret_is_new, struct err *e)
{
    int r = begin(t, e);

    return r < 0 ? r : end(t, settle(t, ret, ret_is_new, e));
}

static int remove_one(void *ctx, const char *id)
{
    struct upload_turn *turn = NULL;
    struct err e = {0};
    int r = upload_turn_take(ctx, id, &turn, &e);

    if (r == 0)
        r = upload_turn_remove(turn, &e);
    else if (e.code == ERR_MISSING) /* the file is gone: nothing can be taken, the row goes, too */
        r = store_upload_remove(((struct upload_turns *)ctx)->store, id, &e);
    upload_turn_end(turn);
    return r < 0 ? -e.code : 0;
}

int upload_turns_sweep(struct upload_turns *t, int64_t now_ms, struct err *e)
{
    return store_uploads_expired(t->store, now_ms, remove_one, t, e);
}

struct recovery {
    struct upload_turns *turns;
    int n;
};

/* One that cannot be settled is left: its client asks for it, or it expires. */
static int recover_one(void *ctx, const char *id)
{
    struct recovery *all = ctx;
    struct upload_turn *turn = NULL;
    struct store_upload u;
    struct err e = {0};
    bool is_new = false;

    if (upload_turn_take(all->turns, id, &turn, &e) == 0 && upload_turn_settle(turn, &u, &is_new, &e) == 0 &&
        is_new)
        all->n++;
    upload_turn_end(turn);
    return 0;
}

static bool is_known(void *ctx, const char *id)
{
    const struct upload_turns *t = ctx;
    struct store_upload u;
    struct err e = {0};

    return store_upload_get(t->store, id, &u, &e) == 0 || e.code != ERR_MISSING;
}

int upload_turns_recover(struct upload_turns *t, int *ret_settled, struct err *e)
{
    struct recovery all = {.turns = t};
    int r = store_uploads_open(t->store, recover_one, &all, e);

    blobs_tidy(store_blobs(t->store), is_known, t);
    *ret_settled = all.n;
    return r;
}
