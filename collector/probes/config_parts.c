/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that a configuration file names by configSource (redact/parts.c says which of them). */
#include "probe.h"

#include "limits.h"

struct parts {
    struct probe_run *run;
    const struct manifest_item *by; /* the file that names them */
};

/* The section's text; it is redacted within the groups that it belongs to, for those decide what is kept. */
static int shape(const struct parts *p, struct str groups, const struct buf *file, struct buf *ret,
                 struct err *e)
{
    struct bytes bytes = {(const uint8_t *)buf_c(file), file->len};

    if (!p->run->raw)
        return redact_part(groups, bytes, ret, e);
    buf_add(ret, bytes.p, bytes.len);
    return buf_check(ret, "file", e);
}

static struct str folder_of(struct str path, char separator)
{
    while (path.len > 0 && path.p[path.len - 1] != separator)
        path.len--;
    return path;
}

static int take_part(void *ctx, struct str groups, struct str name, struct err *e)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);
    CLEANUP(buf_done) struct buf text = BUF_INIT(8 * LIMIT_COLLECT_FILE_BYTES);
    const struct parts *p = ctx;
    struct str beside = folder_of(p->by->source, '\\'), within = folder_of(p->by->entry, '/');
    struct manifest_item item = *p->by;
    struct bundle_end end = BUNDLE_OK;
    struct os_file_info info;
    struct err why = {0};

    if (p->run->n_config_parts >= (size_t)LIMIT_COLLECT_CONFIG_PARTS)
        return 0;
    item.source = take_join(p->run, "%.*s%.*s", (int)beside.len, beside.p, (int)name.len, name.p);
    item.entry =
        take_join(p->run, "%.*spart-%zu.config", (int)within.len, within.p, ++p->run->n_config_parts);
    if (take_read(p->run, item.source, &file, &info, &why) != 0 || shape(p, groups, &file, &text, &why) != 0)
        return why.code == ERR_NOMEM ? err_set(e, ERR_NOMEM, "%s", why.text)
                                     : take_failure(p->run, &item, &why, e);
    if (info.size > LIMIT_COLLECT_FILE_BYTES)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "larger than the collector takes", 0, "tail"};
    item.original = info.size;
    item.modified_ms = info.modified_ms;
    return take_text(p->run, &item, buf_str(&text), &end, e);
}

int take_config_parts(struct probe_run *run, const struct manifest_item *by, const struct buf *file,
                      struct err *e)
{
    struct parts p = {.run = run, .by = by};

    return redact_parts((struct bytes){(const uint8_t *)buf_c(file), file->len}, take_part, &p, e);
}
