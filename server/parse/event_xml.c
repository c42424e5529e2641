/* SPDX-License-Identifier: Apache-2.0 */
#include "event_xml.h"

#include <stdio.h>
#include <string.h>

#include <expat.h>

#include "limits.h"
#include "utf.h"

enum encoding { ENCODING_UNKNOWN, ENCODING_UTF8, ENCODING_UTF16LE, ENCODING_UTF16BE };
enum { PIECE_BYTES = 65536, HEAD_BYTES = 16 };

struct event_xml {
    XML_Parser parser;
    struct event_builder *builder;
    event_take_fn take;
    bool (*wants)(void *ctx); /* NULL: all */
    void *ctx;
    bool too_deep;
    enum encoding encoding;
    uint8_t rest[HEAD_BYTES]; /* of the piece before: what is no whole character yet */
    size_t n_rest;
    struct buf text; /* UTF-8; used up to `at` */
    size_t at;
    size_t scanned; /* from `at` on: no event ends or begins there */
    bool in_event;  /* one begins at `at` */
    int64_t line;   /* of `at` */
    struct event_xml_skipped skipped;
};

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
    struct event_xml *x = ctx;

    if (!event_start(x->builder, str_from(name))) {
        x->too_deep = true;
        (void)XML_StopParser(x->parser, XML_FALSE);
        return;
    }
    for (size_t i = 0; attributes[i]; i += 2)
        event_attribute(x->builder, str_from(attributes[i]), str_from(attributes[i + 1]));
}

static void XMLCALL on_text(void *ctx, const char *p, int len)
{
    struct event_xml *x = ctx;

    if (len > 0)
        event_text(x->builder, (struct str){p, (size_t)len});
}

static void XMLCALL on_end(void *ctx, const char *name)
{
    struct event_xml *x = ctx;

    (void)name;
    event_end(x->builder);
}

struct event_xml *event_xml_new(struct arena *a, event_take_fn take, void *ctx)
{
    struct event_xml *x = arena_alloc(a, sizeof(*x));

    if (!x)
        return NULL;
    x->builder = event_builder_new(a);
    x->parser = x->builder ? XML_ParserCreate(NULL) : NULL;
    if (!x->parser)
        return NULL;
    x->text = BUF_INIT(LIMIT_EVENT_BYTES + PIECE_BYTES * 4);
    x->take = take;
    x->ctx = ctx;
    x->line = 1;
    return x;
}

void event_xml_filter(struct event_xml *x, bool (*wants)(void *ctx))
{
    x->wants = wants;
}

void event_xml_free(struct event_xml *x)
{
    if (!x)
        return;
    buf_done(&x->text);
    if (x->parser)
        XML_ParserFree(x->parser);
    x->parser = NULL;
}

const struct event_xml_skipped *event_xml_skipped(const struct event_xml *x)
{
    return &x->skipped;
}

static void skip(struct event_xml *x, int64_t line, const char *what)
{
    if (x->skipped.count++ > 0)
        return;
    x->skipped.line = line;
    (void)snprintf(x->skipped.what, sizeof(x->skipped.what), "%s", what);
}

static int64_t count_lines(struct str s)
{
    int64_t n = 0;

    for (const char *p = s.p, *end = s.p + s.len; p < end && (p = memchr(p, '\n', (size_t)(end - p))); p++)
        n++;
    return n;
}

static bool is_legal(uint32_t code)
{
    return code >= 0x20
               ? code != 0xfffe && code != 0xffff && (code < 0xd800 || code > 0xdfff) && code <= 0x10ffff
               : code == '\n' || code == '\r' || code == '\t';
}

/* "&#1;" or "&#x1;" at p, which holds `len` more bytes: its length when it names no legal character, else 0.
 */
static size_t illegal_reference(const char *p, size_t len)
{
    bool is_hex = len > 3 && p[2] == 'x';
    uint32_t code = 0;
    size_t i = is_hex ? 3 : 2;

    for (; i < len && i < 12 && p[i] != ';'; i++) {
        char c = (char)(p[i] | 32);
        uint32_t digit = c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a') + 10 : (uint32_t)(p[i] - '0');
        if (digit > (is_hex ? 15u : 9u) || code > 0x110000)
            return 0;
        code = code * (is_hex ? 16 : 10) + digit;
    }
    return i < len && p[i] == ';' && !is_legal(code) ? i + 1 : 0;
}

