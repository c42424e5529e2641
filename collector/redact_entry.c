/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of one entry of a bundle, and of its items. */
#include <stdio.h>

#include "limits.h"
#include "redact.h"
#include "redaction.h"
#include "reg_text.h"
#include "text.h"

static struct str folder_of(struct str path)
{
    while (path.len > 0 && path.p[path.len - 1] != '/')
        path.len--;
    return path;
}

/* --- items --- */

int redaction_text(struct redaction *d, const char *name, const struct buf *text, struct err *e)
{
    CLEANUP(buf_done) struct buf renamed = BUF_INIT(2 * LIMIT_MANIFEST_BYTES);

    if (d->names == NULL)
        return rewrite_text(&d->r, str_from(name), buf_str(text), e);
    pseudonyms_apply(d->names, buf_str(text), &renamed);
    return buf_check(&renamed, name, e) != 0 ? -e->code
                                             : rewrite_text(&d->r, str_from(name), buf_str(&renamed), e);
}

static bool is_of_entry(const struct manifest_item *item, struct str name)
{
    return item->entry.len == name.len && str_ieq(item->entry, name);
}

int redaction_item(struct redaction *d, const struct manifest_item *item, struct err *e)
{
    char name[32];

    buf_clear(&d->r.json);
    (void)snprintf(name, sizeof(name), "items/%06u.json", (unsigned)item->id);
    return manifest_item_write(item, &d->r.json, e) != 0 ? -e->code : redaction_text(d, name, &d->r.json, e);
}

/* Items stand behind their entries, so those that are there become what they are to be before they are
 * written; an entry without one gets one, where there is a manifest. */
static int leave_out(struct redaction *d, struct str name, const char *why, struct err *e)
{
    struct str reason = arena_keep(&d->r.arena, str_from(why));
    bool told = false;

    if (d->pass != PASS_WRITE)
        return 0;
    (void)fprintf(stderr, "left out: %.*s: %s\n", (int)name.len, name.p, why);
    d->n_left_out++;
    for (size_t i = 0; i < d->n_items; i++)
        if (is_of_entry(&d->items[i], name)) {
            struct manifest_item *item = &d->items[i];
            item->outcome = OUTCOME_EXCLUDED;
            item->reason = reason;
            item->entry = item->sha256 = item->cut = (struct str){NULL, 0};
            item->size = 0;
            item->os_code = 0;
            told = true;
        }
    if (told)
        return 0;
    if (!d->r.is_started) {
        buf_printf(&d->log, "left out: %.*s: %s\r\n", (int)name.len, name.p, why);
        return buf_check(&d->log, "log/redact.log", e);
    }
    struct manifest_item *item = &d->items[d->n_items++];
    *item = (struct manifest_item){.id = ++d->last_id,
                                   .kind = KIND_ATTACHMENT,
                                   .source = arena_keep(&d->r.arena, name),
                                   .outcome = OUTCOME_EXCLUDED,
                                   .reason = reason,
                                   .original = -1,
                                   .modified_ms = TIME_NONE};
    (void)kind_of_entry(name, &item->kind);
    return redaction_item(d, item, e);
}

/* --- one entry --- */

static int begin_entry(struct redaction *d, struct str name, struct err *e)
{
    CLEANUP(buf_done) struct buf renamed = BUF_INIT(2 * LIMIT_ENTRY_NAME_BYTES);

    if (d->pass != PASS_WRITE)
        return 0;
    if (d->names != NULL)
        pseudonyms_apply(d->names, name, &renamed);
    return zip_writer_begin(d->r.zip, d->names != NULL ? buf_str(&renamed) : name, e);
}

static int emit_same(struct redaction *d, const void *data, size_t len, struct err *e)
{
    if (d->pass != PASS_WRITE)
        return 0;
    d->size += (int64_t)len;
    if (os_hash_add(d->sha256, data, len, e) != 0)
        return -e->code;
    return zip_writer_add(d->r.zip, data, len, e);
}

