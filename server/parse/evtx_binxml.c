/* SPDX-License-Identifier: Apache-2.0
 *
 * Binary XML ([MS-EVEN6] 2.2.12): tokens to elements, attributes and text. Templates are elements with holes,
 * stored once a chunk; a record says which template and what goes into the holes. */
#include "evtx_internal.h"

#include <string.h>

#include "limits.h"

enum {
    TOKEN_EOF = 0x00,
    TOKEN_ELEMENT = 0x01,
    TOKEN_CLOSE_START = 0x02,
    TOKEN_CLOSE_EMPTY = 0x03,
    TOKEN_END = 0x04,
    TOKEN_VALUE = 0x05,
    TOKEN_ATTRIBUTE = 0x06,
    TOKEN_CDATA = 0x07,
    TOKEN_CHAR_REFERENCE = 0x08,
    TOKEN_ENTITY_REFERENCE = 0x09,
    TOKEN_PI_TARGET = 0x0a,
    TOKEN_PI_DATA = 0x0b,
    TOKEN_TEMPLATE = 0x0c,
    TOKEN_SUBSTITUTION = 0x0d,
    TOKEN_OPTIONAL = 0x0e,
    TOKEN_FRAGMENT = 0x0f,
    TOKEN_MORE = 0x40, /* flag: attributes, or more text, follow */
    TEMPLATE_HEADER_BYTES = 24
};

/* What goes into the holes: sizes and types, then the values behind each other. */
struct holes {
    uint32_t n;
    size_t descriptors, values; /* positions in the chunk */
};

struct hole {
    uint8_t type;
    struct bytes value;
    size_t at;
};

static bool read_content(struct evtx_reader *r, struct evtx_cursor *c, const struct holes *holes);

static bool count_step(struct evtx_reader *r, int64_t steps)
{
    r->steps += steps;
    r->chunk_steps += steps;
    return r->steps <= LIMIT_EVENT_STEPS && r->chunk_steps <= LIMIT_EVTX_CHUNK_STEPS;
}

static struct evtx_cursor cursor_at(const struct evtx_reader *r, size_t at, size_t len)
{
    struct evtx_cursor c = {.chunk = r->chunk, .at = at};

    c.bad = at > r->chunk.len || len > r->chunk.len - at;
    c.end = c.bad ? at : at + len;
    return c;
}

static void put_text(struct evtx_reader *r, struct str s)
{
    if (r->in_attribute)
        buf_add_str(&r->attribute, s);
    else
        event_text(r->builder, s);
}

/* hash, length and characters of a name at the cursor, which stands behind the offset of the next name */
static bool take_name(struct evtx_cursor *c, struct buf *ret)
{
    (void)evtx_u32(c);
    (void)evtx_u16(c);
    size_t n_chars = evtx_u16(c);
    struct bytes chars = evtx_bytes(c, n_chars * 2);

    (void)evtx_u16(c); /* the NUL */
    buf_clear(ret);
    text_add_utf16le(ret, chars.p, chars.len);
    return !c->bad && n_chars > 0;
}

/* A name stands where it is used first; later uses point there. */
static bool read_name(struct evtx_reader *r, struct evtx_cursor *c, struct buf *ret)
{
    size_t offset = evtx_u32(c);

    if (c->bad)
        return false;
    if (offset == c->at)
        return take_name(c, ret);
    struct evtx_cursor there = cursor_at(r, offset, 0);
    there.end = r->chunk.len;
    return !there.bad && take_name(&there, ret);
}

static bool read_string(struct evtx_reader *r, struct evtx_cursor *c)
{
    size_t n_chars = evtx_u16(c);
    struct bytes chars = evtx_bytes(c, n_chars * 2);

    buf_clear(&r->text);
    text_add_utf16le(&r->text, chars.p, chars.len);
    put_text(r, buf_str(&r->text));
    return !c->bad;
}

static bool read_value(struct evtx_reader *r, struct evtx_cursor *c)
{
    return evtx_u8(c) == EVTX_STRING && read_string(r, c);
}

static bool read_char_reference(struct evtx_reader *r, struct evtx_cursor *c)
{
    uint8_t unit[2] = {0};
    struct bytes v = evtx_bytes(c, 2);

    if (v.len == 2)
        memcpy(unit, v.p, 2);
    buf_clear(&r->text);
    text_add_utf16le(&r->text, unit, sizeof(unit));
    put_text(r, buf_str(&r->text));
    return !c->bad;
}

