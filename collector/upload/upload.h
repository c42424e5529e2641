/* SPDX-License-Identifier: Apache-2.0
 *
 * upload: sends a finished bundle to a server, streamed, and believes the server only when it names the same
 * hash. */
#ifndef CERTTRIAGE_UPLOAD_H
#define CERTTRIAGE_UPLOAD_H

#include "err.h"
#include "str.h"

struct upload {
    const char *url;     /* https://host[:port][/prefix]; http for loopback only */
    struct str token;    /* what stands in the token file, blanks at both ends are ignored */
    const char *case_id; /* NULL or "": the server chooses */
    const char *sha256;  /* 64 hex digits of the whole file */
    const char *proxy;   /* NULL: what the environment says */
    int64_t size;
    /* At most room bytes from `offset`; 0 at the end; negative: -ERR_x. */
    int64_t (*read)(void *ctx, int64_t offset, void *data, size_t room, struct err *e);
    void *ctx;
};

enum { UPLOAD_CASE_BYTES = 65 };

/* 0 when the server has acknowledged this very bundle; ret_case gets the case that it put it in. Else
 * -ERR_USAGE (the URL or the token is none), -ERR_UNAUTHORIZED, -ERR_LIMIT (too large for the server),
 * -ERR_TIMEOUT, -ERR_FORMAT (the answer), -ERR_IO. Blocks. */
int upload_send(const struct upload *u, char ret_case[UPLOAD_CASE_BYTES], struct err *e);

/* https, or http to a loopback address; no user, query or fragment. */
bool upload_url_is_allowed(struct str url);

#endif
