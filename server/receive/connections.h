/* SPDX-License-Identifier: Apache-2.0
 *
 * connections: how many there are, and how long each may keep us waiting. One that takes too long for its
 * headers, is silent, or is slower than PATIENCE_BYTES in patience_ms is ended; when the server has to do,
 * not the client, no time passes. */
#ifndef CERTTRIAGE_CONNECTIONS_H
#define CERTTRIAGE_CONNECTIONS_H

#include "err.h"

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

enum { PATIENCE_BYTES = 4096, TURNED_AWAY = 64 /* more than `total`, which are told so and closed */ };

struct connections;

struct connection_limits {
    int64_t total, per_address; /* open at once; an IPv6 address counts by its /64 (RFC 6177) */
    int64_t patience_ms;
    int64_t arrivals;  /* of one address in a minute; more are closed unheard. 0: any number */
    const char *proxy; /* address whose connections are many clients', borrowed; NULL: none */
};

enum connection_verdict { CONNECTION_WELCOME, CONNECTION_TOO_MANY, CONNECTION_TOO_MANY_OF_ADDRESS };

struct connection_counts {
    int64_t open;
    uint64_t accepted, turned_away, cut; /* since the start; turned_away: told so or just closed */
};

/* Also raises the limit of open files (RLIMIT_NOFILE), as far as it may, to two for each connection.
 * -ERR_USAGE: the hard limit is too low for that many; proxy is no address. -ERR_NOMEM. */
int connections_new(const struct connection_limits *l, struct connections **ret, struct err *e);
void connections_free(struct connections *c); /* after the daemon; NULL is allowed */
/* At the end: who waits for a request is sent away, and the others are waited for, for that long at most.
 * Returns how many are left. */
int64_t connections_drain(struct connections *c, int64_t ms);
void connections_count(struct connections *c, struct connection_counts *ret);

/* For MHD_start_daemon: MHD_AcceptPolicyCallback and MHD_OPTION_NOTIFY_CONNECTION; ctx is a struct
 * connections. */
enum MHD_Result connections_admit(void *ctx, const struct sockaddr *from, socklen_t len);
void connections_notify(void *ctx, struct MHD_Connection *connection, void **slot,
                        enum MHD_ConnectionNotificationCode code);

/* For MHD_OPTION_URI_LOG_CALLBACK: libmicrohttpd has no answer to more arguments than fit into its memory. */
void *connection_look_at_uri(void *ctx, const char *uri, struct MHD_Connection *connection);

/* Who is to do something next. A connection begins with its client's headers. */
enum connection_phase { PHASE_HEADERS, PHASE_BODY, PHASE_ANSWER /* client: to read it */ };
void connection_phase(struct MHD_Connection *connection, enum connection_phase phase);
/* While the server works for it. */
void connection_busy(struct MHD_Connection *connection, bool is_busy);
enum connection_verdict connection_verdict(struct MHD_Connection *connection);

#endif
