/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "limits.h"
#include "process.h"
#include "text.h"

enum { SLOW_MS = 5000, LARGE_BYTES = 1048576, FAILED_ITEMS = 10 };

void console_start(struct console *c, bool quiet, bool json, bool preview)
{
    *c = (struct console){.quiet = quiet,
                          .json = json,
                          .preview = preview,
                          .log = BUF_INIT(LIMIT_COLLECT_JSON_BYTES),
                          .failed = BUF_INIT(FAILED_ITEMS * 8192),
                          .since_ms = os_ticks_ms()};
}

void console_done(struct console *c)
{
    buf_done(&c->log);
    buf_done(&c->failed);
}

static void put_line(struct console *c, const struct buf *line, bool print)
{
    if (print) {
        (void)fprintf(stderr, "%s\n", buf_c(line));
        (void)fflush(stderr); /* os_arguments may have given it a buffer */
    }
    buf_add_str(&c->log, buf_str(line));
    buf_add_char(&c->log, '\n');
}

PRINTF_LIKE(3, 0)
static void put_text(struct console *c, bool print, const char *format, va_list args)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(8192);
    char text[4096];

    (void)vsnprintf(text, sizeof(text), format, args);
    text_add_printable(&line, str_from(text));
    put_line(c, &line, print);
}

void console_say(struct console *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_text(c, !c->quiet, format, args);
    va_end(args);
}

void console_warn(struct console *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_text(c, true, format, args);
    va_end(args);
}

void console_note(struct console *c, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    put_text(c, false, format, args);
    va_end(args);
}

/* --- items --- */

static bool went_wrong(const struct manifest_item *item)
{
    return item->outcome == OUTCOME_DENIED || item->outcome == OUTCOME_TIMEOUT ||
           item->outcome == OUTCOME_ERROR;
}

static void add_reason(struct buf *line, const struct manifest_item *item)
{
    bool repeats = str_starts(item->reason, item->source) && item->reason.len > item->source.len + 2;

    if (item->reason.len == 0 || item->outcome == OUTCOME_ABSENT)
        return;
    buf_add_c(line, "  ");
    text_add_printable(line, repeats ? str_skip(item->reason, item->source.len + 2) : item->reason);
}

static int print_json(const char *text, size_t len, void *ctx)
{
    (void)ctx;
    return fwrite(text, 1, len, stdout) == len ? 0 : -1;
}

static void put_json(json_t *object)
{
    if (object == NULL)
        return;
    (void)json_dump_callback(object, print_json, NULL, JSON_COMPACT);
    (void)fputc('\n', stdout);
    (void)fflush(stdout);
    json_decref(object);
}

static void put_item_json(const struct console *c, const struct manifest_item *item)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_ROW_BYTES);
    struct err ignored = {0};

    if (manifest_item_write(item, &text, &ignored) != 0)
        return;
    json_t *object = json_loadb(buf_c(&text), text.len, 0, NULL);
    (void)json_object_set_new(object, "event", json_string(c->preview ? "would-take" : "item"));
    if (c->why != NULL)
        (void)json_object_set_new(object, "why", json_string(c->why));
    put_json(object);
}

/* The preview goes to stdout, so that it can be kept; each probe's reason stands above its items. */
static void preview_item(struct console *c, const struct manifest_item *item)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(8192);

    if (!str_eq(item->entry, c->entry)) /* several items may stand in one entry */
        c->bytes += item->size;
    c->entry = item->entry;
    if (c->json) {
        put_item_json(c, item);
        return;
    }
    if (c->why != NULL && c->why != c->said)
        (void)printf("\n%s\n", c->why);
    c->said = c->why;
    buf_printf(&line, "  %-9s %9lld  %-12s ", outcome_text(item->outcome), (long long)item->size,
               kind_text(item->kind));
    text_add_printable(&line, item->source);
    add_reason(&line, item);
    (void)printf("%s\n", buf_c(&line));
}

