/* SPDX-License-Identifier: Apache-2.0
 *
 * w3c: a streaming reader of W3C extended logs as IIS and http.sys (HTTPERR) write them. Pure: bytes in
 * pieces of any size, lines out by callback; memory is one line. A line's columns are views into the piece,
 * valid during the call. Times are UTC; a line without a usable time is skipped. '-' is an absent value. */
#ifndef CERTTRIAGE_W3C_H
#define CERTTRIAGE_W3C_H

#include <string.h>

#include "buf.h"
#include "text.h"

/* Columns that we know, with the names that they have in #Fields (compared without regard to case). */
#define W3C_FIELD_LIST(X)                                                                                    \
    X(DATE, "date")                                                                                          \
    X(TIME, "time")                                                                                          \
    X(SITE_NAME, "s-sitename")                                                                               \
    X(SERVER_IP, "s-ip")                                                                                     \
    X(METHOD, "cs-method")                                                                                   \
    X(STEM, "cs-uri-stem")                                                                                   \
    X(PORT, "s-port")                                                                                        \
    X(USER, "cs-username")                                                                                   \
    X(CLIENT, "c-ip")                                                                                        \
    X(VERSION, "cs-version")                                                                                 \
    X(AGENT, "cs(User-Agent)")                                                                               \
    X(HOST, "cs-host")                                                                                       \
    X(STATUS, "sc-status")                                                                                   \
    X(SUBSTATUS, "sc-substatus")                                                                             \
    X(WIN32, "sc-win32-status")                                                                              \
    X(BYTES_RECEIVED, "cs-bytes")                                                                            \
    X(TAKEN, "time-taken")                                                                                   \
    X(CLIENT_PORT, "c-port")                                                                                 \
    X(URI, "cs-uri")                                                                                         \
    X(SITE_ID, "s-siteid")                                                                                   \
    X(REASON, "s-reason")                                                                                    \
    X(QUEUE, "s-queuename")

enum w3c_field {
#define X(name, text) W3C_##name,
    W3C_FIELD_LIST(X)
#undef X
        W3C_FIELD_COUNT
};

enum w3c_flavour { W3C_IIS, W3C_HTTPERR };
/* What the lines are written in; the two others are read by w3c_other.c. */
enum w3c_format { W3C_FORMAT_W3C, W3C_FORMAT_IIS, W3C_FORMAT_NCSA };
/* The fast splitter writes whole groups of positions: W3C_SPARE behind the last one are its own. */
enum { W3C_COLUMNS_MAX = 96, W3C_SPARE = 72 };

struct w3c;
struct w3c_line {
    int64_t number;  /* from 1; header lines count */
    int64_t time_ms; /* UTC, as written: IIS writes the end of the request */
    const char *p;   /* the line, without its end */
    const struct w3c *log;
};

/* 0, or a negative code that stops the reader and is handed through. */
typedef int (*w3c_line_fn)(const struct w3c_line *line, void *ctx);

struct w3c {
    /* what was seen; may be read at any time */
    int64_t lines;    /* all, headers and empty ones too */
    int64_t skipped;  /* lines that are neither header nor empty and could not be read */
    int64_t too_long; /* of them: longer than LIMIT_LINE_BYTES */
    int64_t first_ms, last_ms;
    int64_t first_skipped; /* number of the first one, 0 none */
    bool has_fields;       /* a #Fields line was there */
    bool
        guessed; /* lines were read by assumed or default columns, as there was no #Fields line before them */
    bool local_time; /* the columns hold local time (Advanced Logging), which cannot be turned into UTC */
    enum w3c_format format; /* of the lines that were read last */
    bool utf16;             /* begins with a UTF-16 mark: nothing is read */
    bool binary;            /* no text from its beginning on: nothing is read */
    bool cut_last;          /* the last line has no end and was not whole */
    struct buf fields;      /* text of the last #Fields, or of what was assumed; empty */
    /* private */
    enum w3c_flavour flavour;
    w3c_line_fn take;
    void *ctx;
    struct buf carry, assumed;
    bool skipping, started;
    uint32_t guesses; /* that came to nothing: a file of something else is not guessed at for ever */
    int16_t column[W3C_FIELD_COUNT]; /* -1: not there */
    uint32_t n_columns;              /* of the current #Fields, 0 none */
    uint32_t n;                      /* tokens of the current line */
    uint32_t start[W3C_COLUMNS_MAX + W3C_SPARE], end[W3C_COLUMNS_MAX + W3C_SPARE];
    int64_t base_ms; /* midnight of the day for lines without a date; TIME_NONE */
    int64_t last_second;
    char day_text[10];
    int64_t day_ms;
};

