/* SPDX-License-Identifier: Apache-2.0 */
#include "event.h"

#include <string.h>

#include "limits.h"

enum { PATH_BYTES = 1024, DEPTH_PART = 2, DEPTH_FIELD = 3 };

enum part { PART_OTHER, PART_SYSTEM, PART_EVENT_DATA, PART_USER_DATA };

struct level {
    size_t path_len; /* of the path up to and with this element */
    bool has_child;
};

struct event_builder {
    struct event event;
    struct event_item *items;
    char *text; /* everything the event's views point into */
    size_t used, text_at;
    int64_t depth;
    struct level *levels;  /* LIMIT_XML_DEPTH + 1 */
    char path[PATH_BYTES]; /* names joined by '/' from the third level on */
    struct str field;      /* name of the element on the third level */
    struct str data_name;
    enum part part;
    bool is_event, is_system;
};

struct event_builder *event_builder_new(struct arena *a)
{
    struct event_builder *b = arena_alloc(a, sizeof(*b));

    if (!b)
        return NULL;
    b->items = arena_array(a, (size_t)LIMIT_EVENT_ITEMS, sizeof(*b->items));
    b->text = arena_alloc(a, (size_t)LIMIT_EVENT_BYTES);
    b->levels = arena_array(a, (size_t)LIMIT_XML_DEPTH + 1, sizeof(*b->levels));
    if (!b->items || !b->text || !b->levels)
        return NULL;
    event_begin(b);
    return b;
}

void event_begin(struct event_builder *b)
{
    b->event = (struct event){.record = -1, .time_ms = TIME_NONE, .id = -1, .level = -1, .items = b->items};
    b->used = b->text_at = 0;
    b->depth = 0;
    b->part = PART_OTHER;
    b->is_event = b->is_system = false;
    b->levels[0] = (struct level){0};
}

static struct str keep(struct event_builder *b, struct str s)
{
    size_t room = (size_t)LIMIT_EVENT_BYTES - b->used, len = s.len < room ? s.len : room;
    struct str kept = {b->text + b->used, len};

    if (len < s.len)
        b->event.is_cut = true;
    if (len > 0)
        memcpy(b->text + b->used, s.p, len);
    b->used += len;
    return kept;
}

static struct str without_prefix(struct str name)
{
    const char *colon = name.len ? memchr(name.p, ':', name.len) : NULL;

    return colon ? str_skip(name, (size_t)(colon - name.p) + 1) : name;
}

static enum part part_of(struct str name)
{
    static const struct {
        const char *name;
        enum part part;
    } parts[] = {{"System", PART_SYSTEM}, {"EventData", PART_EVENT_DATA}, {"UserData", PART_USER_DATA}};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (str_eq(name, str_from(parts[i].name)))
            return parts[i].part;
    return PART_OTHER;
}

/* Third level: names the field; further down: the path of user data. */
static void note_path(struct event_builder *b, struct str name)
{
    struct level *level = &b->levels[b->depth];
    size_t at = b->levels[b->depth - 1].path_len;

    level->path_len = at;
    if (b->depth < DEPTH_FIELD)
        return;
    if (b->depth > DEPTH_FIELD + 1 && at + 1 < PATH_BYTES)
        b->path[at++] = '/';
    if (b->depth == DEPTH_FIELD) /* kept apart: a path begins below it */
        b->field = keep(b, name);
    else if (name.len < PATH_BYTES - at) {
        memcpy(b->path + at, name.p, name.len);
        level->path_len = at + name.len;
    }
}

bool event_start(struct event_builder *b, struct str name)
{
    if (b->depth == LIMIT_XML_DEPTH)
        return false;
    name = without_prefix(name);
    b->levels[b->depth].has_child = true;
    b->depth++;
    b->levels[b->depth] = (struct level){0};
    if (b->depth == 1)
        b->is_event = str_eq(name, STR("Event"));
    if (b->depth == DEPTH_PART) {
        b->part = part_of(name);
        b->is_system |= b->part == PART_SYSTEM;
    }
    note_path(b, name);
    b->data_name = (struct str){0};
    b->text_at = b->used;
    return true;
}

