/* SPDX-License-Identifier: Apache-2.0
 *
 * They stand in the program as gzip (RFC 1952): plain they are a twentieth of the EXE. */
#include "licenses.h"

#include <stdbool.h>

#define ZLIB_CONST
#include <zlib.h>

extern const char collect_licenses[];
extern const size_t collect_licenses_len;

static void end_inflate(z_stream *z)
{
    (void)inflateEnd(z);
}

int licenses_print(FILE *to, struct err *e)
{
    enum { GZIP = 16 + MAX_WBITS };
    CLEANUP(end_inflate)
    z_stream z = {.next_in = (const Bytef *)collect_licenses, .avail_in = (uInt)collect_licenses_len};
    char plain[4096];
    int state = inflateInit2(&z, GZIP);

    while (state == Z_OK) {
        z.next_out = (Bytef *)plain;
        z.avail_out = sizeof(plain);
        state = inflate(&z, Z_NO_FLUSH);
        (void)fwrite(plain, 1, sizeof(plain) - z.avail_out, to);
    }
    return state == Z_STREAM_END ? 0 : err_set(e, ERR_NOMEM, "licences: out of memory");
}
