/* SPDX-License-Identifier: Apache-2.0 */
#include "redact.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"

enum { COLUMNS = 64, OUT_BYTES = 65536 };

enum column { COLUMN_OUT, COLUMN_KEPT, COLUMN_CUT };

struct redact_log {
    redact_write_fn write;
    void *ctx;
    struct buf line, out;
    bool line_too_long; /* the rest of it is skipped */
    enum column columns[COLUMNS];
    size_t n_columns; /* 0: no #Fields yet */
};

int redact_log_new(redact_write_fn write, void *ctx, struct redact_log **ret, struct err *e)
{
    struct redact_log *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return err_set(e, ERR_NOMEM, "log: out of memory");
    r->write = write;
    r->ctx = ctx;
    r->line = BUF_INIT(LIMIT_LINE_BYTES);
    r->out = BUF_INIT(OUT_BYTES + 2 * LIMIT_LINE_BYTES);
    *ret = r;
    return 0;
}

void redact_log_free(struct redact_log *r)
{
    if (r == NULL)
        return;
    buf_done(&r->line);
    buf_done(&r->out);
    free(r);
}

static enum column column_of(struct str name)
{
    static const struct {
        const char *name;
        bool cut;
    } listed[] = {
#define COLUMN(name, cut) {name, cut},
#include "log.def"
#undef COLUMN
    };

    for (size_t i = 0; i < ARRAY_LEN(listed); i++)
        if (str_ieq(name, str_from(listed[i].name)))
            return listed[i].cut ? COLUMN_CUT : COLUMN_KEPT;
    return COLUMN_OUT;
}

/* The next column of a line; blanks at the end of a #Fields line make no column. */
static bool next_column(struct str *rest, struct str *ret)
{
    if (rest->p == NULL)
        return false;
    *ret = str_cut(*rest, ' ', rest);
    return ret->len > 0 || rest->p != NULL;
}

static void read_fields(struct redact_log *r, struct str names)
{
    struct str name;

    r->n_columns = 0;
    names = str_trim(names);
    while (r->n_columns < COLUMNS && next_column(&names, &name))
        if (name.len > 0)
            r->columns[r->n_columns++] = column_of(name);
}

/* Directives that say how to read the log stay; any other line with '#' is somebody's remark. */
static void add_directive(struct redact_log *r, struct str line)
{
    static const char *const kept[] = {"#Fields:", "#Software: Microsoft ", "#Version:", "#Date:"};

    if (str_istarts(line, STR("#Fields:")))
        read_fields(r, str_skip(line, 8));
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (str_istarts(line, str_from(kept[i]))) {
            buf_add_str(&r->out, line);
            return;
        }
    buf_add_char(&r->out, '#');
}

/* Up to `room` columns of a line into ret. Returns how many there are, or room + 1. Most of the time that a
 * log takes here is spent in this loop. */
static size_t split(struct str line, struct str *ret, size_t room)
{
    const char *p = line.p, *end = line.p + line.len;
    size_t n = 0;

    while (p < end && n <= room) {
        const char *from = p;
        while (p < end && *p != ' ')
            p++;
        if (n < room)
            ret[n] = (struct str){from, (size_t)(p - from)};
        n++;
        p++;
    }
    return n;
}

static void add_dashes(struct buf *out, struct str line)
{
    struct str column;

    for (const char *blank = ""; next_column(&line, &column); blank = " ") {
        buf_add_c(out, blank);
        buf_add_char(out, '-');
    }
}

/* Whether a value goes into the bundle just as it is. */
static bool stays(enum column what, struct str value)
{
    if (what == COLUMN_CUT)
        for (size_t i = 0; i < value.len; i++)
            if (value.p[i] == '?' || value.p[i] == '#' || value.p[i] == ':')
                return false;
    return value.len > 0 && (what != COLUMN_OUT || (value.len == 1 && value.p[0] == '-'));
}

