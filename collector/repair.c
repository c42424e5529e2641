/* SPDX-License-Identifier: Apache-2.0 */
#include "repair.h"

#include <stdio.h>
#include <string.h>

#include "bundle.h"
#include "limits.h"
#include "os.h"
#include "zip_reader.h"

struct repair {
    struct os_in *in;
    struct os_out *out;
    struct zip_input input;
    struct zip_writer *zip;
    struct zip_found entry;
    struct arena arena;
    struct buf json;
    struct manifest manifest; /* of start.json, or whole */
    bool is_whole;            /* its manifest is there */
    struct manifest_item *items;
    size_t n_items, n_entries;
    int64_t sound_end; /* behind the last sound entry */
};

static void repair_done(struct repair *r)
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
    struct repair *r = ctx;

    buf_add(&r->json, data, len);
    return buf_check(&r->json, "manifest", e);
}

static int keep_item(struct repair *r, struct bytes json, struct err *e)
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
static int look(struct repair *r, struct err *e)
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
    if (manifest_read(json, &r->arena, &r->manifest, &ignored) == 0 && whole)
        r->is_whole = true;
    return 0;
}

static int look_all(struct repair *r, struct err *e)
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

/* --- then the copy --- */

static int add(void *ctx, const void *data, size_t len, struct err *e)
{
    return zip_writer_add(ctx, data, len, e);
}

static int copy_all(struct repair *r, struct err *e)
{
    int64_t at = 0;

    while (at < r->sound_end) {
        if (zip_reader_next(&r->input, &at, &r->entry, e) <= 0)
            return err_set(e, ERR_IO, "the file changes while it is read");
        int n = zip_writer_begin(r->zip, buf_str(&r->entry.name), e);
        if (n == -ERR_CONFLICT)
            continue;
        if (n != 0 || zip_reader_stream(&r->input, &r->entry, add, r->zip, e) != 0 ||
            zip_writer_end(r->zip, e) != 0)
            return -e->code;
    }
    return 0;
}

static int write_manifest(struct repair *r, struct err *e)
{
    r->manifest.version = MANIFEST_VERSION;
    r->manifest.items = r->items;
    r->manifest.n_items = r->n_items;
    buf_clear(&r->json);
    if (manifest_write(&r->manifest, &r->json, e) != 0 ||
        zip_writer_begin(r->zip, STR("manifest.json"), e) != 0 ||
        zip_writer_add(r->zip, r->json.p, r->json.len, e) != 0)
        return -e->code;
    return zip_writer_end(r->zip, e);
}

static int write_all(struct repair *r, const char *path, struct err *e)
{
    struct zip_sink sink = {.write = write_out, .seek = seek_out};
    CLEANUP(buf_done) struct buf whole_path = BUF_INIT(1 << 17);

    if (os_out_open(path, false, &r->out, e) != 0)
        return -e->code;
    sink.ctx = r->out;
    if (zip_writer_new(&sink, r->manifest.machine.collected_ms, &r->zip, e) != 0 || copy_all(r, e) != 0 ||
        (!r->is_whole && write_manifest(r, e) != 0) || zip_writer_finish(r->zip, e) != 0)
        return -e->code;
    struct os_out *out = r->out;
    r->out = NULL;
    size_t n = zip_writer_entries(r->zip);
    if (os_out_close(out, e) != 0 || os_long_path(path, &whole_path, e) != 0)
        return -e->code;
    return bundle_verify(buf_c(&whole_path), n, e);
}

static void choose_name(const char *in, struct buf *ret)
{
    struct str name = str_from(in);

    buf_add(ret, in, str_iends(name, STR(".zip")) ? name.len - 4 : name.len);
    buf_add_c(ret, "-repaired.zip");
}

int repair_bundle(const char *in, const char *out, struct err *e)
{
    CLEANUP(repair_done)
    struct repair r = {
        .arena = ARENA_INIT(4 * LIMIT_COLLECT_MODEL_BYTES),
        .json = BUF_INIT(LIMIT_MANIFEST_BYTES),
        .entry = {.name = BUF_INIT(LIMIT_ENTRY_NAME_BYTES)},
        .input = {.read = read_in},
        .manifest = {.machine = {.collected_ms = TIME_NONE, .booted_ms = TIME_NONE}, .redacted = true}};
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 17);

    if (out != NULL)
        buf_add_c(&path, out);
    else
        choose_name(in, &path);
    if (os_in_open(in, &r.in, &r.input.size, e) != 0)
        return -e->code;
    r.input.ctx = r.in;
    if (look_all(&r, e) != 0)
        return err_wrap(e, "%s", in);
    if (r.n_entries == 0)
        return err_set(e, ERR_FORMAT, "%s: nothing in it was finished", in);
    if (write_all(&r, buf_c(&path), e) != 0)
        return err_wrap(e, "repair");
    (void)fprintf(stderr, "%zu entries, %zu items%s\n", r.n_entries, r.n_items,
                  r.is_whole ? "; the manifest was whole" : "");
    (void)printf("%s\n", buf_c(&path));
    return 0;
}
