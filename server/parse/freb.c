/* SPDX-License-Identifier: Apache-2.0 */
#include "freb.h"

#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "limits.h"

enum {
    VALUE_BYTES_MAX = 4096,
    NAME_BYTES_MAX = 128,
    WHOLE_BYTES_MAX = 524288,
    PART_BYTES_MAX = 1048576,
    TOKEN_BYTES_MAX = 2097152
};

/* Where the text of the current element goes. */
enum text_of { TEXT_NONE, TEXT_DATA, TEXT_OPCODE, TEXT_DESCRIPTION };

struct freb {
    XML_Parser parser;
    struct freb_handler handler;
    int stopped; /* negative: what a handler returned, or our own refusal */
    int depth;
    bool in_event, in_rendering, is_request;
    enum text_of text_of;
    struct buf text, data_name;
    struct buf name, module, notification, error_text, remote_address, detail;
    int64_t status, substatus, error_code, time_ms, event_line, error_line;
    /* Expat looks at each byte once more at the end of each piece but the last, for its own lines: what is
     * not large is given to it as one */
    struct buf whole;
    bool is_in_pieces;
    /* lines, counted by LF up to at_byte */
    const uint8_t *piece;
    int64_t piece_from, piece_to, at_byte, at_line;
};

static struct buf *const *buffers_of(struct freb *f, struct buf *ret[8])
{
    struct buf *all[8] = {&f->text,         &f->data_name,  &f->name,           &f->module,
                          &f->notification, &f->error_text, &f->remote_address, &f->detail};
    memcpy(ret, all, sizeof(all));
    return ret;
}

static void stop(struct freb *f, int code)
{
    if (f->stopped == 0)
        f->stopped = code;
    (void)XML_StopParser(f->parser, XML_FALSE);
}

static int64_t current_line(struct freb *f)
{
    int64_t at = XML_GetCurrentByteIndex(f->parser);

    if (at > f->piece_to)
        at = f->piece_to;
    while (f->at_byte < at) {
        const uint8_t *from = f->piece + (f->at_byte - f->piece_from);
        const uint8_t *lf = memchr(from, '\n', (size_t)(at - f->at_byte));
        if (!lf) {
            f->at_byte = at;
            break;
        }
        f->at_byte += lf - from + 1;
        f->at_line++;
    }
    return f->at_line;
}

static const char *attribute(const char **attributes, const char *name)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (strcmp(attributes[i], name) == 0)
            return attributes[i + 1];
    return NULL;
}

bool freb_error_code(struct str s, int64_t *ret)
{
    static const char digits[] = "0123456789abcdef";
    struct str t = str_trim(s);
    bool negative = t.len > 1 && t.p[0] == '-';
    int64_t v = 0, base = 10;

    if (t.len > 3 && t.p[t.len - 1] == ')') {
        const char *open = memrchr(t.p, '(', t.len);
        t = open ? (struct str){open + 1, t.len - 2 - (size_t)(open - t.p)} : t;
    }
    if (str_istarts(t, STR("0x"))) {
        base = 16;
        t = str_skip(t, 2);
    } else {
        t = str_skip(t, negative);
    }
    if (t.len == 0 || t.len > 10)
        return false;
    for (size_t i = 0; i < t.len; i++) {
        char c = t.p[i] >= 'A' && t.p[i] <= 'F' ? (char)(t.p[i] + 32) : t.p[i];
        const char *at = memchr(digits, c, (size_t)base);
        if (!at)
            return false;
        v = v * base + (at - digits);
    }
    *ret = (negative && base == 10 ? -v : v) & 0xffffffffLL;
    return true;
}

static void begin_event(struct freb *f)
{
    struct buf *all[8];

    buffers_of(f, all);
    for (size_t i = 2; i < 8; i++)
        buf_clear(all[i]);
    f->in_event = true;
    f->in_rendering = false;
    f->status = f->substatus = f->error_code = -1;
    f->time_ms = TIME_NONE;
    f->event_line = current_line(f);
    f->error_line = 0;
}

