/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>

#include "process.h"

enum { TERMINAL_MS = 500, JSON_MS = 1000, LINE_MS = 10000, MIB = 1048576, LINE_WIDTH = 70 };

void progress_begin(struct progress *p, const struct console *console, int64_t size)
{
    *p = (struct progress){.console = console, .size = size, .first = -1, .on_terminal = os_is_terminal()};
}

void progress_end_line(struct progress *p)
{
    if (p->is_open)
        (void)fputc('\n', stderr);
    p->is_open = false;
}

static void add_time(struct buf *line, int64_t seconds)
{
    if (seconds < 120)
        buf_printf(line, ", %lld s left", (long long)seconds);
    else
        buf_printf(line, ", %lld min left", (long long)((seconds + 59) / 60));
}

static void show_line(struct progress *p, int64_t sent, int64_t rate)
{
    CLEANUP(buf_done) struct buf line = BUF_INIT(256);

    buf_printf(&line, "sent %.1f of %.1f MiB, %d %%", (double)sent / MIB, (double)p->size / MIB,
               (int)(p->size > 0 ? (double)sent * 100 / (double)p->size : 100));
    if (rate > 0 && sent < p->size) {
        buf_printf(&line, ", %.1f MiB/s", (double)rate / MIB);
        add_time(&line, (p->size - sent) / rate);
    }
    if (p->on_terminal)
        (void)fprintf(stderr, "\r%-*s", LINE_WIDTH, buf_c(&line));
    else
        (void)fprintf(stderr, "%s\n", buf_c(&line));
    (void)fflush(stderr);
    p->is_open = p->on_terminal;
}

static void show_json(int64_t sent, int64_t size, int64_t rate)
{
    (void)printf("{\"event\":\"sending\",\"sent\":%lld,\"bytes\":%lld,\"bytes_per_second\":%lld}\n",
                 (long long)sent, (long long)size, (long long)rate);
    (void)fflush(stdout);
}

static void show(struct progress *p, int64_t sent, unsigned now)
{
    int64_t took = (int64_t)(now - p->began_ms);
    int64_t rate = sent > p->first && took > 0 ? (sent - p->first) * 1000 / took : 0;

    p->shown_ms = now;
    if (p->console->json)
        show_json(sent, p->size, rate);
    else if (!p->console->quiet)
        show_line(p, sent, rate);
}

void progress_show(struct progress *p, int64_t sent)
{
    unsigned now = os_ticks_ms();
    unsigned every = p->console->json ? JSON_MS : p->on_terminal ? TERMINAL_MS : LINE_MS;

    if (p->first < 0) {
        p->first = sent;
        p->began_ms = p->shown_ms = now;
    }
    if (now - p->shown_ms >= every)
        show(p, sent, now);
}

void progress_complete(struct progress *p)
{
    if (p->first >= 0 && (p->is_open || p->console->json))
        show(p, p->size, os_ticks_ms());
    progress_end_line(p);
}
