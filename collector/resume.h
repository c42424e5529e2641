/* SPDX-License-Identifier: Apache-2.0
 *
 * resume: NAME.zip.upload.json beside a bundle that is not wholly sent: where the server has its beginning.
 * No token stands in it. */
#ifndef CERTTRIAGE_COLLECT_RESUME_H
#define CERTTRIAGE_COLLECT_RESUME_H

#include "buf.h"

struct resume {
    const char *bundle, *server, *sha256;
    const char *case_id; /* NULL: none was asked for */
    int64_t size;
};

/* Where this very bundle is to be gone on with for this case; nothing when that is not known. It is a file's
 * word: whether it is this server's is for upload_send to see. */
void resume_read(const struct resume *r, struct buf *ret_place);
/* Writes the file; place "": removes it. */
int resume_keep(const struct resume *r, const char *place, struct err *e);

#endif
