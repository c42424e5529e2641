/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zip.h>

#include "ahead.h"
#include "inflater.h"
#include "limits.h"
#include "text.h"
#include "unpack_check.h"
#include "zip_source.h"

enum { PROBLEMS = 300, AHEAD_BYTES = 1 << 20 }; /* smaller entries are not worth waking a thread */

struct usable {
    struct unpack_entry entry;
    zip_uint64_t index; /* in libzip */
    int64_t counted;    /* bytes of output that the total knows of */
    uint32_t crc;
    bool is_deflated;
};

struct unpack {
    struct arena *arena;
    int fd;
    uint64_t file_bytes;
    zip_t *zip;
    struct usable *entries;
    size_t n_entries;
    struct unpack_problem *problems;
    size_t n_problems, n_more_problems;
    int64_t output; /* of all entries together */
    uint8_t *piece;
    struct inflater *inflater; /* NULL: libzip inflates */
    struct ahead *ahead;       /* NULL: none */
    zip_file_t *file;          /* of the entry that is being read; NULL none */
    struct usable *current;
    bool is_raw, is_ahead;
    int64_t so_far;
};

static void add_problem(struct unpack *u, struct str entry, const char *text)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(LIMIT_ENTRY_NAME_BYTES * 10);

    if (u->n_problems == PROBLEMS) {
        u->n_more_problems++;
        return;
    }
    if (entry.len > (size_t)LIMIT_ENTRY_NAME_BYTES)
        entry.len = (size_t)LIMIT_ENTRY_NAME_BYTES;
    text_add_printable(&name, entry);
    u->problems[u->n_problems++] =
        (struct unpack_problem){arena_keep(u->arena, buf_str(&name)), arena_keep(u->arena, str_from(text))};
}

static void add_zip_problem(struct unpack *u, const char *what, zip_error_t *error)
{
    char *text = arena_printf(u->arena, "%s: %s", what, zip_error_strerror(error));

    add_problem(u, (struct str){NULL, 0}, text ? text : what);
}

static int zip_failure(struct err *e, zip_error_t *error)
{
    int code = zip_error_code_zip(error) == ZIP_ER_MEMORY ? ERR_NOMEM
               : zip_error_code_zip(error) == ZIP_ER_READ ? ERR_IO
                                                          : ERR_FORMAT;

    return err_set(e, code, "%s", zip_error_strerror(error));
}

/* libzip's view of the zip and ours must be the same: two readers that differ are how a zip says two things.
 */
static bool agrees(zip_t *zip, const struct zip_heads *heads)
{
    if (zip_get_num_entries(zip, 0) != (zip_int64_t)heads->n_heads)
        return false;
    for (size_t i = 0; i < heads->n_heads; i++) {
        zip_stat_t st;
        const char *name = zip_get_name(zip, i, ZIP_FL_ENC_RAW);
        if (!name || !str_eq(str_from(name), heads->heads[i].name) || zip_stat_index(zip, i, 0, &st) ||
            st.size != heads->heads[i].size || st.comp_size != heads->heads[i].packed)
            return false;
    }
    return true;
}

/* By its directory; strictly first, then as it comes, which is told. */
static int open_by_directory(struct unpack *u, struct zip_heads *heads, struct err *e)
{
    zip_error_t error;
    struct bytes none = {NULL, 0};
    int r = zip_central_read(u->fd, u->file_bytes, u->arena, heads, e);

    if (r)
        return r;
    zip_error_init(&error);
    u->zip = zip_window_open(u->fd, u->file_bytes, none, ZIP_RDONLY | ZIP_CHECKCONS, &error);
    if (!u->zip) {
        struct zip_error strict = error;
        u->zip = zip_window_open(u->fd, u->file_bytes, none, ZIP_RDONLY, &error);
        if (u->zip)
            add_zip_problem(u, "the zip contradicts itself", &strict);
        zip_error_fini(&strict);
    }
    if (!u->zip)
        r = zip_failure(e, &error);
    else if (!agrees(u->zip, heads))
        r = err_set(e, ERR_FORMAT, "the directory can be read in two ways");
    zip_error_fini(&error);
    return r;
}

/* By the local headers, with a directory of our own behind the last whole entry. */
static int open_by_local_headers(struct unpack *u, struct zip_heads *heads, struct err *e)
{
    struct bytes tail;
    zip_error_t error;
    int r = zip_local_walk(u->fd, u->file_bytes, u->arena, heads, e);

    if (r)
        return r;
    if (heads->n_heads == 0)
        return err_set(e, ERR_FORMAT, "not a zip");
    r = zip_central_make(heads, heads->stop, u->arena, &tail, e);
    if (r)
        return r;
    zip_error_init(&error);
    u->zip = zip_window_open(u->fd, heads->stop, tail, ZIP_RDONLY, &error);
    if (!u->zip)
        r = zip_failure(e, &error);
    else if (!agrees(u->zip, heads))
        r = err_set(e, ERR_FORMAT, "the local headers can be read in two ways");
    zip_error_fini(&error);
    return r;
}