static void give_request(struct freb *f, const char **attributes)
{
    struct freb_request r = {
        .url = str_from(attribute(attributes, "url")),
        .site_id = str_from(attribute(attributes, "siteId")),
        .app_pool = str_from(attribute(attributes, "appPoolId")),
        .verb = str_from(attribute(attributes, "verb")),
        .status = str_from(attribute(attributes, "statusCode")),
        .reason = str_from(attribute(attributes, "failureReason")),
        .taken = str_from(attribute(attributes, "timeTaken")),
        .user = str_from(attribute(attributes, "remoteUserName")),
    };
    int code = f->handler.request(&r, f->handler.ctx);

    f->is_request = true;
    if (code < 0)
        stop(f, code);
}

static void XMLCALL on_text(void *ctx, const char *p, int len);

/* Most text is the blanks between elements: Expat is asked for it only where some is wanted. */
static void begin_text(struct freb *f, enum text_of text_of, const char *name)
{
    f->text_of = text_of;
    XML_SetCharacterDataHandler(f->parser, on_text);
    buf_clear(&f->text);
    buf_clear(&f->data_name);
    buf_add_c(&f->data_name, name ? name : "");
    if (text_of == TEXT_DATA && name && strcmp(name, "ErrorCode") == 0)
        f->error_line = current_line(f);
}

/* Of the elements of an event a few are looked at; the first letter tells nearly all others. */
static void begin_in_event(struct freb *f, const char *name, const char **attributes)
{
    if (!strchr("RTDOf", name[0]))
        return;
    if (strcmp(name, "RenderingInfo") == 0) {
        f->in_rendering = true;
    } else if (strcmp(name, "TimeCreated") == 0) {
        int64_t ms = TIME_NONE;
        if (time_parse(str_from(attribute(attributes, "SystemTime")), &ms))
            f->time_ms = ms;
    } else if (strcmp(name, "Data") == 0) {
        begin_text(f, TEXT_DATA, attribute(attributes, "Name"));
    } else if (strcmp(name, "Opcode") == 0 && f->in_rendering) {
        begin_text(f, TEXT_OPCODE, NULL);
    } else if (strcmp(name, "freb:Description") == 0) {
        begin_text(f, TEXT_DESCRIPTION, attribute(attributes, "Data"));
    }
}

static void XMLCALL on_start(void *ctx, const char *name, const char **attributes)
{
    struct freb *f = ctx;

    if (++f->depth > LIMIT_XML_DEPTH)
        stop(f, -ERR_LIMIT);
    else if (!f->is_request && strcmp(name, "failedRequest") == 0)
        give_request(f, attributes);
    else if (name[0] == 'E' && strcmp(name, "Event") == 0)
        begin_event(f);
    else if (f->in_event)
        begin_in_event(f, name, attributes);
}

/* Appends as much of the text as there is room for: a cut value is better than none. */
static void add_capped(struct buf *b, struct str s)
{
    size_t room = b->cap > b->len + 1 ? b->cap - b->len - 1 : 0;
    buf_add(b, s.p, s.len < room ? s.len : room);
}

static void XMLCALL on_text(void *ctx, const char *p, int len)
{
    struct freb *f = ctx;

    if (f->text_of != TEXT_NONE && len > 0)
        add_capped(&f->text, (struct str){p, (size_t)len});
}

static void read_number(struct str s, int64_t *ret)
{
    uint64_t v = 0;

    if (str_to_u64(s, 0xffffffff, &v))
        *ret = (int64_t)v;
}

/* "Buffer" is a body, and not told at all. */
static void add_detail(struct freb *f, struct str name, struct str value)
{
    CLEANUP(buf_done) struct buf kept = BUF_INIT(VALUE_BYTES_MAX * 4);

    if (str_eq(name, STR("Headers"))) {
        freb_headers_keep(value, &kept);
        value = buf_str(&kept);
    }
    add_capped(&f->detail, f->detail.len ? STR("; ") : STR(""));
    add_capped(&f->detail, name);
    add_capped(&f->detail, STR("="));
    add_capped(&f->detail, value);
}

