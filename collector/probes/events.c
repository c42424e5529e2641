/* SPDX-License-Identifier: Apache-2.0
 *
 * Windows events as XML: of each log those of events.def within the window, newest first, redacted one by
 * one. */
#include <string.h>

#include "event_logs.h"
#include "limits.h"

const struct event_log event_logs[] = {
#define EVENT_LOG(channel, opt_in, what) {channel, opt_in, what},
#include "events.def"
#undef EVENT_LOG
};
const size_t n_event_logs = ARRAY_LEN(event_logs);

/* One log being taken. The item begins with its first event, or when it is known that there is none: a log
 * that cannot be asked has no entry. */
struct events {
    struct probe_run *run;
    struct manifest_item head;
    const char *since;
    struct buf text; /* an event, redacted */
    int64_t n_bytes;
    bool begun, is_full;
    struct err fatal;
};

static void free_events(struct events *s)
{
    buf_done(&s->text);
}

struct str event_log_file(struct probe_run *run, const char *channel, const char *extension)
{
    const char *slash = strchr(channel, '/');

    if (slash == NULL)
        return take_join(run, "%s%s", channel, extension);
    return take_join(run, "%.*s%%4%s%s", (int)(slash - channel), channel, slash + 1, extension);
}

static int begin(struct events *s)
{
    CLEANUP(buf_done) struct buf head = BUF_INIT(4096);

    if (s->begun)
        return 0;
    buf_printf(&head, "<Events since=\"%s\">\n", s->since);
    if (bundle_item_begin(s->run->bundle, &s->head, &s->fatal) != 0 ||
        bundle_write(s->run->bundle, buf_c(&head), head.len, &s->fatal) != 0)
        return -s->fatal.code;
    s->begun = true;
    return 0;
}

static int take_event(void *ctx, struct str xml)
{
    struct events *s = ctx;
    struct bytes bytes = {(const uint8_t *)xml.p, xml.len};

    if ((int64_t)xml.len > LIMIT_EVENT_BYTES - 1)
        return 0; /* larger than Windows writes any */
    buf_clear(&s->text);
    if (s->run->raw)
        buf_add_str(&s->text, xml);
    else if (redact_xml(REDACT_EVENTS, bytes, &s->text, &s->fatal) != 0)
        return -s->fatal.code;
    buf_add_char(&s->text, '\n');
    if (s->n_bytes + (int64_t)s->text.len > LIMIT_COLLECT_EVENT_BYTES) {
        s->is_full = true;
        return 1;
    }
    if (buf_check(&s->text, "event", &s->fatal) != 0 || begin(s) != 0 ||
        bundle_write(s->run->bundle, buf_c(&s->text), s->text.len, &s->fatal) != 0)
        return -s->fatal.code;
    s->n_bytes += (int64_t)s->text.len;
    return 0;
}

static int end(struct events *s, const struct err *why, struct err *e)
{
    struct bundle_end end = BUNDLE_OK;

    if (why->code != 0)
        end = take_end(why);
    else if (s->is_full)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "older events left out: the limit for events is reached",
                                  0, "head"};
    /* Some came before it went wrong: the log is there. */
    if (end.outcome == OUTCOME_ABSENT || end.outcome == OUTCOME_EXCLUDED)
        end.outcome = OUTCOME_ERROR;
    if (begin(s) != 0 || bundle_write(s->run->bundle, "</Events>\n", 10, &s->fatal) != 0) {
        *e = s->fatal;
        return -e->code;
    }
    return bundle_item_end(s->run->bundle, &end, e);
}

static int take_log(struct probe_run *run, const struct event_log *log, const char *since, struct err *e)
{
    CLEANUP(free_events)
    struct events s = {.run = run, .since = since, .text = BUF_INIT(8 * LIMIT_EVENT_BYTES)};
    struct str query = take_join(run, "*[System[%s and TimeCreated[@SystemTime>='%s']]]", log->what, since);
    struct str name = event_log_file(run, log->channel, ".xml");
    struct err why = {0};
    int r;

    s.head = (struct manifest_item){.kind = KIND_LOG_EVENT,
                                    .source = str_from(log->channel),
                                    .entry = take_join(run, "logs/events/%.*s", (int)name.len, name.p),
                                    .original = -1,
                                    .modified_ms = TIME_NONE};
    if (query.p == NULL || s.head.entry.p == NULL)
        return err_set(e, ERR_NOMEM, "events: out of memory");
    if (take_excluded(run, &s.head, &r, e))
        return r;
    r = os_events(run->os, log->channel, query.p, take_event, &s, &why);
    if (s.fatal.code != 0) {
        *e = s.fatal;
        return -e->code;
    }
    if (r < 0 && !s.begun)
        return take_failure(run, &s.head, &why, e);
    return end(&s, &why, e);
}

int probe_events(struct probe_run *run, struct err *e)
{
    struct os_machine machine;
    char since[32];

    if (str_eq(str_from(os_backend(run->os)), STR("image")))
        return 0; /* nobody to ask: its logs are files, probe_event_files */
    if (os_machine(run->os, &machine, e) != 0)
        return -e->code;
    time_format(machine.now_ms - LIMIT_COLLECT_EVENT_DAYS * 86400000LL, since);
    for (size_t i = 0; i < n_event_logs; i++)
        if ((!event_logs[i].opt_in || run->security_log) && take_log(run, &event_logs[i], since, e) != 0)
            return -e->code;
    return 0;
}
