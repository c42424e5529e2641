/* SPDX-License-Identifier: Apache-2.0
 *
 * encode: what HTTP does with the bytes of an answer: entity tags and gzip. Pure. */
#ifndef CERTTRIAGE_ENCODE_H
#define CERTTRIAGE_ENCODE_H

#include "str.h"

/* A weak tag (RFC 9110 8.8.3): the same for the gzip'd and the plain bytes. False: no memory. */
bool encode_etag(struct str content, char ret[40]);
/* If-None-Match (RFC 9110 13.1.2), by weak comparison; header may be NULL. */
bool encode_matches(const char *header, const char *etag);

/* Does Accept-Encoding (RFC 9110 12.5.3) take gzip? "gzip;q=0" does not. NULL: no. */
bool encode_is_taken(const char *accept_encoding);
bool encode_is_worth_it(const char *type, struct str content); /* text of some size */
/* *ret is the caller's to free. False: no memory; or it would not be shorter. */
bool encode_gzip(struct str content, void **ret, size_t *ret_len);

#endif
