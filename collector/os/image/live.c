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

int os_http_listen(struct os *os, struct buf *ret, struct err *e)
{
    (void)os;
    (void)ret;
    return err_set(e, ERR_UNSUPPORTED, "an image does not hold http.sys' own list");
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

/* The policy is in the hive SECURITY, which is never read. */
int os_account_rights(struct os *os, struct str sids, struct buf *ret, struct err *e)
{
    (void)os;
    (void)sids;
    (void)ret;
    return err_set(e, ERR_UNSUPPORTED, "rights are not read from an image");
}

int os_chain(struct os *os, struct str user, struct bytes der, enum os_revocation how, os_chain_fn take,
             void *ctx, struct err *e)
{
    (void)os;
    (void)user;
    (void)der;
    (void)how;
    (void)take;
    (void)ctx;
    return err_set(e, ERR_UNSUPPORTED, "an image builds no chains");
}

int os_net_connect(struct os *os, struct str host, uint16_t port, int timeout_ms, struct os_net **ret,
                   struct os_net_ends *ret_ends, struct err *e)
{
    (void)os;
    (void)timeout_ms;
    (void)ret;
    *ret_ends = (struct os_net_ends){.stage = "resolve"};
    return err_set(e, ERR_UNSUPPORTED, "%.*s:%u: an image has no network", (int)host.len, host.p, port);
}

/* Nobody has a connection to call these with. */
int os_net_send(struct os_net *n, const void *data, size_t len, int timeout_ms, struct err *e)
{
    (void)n;
    (void)data;
    (void)len;
    (void)timeout_ms;
    return err_set(e, ERR_UNSUPPORTED, "an image has no network");
}

int64_t os_net_recv(struct os_net *n, void *data, size_t room, int timeout_ms, struct err *e)
{
    (void)n;
    (void)data;
    (void)room;
    (void)timeout_ms;
    return err_set(e, ERR_UNSUPPORTED, "an image has no network");
}

void os_net_close(struct os_net *n)
{
    (void)n;
}

int os_tls_open(struct os *os, struct str server_name, const struct os_tls_io *io, struct os_tls **ret,
                struct os_tls_report *report, struct err *e)
{
    (void)os;
    (void)io;
    *ret = NULL;
    *report = (struct os_tls_report){.asked = OS_TLS_ASKED_UNKNOWN, .asked_late = OS_TLS_ASKED_UNKNOWN};
    return err_set(e, ERR_UNSUPPORTED, "%.*s: an image has no Schannel", (int)server_name.len, server_name.p);
}

int os_tls_request(struct os_tls *t, struct str request, size_t room, struct buf *ret,
                   struct os_tls_report *report, struct err *e)
{
    (void)t;
    (void)request;
    (void)room;
    (void)ret;
    (void)report;
    return err_set(e, ERR_UNSUPPORTED, "an image has no Schannel");
}

void os_tls_close(struct os_tls *t)
{
    (void)t;
}