void console_item(struct console *c, const struct manifest_item *item)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(8192);
    unsigned now = os_ticks_ms(), took = now - c->since_ms;

    c->since_ms = now;
    if (c->preview) {
        preview_item(c, item);
        return;
    }
    buf_printf(&line, "%-9s %-12s ", outcome_text(item->outcome), kind_text(item->kind));
    text_add_printable(&line, item->source);
    add_reason(&line, item);
    if (item->size >= LARGE_BYTES)
        buf_printf(&line, "  (%.1f MiB)", (double)item->size / LARGE_BYTES);
    if (took >= SLOW_MS)
        buf_printf(&line, "  (%u s)", took / 1000);
    put_line(c, &line, !c->quiet || went_wrong(item));
    if (went_wrong(item) && c->n_failed++ < FAILED_ITEMS)
        buf_printf(&c->failed, "  %s\n", buf_c(&line));
    if (c->json)
        put_item_json(c, item);
}

/* --- the end --- */

/* The words are those of the manifest; these say them again. */
static const char *meaning(enum outcome o)
{
    switch (o) {
    case OUTCOME_ABSENT:
        return " (not on this machine)";
    case OUTCOME_EXCLUDED:
        return " (left out)";
    case OUTCOME_DENIED:
        return " (no right to read)";
    case OUTCOME_TIMEOUT:
        return " (no answer in time)";
    default:
        return "";
    }
}

/* Among hundreds of lines those that matter have long gone by. */
static void repeat_failed(const struct console *c)
{
    if (c->quiet || c->preview || c->n_failed == 0)
        return;
    (void)fprintf(stderr, "\ncould not be read:\n%s", buf_c(&c->failed));
    if (c->n_failed > FAILED_ITEMS)
        (void)fprintf(stderr, "  and %zu more: see the lines above\n", c->n_failed - FAILED_ITEMS);
    (void)fputc('\n', stderr);
}

void console_end(struct console *c, const char *bundle, int64_t bytes, const size_t counts[OUTCOME_COUNT])
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(1024);
    struct os_peak peak = os_peak();
    json_t *outcomes = json_object();

    for (int o = 0; o < OUTCOME_COUNT; o++) {
        if (counts[o] > 0)
            buf_printf(&line, "%s %zu %s%s", line.len > 0 ? "," : "", counts[o],
                       outcome_text((enum outcome)o), meaning((enum outcome)o));
        (void)json_object_set_new(outcomes, outcome_text((enum outcome)o),
                                  json_integer((json_int_t)counts[o]));
    }
    repeat_failed(c);
    if (!c->quiet)
        (void)fprintf(stderr, "%s: %lld KiB%s;%s\n", c->preview ? "would be taken, before packing" : bundle,
                      (long long)(bytes + 1023) / 1024, c->preview ? " (logs as long as they are)" : "",
                      buf_c(&line));
    (void)fflush(stderr);
    if (c->json)
        put_json(json_pack("{s:s,s:s?,s:I,s:I,s:I,s:O}", "event", "end", "bundle", c->preview ? NULL : bundle,
                           "bytes", (json_int_t)bytes, "peakMemory", (json_int_t)peak.held, "peakOwn",
                           (json_int_t)peak.own, "outcomes", outcomes));
    else if (!c->preview)
        (void)printf("%s\n", bundle);
    (void)fflush(stdout);
    json_decref(outcomes);
}

void console_renamed(struct console *c, const char *bundle, const char *map)
{
    if (c->json)
        put_json(json_pack("{s:s,s:s,s:s}", "event", "pseudonyms", "bundle", bundle, "map", map));
    else
        (void)printf("%s\n", bundle);
    (void)fflush(stdout);
}

void console_not_sent(struct console *c, const char *bundle, const char *why)
{
    if (c->json)
        put_json(json_pack("{s:s,s:s,s:s}", "event", "not-uploaded", "bundle", bundle, "error", why));
}

void console_sent(struct console *c, const char *sha256, const char *case_id, bool is_compared)
{
    if (!is_compared)
        console_warn(
            c,
            "upload: the server has all bytes, but does not say their SHA-256: is it a certtriage-server?");
    if (c->json)
        put_json(json_pack("{s:s,s:s,s:s,s:b}", "event", "uploaded", "sha256", sha256, "case", case_id,
                           "compared", (int)is_compared));
    else
        (void)printf("uploaded %s to case %s\n", sha256, case_id[0] == 0 ? "(not told)" : case_id);
    (void)fflush(stdout);
}