static int recover(struct unpack *u, struct zip_heads *heads, struct err *e)
{
    struct err why = *e;

    if (u->zip)
        zip_discard(u->zip);
    u->zip = NULL;
    int r = open_by_local_headers(u, heads, e);
    if (r)
        return r;
    char *text = arena_printf(u->arena, "the zip is broken (%s); read by its local headers", why.text);
    add_problem(u, (struct str){NULL, 0}, text ? text : "the zip is broken");
    if (heads->why.len)
        add_problem(u, (struct str){NULL, 0}, heads->why.p);
    return 0;
}

static int64_t dos_time(const struct zip_head *h)
{
    int month = h->date >> 5 & 15, day = h->date & 31;

    if (month < 1 || month > 12 || day < 1)
        return TIME_NONE;
    return time_from_civil(1980 + (h->date >> 9), month, day, h->time >> 11, h->time >> 5 & 63,
                           (h->time & 31) * 2);
}

static void keep_usable(struct unpack *u, const struct zip_heads *heads, const char *const *why)
{
    for (size_t i = 0; i < heads->n_heads; i++) {
        const struct zip_head *h = &heads->heads[i];
        if (h->name.len && h->name.p[h->name.len - 1] == '/' && h->size == 0)
            continue; /* a folder */
        if (why[i]) {
            add_problem(u, h->name, why[i]);
            continue;
        }
        u->entries[u->n_entries++] =
            (struct usable){.entry = {.name = h->name, .size = (int64_t)h->size, .time_ms = dos_time(h)},
                            .index = i,
                            .crc = h->crc,
                            .is_deflated = h->method != 0};
    }
    if (u->n_more_problems) {
        char *text = arena_printf(u->arena, "%zu more problems of this kind", u->n_more_problems);
        u->problems[u->n_problems++] = (struct unpack_problem){{NULL, 0}, str_from(text)};
    }
}

static int take_entries(struct unpack *u, const struct zip_heads *heads, struct err *e)
{
    const char **why = arena_array(u->arena, heads->n_heads, sizeof *why);

    u->entries = arena_array(u->arena, heads->n_heads, sizeof *u->entries);
    if (!why || !u->entries)
        return err_set(e, ERR_NOMEM, "out of memory");
    int r = unpack_check(heads, u->arena, why, e);
    if (r)
        return r;
    keep_usable(u, heads, why);
    return u->n_entries ? 0 : err_set(e, ERR_FORMAT, "a zip without a usable entry");
}

static int open_unpack(struct unpack *u, struct err *e)
{
    struct zip_heads heads;
    off_t size = lseek(u->fd, 0, SEEK_END); /* not fstat: the cage allows no call that takes a path */

    if (size < 0)
        return err_errno(e, "bundle");
    if (size > LIMIT_BUNDLE_BYTES)
        return err_set(e, ERR_LIMIT, "larger than %lld bytes", (long long)LIMIT_BUNDLE_BYTES);
    u->file_bytes = (uint64_t)size;
    int r = open_by_directory(u, &heads, e);
    if (r == -ERR_FORMAT)
        r = recover(u, &heads, e);
    return r ? r : take_entries(u, &heads, e);
}

int unpack_open(int fd, struct ahead *ahead, struct arena *a, struct unpack **ret, struct err *e)
{
    struct unpack *u = arena_alloc(a, sizeof *u);

    if (!u)
        return err_set(e, ERR_NOMEM, "out of memory");
    *u = (struct unpack){.arena = a, .fd = fd, .ahead = ahead};
    u->piece = arena_alloc(a, AHEAD_PIECE_BYTES);
    u->inflater = inflater_new(a);
    u->problems = arena_array(a, PROBLEMS + 1, sizeof *u->problems);
    int r = u->piece && u->problems ? open_unpack(u, e) : err_set(e, ERR_NOMEM, "out of memory");
    if (r) {
        unpack_close(u);
        return r;
    }
    *ret = u;
    return 0;
}

void unpack_close(struct unpack *u)
{
    if (u && u->zip) {
        unpack_end(u);
        zip_discard(u->zip);
    }
}

size_t unpack_count(const struct unpack *u)
{
    return u->n_entries;
}

const struct unpack_entry *unpack_entry(const struct unpack *u, size_t i)
{
    return &u->entries[i].entry;
}

size_t unpack_problem_count(const struct unpack *u)
{
    return u->n_problems;
}

const struct unpack_problem *unpack_problem(const struct unpack *u, size_t i)
{
    return &u->problems[i];
}

