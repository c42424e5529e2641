/* SPDX-License-Identifier: Apache-2.0
 *
 * progress: how far an upload is: a line that is written over on a terminal, else a line now and then; with
 * --json an event a second on stdout. */
#ifndef CERTTRIAGE_COLLECT_PROGRESS_H
#define CERTTRIAGE_COLLECT_PROGRESS_H

#include "console.h"

struct progress {
    const struct console *console;
    int64_t size, first; /* of the bundle; what was there before this run, -1: nothing was sent yet */
    unsigned began_ms, shown_ms;
    bool on_terminal, is_open; /* a line stands on the terminal without its end */
};

void progress_begin(struct progress *p, const struct console *console, int64_t size);
void progress_show(struct progress *p, int64_t sent);
/* All is there: the last line or event says so, however quick it was. */
void progress_complete(struct progress *p);
/* Before anything else is written, and at the end. */
void progress_end_line(struct progress *p);

#endif
