/* SPDX-License-Identifier: Apache-2.0
 *
 * What only a running machine can answer. */
#include "image.h"

/* http.sys keeps its live table in the kernel; what is configured is in the registry. */
int os_http_sslcerts(struct os *os, os_sslcert_fn take, void *ctx, struct err *e)
{
    (void)os;
    (void)take;
    (void)ctx;
    return err_set(e, ERR_UNSUPPORTED, "an image does not hold http.sys' own table");
}

int os_events(struct os *os, const char *channel, const char *query, os_event_fn take, void *ctx,
              struct err *e)
{
    (void)os;
    (void)query;
    (void)take;
    (void)ctx;
    return err_set(e, ERR_UNSUPPORTED, "%s: events of an image are taken as files only, with --evtx",
                   channel);
}