/* What has come out so far, against what it may be: an entry that is read twice counts once. */
static int count_output(struct unpack *u, struct usable *entry, int64_t so_far, struct err *e)
{
    if (so_far > entry->entry.size)
        return err_set(e, ERR_FORMAT, "inflates to more than the %lld bytes that it declares",
                       (long long)entry->entry.size);
    if (so_far > entry->counted) {
        u->output += so_far - entry->counted;
        entry->counted = so_far;
    }
    if (u->output > LIMIT_INFLATED_BYTES)
        return err_set(e, ERR_LIMIT, "all entries together inflate to more than %lld bytes",
                       (long long)LIMIT_INFLATED_BYTES);
    return 0;
}

/* The next piece of the current entry; 0 at the end, when the CRC-32 was right. libzip checks it when it
 * inflates. Of *u nothing is changed but the inflater and the file. */
static int make_piece(void *ctx, uint8_t *to, size_t *ret, struct err *e)
{
    const struct unpack *u = ctx;

    if (!u->is_raw) {
        zip_int64_t n = zip_fread(u->file, to, AHEAD_PIECE_BYTES);
        *ret = n < 0 ? 0 : (size_t)n;
        return n < 0 ? zip_failure(e, zip_file_get_error(u->file)) : 0;
    }
    int r = inflater_next(u->inflater, to, AHEAD_PIECE_BYTES, ret, e);
    if (!r && *ret == 0 && inflater_crc(u->inflater) != u->current->crc)
        return err_set(e, ERR_FORMAT, "CRC error");
    return r;
}

int unpack_begin(struct unpack *u, size_t i, struct err *e)
{
    struct usable *entry = &u->entries[i];

    unpack_end(u);
    u->is_raw = u->inflater && entry->is_deflated;
    u->file = zip_fopen_index(u->zip, entry->index, u->is_raw ? ZIP_FL_COMPRESSED : 0);
    if (!u->file)
        return zip_failure(e, zip_get_error(u->zip));
    if (u->is_raw)
        inflater_begin(u->inflater, u->file);
    u->current = entry;
    u->so_far = 0;
    u->is_ahead = u->ahead && entry->entry.size >= AHEAD_BYTES;
    if (u->is_ahead)
        ahead_begin(u->ahead, make_piece, u);
    return 0;
}

static int take_piece(struct unpack *u, struct bytes *ret, struct err *e)
{
    if (u->is_ahead)
        return ahead_next(u->ahead, ret, e);
    *ret = (struct bytes){u->piece, 0};
    return make_piece(u, u->piece, &ret->len, e);
}

int unpack_next(struct unpack *u, struct bytes *ret, struct err *e)
{
    struct usable *entry = u->current;
    struct bytes piece;
    int r = take_piece(u, &piece, e);

    if (r)
        return r;
    u->so_far += (int64_t)piece.len;
    if (piece.len)
        r = count_output(u, entry, u->so_far, e);
    else if (u->so_far != entry->entry.size)
        r = err_set(e, ERR_FORMAT, "inflates to %lld bytes instead of the %lld that it declares",
                    (long long)u->so_far, (long long)entry->entry.size);
    if (!r)
        *ret = piece;
    return r;
}

void unpack_end(struct unpack *u)
{
    if (u->is_ahead)
        ahead_end(u->ahead);
    u->is_ahead = false;
    if (u->file)
        (void)zip_fclose(u->file);
    u->file = NULL;
}

int unpack_stream(struct unpack *u, size_t i, int (*take)(void *ctx, struct bytes piece), void *ctx,
                  struct err *e)
{
    struct bytes piece;
    int r = unpack_begin(u, i, e);

    while (!r && !(r = unpack_next(u, &piece, e)) && piece.len)
        r = take(ctx, piece);
    unpack_end(u);
    return r;
}

struct whole {
    uint8_t *p;
    size_t len;
};

/* The room is what the entry declares, and unpack_stream lets no more through. */
static int take_whole(void *ctx, struct bytes piece)
{
    struct whole *w = ctx;

    memcpy(w->p + w->len, piece.p, piece.len);
    w->len += piece.len;
    return 0;
}

int unpack_read(struct unpack *u, size_t i, struct arena *a, struct bytes *ret, struct err *e)
{
    int64_t size = u->entries[i].entry.size;

    if (size > LIMIT_WHOLE_ENTRY_BYTES)
        return err_set(e, ERR_LIMIT, "%lld bytes, at most %lld can be read", (long long)size,
                       (long long)LIMIT_WHOLE_ENTRY_BYTES);
    struct whole w = {.p = arena_alloc(a, (size_t)size + 1)};
    if (!w.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    int r = unpack_stream(u, i, take_whole, &w, e);
    if (!r)
        *ret = (struct bytes){w.p, w.len};
    return r;
}
