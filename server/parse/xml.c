/* SPDX-License-Identifier: Apache-2.0 */
#include "xml.h"

#define XML_DTD 1 /* declares the amplification limits, which Debian builds in */
#include <expat.h>
#include <string.h>

#include "limits.h"
#include "text.h"

enum { AMPLIFICATION_FREE_BYTES = 1048576 };

struct reader {
    XML_Parser parser;
    struct arena *arena;
    struct xml_element *root, *open; /* open: the element that is being read */
    struct xml_element *last;        /* last finished child of `open`, where the next one is hung on */
    int64_t depth;
    int failed; /* 0 or the code that stopped the parser */
};

static void stop_reading(struct reader *r, int code)
{
    r->failed = code;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

/* `a` is exhausted either because its cap is reached or because memory is. */
static int arena_failure(const struct arena *a)
{
    return a->used_bytes > a->cap_bytes / 2 ? ERR_LIMIT : ERR_NOMEM;
}

static bool keep_attributes(struct reader *r, struct xml_element *element, const XML_Char **pairs)
{
    for (size_t i = 0; i < element->n_attributes; i++) {
        struct xml_attribute *attribute = &element->attributes[i];

        attribute->name = arena_keep(r->arena, str_from(pairs[2 * i]));
        attribute->value = arena_keep(r->arena, str_from(pairs[2 * i + 1]));
        if (!attribute->name.p || !attribute->value.p)
            return false;
    }
    return true;
}

static struct xml_element *new_element(struct reader *r, const XML_Char *name, const XML_Char **pairs)
{
    size_t n = 0;

    while (pairs[2 * n])
        n++;
    struct xml_element *element = arena_alloc(r->arena, sizeof *element + n * sizeof element->attributes[0]);
    if (!element)
        return NULL;
    element->name = arena_keep(r->arena, str_from(name));
    element->n_attributes = n;
    element->line = (uint32_t)XML_GetCurrentLineNumber(r->parser);
    element->col = (uint32_t)XML_GetCurrentColumnNumber(r->parser) + 1;
    return element->name.p && keep_attributes(r, element, pairs) ? element : NULL;
}

static void XMLCALL start_element(void *ctx, const XML_Char *name, const XML_Char **pairs)
{
    struct reader *r = ctx;

    if (r->failed)
        return;
    if (++r->depth > LIMIT_XML_DEPTH) {
        stop_reading(r, ERR_LIMIT);
        return;
    }
    struct xml_element *element = new_element(r, name, pairs);
    if (!element) {
        stop_reading(r, arena_failure(r->arena));
        return;
    }
    element->parent = r->open;
    if (!r->open)
        r->root = element;
    else if (r->last)
        r->last->next = element;
    else
        r->open->child = element;
    r->open = element;
    r->last = NULL;
}

static void XMLCALL end_element(void *ctx, const XML_Char *name)
{
    struct reader *r = ctx;

    (void)name;
    if (r->failed)
        return;
    r->depth--;
    r->last = r->open;
    r->open = r->open->parent;
}

/* A single-byte code page that Expat does not know: ASCII as it is, the rest a replacement character. */
static int XMLCALL unknown_encoding(void *ctx, const XML_Char *name, XML_Encoding *ret)
{
    (void)ctx;
    (void)name;
    for (int i = 0; i < 256; i++)
        ret->map[i] = i < 128 ? i : 0xfffd;
    return XML_STATUS_OK;
}

enum form { FORM_BYTES, FORM_MARKED_UTF16, FORM_UTF16LE, FORM_UTF16BE };

static enum form form_of(struct bytes file)
{
    if (file.len < 2)
        return FORM_BYTES;
    uint8_t a = file.p[0], b = file.p[1];
    if ((a == 0xff && b == 0xfe) || (a == 0xfe && b == 0xff))
        return FORM_MARKED_UTF16;
    if (a == '<' && b == 0)
        return FORM_UTF16LE;
    return a == 0 && b == '<' ? FORM_UTF16BE : FORM_BYTES;
}

/* UTF-16 becomes UTF-8 first. *ret_encoding is what the parser is told, NULL: go by the declaration. */
static int decode(struct bytes file, struct buf *text, struct str *ret, const char **ret_encoding,
                  struct err *e)
{
    enum form form = form_of(file);
    struct str plain = {(const char *)file.p, file.len};

    if (form == FORM_MARKED_UTF16)
        text_add_decoded(text, file);
    else if (form == FORM_UTF16LE)
        text_add_utf16le(text, file.p, file.len);
    else if (form == FORM_UTF16BE)
        text_add_utf16be(text, file.p, file.len);
    *ret = form == FORM_BYTES ? plain : buf_str(text);
    *ret_encoding = form != FORM_BYTES || text_is_utf8(plain) ? "UTF-8" : NULL;
    return buf_check(text, "text", e);
}

static int parse_failure(const struct reader *r, struct xml_position *ret_where, struct err *e)
{
    enum XML_Error code = XML_GetErrorCode(r->parser);
    struct xml_position where = {(uint32_t)XML_GetCurrentLineNumber(r->parser),
                                 (uint32_t)XML_GetCurrentColumnNumber(r->parser) + 1};

    *ret_where = where;
    if (r->failed == ERR_LIMIT)
        return err_set(e, ERR_LIMIT, "line %u: nested too deep, or too large", where.line);
    if (r->failed || code == XML_ERROR_NO_MEMORY)
        return err_set(e, ERR_NOMEM, "line %u: out of memory", where.line);
    if (code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH)
        return err_set(e, ERR_LIMIT, "line %u: entities grow beyond measure", where.line);
    return err_set(e, ERR_FORMAT, "line %u, column %u: %s", where.line, where.col, XML_ErrorString(code));
}

static int parse_text(struct reader *r, struct str text, struct xml_position *ret_where, struct err *e)
{
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, start_element, end_element);
    XML_SetUnknownEncodingHandler(r->parser, unknown_encoding, NULL);
    (void)XML_SetBillionLaughsAttackProtectionActivationThreshold(r->parser, AMPLIFICATION_FREE_BYTES);
    (void)XML_SetBillionLaughsAttackProtectionMaximumAmplification(r->parser, 10.0f);
    if (text.len > INT32_MAX)
        return err_set(e, ERR_LIMIT, "more than %ld bytes", (long)INT32_MAX);
    if (XML_Parse(r->parser, text.p ? text.p : "", (int)text.len, XML_TRUE) != XML_STATUS_OK)
        return parse_failure(r, ret_where, e);
    return 0;
}

