/* SPDX-License-Identifier: Apache-2.0
 *
 * w3c: a streaming reader of W3C extended logs as IIS and http.sys (HTTPERR) write them. Pure: bytes in
 * pieces of any size, lines out by callback; memory is one line. A line's columns are views into the piece,
 * valid during the call. Times are UTC; a line without a usable time is skipped. '-' is an absent value. */
#ifndef CERTTRIAGE_W3C_H
#define CERTTRIAGE_W3C_H

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
enum { W3C_COLUMNS_MAX = 96 };

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
    bool local_time;   /* the columns hold local time (Advanced Logging), which cannot be turned into UTC */
    bool utf16;        /* begins with a UTF-16 mark: nothing is read */
    bool cut_last;     /* the last line has no end and was not whole */
    struct buf fields; /* text of the last #Fields, or of what was assumed; empty */
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
    uint32_t start[W3C_COLUMNS_MAX + 1], end[W3C_COLUMNS_MAX + 1];
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

/* false: there is text that is no number. *ret is -1 where the column is absent. A negative number is taken
 * as the unsigned 32 bits that it stands for (sc-win32-status). */
bool w3c_number(const struct w3c_line *line, enum w3c_field field, int64_t *ret);

/* w3c_fields.c: takes a #Fields text; returns the number of columns, 0 when it is empty or too long. */
uint32_t w3c_fields_read(struct str text, int16_t column[W3C_FIELD_COUNT], bool *ret_local_time);
/* The i-th default field set of a flavour, empty behind the last. */
struct str w3c_fields_default(enum w3c_flavour flavour, size_t i);
/* The day in a log's name (u_ex150906.log, httperr has none), TIME_NONE. */
int64_t w3c_day_of_name(struct str name);

/* w3c_split.c: start and end of the blank-separated parts of a line; at most max + 1 are counted. */
uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end);
/* The same where a part may stand in double quotes ("" is a quote within). */
uint32_t w3c_split_quoted(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end);

#endif