static bool read_entity_reference(struct evtx_reader *r, struct evtx_cursor *c)
{
    static const struct {
        const char *name;
        const char *text;
    } entities[] = {
        {"lt", "<"}, {"gt", ">"}, {"amp", "&"}, {"quot", "\""}, {"apos", "'"},
    };

    if (!read_name(r, c, &r->text))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(entities); i++)
        if (str_eq(buf_str(&r->text), str_from(entities[i].name))) {
            put_text(r, str_from(entities[i].text));
            break;
        }
    return true;
}

static bool find_hole(struct evtx_reader *r, const struct holes *holes, uint32_t index, struct hole *ret)
{
    struct evtx_cursor c;

    if (!holes || index >= holes->n || !count_step(r, 1 + index / 16))
        return false;
    ret->at = holes->values;
    c = cursor_at(r, holes->descriptors, (size_t)holes->n * 4);
    for (uint32_t i = 0; i < index; i++) {
        ret->at += evtx_u16(&c);
        (void)evtx_u16(&c);
    }
    size_t len = evtx_u16(&c);
    ret->type = evtx_u8(&c);
    struct evtx_cursor value = cursor_at(r, ret->at, len);
    ret->value = evtx_bytes(&value, len);
    return !c.bad && !value.bad;
}

/* A value that is XML itself: elements in the element that holds the hole. */
static bool put_nested(struct evtx_reader *r, const struct hole *hole)
{
    struct evtx_cursor c = cursor_at(r, hole->at, hole->value.len);
    bool before = r->has_dependency;

    r->has_dependency = false;
    bool ok = r->depth++ < LIMIT_XML_DEPTH && read_content(r, &c, NULL);
    r->depth--;
    r->has_dependency = before;
    return ok;
}

/* Strings behind each other, each with its NUL: the element is repeated for each. */
static void put_strings(struct evtx_reader *r, struct bytes v)
{
    for (size_t from = 0, to = 0; to + 1 < v.len; to += 2)
        if (v.p[to] == 0 && v.p[to + 1] == 0) {
            if (from > 0 && !r->in_attribute) {
                event_end(r->builder);
                (void)event_start(r->builder, buf_str(&r->element));
            }
            buf_clear(&r->text);
            text_add_utf16le(&r->text, v.p + from, to - from);
            put_text(r, buf_str(&r->text));
            from = to + 2;
        }
}

static bool read_substitution(struct evtx_reader *r, struct evtx_cursor *c, const struct holes *holes)
{
    uint32_t index = evtx_u16(c);
    struct hole hole;

    (void)evtx_u8(c); /* the type that is expected; the value's own says what it is */
    if (c->bad || !find_hole(r, holes, index, &hole))
        return false;
    if (hole.type == EVTX_NULL || hole.value.len == 0)
        return true;
    if (hole.type == EVTX_BINXML)
        return !r->in_attribute && put_nested(r, &hole);
    if (hole.type == (EVTX_ARRAY | EVTX_STRING)) {
        put_strings(r, hole.value);
        return true;
    }
    buf_clear(&r->text);
    evtx_value_text(hole.type, hole.value, &r->text);
    put_text(r, buf_str(&r->text));
    return true;
}

/* One of the tokens that text, of an element or an attribute, is made of. */
static bool read_text_token(struct evtx_reader *r, struct evtx_cursor *c, uint8_t token,
                            const struct holes *holes)
{
    switch (token) {
    case TOKEN_VALUE:
        return read_value(r, c);
    case TOKEN_CDATA:
        return read_string(r, c);
    case TOKEN_CHAR_REFERENCE:
        return read_char_reference(r, c);
    case TOKEN_ENTITY_REFERENCE:
        return read_entity_reference(r, c);
    default:
        return read_substitution(r, c, holes);
    }
}

static bool is_text(uint8_t token)
{
    return token == TOKEN_VALUE || (token >= TOKEN_CDATA && token <= TOKEN_ENTITY_REFERENCE) ||
           token == TOKEN_SUBSTITUTION || token == TOKEN_OPTIONAL;
}

/* Looks at the next token without its flag; TOKEN_EOF at the end. */
static uint8_t peek(const struct evtx_cursor *c)
{
    return c->at < c->end ? c->chunk.p[c->at] & (uint8_t)~TOKEN_MORE : TOKEN_EOF;
}

static bool read_attributes(struct evtx_reader *r, struct evtx_cursor *c, const struct holes *holes)
{
    bool ok = true;

    (void)evtx_u32(c); /* bytes of the list */
    while (ok && peek(c) == TOKEN_ATTRIBUTE) {
        (void)evtx_u8(c);
        ok = count_step(r, 1) && read_name(r, c, &r->name);
        buf_clear(&r->attribute);
        r->in_attribute = true;
        while (ok && is_text(peek(c))) {
            uint8_t token = evtx_u8(c) & (uint8_t)~TOKEN_MORE;
            ok = count_step(r, 1) && read_text_token(r, c, token, holes);
        }
        r->in_attribute = false;
        if (ok)
            event_attribute(r->builder, buf_str(&r->name), buf_str(&r->attribute));
    }
    return ok && !c->bad;
}