int xml_read(struct bytes file, struct arena *a, struct xml_element **ret, struct xml_position *ret_where,
             struct err *e)
{
    CLEANUP(buf_done) struct buf decoded = BUF_INIT(2 * LIMIT_WHOLE_ENTRY_BYTES);
    struct reader r = {.arena = a};
    const char *encoding;
    struct str text;
    int result = decode(file, &decoded, &text, &encoding, e);

    if (result < 0)
        return result;
    r.parser = XML_ParserCreate(encoding);
    if (!r.parser)
        return err_set(e, ERR_NOMEM, "out of memory");
    result = parse_text(&r, text, ret_where, e);
    XML_ParserFree(r.parser);
    if (result == 0)
        *ret = r.root;
    return result;
}

struct str xml_get(const struct xml_element *element, const char *attribute)
{
    struct str name = str_from(attribute);

    for (size_t i = 0; i < element->n_attributes; i++)
        if (str_eq(element->attributes[i].name, name))
            return element->attributes[i].value;
    return (struct str){NULL, 0};
}

bool xml_is(const struct xml_element *element, const char *name)
{
    return !name || str_eq(element->name, str_from(name));
}

void xml_replace(struct xml_element *element, struct xml_element *by, const struct str *entry)
{
    struct xml_element **at = &element->parent->child;

    while (*at != element)
        at = &(*at)->next;
    by->parent = element->parent;
    by->next = element->next;
    by->entry = entry;
    *at = by;
}

const struct xml_element *xml_find(const struct xml_element *element, struct str name)
{
    const struct xml_element *c = element->child;

    while (c && !str_eq(c->name, name))
        c = c->next;
    return c;
}

static const struct xml_element *first_of(const struct xml_element *element, const char *name)
{
    while (element && !xml_is(element, name))
        element = element->next;
    return element;
}

const struct xml_element *xml_child(const struct xml_element *element, const char *name)
{
    return element ? first_of(element->child, name) : NULL;
}

const struct xml_element *xml_next(const struct xml_element *element, const char *name)
{
    return element ? first_of(element->next, name) : NULL;
}