/* Whole lines, or the whole entry. */
static int emit_text(struct redaction *d, struct str text, struct err *e)
{
    CLEANUP(buf_done) struct buf renamed = BUF_INIT(4 * text.len + 4096);

    if (d->names == NULL)
        return emit_same(d, text.p, text.len, e);
    if (d->pass == PASS_NAMES)
        pseudonyms_learn(d->names, text);
    if (d->pass != PASS_WRITE)
        return 0;
    pseudonyms_apply(d->names, text, &renamed);
    return buf_check(&renamed, "names", e) != 0 ? -e->code : emit_same(d, buf_c(&renamed), renamed.len, e);
}

static int emit_log(void *ctx, const void *data, size_t len, struct err *e)
{
    struct redaction *d = ctx;
    struct str lines = {data, len};

    if (d->pass == PASS_WRITE)
        return emit_text(d, lines, e);
    pseudonyms_learn_log(d->names, lines, &d->log_columns);
    return 0;
}

static int end_entry(struct redaction *d, struct str name, struct err *e)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(128);
    uint8_t digest[OS_SHA256_BYTES];

    if (d->pass != PASS_WRITE)
        return 0;
    if (os_hash_end(d->sha256, digest, e) != 0 || zip_writer_end(d->r.zip, e) != 0)
        return -e->code;
    text_hex(&hex, digest, sizeof(digest));
    struct str sha256 = arena_keep(&d->r.arena, buf_str(&hex));
    for (size_t i = 0; i < d->n_items; i++)
        if (is_of_entry(&d->items[i], name)) {
            d->items[i].size = d->size;
            if (d->items[i].sha256.len > 0) /* logs have none */
                d->items[i].sha256 = sha256;
        }
    return 0;
}

static int add_same(void *ctx, const void *data, size_t len, struct err *e)
{
    return emit_same(ctx, data, len, e);
}

static int copy_same(struct redaction *d, struct err *e)
{
    return zip_reader_stream(&d->r.input, &d->r.entry, add_same, d, e);
}

static int add_to_log(void *ctx, const void *data, size_t len, struct err *e)
{
    return redact_log_add(ctx, data, len, e);
}

static void free_log(struct redact_log **log)
{
    redact_log_free(*log);
}

static int copy_log(struct redaction *d, struct err *e)
{
    CLEANUP(free_log) struct redact_log *log = NULL;

    if (redact_log_new(emit_log, d, &log, e) != 0 ||
        zip_reader_stream(&d->r.input, &d->r.entry, add_to_log, log, e) != 0)
        return -e->code;
    return redact_log_end(log, e);
}

static int add_to_buf(void *ctx, const void *data, size_t len, struct err *e)
{
    buf_add(ctx, data, len);
    return buf_check(ctx, "entry", e);
}

static int note_part(void *ctx, struct str groups, struct str name, struct err *e)
{
    struct redaction *d = ctx;
    struct part *p = arena_alloc(&d->r.arena, sizeof(*p));

    if (p == NULL)
        return err_set(e, ERR_NOMEM, "out of memory");
    *p = (struct part){.folder = arena_keep(&d->r.arena, folder_of(buf_str(&d->r.entry.name))),
                       .name = arena_keep(&d->r.arena, name),
                       .groups = arena_keep(&d->r.arena, groups),
                       .next = d->parts};
    d->parts = p;
    return 0;
}

/* Which section a file holds is told by the file that names it, and its item says which file it is. */
static int shape_part(struct redaction *d, struct bytes file, struct buf *out, struct err *e)
{
    struct str name = buf_str(&d->r.entry.name), folder = folder_of(name);

    for (size_t i = 0; i < d->n_items; i++)
        for (const struct part *p = d->parts; p != NULL && is_of_entry(&d->items[i], name); p = p->next)
            if (str_ieq(p->folder, folder) && str_iends(d->items[i].source, p->name))
                return redact_part(p->groups, file, out, e);
    return err_set(e, ERR_FORMAT, "no configSource of the bundle names it");
}