static bool read_element(struct evtx_reader *r, struct evtx_cursor *c, bool has_attributes,
                         const struct holes *holes)
{
    if (r->has_dependency)
        (void)evtx_u16(c);
    (void)evtx_u32(c); /* bytes of the element */
    if (!read_name(r, c, &r->element) || !event_start(r->builder, buf_str(&r->element)))
        return false;
    if (has_attributes && !read_attributes(r, c, holes))
        return false;
    switch (evtx_u8(c)) {
    case TOKEN_CLOSE_EMPTY:
        break;
    case TOKEN_CLOSE_START:
        if (!read_content(r, c, holes) || evtx_u8(c) != TOKEN_END)
            return false;
        break;
    default:
        return false;
    }
    event_end(r->builder);
    return !c->bad;
}

static bool read_definition(struct evtx_reader *r, size_t offset, const struct holes *holes)
{
    struct evtx_cursor header = cursor_at(r, offset, TEMPLATE_HEADER_BYTES);
    bool before = r->has_dependency;

    (void)evtx_bytes(&header, TEMPLATE_HEADER_BYTES - 4);
    size_t len = evtx_u32(&header);
    struct evtx_cursor body = cursor_at(r, offset + TEMPLATE_HEADER_BYTES, len);
    r->has_dependency = true;
    bool ok = r->depth++ < LIMIT_XML_DEPTH && !header.bad && !body.bad && read_content(r, &body, holes);
    r->depth--;
    r->has_dependency = before;
    return ok;
}

static bool read_template(struct evtx_reader *r, struct evtx_cursor *c)
{
    struct holes holes = {0};

    (void)evtx_u8(c);
    (void)evtx_u32(c); /* identifier of the template */
    size_t offset = evtx_u32(c);
    if (offset == c->at) { /* it is defined here */
        (void)evtx_bytes(c, TEMPLATE_HEADER_BYTES - 4);
        (void)evtx_bytes(c, evtx_u32(c));
    }
    holes.n = evtx_u32(c);
    holes.descriptors = c->at;
    if (c->bad || holes.n > (c->end - c->at) / 4)
        return false;
    struct evtx_cursor sizes = cursor_at(r, c->at, (size_t)holes.n * 4);
    (void)evtx_bytes(c, (size_t)holes.n * 4);
    holes.values = c->at;
    for (uint32_t i = 0; i < holes.n && !c->bad; i++) {
        (void)evtx_bytes(c, evtx_u16(&sizes));
        (void)evtx_u16(&sizes);
    }
    return !c->bad && read_definition(r, offset, &holes);
}

/* A processing instruction says nothing about an event. */
static bool skip_instruction(struct evtx_reader *r, struct evtx_cursor *c, uint8_t token)
{
    if (token == TOKEN_PI_TARGET)
        return read_name(r, c, &r->text);
    (void)evtx_bytes(c, (size_t)evtx_u16(c) * 2);
    return !c->bad;
}

static bool read_one(struct evtx_reader *r, struct evtx_cursor *c, uint8_t raw, const struct holes *holes)
{
    uint8_t token = raw & (uint8_t)~TOKEN_MORE;
    bool ok;

    switch (token) {
    case TOKEN_FRAGMENT:
        (void)evtx_bytes(c, 3);
        return !c->bad;
    case TOKEN_ELEMENT:
        ok = r->depth++ < LIMIT_XML_DEPTH && read_element(r, c, raw & TOKEN_MORE, holes);
        r->depth--;
        return ok;
    case TOKEN_TEMPLATE:
        return read_template(r, c);
    case TOKEN_PI_TARGET:
    case TOKEN_PI_DATA:
        return skip_instruction(r, c, token);
    default:
        return is_text(token) && read_text_token(r, c, token, holes);
    }
}

/* Up to the end of the element, the fragment or the bytes. */
static bool read_content(struct evtx_reader *r, struct evtx_cursor *c, const struct holes *holes)
{
    while (c->at < c->end && peek(c) != TOKEN_END) {
        uint8_t token = evtx_u8(c);
        if (token == TOKEN_EOF)
            return true;
        if (!count_step(r, 1) || !read_one(r, c, token, holes))
            return false;
    }
    return !c->bad;
}

bool evtx_binxml_read(struct evtx_reader *r, struct evtx_cursor *c)
{
    r->steps = r->depth = 0;
    r->has_dependency = true;
    r->in_attribute = false;
    return read_content(r, c, NULL);
}
