/* SPDX-License-Identifier: Apache-2.0
 *
 * configSource: a section of a configuration file that stands in a file of its own, beside it or below. Only
 * of the groups that bear on certificates: connection strings and settings of applications are nobody's
 * business. */
#include "redact.h"

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

static int look_at(const struct open_groups *o, const struct markup_token *t, redact_part_fn found, void *ctx,
                   struct err *e)
{
    CLEANUP(buf_done) struct buf plain = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf groups = BUF_INIT(LIMIT_TEXT_BYTES);
    struct str name;
    size_t first;

    if (!markup_attribute_find(t->inner, STR("configSource"), &name) || !is_of_interest(o, &first))
        return 0;
    markup_unescape(&plain, name);
    if (!is_below(buf_str(&plain)))
        return 0;
    buf_add_c(&groups, "<configuration>");
    for (size_t i = first; i < o->n; i++)
        buf_printf(&groups, "<%.*s>", (int)o->names[i].len, o->names[i].p);
    return found(ctx, buf_str(&groups), buf_str(&plain), e);
}

int redact_parts(struct bytes file, redact_part_fn found, void *ctx, struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file.len + 16);
    struct open_groups open = {.n = 0};
    struct markup x;
    struct markup_token t;

    text_add_decoded(&text, file);
    markup_init(&x, buf_str(&text));
    while (markup_next(&x, &t) != MARKUP_END && t.kind != MARKUP_BROKEN) {
        if ((t.kind == MARKUP_START || t.kind == MARKUP_EMPTY) && look_at(&open, &t, found, ctx, e) != 0)
            return -e->code;
        if (t.kind == MARKUP_START)
            step_in(&open, t.name);
        else if (t.kind == MARKUP_CLOSE)
            step_out(&open);
    }
    return 0;
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

int redact_part(struct str groups, struct bytes file, struct buf *out, struct err *e)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT(5 * LIMIT_COLLECT_FILE_BYTES);
    CLEANUP(buf_done) struct buf text = BUF_INIT(4 * LIMIT_COLLECT_FILE_BYTES);
    CLEANUP(buf_done) struct buf redacted = BUF_INIT(8 * LIMIT_COLLECT_FILE_BYTES);

    text_add_decoded(&text, file);
    buf_add_str(&whole, groups);
    buf_add_str(&whole, skip_declaration(buf_str(&text)));
    if (buf_check(&text, "file", e) != 0 || buf_check(&whole, "file", e) != 0 ||
        redact_xml(REDACT_CONFIG, (struct bytes){(const uint8_t *)buf_c(&whole), whole.len}, &redacted, e) !=
            0)
        return -e->code;
    if (!str_starts(buf_str(&redacted), groups))
        return err_set(e, ERR_FORMAT, "groups that cannot be redacted");
    buf_add_str(out, str_skip(buf_str(&redacted), groups.len));
    return buf_check(out, "file", e);
}
