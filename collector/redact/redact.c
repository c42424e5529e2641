/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "redact_policy.h"
#include "text.h"

#define REDACTED "[redacted]"

struct redactor {
    const struct policy *policy;
    struct element_path *path;
    struct buf *out;
    bool broken;
};

struct str element_up(const struct element_path *path, size_t n)
{
    return n < path->n ? path->names[path->n - 1 - n] : (struct str){NULL, 0};
}

/* --- values --- */

static void add_line_ends(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.p[i] == '\n' || s.p[i] == '\r')
            buf_add_char(out, s.p[i]);
}

static bool is_blank(struct str s)
{
    return str_trim(s).len == 0;
}

/* The provider of "[enc:Provider:base64:enc]"; its name is no secret and rules need it. Only the whole form
 * counts: in a value that just looks like it, the second part may be anything. */
static bool encrypted_by(struct str value, struct str *ret)
{
    if (!str_istarts(value, STR("[enc:")) || !str_iends(value, STR(":enc]")) || value.len < 10)
        return false;
    struct str rest = {value.p + 5, value.len - 10}, provider = str_cut(rest, ':', &rest);
    if (rest.p == NULL || rest.len == 0 || provider.len == 0 || provider.len > 64)
        return false;
    for (size_t i = 0; i < provider.len; i++) {
        char c = provider.p[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' &&
            c != '-')
            return false;
    }
    *ret = provider;
    return true;
}

static void add_redacted(struct buf *out, struct str value)
{
    struct str provider;

    if (is_blank(value)) {
        buf_add_str(out, value);
        return;
    }
    if (encrypted_by(str_trim(value), &provider)) {
        buf_add_c(out, "[enc:");
        buf_add_str(out, provider);
        buf_add_c(out, ":redacted]");
    } else {
        buf_add_c(out, REDACTED);
    }
    add_line_ends(out, value);
}

void redact_url(struct buf *out, struct str url)
{
    struct str rest, path, before = str_cut(url, '?', &rest);

    before = str_cut(before, '#', &rest);
    for (size_t i = 0; i + 2 < before.len; i++) {
        if (memcmp(before.p + i, "://", 3) != 0)
            continue;
        struct str behind = str_skip(before, i + 3), host = str_cut(behind, '/', &path);
        size_t at = host.len;
        while (at > 0 && host.p[at - 1] != '@')
            at--;
        buf_add(out, before.p, i + 3);
        if (at > 0)
            buf_add_c(out, REDACTED "@");
        before = str_skip(behind, at);
        break;
    }
    buf_add_str(out, before);
    add_line_ends(out, str_skip(url, (size_t)(before.p + before.len - url.p)));
}

/* Line ends may be written as themselves or as references. Returns the length of the first line without its
 * end. */
static size_t header_line(struct str s, size_t *ret_end)
{
    static const char *const ends[] = {"\r\n",  "\n",    "&#xd;&#xa;", "&#xD;&#xA;", "&#13;&#10;",
                                       "&#xa;", "&#xA;", "&#x0a;",     "&#x0A;",     "&#10;"};

    for (size_t i = 0; i < s.len; i++)
        for (size_t k = 0; k < ARRAY_LEN(ends); k++)
            if (str_starts(str_skip(s, i), str_from(ends[k]))) {
                *ret_end = strlen(ends[k]);
                return i;
            }
    *ret_end = 0;
    return s.len;
}

/* A line that goes on from the one before loses everything: it may be a secret's second half. */
static void add_header(struct buf *out, struct str line)
{
    static const char *const listed[] = {
#define HEADER(name) name,
#include "headers.def"
#undef HEADER
    };
    struct str value, name = str_cut(line, ':', &value);

    if (value.p == NULL || line.p[0] == ' ' || line.p[0] == '\t') {
        add_redacted(out, line);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(listed); i++)
        if (str_ieq(name, str_from(listed[i]))) {
            buf_add_str(out, line);
            return;
        }
    buf_add_str(out, name);
    buf_add_c(out, ": ");
    add_redacted(out, value);
}

static void add_headers(struct buf *out, struct str block)
{
    while (block.len > 0) {
        size_t end, n = header_line(block, &end);
        add_header(out, (struct str){block.p, n});
        buf_add(out, block.p + n, end);
        block = str_skip(block, n + end);
    }
}

/* 40 bytes, then as many as DumpDataSize says: http.sys adds four, the status; another driver may add
 * anything. https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/ns-wdm-_io_error_log_packet */
static bool is_packet(struct str hex)
{
    uint8_t bytes[44];
    size_t len;

    return text_unhex(hex, bytes, sizeof(bytes), &len) && len == sizeof(bytes) && bytes[2] == 4 &&
           bytes[3] == 0;
}

static void add_value(struct buf *out, enum keep keep, struct str value)
{
    struct str provider;

    if (keep == KEEP_EXACT || (keep == KEEP_PACKET && is_packet(value)) ||
        (keep == KEEP_VALUE && !encrypted_by(str_trim(value), &provider)))
        buf_add_str(out, value);
    else if (keep == KEEP_URL)
        redact_url(out, value);
    else if (keep == KEEP_HEADERS)
        add_headers(out, value);
    else
        add_redacted(out, value);
}