/* Event texts may hold control characters, which XML does not allow, not even as references. */
static void make_legal(char *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        size_t n = p[i] == '&' && i + 3 < len && p[i + 1] == '#' ? illegal_reference(p + i, len - i) : 0;
        if ((uint8_t)p[i] < 0x20 && !is_legal((uint8_t)p[i]))
            p[i] = ' ';
        if (n > 0)
            memset(p + i, ' ', n);
    }
}

static int give(struct event_xml *x)
{
    struct event event;
    const struct event *built = event_finish(x->builder);

    if (!built) {
        skip(x, x->line, "an element Event without System");
        return 0;
    }
    event = *built;
    event.line = x->line;
    return x->take(&event, x->ctx);
}

static struct str unused(const struct event_xml *x)
{
    return str_skip(buf_str(&x->text), x->at);
}

static int read_event(struct event_xml *x, size_t len, struct err *e)
{
    struct str text = {x->text.p + x->at, len};

    if (x->wants && !x->wants(x->ctx))
        return 0;
    /* what a console wrote is in its code page: its letters are of no matter, its structure is ASCII */
    const char *encoding = text_is_utf8(text) ? "UTF-8" : "ISO-8859-1";

    make_legal(x->text.p + x->at, len);
    if (!XML_ParserReset(x->parser, encoding))
        return err_set(e, ERR_NOMEM, "out of memory");
    XML_SetUserData(x->parser, x);
    XML_SetElementHandler(x->parser, on_start, on_end);
    XML_SetCharacterDataHandler(x->parser, on_text);
    event_begin(x->builder);
    x->too_deep = false;
    if (XML_Parse(x->parser, text.p, (int)text.len, true) == XML_STATUS_OK)
        return give(x);
    if (XML_GetErrorCode(x->parser) == XML_ERROR_NO_MEMORY)
        return err_set(e, ERR_NOMEM, "out of memory");
    skip(x, x->line + (int64_t)XML_GetCurrentLineNumber(x->parser) - 1,
         x->too_deep ? "nested too deep" : XML_ErrorString(XML_GetErrorCode(x->parser)));
    return 0;
}

static void drop(struct event_xml *x, size_t n)
{
    if (n == 0)
        return;
    x->line += count_lines((struct str){x->text.p + x->at, n});
    x->at += n;
    x->scanned = 0;
}

/* Where from `from` on "<Event" begins an element of that name; text.len: nowhere. */
static size_t find_begin(struct str text, size_t from)
{
    static const char tag[] = "<Event";

    while (from + sizeof(tag) <= text.len) {
        const char *at = memmem(text.p + from, text.len - from, tag, sizeof(tag) - 1);
        if (!at)
            break;
        from = (size_t)(at - text.p);
        if (from + sizeof(tag) > text.len)
            break;
        if (strchr(" \t\r\n>", at[sizeof(tag) - 1]) && at[sizeof(tag) - 1])
            return from;
        from++;
    }
    return text.len;
}

/* Position behind the first "</Event>" from `from` on; 0: there is none. */
static size_t find_end(struct str text, size_t from)
{
    static const char tag[] = "</Event>";
    const char *at = from < text.len ? memmem(text.p + from, text.len - from, tag, sizeof(tag) - 1) : NULL;

    return at ? (size_t)(at - text.p) + sizeof(tag) - 1 : 0;
}

static size_t not_below_zero(size_t a, size_t b)
{
    return a > b ? a - b : 0;
}

enum step { STEP_MORE, STEP_AGAIN };

/* Outside of events: forward to the next one. */
static enum step seek(struct event_xml *x)
{
    struct str text = unused(x);
    size_t at = find_begin(text, 0);

    if (at < text.len) {
        drop(x, at);
        x->in_event = true;
        return STEP_AGAIN;
    }
    drop(x, not_below_zero(text.len, 8)); /* may be the first bytes of a tag */
    return STEP_MORE;
}

static enum step read_one(struct event_xml *x, int *ret, struct err *e)
{
    struct str text = unused(x);
    size_t end = find_end(text, x->scanned), next;

