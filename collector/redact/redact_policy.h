/* SPDX-License-Identifier: Apache-2.0
 *
 * policy: what a format lets through; config.c, freb.c and events.c are all there are. */
#ifndef CERTTRIAGE_REDACT_POLICY_H
#define CERTTRIAGE_REDACT_POLICY_H

#include "markup.h"

enum keep {
    KEEP_NOT,    /* "[redacted]" */
    KEEP_VALUE,  /* as it is; an encrypted value loses its inside */
    KEEP_EXACT,  /* as it is, byte for byte */
    KEEP_URL,    /* without user, password and query */
    KEEP_PACKET, /* hexadecimal, of a driver's IO_ERROR_LOG_PACKET what http.sys makes of it */
    KEEP_HEADERS /* of an HTTP header block the values of listed headers */
};

enum { PATH_DEPTH = 256 };

/* The element names from the root to the element that is looked at; n counts it. */
struct element_path {
    struct str names[PATH_DEPTH];
    size_t n;
    struct str data_name; /* FREB and events: Name of the <Data> that stands open */
};

struct policy {
    enum keep (*attribute)(const struct element_path *path, struct str name);
    enum keep (*text)(const struct element_path *path);
};

extern const struct policy policy_config, policy_freb, policy_events;

/* The n-th name from the innermost (0) outwards; empty beyond the root. */
struct str element_up(const struct element_path *path, size_t n);

#endif
