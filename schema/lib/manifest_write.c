/* SPDX-License-Identifier: Apache-2.0 */
#include "manifest.h"
#include "manifest_members.h"
#include "text.h"

#include <jansson.h>
#include <stddef.h>

#define X(name, member) {name, offsetof(struct complaint, member)},
static const struct text_member COMPLAINT[] = {COMPLAINT_TEXTS(X)};
#undef X
#define X(name, member) {name, offsetof(struct manifest_machine, member)},
static const struct text_member MACHINE[] = {MACHINE_TEXTS(X)};
#undef X
#define X(name, member) {name, offsetof(struct manifest_item, member)},
static const struct text_member ITEM[] = {ITEM_TEXTS(X)};
#undef X

static void json_freep(json_t **j)
{
    json_decref(*j);
}

/* The object that is being built; the first failure stays, as in buf. */
struct writer {
    json_t *object;
    const char *bad_member; /* not UTF-8 */
    bool failed;            /* memory */
};

static void set(struct writer *w, const char *name, json_t *value)
{
    if (json_object_set_new(w->object, name, value))
        w->failed = true;
}

/* An empty text is left out: absent and empty mean the same. */
static void set_text(struct writer *w, const char *name, struct str s)
{
    if (s.len == 0)
        return;
    if (!text_is_utf8(s) && !w->bad_member)
        w->bad_member = name;
    set(w, name, json_stringn(s.p, s.len));
}

static void set_texts(struct writer *w, const struct text_member *members, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++)
        set_text(w, members[i].json_name,
                 *(const struct str *)(const void *)((const char *)from + members[i].offset));
}

static void set_time(struct writer *w, const char *name, int64_t ms)
{
    char text[32];

    time_format(ms, text);
    set_text(w, name, str_from(text));
}

static int check(const struct writer *w, const char *what, struct err *e)
{
    if (w->bad_member)
        return err_set(e, ERR_FORMAT, "%s: %s: not UTF-8", what, w->bad_member);
    if (w->failed || !w->object)
        return err_set(e, ERR_NOMEM, "%s: out of memory", what);
    return 0;
}

static json_t *roles_json(unsigned roles)
{
    json_t *array = json_array();

#define X(bit, word)                                                                                         \
    if (roles & (bit))                                                                                       \
        (void)json_array_append_new(array, json_string(word));
    ROLE_LIST(X)
#undef X
    return array;
}

static json_t *machine_json(struct writer *outer, const struct manifest_machine *m)
{
    struct writer w = {.object = json_object()};

    set_texts(&w, MACHINE, ARRAY_LEN(MACHINE), m);
    set(&w, "roles", roles_json(m->roles));
    set_time(&w, "collected", m->collected_ms);
    set_time(&w, "booted", m->booted_ms);
    set(&w, "elevated", json_boolean(m->elevated));
    outer->failed |= w.failed;
    outer->bad_member = w.bad_member ? w.bad_member : outer->bad_member;
    return w.object;
}

static json_t *complaint_json(struct writer *outer, const struct complaint *c)
{
    struct writer w = {.object = json_object()};

    set_texts(&w, COMPLAINT, ARRAY_LEN(COMPLAINT), c);
    outer->failed |= w.failed;
    outer->bad_member = w.bad_member ? w.bad_member : outer->bad_member;
    return w.object;
}

static json_t *tool_json(struct writer *outer, const struct manifest *m)
{
    struct writer w = {.object = json_object()};

    set_text(&w, "version", m->tool_version);
    set_text(&w, "backend", m->backend);
    outer->failed |= w.failed;
    outer->bad_member = w.bad_member ? w.bad_member : outer->bad_member;
    return w.object;
}

static json_t *item_json(struct writer *outer, const struct manifest_item *item)
{
    struct writer w = {.object = json_object()};

    set(&w, "id", json_integer(item->id));
    set_text(&w, "kind", str_from(kind_text(item->kind)));
    set_text(&w, "outcome", str_from(outcome_text(item->outcome)));
    set_texts(&w, ITEM, ARRAY_LEN(ITEM), item);
    set(&w, "size", json_integer(item->size));
    if (item->os_code)
        set(&w, "osCode", json_integer(item->os_code));
    if (item->original >= 0)
        set(&w, "original", json_integer(item->original));
    set_time(&w, "modified", item->modified_ms);
    outer->failed |= w.failed;
    outer->bad_member = w.bad_member ? w.bad_member : outer->bad_member;
    return w.object;
}

static json_t *items_json(struct writer *outer, const struct manifest *m)
{
    json_t *array = json_array();

    for (size_t i = 0; i < m->n_items; i++)
        if (json_array_append_new(array, item_json(outer, &m->items[i])))
            outer->failed = true;
    return array;
}

static int append_to_buf(const char *text, size_t len, void *ctx)
{
    struct buf *out = ctx;

    buf_add(out, text, len);
    return out->failed ? -1 : 0;
}

static int dump(const json_t *j, const char *what, struct buf *out, struct err *e)
{
    int r = json_dump_callback(j, append_to_buf, out, JSON_INDENT(1));

    if (r && !out->failed)
        return err_set(e, ERR_NOMEM, "%s: out of memory", what);
    buf_add_char(out, '\n');
    return buf_check(out, what, e);
}

int manifest_write(const struct manifest *m, struct buf *out, struct err *e)
{
    CLEANUP(json_freep) json_t *top = json_object();
    struct writer w = {.object = top};

    set(&w, "version", json_integer(m->version));
    set_text(&w, "bundle", m->bundle);
    set_text(&w, "case", m->case_id);
    set(&w, "tool", tool_json(&w, m));
    set(&w, "machine", machine_json(&w, &m->machine));
    set(&w, "complaint", complaint_json(&w, &m->complaint));
    set(&w, "redacted", json_boolean(m->redacted));
    set_text(&w, "pseudonyms", m->pseudonyms);
    set(&w, "items", items_json(&w, m));
    int r = check(&w, "manifest.json", e);
    return r ? r : dump(top, "manifest.json", out, e);
}

int manifest_item_write(const struct manifest_item *item, struct buf *out, struct err *e)
{
    struct writer w = {.object = NULL};
    CLEANUP(json_freep) json_t *j = item_json(&w, item);

    w.object = j;
    int r = check(&w, "item", e);
    return r ? r : dump(j, "item", out, e);
}

void roles_add(struct buf *out, unsigned roles)
{
    const char *separator = "";

#define X(bit, word)                                                                                         \
    if (roles & (bit)) {                                                                                     \
        buf_add_c(out, separator);                                                                           \
        buf_add_c(out, word);                                                                                \
        separator = ",";                                                                                     \
    }
    ROLE_LIST(X)
#undef X
}
