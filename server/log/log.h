/* SPDX-License-Identifier: Apache-2.0
 *
 * log: events of a running server, one line each on standard error. From any thread; a line is one write. */
#ifndef CERTTRIAGE_LOG_H
#define CERTTRIAGE_LOG_H

#include "err.h"
#include "str.h"

#include <stdbool.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_INFO, LOG_LEVEL_WARNING, LOG_LEVEL_ERROR };

struct log_field {
    const char *name; /* NULL: the last one */
    const char *text; /* NULL: the number counts. An empty text is left out */
    int64_t number;
};
static inline const char *log_text(const char *text)
{
    return text ? text : "";
}

#define LOG_TEXT(name, text)                                                                                 \
    {                                                                                                        \
        name, log_text(text), 0                                                                              \
    }
#define LOG_NUMBER(name, number)                                                                             \
    {                                                                                                        \
        name, NULL, number                                                                                   \
    }
#define LOG_END                                                                                              \
    {                                                                                                        \
        NULL, NULL, 0                                                                                        \
    }

/* "text" (time=… level=… event=… key=value; the default) or "json". False: neither. Before any thread
 * starts. */
bool log_format_from(struct str s);
/* Values are hostile: what a terminal or a log shipper would obey is escaped. fields end with LOG_END. */
void log_event(enum log_level level, const char *event, const struct log_field *fields);
/* As that, with what went wrong as `reason`; r is a return code and *e says why when it is negative. */
void log_outcome(const char *event, int r, const struct err *e);

#endif
