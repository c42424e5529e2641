/* SPDX-License-Identifier: Apache-2.0 */
#include "w3c.h"

#include <string.h>

#include "limits.h"
#include "w3c_other.h"

enum { DAY_MS = 86400000, DISORDER_S = 3600, FIELDS_BYTES_MAX = 8192, GUESSES_MAX = 1000 };
enum { HEAD_BYTES = 64, HEAD_NULS = 8 };

void w3c_init(struct w3c *w, enum w3c_flavour flavour, struct str name, w3c_line_fn take, void *ctx)
{
    *w = (struct w3c){.flavour = flavour, .take = take, .ctx = ctx};
    w->fields = BUF_INIT(FIELDS_BYTES_MAX);
    w->assumed = BUF_INIT(FIELDS_BYTES_MAX);
    w->carry = BUF_INIT(LIMIT_LINE_BYTES + 2);
    w->first_ms = w->last_ms = TIME_NONE;
    w->base_ms = w3c_day_of_name(name);
    w->last_second = -1;
    for (size_t i = 0; i < W3C_FIELD_COUNT; i++)
        w->column[i] = -1;
}

void w3c_done(struct w3c *w)
{
    buf_done(&w->fields);
    buf_done(&w->assumed);
    buf_done(&w->carry);
}

void w3c_assume(struct w3c *w, struct str fields)
{
    buf_clear(&w->assumed);
    buf_add_str(&w->assumed, fields);
}

bool w3c_number_of(struct str s, int64_t *ret)
{
    bool negative = s.len > 1 && s.p[0] == '-';
    int64_t v = 0;

    *ret = -1;
    if (s.len == 1 && s.p[0] == '-')
        return true;
    if (s.len == (size_t)negative || s.len > 15)
        return false;
    for (size_t i = negative; i < s.len; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        v = v * 10 + (s.p[i] - '0');
    }
    if (negative && v > 2147483648LL)
        return false;
    *ret = negative ? 4294967296LL - v : v;
    return true;
}

/* Two digits at p, or -1000 when they are none. */
static int two_digits(const char *p)
{
    int a = p[0] - '0', b = p[1] - '0';
    return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? a * 10 + b : -1000;
}