/* What is left of one that does not. */
static void add_changed(struct buf *out, enum column what, struct str value)
{
    struct str rest;

    if (what == COLUMN_CUT && memchr(value.p, ':', value.len) == NULL)
        value = str_cut(value, '?', &rest);
    if (what != COLUMN_CUT || value.len == 0)
        buf_add_char(out, '-');
    else
        redact_url(out, value); /* a request to a proxy names the whole URL */
}

/* A line whose columns are not those of #Fields cannot be trusted: a value may stand under a neighbour's
 * name. What lies between two values that do not stay is copied as one piece. */
static void add_columns(struct redact_log *r, struct str line)
{
    struct str columns[COLUMNS];
    size_t n = split(line, columns, COLUMNS);
    const char *from = line.p;

    if (r->n_columns == 0 || n != r->n_columns || r->line_too_long) {
        add_dashes(&r->out, line);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        if (stays(r->columns[i], columns[i]))
            continue;
        buf_add(&r->out, from, (size_t)(columns[i].p - from));
        add_changed(&r->out, r->columns[i], columns[i]);
        from = columns[i].p + columns[i].len;
    }
    buf_add(&r->out, from, (size_t)(columns[n - 1].p + columns[n - 1].len - from));
}

static int flush(struct redact_log *r, struct err *e)
{
    int n = buf_check(&r->out, "redacted log", e);

    if (n == 0 && r->out.len > 0)
        n = r->write(r->ctx, r->out.p, r->out.len, e);
    buf_clear(&r->out);
    return n;
}

/* A whole line without its '\n'. */
static int add_line(struct redact_log *r, struct str line, bool has_end, struct err *e)
{
    bool cr = line.len > 0 && line.p[line.len - 1] == '\r';

    line.len -= cr;
    if (line.len > 0 && line.p[0] == '#')
        add_directive(r, line);
    else
        add_columns(r, line);
    buf_add_c(&r->out, cr ? "\r" : "");
    buf_add_c(&r->out, has_end ? "\n" : "");
    return r->out.len >= OUT_BYTES ? flush(r, e) : 0;
}

/* The line that r->line holds. */
static int end_line(struct redact_log *r, bool has_end, struct err *e)
{
    int n = add_line(r, buf_str(&r->line), has_end, e);

    buf_clear(&r->line);
    r->line_too_long = false;
    return n;
}

/* A line that lies whole in what came, as nearly all do, is not copied together first. */
static bool is_whole(const struct redact_log *r, struct str line)
{
    return r->line.len == 0 && !r->line_too_long && line.len <= (size_t)LIMIT_LINE_BYTES &&
           (line.len == 0 || memchr(line.p, 0, line.len) == NULL);
}

static void add_to_line(struct redact_log *r, struct str piece)
{
    for (const char *nul; !r->line_too_long && piece.len > 0; piece = str_skip(piece, 1)) {
        nul = memchr(piece.p, 0, piece.len);
        size_t n = nul == NULL ? piece.len : (size_t)(nul - piece.p);
        r->line_too_long = r->line.len + n > (size_t)LIMIT_LINE_BYTES;
        if (!r->line_too_long)
            buf_add(&r->line, piece.p, n);
        piece = str_skip(piece, n);
    }
}

int redact_log_add(struct redact_log *r, const void *data, size_t len, struct err *e)
{
    struct str rest = {data, len};

    while (rest.len > 0) {
        const char *end = memchr(rest.p, '\n', rest.len);
        struct str line = {rest.p, end == NULL ? rest.len : (size_t)(end - rest.p)};
        bool is_copied = end == NULL || !is_whole(r, line);
        if (is_copied)
            add_to_line(r, line);
        if (r->line.failed != 0)
            return buf_check(&r->line, "log line", e);
        if (end == NULL)
            return 0;
        if ((is_copied ? end_line(r, true, e) : add_line(r, line, true, e)) != 0)
            return -e->code;
        rest = str_skip(rest, line.len + 1);
    }
    return 0;
}

int redact_log_end(struct redact_log *r, struct err *e)
{
    if ((r->line.len > 0 || r->line_too_long) && end_line(r, false, e) != 0)
        return -e->code;
    return flush(r, e);
}
