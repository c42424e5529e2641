/* SPDX-License-Identifier: Apache-2.0
 *
 * redact: leaves secrets out, by structure and by allow-list (schema/bundle.md). What is not named in
 * config.def, freb.def, log.def or schema/lib/events.def goes; the number of lines never changes, so that a
 * finding can point at a line of the original. Pure: bytes in, text out. */
#ifndef CERTTRIAGE_REDACT_H
#define CERTTRIAGE_REDACT_H

#include "buf.h"
#include "err.h"
#include "str.h"

enum redact_format {
    REDACT_CONFIG, /* configuration files of IIS and .NET, and IIS' section schemas */
    REDACT_FREB,   /* failed-request traces */
    REDACT_EVENTS  /* Windows events: one, or several in <Events> */
};

/* Appends the file, in any of the encodings that text_add_decoded knows, as UTF-8 without a mark. From the
 * first place that is not well-formed on, everything but line ends is replaced by one "<[redacted]", which is
 * not well-formed either: who reads it stumbles at the same line as Windows does. -ERR_NOMEM, -ERR_LIMIT. */
int redact_xml(enum redact_format format, struct bytes file, struct buf *out, struct err *e);

/* A log in the W3C extended format, in pieces: IIS and HTTPERR. */
struct redact_log;
typedef int (*redact_write_fn)(void *ctx, const void *data, size_t len, struct err *e);
int redact_log_new(redact_write_fn write, void *ctx, struct redact_log **ret, struct err *e);
/* Lines may lie across pieces. NUL bytes (http.sys fills a log that is being written up with them) are
 * dropped. */
int redact_log_add(struct redact_log *r, const void *data, size_t len, struct err *e);
int redact_log_end(struct redact_log *r,
                   struct err *e);          /* a last line without an end, and what is still buffered */
void redact_log_free(struct redact_log *r); /* NULL is welcome */

/* "https://user:password@host/path?query" without what may be secret: "https://[redacted]@host/path". */
void redact_url(struct buf *out, struct str url);

#endif