static void end_data(struct freb *f)
{
    struct str name = buf_str(&f->data_name), value = str_trim(buf_str(&f->text));

    if (str_eq(name, STR("ModuleName")))
        add_capped(&f->module, value);
    else if (str_eq(name, STR("Notification")))
        add_capped(&f->notification, value);
    else if (str_eq(name, STR("HttpStatus")))
        read_number(value, &f->status);
    else if (str_eq(name, STR("HttpSubStatus")))
        read_number(value, &f->substatus);
    else if (str_eq(name, STR("ErrorCode")) && !freb_error_code(value, &f->error_code))
        add_capped(&f->error_text, value);
    else if (str_eq(name, STR("RemoteAddress")))
        add_capped(&f->remote_address, value);
    if (!str_eq(name, STR("ContextId")) && !str_eq(name, STR("Buffer")) && value.len > 0)
        add_detail(f, name, value);
}

/* Runs of white space become one blank: the system's messages end in a line end before their "(0x…)". */
static struct str squeeze(struct buf *b)
{
    size_t n = 0;

    for (size_t i = 0; i < b->len; i++) {
        char c = b->p[i];
        bool is_blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (!is_blank)
            b->p[n++] = c;
        else if (n > 0 && b->p[n - 1] != ' ')
            b->p[n++] = ' ';
    }
    b->len = n;
    return str_trim(buf_str(b));
}

/* RenderingInfo gives the words for numbers: of the notification and of the error. */
static void end_description(struct freb *f)
{
    struct str name = buf_str(&f->data_name), value = squeeze(&f->text);

    if (str_eq(name, STR("Notification"))) {
        buf_clear(&f->notification);
        add_capped(&f->notification, value);
    } else if (str_eq(name, STR("ErrorCode"))) {
        buf_clear(&f->error_text);
        add_capped(&f->error_text, value);
        if (f->error_code < 0)
            (void)freb_error_code(value, &f->error_code);
    }
}

static struct str event_name(const struct freb *f)
{
    if (f->name.len > 0)
        return buf_str(&f->name);
    /* without RenderingInfo the data of this one event still tells what it is */
    if (f->module.len > 0 && f->status >= 0 && f->error_code >= 0)
        return STR("MODULE_SET_RESPONSE_ERROR_STATUS");
    return STR("");
}

static void give_event(struct freb *f)
{
    struct freb_event event = {
        .line = f->error_line ? f->error_line : f->event_line,
        .time_ms = f->time_ms,
        .name = event_name(f),
        .module = buf_str(&f->module),
        .notification = buf_str(&f->notification),
        .status = f->status,
        .substatus = f->substatus,
        .error_code = f->error_code,
        .error_text = buf_str(&f->error_text),
        .remote_address = buf_str(&f->remote_address),
        .detail = buf_str(&f->detail),
    };
    int code = f->handler.event(&event, f->handler.ctx);

    f->in_event = f->in_rendering = false;
    if (code < 0)
        stop(f, code);
}

static void XMLCALL on_end(void *ctx, const char *name)
{
    struct freb *f = ctx;

    f->depth--;
    if (f->stopped)
        return;
    if (f->text_of != TEXT_NONE)
        XML_SetCharacterDataHandler(f->parser, NULL);
    if (f->text_of == TEXT_DATA)
        end_data(f);
    else if (f->text_of == TEXT_OPCODE)
        add_capped(&f->name, str_trim(buf_str(&f->text)));
    else if (f->text_of == TEXT_DESCRIPTION)
        end_description(f);
    f->text_of = TEXT_NONE;
    if (f->in_event && strcmp(name, "Event") == 0)
        give_event(f);
}

static void XMLCALL on_doctype(void *ctx, const char *name, const char *system, const char *public,
                               int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    stop(ctx, -ERR_UNSUPPORTED);
}

struct freb *freb_new(const struct freb_handler *handler)
{
    struct freb *f = calloc(1, sizeof(*f));
    struct buf *all[8];