static bool read_date(struct str s, int64_t *ret)
{
    if (s.len < 10 || s.p[4] != '-' || s.p[7] != '-')
        return false;
    int year = two_digits(s.p) * 100 + two_digits(s.p + 2);
    int month = two_digits(s.p + 5), day = two_digits(s.p + 8);
    if (year < 1990 || year > 2200 || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *ret = time_from_civil(year, month, day, 0, 0, 0);
    return true;
}

/* Seconds of the day; a fraction is dropped. All eight bytes of HH:MM:SS are looked at together. */
static bool read_second(struct str s, int64_t *ret)
{
    uint64_t v = 0;

    if (s.len < 8)
        return false;
    memcpy(&v, s.p, 8);
    v ^= 0x30303a30303a3030u; /* digits become their values, colons 0; anything else is too large */
    if ((v | (v + 0x76767f76767f7676u)) & 0x8080808080808080u)
        return false;
    v = v * 10 + (v >> 8);
    int64_t hour = v & 0xff, minute = v >> 24 & 0xff, second = v >> 48 & 0xff;
    *ret = hour * 3600 + minute * 60 + second;
    return hour < 24 && minute < 60 && second <= 60;
}

/* Lines of one day follow each other: their date is compared, not read again. */
static bool day_of_line(struct w3c *w, const struct w3c_line *line, int64_t second, int64_t *ret)
{
    struct str date = w3c_get(line, W3C_DATE);

    if (!w3c_has(w, W3C_DATE)) {
        /* over midnight without a new #Date; lines of one day are nearly in order, as requests end */
        if (w->base_ms != TIME_NONE && second + DISORDER_S < w->last_second)
            w->base_ms += DAY_MS;
        w->last_second = second;
        *ret = w->base_ms;
        return *ret != TIME_NONE;
    }
    if (date.len != sizeof(w->day_text))
        return false;
    if (memcmp(date.p, w->day_text, sizeof(w->day_text)) != 0) {
        if (!read_date(date, &w->day_ms))
            return false;
        memcpy(w->day_text, date.p, sizeof(w->day_text));
    }
    *ret = w->day_ms;
    return true;
}

static bool time_of_line(struct w3c *w, struct w3c_line *line)
{
    struct str time = w3c_get(line, W3C_TIME);
    int64_t second = 0, day = 0;

    if (!time.p || !read_second(time, &second) || !day_of_line(w, line, second, &day))
        return false;
    line->time_ms = day + second * 1000;
    return true;
}

static void use_fields(struct w3c *w, struct str text)
{
    w->format = W3C_FORMAT_W3C;
    w->n_columns = w3c_fields_read(text, w->column, &w->local_time);
    buf_clear(&w->fields);
    buf_add_str(&w->fields, text);
}

static void read_header(struct w3c *w, struct str line)
{
    if (str_istarts(line, STR("#Fields:"))) {
        use_fields(w, str_trim(str_skip(line, 8)));
        w->has_fields = true;
    } else if (str_istarts(line, STR("#Date:"))) {
        int64_t day = 0;
        if (read_date(str_trim(str_skip(line, 6)), &day)) {
            w->base_ms = day;
            w->last_second = -1;
        }
    }
}

/* A URL with blanks in it (HTTPERR logs what came): the surplus belongs to cs-uri. */
static void fold_surplus(struct w3c *w)
{
    uint32_t at = (uint32_t)w->column[W3C_URI], surplus = w->n - w->n_columns;

    w->end[at] = w->end[at + surplus];
    for (uint32_t i = at + 1; i < w->n_columns; i++) {
        w->start[i] = w->start[i + surplus];
        w->end[i] = w->end[i + surplus];
    }
    w->n = w->n_columns;
}

static bool columns_fit(struct w3c *w, const char *p, size_t len)
{
    if (w->n == w->n_columns)
        return true;
    if (w->n > w->n_columns && w->n <= W3C_COLUMNS_MAX && w3c_has(w, W3C_URI)) {
        fold_surplus(w);
        return true;
    }
    if (w->n < w->n_columns || !memchr(p, '"', len))
        return false;
    w->n = w3c_split_quoted(p, len, W3C_COLUMNS_MAX, w->start, w->end);
    return w->n == w->n_columns;
}

/* Do the columns that are now assumed make sense of this line? */
static bool looks_right(struct w3c *w, struct w3c_line *line)
{
    int64_t status = -1;
    uint32_t n = w->n;

    if (w->n_columns != n || !w3c_number(line, W3C_STATUS, &status) || !time_of_line(w, line))
        return false;
    return (status >= 100 && status <= 999) || (status == -1 && w->flavour == W3C_HTTPERR);
}

/* Lines before any #Fields: what was assumed, or what the server writes by default. */
static bool guess_fields(struct w3c *w, struct w3c_line *line)
{
    if (w->guesses >= GUESSES_MAX)
        return false;
    if (w->assumed.len > 0) {
        use_fields(w, buf_str(&w->assumed));
        w->guessed = looks_right(w, line);
    }
    for (size_t i = 0; !w->guessed && w3c_fields_default(w->flavour, i).p; i++) {
        use_fields(w, w3c_fields_default(w->flavour, i));
        w->guessed = looks_right(w, line);
    }
    if (!w->guessed) {
        use_fields(w, STR(""));
        w->guesses++;
    }
    return w->guessed;
}

static void note_time(struct w3c *w, int64_t ms)
{
    if (w->first_ms == TIME_NONE || ms < w->first_ms)
        w->first_ms = ms;
    if (w->last_ms == TIME_NONE || ms > w->last_ms)
        w->last_ms = ms;
}

static void skip_line(struct w3c *w)
{
    w->skipped++;
    if (w->first_skipped == 0)
        w->first_skipped = w->lines;
}

/* The IIS and NCSA formats have no head: the first line says what it is. */
static int read_other(struct w3c *w, struct w3c_line *line, size_t len)
{
    if (!w3c_other_read(w, w->format, line->p, len, &line->time_ms)) {
        enum w3c_format other = w3c_other_format(line->p, len); /* logs that were put behind each other */
        if (other == W3C_FORMAT_W3C || !w3c_other_read(w, other, line->p, len, &line->time_ms)) {
            skip_line(w);
            return 0;
        }
        w->format = other;
    }
    w->local_time = w->format == W3C_FORMAT_IIS;
    note_time(w, line->time_ms);
    return w->take(line, w->ctx);
}

static bool is_other(struct w3c *w, const char *p, size_t len)
{
    if (w->flavour == W3C_IIS && w->n_columns == 0 && w->format == W3C_FORMAT_W3C && w->guesses < GUESSES_MAX)
        w->format = w3c_other_format(p, len);
    return w->format != W3C_FORMAT_W3C;
}

static int read_line(struct w3c *w, const char *p, size_t len)
{
    struct w3c_line line = {.number = w->lines, .p = p, .log = w};

    if (w->n_columns == 0 && is_other(w, p, len))
        return read_other(w, &line, len);
    w->n = w3c_split(p, len, W3C_COLUMNS_MAX, w->start, w->end);
    if (w->n == 0)
        return 0;
    if (w->n_columns == 0 && !guess_fields(w, &line)) {
        skip_line(w);
        return 0;
    }
    if (!columns_fit(w, p, len) || !time_of_line(w, &line)) {
        skip_line(w);
        return 0;
    }
    note_time(w, line.time_ms);
    return w->take(&line, w->ctx);
}

/* What may stand before a line: NUL bytes, where a machine went down before its log was written, and the mark
 * of a file that was put behind another. */
static struct str without_leavings(struct str line)
{
    while (line.len > 0 && line.p[0] == '\0')
        line = str_skip(line, 1);
    return str_starts(line, STR("\xef\xbb\xbf")) ? str_skip(line, 3) : line;
}

static int take_text(struct w3c *w, struct str line)
{
    if (line.len == 0)
        return 0;
    if (line.p[0] == '#') {
        read_header(w, line);
        return 0;
    }
    return read_line(w, line.p, line.len);
}

static int take_line(struct w3c *w, const char *p, size_t len)
{
    w->lines++;
    if (len > 0 && p[len - 1] == '\r')
        len--;
    if (len > (size_t)LIMIT_LINE_BYTES) {
        w->too_long++;
        skip_line(w);
        return 0;
    }
    if (len > 0 && (p[0] == '\0' || p[0] == '\xef'))
        return take_text(w, without_leavings((struct str){p, len}));
    return take_text(w, (struct str){p, len});
}

static int too_long_line(struct w3c *w)
{
    w->lines++;
    w->too_long++;
    skip_line(w);
    w->skipping = false;
    return 0;
}

static int carry_on(struct w3c *w, const char *p, size_t len)
{
    if (w->carry.len + len > (size_t)LIMIT_LINE_BYTES + 1) {
        buf_clear(&w->carry);
        w->skipping = true;
        return 0;
    }
    buf_add(&w->carry, p, len);
    return w->carry.failed ? -w->carry.failed : 0;
}

/* The end of a line that began in an earlier piece. */
static int take_carried(struct w3c *w, const char *p, size_t len)
{
    int r = w->skipping ? 0 : carry_on(w, p, len);

    if (r == 0)
        r = w->skipping ? too_long_line(w) : take_line(w, w->carry.p, w->carry.len);
    buf_clear(&w->carry);
    return r;
}

/* NUL bytes in what should be the first line; not before it, as those that without_leavings takes away. */
static bool is_binary(struct bytes piece)
{
    size_t n = 0;

    for (size_t i = 0; piece.p[0] != 0 && i < piece.len && i < HEAD_BYTES && piece.p[i] != '\n'; i++)
        n += piece.p[i] == 0;
    return n >= HEAD_NULS;
}

static size_t skip_mark(struct w3c *w, struct bytes piece)
{
    w->started = true;
    w->utf16 = piece.len >= 2 &&
               ((piece.p[0] == 0xff && piece.p[1] == 0xfe) || (piece.p[0] == 0xfe && piece.p[1] == 0xff));
    w->binary = !w->utf16 && is_binary(piece);
    return piece.len >= 3 && memcmp(piece.p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
}

int w3c_feed(struct w3c *w, struct bytes piece)
{
    const char *p = (const char *)piece.p, *end = p + piece.len, *nl = NULL;
    int r = 0;

    if (piece.len == 0)
        return 0;
    if (!w->started)
        p += skip_mark(w, piece);
    if (w->utf16 || w->binary)
        return 0;
    if ((w->carry.len > 0 || w->skipping) && (nl = memchr(p, '\n', (size_t)(end - p)))) {
        r = take_carried(w, p, (size_t)(nl - p));
        p = nl + 1;
    }
    while (r == 0 && p < end && !w->skipping && w->carry.len == 0 &&
           (nl = memchr(p, '\n', (size_t)(end - p)))) {
        r = take_line(w, p, (size_t)(nl - p));
        p = nl + 1;
    }
    if (r == 0 && p < end && !w->skipping)
        r = carry_on(w, p, (size_t)(end - p));
    return r;
}

int w3c_finish(struct w3c *w)
{
    int64_t skipped = w->skipped;
    int r = 0;

    if (w->skipping)
        r = too_long_line(w);
    else if (w->carry.len > 0)
        r = take_line(w, w->carry.p, w->carry.len);
    w->cut_last = w->skipped > skipped;
    buf_clear(&w->carry);
    return r;
}