/* --- tokens --- */

static void add_start(struct redactor *r, const struct markup_token *t)
{
    struct str inner = t->inner;
    struct markup_attribute a;

    r->path->names[r->path->n++] = t->name;
    r->path->data_name = (struct str){NULL, 0};
    (void)markup_attribute_find(inner, STR("Name"), &r->path->data_name);
    buf_add_char(r->out, '<');
    buf_add_str(r->out, t->name);
    while (markup_attribute_next(&inner, &a)) {
        buf_add_str(r->out, a.before);
        add_value(r->out, r->policy->attribute(r->path, a.name), a.value);
        buf_add_char(r->out, a.before.p[a.before.len - 1]);
    }
    buf_add_str(r->out, inner);
    buf_add_c(r->out, t->kind == MARKUP_EMPTY ? "/>" : ">");
    if (t->kind == MARKUP_EMPTY)
        r->path->n--;
}

static void add_close(struct redactor *r, const struct markup_token *t)
{
    r->path->n--;
    r->path->data_name = (struct str){NULL, 0};
    buf_add_str(r->out, t->raw);
}

static void add_text(struct redactor *r, const struct markup_token *t)
{
    bool cdata = t->kind == MARKUP_CDATA;

    buf_add_c(r->out, cdata ? "<![CDATA[" : "");
    if (is_blank(t->inner))
        buf_add_str(r->out, t->inner);
    else
        add_value(r->out, r->policy->text(r->path), t->inner);
    buf_add_c(r->out, cdata ? "]]>" : "");
}

/* The declaration names UTF-8, whatever the file was in. Of other instructions only the target stays. */
static void add_instruction(struct redactor *r, const struct markup_token *t)
{
    struct str version = STR("1.0");

    if (!str_ieq(t->name, STR("xml"))) {
        buf_add_c(r->out, "<?");
        buf_add_str(r->out, t->name);
        add_line_ends(r->out, t->inner);
        buf_add_c(r->out, "?>");
        return;
    }
    (void)markup_attribute_find(t->inner, STR("version"), &version);
    buf_printf(r->out, "<?xml version=\"%s\" encoding=\"utf-8\"",
               str_eq(version, STR("1.1")) ? "1.1" : "1.0");
    add_line_ends(r->out, t->inner);
    buf_add_c(r->out, "?>");
}

static void add_broken(struct redactor *r, struct str rest)
{
    r->broken = true;
    buf_add_c(r->out, "<" REDACTED);
    add_line_ends(r->out, rest);
}

/* A token that stands where it may not: nested too deep, closing what is not open. */
static bool is_misplaced(const struct redactor *r, const struct markup_token *t)
{
    if (t->kind == MARKUP_START || t->kind == MARKUP_EMPTY)
        return r->path->n == PATH_DEPTH;
    return t->kind == MARKUP_CLOSE && !str_eq(element_up(r->path, 0), t->name);
}

static void add_token(struct redactor *r, const struct markup_token *t)
{
    switch (t->kind) {
    case MARKUP_START:
    case MARKUP_EMPTY:
        add_start(r, t);
        break;
    case MARKUP_CLOSE:
        add_close(r, t);
        break;
    case MARKUP_TEXT:
    case MARKUP_CDATA:
        add_text(r, t);
        break;
    case MARKUP_COMMENT:
        buf_add_c(r->out, "<!--");
        add_line_ends(r->out, t->inner);
        buf_add_c(r->out, "-->");
        break;
    case MARKUP_PI:
        add_instruction(r, t);
        break;
    case MARKUP_DOCTYPE:
        add_line_ends(r->out, t->raw);
        break;
    case MARKUP_END:
    case MARKUP_BROKEN:
        break;
    }
}

static void redact_text(struct redactor *r, struct str text)
{
    struct markup x;
    struct markup_token t;

    markup_init(&x, text);
    while (!r->broken && markup_next(&x, &t) != MARKUP_END) {
        if (t.kind == MARKUP_BROKEN || is_misplaced(r, &t))
            add_broken(r, (struct str){t.raw.p, (size_t)(text.p + text.len - t.raw.p)});
        else
            add_token(r, &t);
    }
}

static void free_path(struct element_path **path)
{
    free(*path);
}

static const struct policy *const policies[] = {
    [REDACT_CONFIG] = &policy_config, [REDACT_FREB] = &policy_freb, [REDACT_EVENTS] = &policy_events};

int redact_xml(enum redact_format format, struct bytes file, struct buf *out, struct err *e)
{
    /* UTF-16 grows by half at most, a stray byte becomes three. */
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file.len + 16);
    CLEANUP(free_path) struct element_path *path = calloc(1, sizeof(*path));
    struct redactor r = {.policy = policies[format], .path = path, .out = out};

    if (path == NULL)
        return err_set(e, ERR_NOMEM, "redaction: out of memory");
    text_add_decoded(&text, file);
    if (buf_check(&text, "text to redact", e) != 0)
        return -e->code;
    redact_text(&r, buf_str(&text));
    return buf_check(out, "redacted text", e);
}
