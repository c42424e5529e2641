/* SPDX-License-Identifier: Apache-2.0
 *
 * real_events: event files of real machines, where they stand beside the repository; and an event as text. */
#ifndef CERTTRIAGE_TESTS_REAL_EVENTS_H
#define CERTTRIAGE_TESTS_REAL_EVENTS_H

#include "event.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define REAL_EVENTS CT_SOURCE_DIR "/../shared/real/evtx/"

UNUSED static void event_describe(const struct event *e, struct buf *out)
{
    char time[32];

    time_format(e->time_ms, time);
    buf_printf(out, "%lld %lld level %lld at %s ", (long long)e->record, (long long)e->id,
               (long long)e->level, time);
    const struct str texts[] = {e->provider, e->channel, e->computer};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        buf_add_c(out, i ? " " : "");
        buf_add_str(out, texts[i].p ? texts[i] : STR("-"));
    }
    buf_add_c(out, e->is_cut ? " cut\n" : "\n");
    for (size_t i = 0; i < e->n_items; i++) {
        buf_add_c(out, "  ");
        buf_add_str(out, e->items[i].name);
        buf_add_c(out, "=");
        buf_add_str(out, e->items[i].value);
        buf_add_c(out, "\n");
    }
}

UNUSED static bool real_event_file(const char *name, struct buf *ret)
{
    char path[1024];
    FILE *file;

    (void)snprintf(path, sizeof(path), REAL_EVENTS "%s", name);
    file = fopen(path, "rb");
    if (!file)
        return false;
    buf_clear(ret);
    for (size_t n = 1; n > 0;) {
        char *to = buf_reserve(ret, 65536);
        n = to ? fread(to, 1, 65536, file) : 0;
        buf_wrote(ret, n);
    }
    (void)fclose(file);
    return true;
}

struct real_events {
    DIR *dir;
    char name[512];
};

UNUSED static bool real_events_open(struct real_events *r)
{
    r->dir = opendir(REAL_EVENTS);
    return r->dir != NULL;
}

UNUSED static bool real_events_next(struct real_events *r, const char *suffix, struct buf *ret)
{
    for (const struct dirent *d; (d = readdir(r->dir));)
        if (d->d_name[0] != '.' && str_iends(str_from(d->d_name), str_from(suffix)) &&
            real_event_file(d->d_name, ret)) {
            (void)snprintf(r->name, sizeof(r->name), "%s", d->d_name);
            return true;
        }
    return false;
}

UNUSED static void real_events_close(struct real_events *r)
{
    (void)closedir(r->dir);
}

#endif
