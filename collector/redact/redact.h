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

/* configSource: sections of a configuration file that stand in files of their own. Tells of each that bears
 * on certificates: `groups`, the elements that it belongs to ("<configuration><system.webServer>"), and the
 * file's name relative to the folder of the file that names it. Ends with what `found` answers unless 0. */
typedef int (*redact_part_fn)(void *ctx, struct str groups, struct str name, struct err *e);
int redact_parts(struct bytes file, redact_part_fn found, void *ctx, struct err *e);
/* As redact_xml of a file that holds one section; `groups` decides what is kept. -ERR_FORMAT: groups that
 * cannot be redacted themselves. */
int redact_part(struct str groups, struct bytes file, struct buf *out, struct err *e);

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

/* Appends the certificates and lists of a file, DER or PEM, and nothing that stands around them; false: there
 * are none, or the file is something else (a private key, a PFX file). */
bool redact_certificate(struct bytes file, struct buf *out);

/* What `netsh http show sslcert` printed, in any language: labels stay, values that have the form of one. */
int redact_netsh(struct bytes file, struct buf *out, struct err *e);

/* "https://user:password@host/path?query" without what may be secret: "https://[redacted]@host/path". */
void redact_url(struct buf *out, struct str url);
/* A registry string that may name proxies or URLs, or be JSON with URLs in it: users become "[redacted]",
 * also where no "://" stands before "user:password@host", queries go. */
void redact_secrets(struct buf *out, struct str text);
/* The same where lengths stand beside the characters: they are overwritten with '*'. width: bytes a
 * character, 1 or 2 (UTF-16LE). */
void redact_secrets_in_place(struct buf *data, size_t width);

#endif
