/* SPDX-License-Identifier: Apache-2.0
 *
 * A bundle redacted: its entries, its items, its manifest. */
#include "redact_bundle.h"

#include <stdio.h>

#include "limits.h"
#include "redact.h"
#include "redaction.h"

static void redaction_done(struct redaction *d)
{
    os_hash_free(d->sha256);
    pseudonyms_free(d->names);
    buf_done(&d->log);
    rewrite_done(&d->r);
}

static int write_manifest(struct redaction *d, const char *name, size_t n_items, struct err *e)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT(2 * LIMIT_TEXT_BYTES);
    struct manifest m = d->r.manifest;

    redact_url(&url, m.complaint.url);
    m.complaint.url = buf_str(&url);
    m.version = MANIFEST_VERSION;
    m.redacted = true;
    if (d->names != NULL)
        m.pseudonyms = pseudonyms_id(d->names);
    m.items = d->items;
    m.n_items = n_items;
    buf_clear(&d->r.json);
    return manifest_write(&m, &d->r.json, e) != 0 ? -e->code : redaction_text(d, name, &d->r.json, e);
}

/* "items/000012.json" */
static int copy_item(struct redaction *d, struct str name, struct err *e)
{
    uint64_t id;

    name = str_skip(name, 6);
    if (!str_iends(name, STR(".json")) || !str_to_u64((struct str){name.p, name.len - 5}, UINT32_MAX, &id))
        return 0;
    for (size_t i = 0; i < d->n_items; i++)
        if (d->items[i].id == id)
            return redaction_item(d, &d->items[i], e);
    return 0;
}

static int write_entry(struct redaction *d, struct err *e)
{
    struct str name = buf_str(&d->r.entry.name);

    if (str_eq(name, STR("manifest.json")))
        return 0; /* the last one */
    if (str_eq(name, STR("start.json")))
        return d->r.is_started ? write_manifest(d, "start.json", 0, e) : 0;
    return str_starts(name, STR("items/")) ? copy_item(d, name, e) : redaction_copy(d, e);
}

static int write_all(struct rewrite *r, void *ctx, struct err *e)
{
    struct redaction *d = ctx;
    int64_t at = 0;
    int more;

    while ((more = rewrite_next(r, &at, e)) > 0) {
        int n = write_entry(d, e);
        if (n != 0 && n != -ERR_CONFLICT) /* a second one of the same name is nobody's evidence */
            return n;
    }
    if (more < 0)
        return more;
    if (d->log.len > 0 && redaction_text(d, "log/redact.log", &d->log, e) != 0)
        return -e->code;
    return r->is_started ? write_manifest(d, "manifest.json", d->n_items, e) : 0;
}

/* Room for one more item an entry. */
static int take_items(struct redaction *d, struct err *e)
{
    const struct manifest_item *items = d->r.is_whole ? d->r.manifest.items : d->r.items;

    d->n_items = d->r.is_whole ? d->r.manifest.n_items : d->r.n_items;
    d->items = arena_array(&d->r.arena, d->n_items + d->r.n_entries, sizeof(*d->items));
    if (d->items == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < d->n_items; i++) {
        d->items[i] = items[i];
        d->last_id = items[i].id > d->last_id ? items[i].id : d->last_id;
    }
    return 0;
}

int redact_bundle(const char *in, const char *out, const char *map, struct err *e)
{
    CLEANUP(redaction_done)
    struct redaction d = {.r = REWRITE_INIT, .log = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES), .map = map};

    if (rewrite_open(&d.r, in, e) != 0 || take_items(&d, e) != 0 || os_hash_new(OS_SHA256, &d.sha256, e) != 0)
        return -e->code;
    if (map != NULL && (redaction_learn(&d, e) != 0 || redaction_map(&d, e) != 0))
        return -e->code;
    if (rewrite_write(&d.r, out, write_all, &d, e) != 0)
        return err_wrap(e, "redact");
    (void)fprintf(stderr, "%zu entries, %zu left out\n", d.r.n_entries, d.n_left_out);
    return 0;
}
