/* SPDX-License-Identifier: Apache-2.0
 *
 * send: a bundle's file to the server. */
#ifndef CERTTRIAGE_COLLECT_SEND_H
#define CERTTRIAGE_COLLECT_SEND_H

#include "console.h"
#include "options.h"

/* The token of --token or --token-file, into ret. Asked for first: a run whose upload cannot work should say
 * so at once. Nothing when there is no --upload. */
int send_token(const struct options *o, struct buf *ret, struct err *e);
int send_bundle(const struct options *o, const char *path, struct str token, struct console *console,
                struct err *e);

#endif