/* name: of the entry; its u_exYYMMDD gives the day of lines that have none. */
void w3c_init(struct w3c *w, enum w3c_flavour flavour, struct str name, w3c_line_fn take, void *ctx);
/* Columns to assume where lines come before any #Fields (a log whose head was cut): text as behind "#Fields:
 * ". */
void w3c_assume(struct w3c *w, struct str fields);
/* 0; -ERR_NOMEM; what `take` returned. */
int w3c_feed(struct w3c *w, struct bytes piece);
int w3c_finish(struct w3c *w); /* the last line, when it has no end */
void w3c_done(struct w3c *w);

static inline bool w3c_has(const struct w3c *w, enum w3c_field field)
{
    return w->column[field] >= 0;
}

/* p == NULL: the column is not there, or '-'. */
static inline struct str w3c_get(const struct w3c_line *line, enum w3c_field field)
{
    int c = line->log->column[field];

    if (c < 0)
        return (struct str){0};
    uint32_t start = line->log->start[c], end = line->log->end[c];
    if (end == start + 1 && line->p[start] == '-')
        return (struct str){0};
    return (struct str){line->p + start, end - start};
}

/* Any text of a number: negative ones, long ones. */
bool w3c_number_of(struct str s, int64_t *ret);

/* Up to eight digits that end at p + end, of which the line has eight bytes: all at once, as each line of
 * each log asks for several numbers. false: not only digits. */
static inline bool w3c_digits(const char *p, uint32_t end, uint32_t len, int64_t *ret)
{
    const uint64_t zeros = 0x3030303030303030u;
    uint64_t v = 0, kept = ~(uint64_t)0 << (64 - 8 * len);

    memcpy(&v, p + end - 8, 8);
    v = ((v & kept) | (zeros & ~kept)) - zeros;
    if ((v | (v + 0x7676767676767676u)) & 0x8080808080808080u)
        return false;
    v = v * 10 + (v >> 8);
    v = ((v & 0x000000ff000000ffu) * 0x000f424000000064u +
         (v >> 16 & 0x000000ff000000ffu) * 0x0000271000000001u) >>
        32;
    *ret = (int64_t)v;
    return true;
}

/* false: there is text that is no number. *ret is -1 where the column is absent. A negative number is taken
 * as the unsigned 32 bits that it stands for (sc-win32-status). */
static inline bool w3c_number(const struct w3c_line *line, enum w3c_field field, int64_t *ret)
{
    int c = line->log->column[field];

    *ret = -1;
    if (c < 0)
        return true;
    uint32_t start = line->log->start[c], end = line->log->end[c], len = end - start;
    if (end >= 8 && len > 0 && len <= 8 && w3c_digits(line->p, end, len, ret))
        return true;
    return w3c_number_of((struct str){line->p + start, len}, ret);
}

/* w3c_fields.c: takes a #Fields text; returns the number of columns, 0 when it is empty or too long. */
uint32_t w3c_fields_read(struct str text, int16_t column[W3C_FIELD_COUNT], bool *ret_local_time);
/* The i-th default field set of a flavour, empty behind the last. */
struct str w3c_fields_default(enum w3c_flavour flavour, size_t i);
/* The day in a log's name (u_ex150906.log, httperr has none), TIME_NONE. */
int64_t w3c_day_of_name(struct str name);

/* w3c_split.c: start and end of the blank-separated parts of a line; at most max + 1 are counted. Both arrays
 * have room for max + W3C_SPARE. */
uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end);
/* The same where a part may stand in double quotes ("" is a quote within). */
uint32_t w3c_split_quoted(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end);

#endif