static void add_item(struct event_builder *b, struct str name, struct str value)
{
    if (b->event.n_items == (size_t)LIMIT_EVENT_ITEMS) {
        b->event.is_cut = true;
        return;
    }
    b->items[b->event.n_items++] = (struct event_item){name, value};
}

/* "A/B" or "A/B@attribute"; the element below UserData itself is known by its own name. */
static struct str path_name(struct event_builder *b, struct str attribute)
{
    size_t len = b->levels[b->depth].path_len;
    struct str name = keep(b, b->depth == DEPTH_FIELD ? b->field : (struct str){b->path, len});

    if (attribute.len > 0) {
        name.len += keep(b, STR("@")).len;
        name.len += keep(b, attribute).len;
    }
    return name;
}

static void read_number(struct str s, int64_t *ret)
{
    uint64_t v = 0;

    if (str_to_u64(str_trim(s), INT64_MAX, &v))
        *ret = (int64_t)v;
}

static void read_system_attribute(struct event_builder *b, struct str name, struct str value)
{
    if (str_eq(b->field, STR("Provider")) && str_eq(name, STR("Name")))
        b->event.provider = keep(b, value);
    else if (str_eq(b->field, STR("TimeCreated")) && str_eq(name, STR("SystemTime")))
        (void)time_parse(str_trim(value), &b->event.time_ms);
    else if (str_eq(b->field, STR("Security")) && str_eq(name, STR("UserID")))
        b->event.user_sid = keep(b, value);
}

void event_attribute(struct event_builder *b, struct str name, struct str value)
{
    if (str_starts(name, STR("xmlns")) || b->depth < DEPTH_FIELD)
        return;
    if (b->part == PART_SYSTEM && b->depth == DEPTH_FIELD)
        read_system_attribute(b, name, value);
    else if (b->part == PART_EVENT_DATA && b->depth == DEPTH_FIELD && str_eq(name, STR("Name")))
        b->data_name = keep(b, value);
    else if (b->part == PART_USER_DATA) {
        struct str path = path_name(b, name);
        add_item(b, path, keep(b, value));
    }
    b->text_at = b->used;
}

void event_text(struct event_builder *b, struct str text)
{
    if (b->depth >= DEPTH_FIELD && b->part != PART_OTHER && !b->levels[b->depth].has_child)
        (void)keep(b, text);
}

static void read_system_text(struct event_builder *b, struct str value)
{
    const struct {
        struct str name;
        int64_t *number;
        struct str *text;
    } fields[] = {{STR("EventID"), &b->event.id, NULL},
                  {STR("Level"), &b->event.level, NULL},
                  {STR("EventRecordID"), &b->event.record, NULL},
                  {STR("Channel"), NULL, &b->event.channel},
                  {STR("Computer"), NULL, &b->event.computer}};

    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (str_eq(b->field, fields[i].name)) {
            if (fields[i].number)
                read_number(value, fields[i].number);
            else
                *fields[i].text = value;
        }
}

/* The text of an element without children is where the last event_text put it. */
static void end_leaf(struct event_builder *b)
{
    struct str value = str_trim((struct str){b->text + b->text_at, b->used - b->text_at});

    if (b->part == PART_SYSTEM && b->depth == DEPTH_FIELD)
        read_system_text(b, value);
    else if (b->part == PART_EVENT_DATA && str_eq(b->field, STR("Data")) && b->depth == DEPTH_FIELD)
        add_item(b, b->data_name, value);
    else if (b->part == PART_EVENT_DATA && str_eq(b->field, STR("Binary")) && b->depth == DEPTH_FIELD)
        add_item(b, b->field, value);
    else if (b->part == PART_USER_DATA && value.len > 0)
        add_item(b, path_name(b, (struct str){0}), value);
    else
        b->used = b->text_at;
}

void event_end(struct event_builder *b)
{
    if (b->depth == 0)
        return;
    if (b->depth >= DEPTH_FIELD && !b->levels[b->depth].has_child)
        end_leaf(b);
    b->depth--;
    b->text_at = b->used;
}

const struct event *event_finish(struct event_builder *b)
{
    return b->depth == 0 && b->is_event && b->is_system ? &b->event : NULL;
}