static int shape(struct redaction *d, enum how how, struct bytes file, struct buf *out, struct err *e)
{
    static const enum redact_format formats[] = {
        [HOW_CONFIG] = REDACT_CONFIG, [HOW_FREB] = REDACT_FREB, [HOW_EVENTS] = REDACT_EVENTS};

    if (how == HOW_REG)
        return reg_text_redact(file, d->names, d->pass == PASS_NAMES, out, e);
    if (how == HOW_SAME) {
        buf_add(out, file.p, file.len);
        return buf_check(out, "entry", e);
    }
    if (how == HOW_NETSH)
        return redact_netsh(file, out, e);
    if (how == HOW_PART)
        return shape_part(d, file, out, e);
    if (how == HOW_CERTIFICATE)
        return redact_certificate(file, out) ? buf_check(out, "certificate", e)
                                             : err_set(e, ERR_FORMAT, "no certificate in DER or PEM");
    if (how == HOW_CONFIG && d->pass == PASS_WRITE && redact_parts(file, note_part, d, e) != 0)
        return -e->code;
    return redact_xml(formats[how], file, out, e);
}

/* Which names stay must be known before anything is given another name. */
static void keep_names(struct redaction *d, enum how how, struct str name, const struct buf *text)
{
    if (how == HOW_CERTIFICATE)
        pseudonyms_learn_certificate(d->names, (struct bytes){(const uint8_t *)buf_c(text), text->len});
    else if (str_eq(name, STR("iis/config/applicationHost.config")))
        pseudonyms_learn_pools(d->names, buf_str(text));
}

/* Held whole: so what turns out not to be redactable is not begun. */
static int copy_whole(struct redaction *d, enum how how, struct str name, struct err *e)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    CLEANUP(buf_done) struct buf text = BUF_INIT(8 * LIMIT_WHOLE_ENTRY_BYTES);

    if (d->r.entry.size > LIMIT_WHOLE_ENTRY_BYTES)
        return leave_out(d, name, "larger than can be redacted", e);
    if (zip_reader_stream(&d->r.input, &d->r.entry, add_to_buf, &file, e) != 0)
        return -e->code;
    if (shape(d, how, (struct bytes){(const uint8_t *)buf_c(&file), file.len}, &text, &d->why) != 0) {
        *e = d->why;
        return e->code == ERR_NOMEM ? -e->code : leave_out(d, name, d->why.text, e);
    }
    if (d->pass == PASS_KEPT) {
        keep_names(d, how, name, &text);
        return 0;
    }
    if (begin_entry(d, name, e) != 0 || (how == HOW_CERTIFICATE ? emit_same(d, buf_c(&text), text.len, e)
                                                                : emit_text(d, buf_str(&text), e)) != 0)
        return -e->code;
    return end_entry(d, name, e);
}

enum how redaction_how(struct str name)
{
    static const struct {
        const char *prefix, *suffix;
        enum how how;
    } rows[] = {
#define ENTRY(prefix, suffix, how) {prefix, suffix, HOW_##how},
#include "redact_entry.def"
#undef ENTRY
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_istarts(name, str_from(rows[i].prefix)) && str_iends(name, str_from(rows[i].suffix)))
            return rows[i].how;
    return HOW_LEFT_OUT;
}

int redaction_copy(struct redaction *d, struct err *e)
{
    struct str name = buf_str(&d->r.entry.name);
    enum how how = redaction_how(name);

    d->size = 0;
    d->log_columns = 0;
    if (how == HOW_LEFT_OUT)
        return leave_out(d, name, "it cannot be redacted; what it alone shows is not known without it", e);
    if (d->names != NULL && str_starts(name, STR("tls/")) && str_iends(name, STR(".bin")))
        return 0; /* its JSON stays, and says of it no more than a probe that recorded no bytes */
    if (how != HOW_LOG && (how != HOW_SAME || d->names != NULL))
        return copy_whole(d, how, name, e);
    if (begin_entry(d, name, e) != 0 || (how == HOW_LOG ? copy_log(d, e) : copy_same(d, e)) != 0)
        return -e->code;
    return end_entry(d, name, e);
}
