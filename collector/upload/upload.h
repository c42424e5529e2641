/* SPDX-License-Identifier: Apache-2.0
 *
 * upload: sends a finished bundle to a server by tus 1.0.0 (https://tus.io/protocols/resumable-upload), in
 * pieces, over breaks and restarts, and believes a server that gives a receipt only when it names the same
 * hash. A server without tus gets one plain POST. */
#ifndef CERTTRIAGE_UPLOAD_H
#define CERTTRIAGE_UPLOAD_H

#include "err.h"
#include "str.h"

enum { UPLOAD_CASE_BYTES = 65, UPLOAD_PLACE_BYTES = 2048, UPLOAD_SHA256_BYTES = 32 };

/* What the upload needs of its caller: nothing in here knows an OS, a file or a terminal. */
struct upload_calls {
    /* At most room bytes from `offset`; 0 at the end; negative: -ERR_x. */
    int64_t (*read)(void *ctx, int64_t offset, void *data, size_t room, struct err *e);
    /* SHA-256 of len bytes from `offset`. */
    int (*hash)(void *ctx, int64_t offset, int64_t len, uint8_t ret[UPLOAD_SHA256_BYTES], struct err *e);
    /* Where the upload is to be gone on with, also after a restart; "": it is over. Best effort. */
    void (*keep)(void *ctx, const char *place);
    /* False: whoever runs us wants to stop. progress comes at least every second while bytes go out: how many
     * of the whole are sent. */
    bool (*wait)(void *ctx, unsigned ms);
    bool (*progress)(void *ctx, int64_t sent);
    /* After a stop: true when what was sent shall be removed from the server, false to go on another day. */
    bool (*forget)(void *ctx);
    void (*say)(void *ctx, const char *line); /* what goes wrong, and that it is tried again */
    unsigned (*ticks)(void *ctx);             /* milliseconds that go on evenly; may wrap */
    uint32_t (*random)(void *ctx);
};

struct upload {
    const char *url;      /* https://host[:port][/prefix]; http for loopback only */
    struct str token;     /* what stands in the token file, blanks at both ends are ignored */
    const char *case_id;  /* NULL or "": the server chooses */
    const char *filename; /* NULL: none; UTF-8, without folders */
    const char *sha256;   /* 64 hex digits of the whole file */
    const char *proxy;    /* "": none; NULL: what the environment says */
    const char *place;    /* as `keep` got it in an earlier run; NULL or "": a new upload */
    int64_t size;
    unsigned patience_ms; /* nothing gets through for so long: given up */
    const struct upload_calls *calls;
    void *ctx;
};

struct upload_receipt {
    char case_id[UPLOAD_CASE_BYTES]; /* that the server put it in; "" not told */
    bool is_compared; /* the server named the hash. False: a foreign server, which has all bytes and says no
                         more */
};

/* 0 when the server has all of this very bundle. Else, with one line that says what to do: -ERR_USAGE (the
 * URL or the token is none), -ERR_UNAUTHORIZED, -ERR_DENIED (also: a certificate that cannot be trusted),
 * -ERR_LIMIT (too large for the server; told before anything is sent), -ERR_CHECKSUM (other bytes arrive),
 * -ERR_TIMEOUT (given up after patience_ms), -ERR_GONE (stopped), -ERR_FORMAT (the answer), -ERR_IO. Blocks.
 */
int upload_send(const struct upload *u, struct upload_receipt *ret, struct err *e);

/* https, or http to a loopback address; no user, query or fragment. */
bool upload_url_is_allowed(struct str url);

#endif