    next = find_begin((struct str){text.p, end ? end : text.len}, x->scanned ? x->scanned : 1);
    if (next < (end ? end : text.len)) { /* the next one begins before this one ends */
        skip(x, x->line, "the event is cut off");
        drop(x, next);
        return STEP_AGAIN;
    }
    if (end) {
        *ret = end <= (size_t)LIMIT_EVENT_BYTES ? read_event(x, end, e) : 0;
        if (end > (size_t)LIMIT_EVENT_BYTES)
            skip(x, x->line, "the event is too long");
        drop(x, end);
        x->in_event = false;
        return STEP_AGAIN;
    }
    x->scanned = not_below_zero(text.len, 8);
    if (text.len <= (size_t)LIMIT_EVENT_BYTES)
        return STEP_MORE;
    skip(x, x->line, "the event is too long");
    drop(x, 1);
    x->in_event = false;
    return STEP_AGAIN;
}

static int read_events(struct event_xml *x, struct err *e)
{
    int r = 0;

    while (r == 0 && (x->in_event ? read_one(x, &r, e) : seek(x)) == STEP_AGAIN)
        continue;
    return r;
}

/* By the mark, or by the NUL beside the first letter. */
static enum encoding encoding_of(const uint8_t *p, size_t len, size_t *ret_mark)
{
    *ret_mark = 0;
    if (len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf) {
        *ret_mark = 3;
        return ENCODING_UTF8;
    }
    if (len >= 2 && (p[0] == 0xff || p[0] == 0xfe) && (p[0] ^ p[1]) == 1) {
        *ret_mark = 2;
        return p[0] == 0xff ? ENCODING_UTF16LE : ENCODING_UTF16BE;
    }
    if (len >= 2 && (!p[0]) != (!p[1]))
        return p[1] == 0 ? ENCODING_UTF16LE : ENCODING_UTF16BE;
    return ENCODING_UTF8;
}

static bool is_high_surrogate(const struct event_xml *x, const uint8_t *p)
{
    return (p[x->encoding == ENCODING_UTF16LE] & 0xfc) == 0xd8;
}

/* Appends a piece of whole characters but for its end, which is kept for the next one. */
static void decode(struct event_xml *x, struct bytes piece, bool is_last)
{
    size_t len = piece.len;

    if (x->encoding == ENCODING_UTF8) {
        buf_add(&x->text, piece.p, len);
        return;
    }
    len &= ~(size_t)1;
    if (len >= 2 && is_high_surrogate(x, piece.p + len - 2) && !is_last)
        len -= 2;
    if (x->encoding == ENCODING_UTF16LE)
        text_add_utf16le(&x->text, piece.p, len);
    else
        text_add_utf16be(&x->text, piece.p, len);
    x->n_rest = piece.len - len;
    memcpy(x->rest, piece.p + len, x->n_rest);
}

static int feed_part(struct event_xml *x, struct bytes part, bool is_last, struct err *e)
{
    uint8_t joined[PIECE_BYTES + HEAD_BYTES];
    size_t mark = 0;

    memcpy(joined, x->rest, x->n_rest);
    if (part.len > 0)
        memcpy(joined + x->n_rest, part.p, part.len);
    struct bytes all = {joined, x->n_rest + part.len};
    x->n_rest = 0;
    if (x->encoding == ENCODING_UNKNOWN && all.len < HEAD_BYTES && !is_last) {
        memcpy(x->rest, joined, all.len);
        x->n_rest = all.len;
        return 0;
    }
    if (x->encoding == ENCODING_UNKNOWN)
        x->encoding = encoding_of(all.p, all.len, &mark);
    decode(x, (struct bytes){all.p + mark, all.len - mark}, is_last);
    if (x->text.failed)
        return buf_check(&x->text, "events", e);
    int r = read_events(x, e);
    if (x->at > 0) {
        x->text.len -= x->at;
        memmove(x->text.p, x->text.p + x->at, x->text.len);
        x->at = 0;
    }
    return r;
}

int event_xml_feed(struct event_xml *x, struct bytes piece, struct err *e)
{
    int r = 0;

    while (r == 0 && piece.len > 0) {
        struct bytes part = {piece.p, piece.len < PIECE_BYTES ? piece.len : PIECE_BYTES};
        r = feed_part(x, part, false, e);
        piece.p += part.len;
        piece.len -= part.len;
    }
    return r;
}

int event_xml_finish(struct event_xml *x, struct err *e)
{
    int r = feed_part(x, (struct bytes){NULL, 0}, true, e);

    if (r == 0 && x->in_event)
        skip(x, x->line, "the event is cut off");
    return r;
}
