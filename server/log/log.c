/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include "buf.h"
#include "compiler.h"
#include "text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 16384, VALUE_BYTES = 2048 };

static bool as_json;

static const char *const levels[] = {"info", "warning", "error"};

bool log_format_from(struct str s)
{
    as_json = str_eq(s, STR("json"));
    return as_json || str_eq(s, STR("text"));
}

static void now(char ret[32])
{
    struct timespec t;

    (void)clock_gettime(CLOCK_REALTIME, &t);
    time_format((int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000, ret);
}

static struct str cut(const char *text)
{
    size_t len = strlen(text);

    return (struct str){text, len < VALUE_BYTES ? len : VALUE_BYTES};
}

/* Bare where it can be read so, else in quotes. */
static void add_value(struct buf *line, const char *text)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT(LINE_BYTES);
    bool bare;

    text_add_printable(&value, cut(text));
    bare = value.len > 0 && strcspn(buf_c(&value), " \"=\\") == value.len;
    if (!bare)
        buf_add_char(line, '"');
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] == '"')
            buf_add_char(line, '\\');
        buf_add_char(line, value.p[i]);
    }
    if (!bare)
        buf_add_char(line, '"');
}

static void add_text(struct buf *line, const struct log_field *fields)
{
    for (const struct log_field *f = fields; f->name; f++) {
        if (f->text && !f->text[0])
            continue;
        buf_printf(line, " %s=", f->name);
        if (f->text)
            add_value(line, f->text);
        else
            buf_printf(line, "%" PRId64, f->number);
    }
}

static json_t *value_of(const struct log_field *f)
{
    CLEANUP(buf_done) struct buf value = BUF_INIT(LINE_BYTES);

    if (!f->text)
        return json_integer(f->number);
    text_add_utf8_lossy(&value, cut(f->text));
    return json_stringn(buf_c(&value), value.len);
}

static void add_json(struct buf *line, const char *time, const char *level, const char *event,
                     const struct log_field *fields)
{
    json_t *all = json_pack("{s:s, s:s, s:s}", "time", time, "level", level, "event", event);
    char *text;

    for (const struct log_field *f = fields; all && f->name; f++) {
        if (!f->text || f->text[0])
            (void)json_object_set_new(all, f->name, value_of(f));
    }
    text = all ? json_dumps(all, JSON_COMPACT | JSON_ENSURE_ASCII) : NULL;
    buf_add_c(line, text ? text : "{}");
    free(text);
    json_decref(all);
}

void log_event(enum log_level level, const char *event, const struct log_field *fields)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(8 * LINE_BYTES);
    char time[32];

    now(time);
    if (as_json) {
        add_json(&line, time, levels[level], event, fields);
    } else {
        buf_printf(&line, "time=%s level=%s event=%s", time, levels[level], event);
        add_text(&line, fields);
    }
    buf_add_char(&line, '\n');
    if (write(STDERR_FILENO, buf_c(&line), line.len) < 0)
        return; /* there is nowhere left to say it */
}

void log_outcome(const char *event, int r, const struct err *e)
{
    log_event(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, event,
              (const struct log_field[]){LOG_TEXT("reason", r < 0 ? e->text : ""), LOG_END});
}
