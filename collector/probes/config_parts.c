/* SPDX-License-Identifier: Apache-2.0
 *
 * configSource: a section of a configuration file that stands in a file of its own, beside it or below. Only
 * of the groups that bear on certificates: connection strings and settings of applications are nobody's
 * business. */
#include "probe.h"

#include "limits.h"
#include "markup.h"
#include "text.h"

enum { GROUPS_MAX = 12 };

/* The elements that are open where the cursor stands. */
struct open_groups {
    struct str names[GROUPS_MAX];
    size_t n;
    size_t too_deep; /* open beyond GROUPS_MAX */
};

struct parts {
    struct probe_run *run;
    const struct manifest_item *by; /* the file that names them */
    struct open_groups open;
};

static void step_in(struct open_groups *o, struct str name)
{
    if (o->n < GROUPS_MAX)
        o->names[o->n++] = name;
    else
        o->too_deep++;
}

static void step_out(struct open_groups *o)
{
    if (o->too_deep > 0)
        o->too_deep--;
    else if (o->n > 0)
        o->n--;
}

/* The groups without <location>; false where nothing is taken. */
static bool is_of_interest(const struct open_groups *o, size_t *ret_first)
{
    size_t first = o->n > 1 && str_eq(o->names[1], STR("location")) ? 2 : 1;

    *ret_first = first;
    return o->too_deep == 0 && o->n > first && str_eq(o->names[0], STR("configuration")) &&
           (str_eq(o->names[first], STR("system.webServer")) ||
            str_eq(o->names[first], STR("system.serviceModel")));
}

/* Beside the file or below: Windows takes nothing else for a configSource. */
static bool is_below(struct str name)
{
    if (name.len == 0 || name.len > 260 || name.p[0] == '\\' || !str_iends(name, STR(".config")))
        return false;
    for (size_t i = 0; i < name.len; i++)
        if (name.p[i] == ':' || name.p[i] == '/' || name.p[i] == '%' ||
            (name.p[i] == '.' && i + 1 < name.len && name.p[i + 1] == '.'))
            return false;
    return true;
}

/* What stands before it may only stand at the beginning of a file. Its line ends stay. */
static struct str skip_declaration(struct str text)
{
    if (!str_starts(text, STR("<?xml")))
        return text;
    while (text.len > 0 && !str_starts(text, STR("?>")))
        text = str_skip(text, 1);
    return str_skip(text, 2);
}

/* The section's text; it is redacted within the groups that it belongs to, for those decide what is kept. */
static int shape(const struct parts *p, size_t first, const struct buf *file, struct buf *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4 * LIMIT_COLLECT_FILE_BYTES);
    CLEANUP(buf_done) struct buf whole = BUF_INIT(5 * LIMIT_COLLECT_FILE_BYTES);
    CLEANUP(buf_done) struct buf redacted = BUF_INIT(8 * LIMIT_COLLECT_FILE_BYTES);
    const struct open_groups *o = &p->open;
    struct bytes bytes = {(const uint8_t *)buf_c(file), file->len};

    if (p->run->raw) {
        buf_add(ret, bytes.p, bytes.len);
        return buf_check(ret, "file", e);
    }
    text_add_decoded(&text, bytes);
    buf_add_c(&whole, "<configuration>");
    for (size_t i = first; i < o->n; i++)
        buf_printf(&whole, "<%.*s>", (int)o->names[i].len, o->names[i].p);
    size_t before = whole.len;
    buf_add_str(&whole, skip_declaration(buf_str(&text)));
    bytes = (struct bytes){(const uint8_t *)buf_c(&whole), whole.len};
    if (buf_check(&whole, "file", e) != 0 || redact_xml(REDACT_CONFIG, bytes, &redacted, e) != 0)
        return -e->code;
    if (!str_starts(buf_str(&redacted), (struct str){buf_c(&whole), before}))
        return err_set(e, ERR_FORMAT, "groups that cannot be redacted");
    buf_add_str(ret, str_skip(buf_str(&redacted), before));
    return buf_check(ret, "file", e);
}

static struct str folder_of(struct str path, char separator)
{
    while (path.len > 0 && path.p[path.len - 1] != separator)
        path.len--;
    return path;
}

static int take_part(const struct parts *p, size_t first, struct str name, struct err *e)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);
    CLEANUP(buf_done) struct buf text = BUF_INIT(8 * LIMIT_COLLECT_FILE_BYTES);
    struct str beside = folder_of(p->by->source, '\\'), within = folder_of(p->by->entry, '/');
    struct manifest_item item = *p->by;
    struct bundle_end end = BUNDLE_OK;
    struct os_file_info info;
    struct err why = {0};

    item.source = take_join(p->run, "%.*s%.*s", (int)beside.len, beside.p, (int)name.len, name.p);
    item.entry =
        take_join(p->run, "%.*spart-%zu.config", (int)within.len, within.p, ++p->run->n_config_parts);
    if (take_read(p->run, item.source, &file, &info, &why) != 0 || shape(p, first, &file, &text, &why) != 0)
        return why.code == ERR_NOMEM ? err_set(e, ERR_NOMEM, "%s", why.text)
                                     : take_failure(p->run, &item, &why, e);
    if (info.size > LIMIT_COLLECT_FILE_BYTES)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "larger than the collector takes", 0, "tail"};
    item.original = info.size;
    item.modified_ms = info.modified_ms;
    return take_text(p->run, &item, buf_str(&text), &end, e);
}

static int look_at(struct parts *p, const struct markup_token *t, struct err *e)
{
    CLEANUP(buf_done) struct buf plain = BUF_INIT(4096);
    struct str name;
    size_t first;

    if (!markup_attribute_find(t->inner, STR("configSource"), &name) || !is_of_interest(&p->open, &first))
        return 0;
    markup_unescape(&plain, name);
    if (!is_below(buf_str(&plain)) || p->run->n_config_parts >= (size_t)LIMIT_COLLECT_CONFIG_PARTS)
        return 0;
    return take_part(p, first, buf_str(&plain), e);
}

int take_config_parts(struct probe_run *run, const struct manifest_item *by, const struct buf *file,
                      struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file->len + 16);
    struct parts p = {.run = run, .by = by};
    struct markup x;
    struct markup_token t;

    text_add_decoded(&text, (struct bytes){(const uint8_t *)buf_c(file), file->len});
    markup_init(&x, buf_str(&text));
    while (markup_next(&x, &t) != MARKUP_END && t.kind != MARKUP_BROKEN) {
        if ((t.kind == MARKUP_START || t.kind == MARKUP_EMPTY) && look_at(&p, &t, e) != 0)
            return -e->code;
        if (t.kind == MARKUP_START)
            step_in(&p.open, t.name);
        else if (t.kind == MARKUP_CLOSE)
            step_out(&p.open);
    }
    return 0;
}
