/* SPDX-License-Identifier: Apache-2.0 */
#include "rewrite.h"

#include "limits.h"

void rewrite_done(struct rewrite *r)
{
    struct err ignored = {0};

    os_in_close(r->in);
    (void)os_out_close(r->out, &ignored);
    zip_writer_free(r->zip);
    buf_done(&r->entry.name);
    buf_done(&r->json);
    arena_done(&r->arena);
}

static int64_t read_in(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    return os_in_read(ctx, offset, data, room, e);
}

static int write_out(void *ctx, const void *data, size_t len, struct err *e)
{
    return os_out_write(ctx, data, len, e);
}

static int seek_out(void *ctx, int64_t offset, struct err *e)
{
    return os_out_seek(ctx, offset, e);
}

/* --- first look: what is sound --- */

static int keep_json(void *ctx, const void *data, size_t len, struct err *e)
{
    struct rewrite *r = ctx;

    buf_add(&r->json, data, len);
    return buf_check(&r->json, "manifest", e);
}

static int keep_item(struct rewrite *r, struct bytes json, struct err *e)
{
    if (r->items == NULL)
        r->items = arena_array(&r->arena, (size_t)LIMIT_ENTRIES, sizeof(*r->items));
    if (r->items == NULL || r->n_items == (size_t)LIMIT_ENTRIES)
        return err_set(e, ERR_NOMEM, "out of memory");
    if (manifest_item_read(json, &r->arena, &r->items[r->n_items], e) != 0)
        return -e->code;
    r->n_items++;
    return 0;
}

/* What the entry says of others. What cannot be understood is copied all the same. */
static int look(struct rewrite *r, struct err *e)
{
    struct str name = buf_str(&r->entry.name);
    bool item = str_starts(name, STR("items/")), start = str_eq(name, STR("start.json")),
         whole = str_eq(name, STR("manifest.json"));
    struct err ignored = {0};

    buf_clear(&r->json);
    if (!item && !start && !whole)
        return zip_reader_stream(&r->input, &r->entry, NULL, NULL, e);
    if (zip_reader_stream(&r->input, &r->entry, keep_json, r, e) != 0)
        return -e->code;
    struct bytes json = {(const uint8_t *)buf_c(&r->json), r->json.len};
    if (item)
        return keep_item(r, json, &ignored) == -ERR_NOMEM ? err_set(e, ERR_NOMEM, "out of memory") : 0;
    if (manifest_read(json, &r->arena, &r->manifest, &ignored) == 0) {
        r->is_started = true;
        r->is_whole = r->is_whole || whole;
    }
    return 0;
}

static int look_all(struct rewrite *r, struct err *e)
{
    int64_t at = 0;
    int n;

    while ((n = zip_reader_next(&r->input, &at, &r->entry, e)) > 0) {
        if (look(r, e) != 0) {
            if (e->code != ERR_FORMAT)
                return -e->code;
            e->code = 0; /* the first damaged entry: what stands behind it was never written whole */
            break;
        }
        r->sound_end = at;
        r->n_entries++;
    }
    return n < 0 ? -e->code : 0;
}

int rewrite_open(struct rewrite *r, const char *path, struct err *e)
{
    r->input.read = read_in;
    if (os_in_open(path, &r->in, &r->input.size, e) != 0)
        return -e->code;
    r->input.ctx = r->in;
    if (look_all(r, e) != 0)
        return err_wrap(e, "%s", path);
    return r->n_entries > 0 ? 0 : err_set(e, ERR_FORMAT, "%s: nothing in it was finished", path);
}

/* --- then the copy --- */

int rewrite_next(struct rewrite *r, int64_t *at, struct err *e)
{
    if (*at >= r->sound_end)
        return 0;
    return zip_reader_next(&r->input, at, &r->entry, e) > 0
               ? 1
               : err_set(e, ERR_IO, "the file changes while it is read");
}

int rewrite_text(struct rewrite *r, struct str name, struct str text, struct err *e)
{
    if (zip_writer_begin(r->zip, name, e) != 0 || zip_writer_add(r->zip, text.p, text.len, e) != 0)
        return -e->code;
    return zip_writer_end(r->zip, e);
}

int rewrite_write(struct rewrite *r, const char *path,
                  int (*write)(struct rewrite *r, void *ctx, struct err *e), void *ctx, struct err *e)
{
    struct zip_sink sink = {.write = write_out, .seek = seek_out};
    CLEANUP(buf_done) struct buf whole_path = BUF_INIT(1 << 17);

    if (os_out_open(path, false, &r->out, e) != 0)
        return -e->code;
    sink.ctx = r->out;
    if (zip_writer_new(&sink, r->manifest.machine.collected_ms, &r->zip, e) != 0 || write(r, ctx, e) != 0 ||
        zip_writer_finish(r->zip, e) != 0)
        return -e->code;
    struct os_out *out = r->out;
    r->out = NULL;
    if (os_out_close(out, e) != 0 || os_long_path(path, &whole_path, e) != 0)
        return -e->code;
    return bundle_verify(buf_c(&whole_path), zip_writer_sums(r->zip), e);
}
