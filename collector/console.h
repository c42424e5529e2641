/* SPDX-License-Identifier: Apache-2.0
 *
 * console: what the run says: a line an item on stderr, JSON lines on stdout, the log that goes into the
 * bundle. */
#ifndef CERTTRIAGE_COLLECT_CONSOLE_H
#define CERTTRIAGE_COLLECT_CONSOLE_H

#include "manifest.h"

struct console {
    bool quiet, json, preview;
    struct buf log;    /* what goes into the bundle */
    struct buf failed; /* the first items that could not be read, as printed */
    size_t n_failed;
    const char *why;   /* of the probe that runs; NULL: none */
    const char *said;  /* the why that was printed last */
    unsigned since_ms; /* when the item before ended */
    int64_t bytes;     /* of all entries so far, in a preview */
    struct str entry;  /* the last one, which the bundle keeps */
};

void console_start(struct console *c, bool quiet, bool json, bool preview);
void console_done(struct console *c);
/* One line, on stderr unless quiet, and in the log. */
void console_say(struct console *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* One line on stderr even when quiet, and in the log. */
void console_warn(struct console *c, const char *format, ...) PRINTF_LIKE(2, 3);
/* One line in the log alone. */
void console_note(struct console *c, const char *format, ...) PRINTF_LIKE(2, 3);
void console_item(struct console *c, const struct manifest_item *item);
/* The last line of --json: {"event":"end", …}; without --json the name of the bundle alone. */
void console_end(struct console *c, const char *bundle, int64_t bytes, const size_t counts[OUTCOME_COUNT]);
/* A second bundle, with pseudonyms; `map` says which name stands for which. */
void console_renamed(struct console *c, const char *bundle, const char *map);
/* After an upload; why it failed stands in --json only, people are told by main. is_compared: the server
 * named the same hash. */
void console_not_sent(struct console *c, const char *bundle, const char *why);
void console_sent(struct console *c, const char *sha256, const char *case_id, bool is_compared);

#endif