    if (!f)
        return NULL;
    f->handler = *handler;
    f->at_line = 1;
    buffers_of(f, all);
    for (size_t i = 0; i < 8; i++)
        *all[i] = BUF_INIT(i == 2 || i == 4 ? NAME_BYTES_MAX : VALUE_BYTES_MAX);
    f->whole = BUF_INIT(WHOLE_BYTES_MAX + 1);
    f->parser = XML_ParserCreate(NULL);
    if (!f->parser) {
        freb_free(f);
        return NULL;
    }
    XML_SetUserData(f->parser, f);
    XML_SetElementHandler(f->parser, on_start, on_end);
    XML_SetStartDoctypeDeclHandler(f->parser, on_doctype);
    return f;
}

void freb_free(struct freb *f)
{
    struct buf *all[8];

    if (!f)
        return;
    buffers_of(f, all);
    for (size_t i = 0; i < 8; i++)
        buf_done(all[i]);
    buf_done(&f->whole);
    if (f->parser)
        XML_ParserFree(f->parser);
    free(f);
}

static int say_why(struct freb *f, struct err *e)
{
    if (f->stopped == -ERR_UNSUPPORTED)
        return err_set(e, ERR_FORMAT, "line %lld: a document type declaration is not accepted",
                       (long long)current_line(f));
    if (f->stopped == -ERR_LIMIT)
        return err_set(e, ERR_LIMIT, "line %lld: nested too deep", (long long)current_line(f));
    if (f->stopped)
        return f->stopped;
    enum XML_Error code = XML_GetErrorCode(f->parser);
    if (code == XML_ERROR_NO_MEMORY)
        return err_set(e, ERR_NOMEM, "out of memory");
    return err_set(e, ERR_FORMAT, "line %lld: %s", (long long)current_line(f), XML_ErrorString(code));
}

static int parse(struct freb *f, struct bytes piece, bool is_last, struct err *e)
{
    f->piece = piece.p;
    f->piece_from = f->at_byte = f->piece_to;
    f->piece_to += (int64_t)piece.len;
    if (XML_Parse(f->parser, (const char *)piece.p, (int)piece.len, is_last) != XML_STATUS_OK)
        return say_why(f, e);
    /* Expat reads a tag or comment from its beginning again with each piece until its end is there */
    if (!is_last && f->piece_to - XML_GetCurrentByteIndex(f->parser) > TOKEN_BYTES_MAX)
        return err_set(e, ERR_LIMIT, "line %lld: a tag or comment of more than %d bytes",
                       (long long)current_line(f), TOKEN_BYTES_MAX);
    /* lines up to the end of the piece, so that the next one counts on from there */
    for (const uint8_t *p = piece.p + (f->at_byte - f->piece_from), *end = piece.p + piece.len, *lf = NULL;
         p < end && (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1)
        f->at_line++;
    return 0;
}

static int feed_parts(struct freb *f, struct bytes piece, struct err *e)
{
    while (piece.len > 0) {
        struct bytes part = {piece.p, piece.len < PART_BYTES_MAX ? piece.len : PART_BYTES_MAX};
        int r = parse(f, part, false, e);
        if (r < 0)
            return r;
        piece.p += part.len;
        piece.len -= part.len;
    }
    return 0;
}

static struct bytes whole_of(const struct freb *f)
{
    struct str s = buf_str(&f->whole);

    return (struct bytes){(const uint8_t *)(s.len ? s.p : ""), s.len};
}

int freb_feed(struct freb *f, struct bytes piece, struct err *e)
{
    if (f->is_in_pieces)
        return feed_parts(f, piece, e);
    if (piece.len <= WHOLE_BYTES_MAX - f->whole.len) {
        buf_add(&f->whole, piece.p, piece.len);
        return f->whole.failed ? err_set(e, ERR_NOMEM, "out of memory") : 0;
    }
    f->is_in_pieces = true;
    int r = feed_parts(f, whole_of(f), e);
    buf_done(&f->whole);
    return r < 0 ? r : feed_parts(f, piece, e);
}

int freb_finish(struct freb *f, struct err *e)
{
    int r = parse(f, f->is_in_pieces ? (struct bytes){(const uint8_t *)"", 0} : whole_of(f), true, e);

    if (r == 0 && !f->is_request)
        return err_set(e, ERR_FORMAT, "no failedRequest in it");
    return r;
}
