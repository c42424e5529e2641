/* SPDX-License-Identifier: Apache-2.0 */
#include "repair.h"

#include <stdio.h>

#include "limits.h"
#include "rewrite.h"

static int add(void *ctx, const void *data, size_t len, struct err *e)
{
    return zip_writer_add(ctx, data, len, e);
}

static int copy_all(struct rewrite *r, struct err *e)
{
    int64_t at = 0;
    int more;

    while ((more = rewrite_next(r, &at, e)) > 0) {
        int n = zip_writer_begin(r->zip, buf_str(&r->entry.name), e);
        if (n == -ERR_CONFLICT)
            continue;
        if (n != 0 || zip_reader_stream(&r->input, &r->entry, add, r->zip, e) != 0 ||
            zip_writer_end(r->zip, e) != 0)
            return -e->code;
    }
    return more;
}

static int write_all(struct rewrite *r, void *ctx, struct err *e)
{
    (void)ctx;
    if (copy_all(r, e) != 0)
        return -e->code;
    if (r->is_whole)
        return 0;
    r->manifest.version = MANIFEST_VERSION;
    r->manifest.items = r->items;
    r->manifest.n_items = r->n_items;
    buf_clear(&r->json);
    return manifest_write(&r->manifest, &r->json, e) != 0
               ? -e->code
               : rewrite_text(r, STR("manifest.json"), buf_str(&r->json), e);
}

static void choose_name(const char *in, struct buf *ret)
{
    struct str name = str_from(in);

    buf_add(ret, in, str_iends(name, STR(".zip")) ? name.len - 4 : name.len);
    buf_add_c(ret, "-repaired.zip");
}

int repair_bundle(const char *in, const char *out, struct err *e)
{
    CLEANUP(rewrite_done) struct rewrite r = REWRITE_INIT;
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 17);

    if (out != NULL)
        buf_add_c(&path, out);
    else
        choose_name(in, &path);
    if (rewrite_open(&r, in, e) != 0)
        return -e->code;
    if (rewrite_write(&r, buf_c(&path), write_all, NULL, e) != 0)
        return err_wrap(e, "repair");
    (void)fprintf(stderr, "%zu entries, %zu items%s\n", r.n_entries, r.n_items,
                  r.is_whole ? "; the manifest was whole" : "");
    (void)printf("%s\n", buf_c(&path));
    return 0;
}
