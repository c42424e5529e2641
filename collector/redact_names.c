/* SPDX-License-Identifier: Apache-2.0
 *
 * Pseudonyms for a whole bundle: which names there are, and the file beside it that says what they became. */
#include <stdio.h>

#include "limits.h"
#include "redaction.h"
#include "uuid.h"

static int go_through(struct redaction *d, enum pass pass, struct err *e)
{
    int64_t at = 0;
    int more;

    d->pass = pass;
    while ((more = rewrite_next(&d->r, &at, e)) > 0) {
        struct str name = buf_str(&d->r.entry.name);
        bool is_record = str_eq(name, STR("manifest.json")) || str_eq(name, STR("start.json")) ||
                         str_starts(name, STR("items/"));
        if (!is_record &&
            (pass == PASS_NAMES || redaction_how(name) == HOW_CERTIFICATE ||
             redaction_how(name) == HOW_CONFIG) &&
            redaction_copy(d, e) != 0)
            return -e->code;
    }
    d->pass = PASS_WRITE;
    return more;
}

static int add_piece(struct os_in *in, struct buf *text, struct err *e)
{
    char *room = buf_reserve(text, 65536);
    int64_t n = room == NULL ? -ERR_LIMIT : os_in_read(in, (int64_t)text->len, room, 65536, e);

    if (room == NULL)
        return buf_check(text, "names", e);
    buf_wrote(text, n > 0 ? (size_t)n : 0);
    return (int)n;
}

/* A map that is there already is gone on with, so that bundles of one case have the same names. */
static int read_map(struct redaction *d, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_MANIFEST_BYTES);
    struct os_in *in = NULL;
    int64_t size;
    int r = 1;

    if (os_in_open(d->map, &in, &size, e) != 0) {
        if (e->code == ERR_MISSING)
            *e = (struct err){0};
        return -e->code;
    }
    while (r > 0)
        r = add_piece(in, &text, e);
    os_in_close(in);
    pseudonyms_read(d->names, buf_str(&text));
    return r;
}

int redaction_learn(struct redaction *d, struct err *e)
{
    CLEANUP(buf_done) struct buf id = BUF_INIT(64);
    const struct manifest *m = &d->r.manifest;

    if (pseudonyms_new(&d->names, e) != 0 || read_map(d, e) != 0 || uuid_make(&id, e) != 0)
        return -e->code;
    pseudonyms_call(d->names, buf_str(&id));
    if (go_through(d, PASS_KEPT, e) != 0)
        return -e->code;
    pseudonyms_learn_host(d->names, m->machine.name);
    pseudonyms_learn_host(d->names, m->machine.domain);
    pseudonyms_learn_user(d->names, m->complaint.account);
    pseudonyms_learn(d->names, m->complaint.url);
    for (size_t i = 0; i < d->n_items; i++) {
        pseudonyms_learn(d->names, d->items[i].source);
        if (d->items[i].kind == KIND_ACCOUNT)
            pseudonyms_learn_user(d->names, d->items[i].source);
    }
    return go_through(d, PASS_NAMES, e) != 0 ? -e->code : pseudonyms_check(d->names, e);
}

int redaction_map(const struct redaction *d, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_MANIFEST_BYTES);
    struct os_out *out = NULL;
    int r;

    pseudonyms_map(d->names, &text);
    if (buf_check(&text, "names", e) != 0 || os_out_open(d->map, true, &out, e) != 0)
        return -e->code;
    r = os_out_write(out, buf_c(&text), text.len, e);
    if (os_out_close(out, e) != 0 || r != 0)
        return -e->code;
    (void)fprintf(stderr, "which name stands for which: %s (keep it to yourself)\n", d->map);
    return 0;
}
