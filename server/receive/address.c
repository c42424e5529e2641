/* SPDX-License-Identifier: Apache-2.0
 *
 * address: who asks. Behind a proxy that is named (--proxy) it is whom that one says, by the last entry of
 * X-Forwarded-For, which it appended itself; what stands before that may be anybody's invention. */
#include "request.h"

#include "slot.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

static void note_socket(struct request *r)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(r->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *a = info ? info->client_addr : NULL;

    r->address_key = address_of(a);
    if (a && a->sa_family == AF_INET)
        (void)inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)a)->sin_addr, r->address,
                        sizeof r->address);
    else if (a && a->sa_family == AF_INET6)
        (void)inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)a)->sin6_addr, r->address,
                        sizeof r->address);
}

static enum MHD_Result find_last(void *ctx, enum MHD_ValueKind kind, const char *name, const char *value)
{
    struct str *last = ctx;

    (void)kind;
    if (str_ieq(str_from(name), STR("X-Forwarded-For")))
        *last = str_from(value);
    return MHD_YES;
}

static void note_forwarded(struct request *r)
{
    struct str last = {0};
    struct address key;
    char text[sizeof r->address];

    (void)MHD_get_connection_values(r->connection, MHD_HEADER_KIND, find_last, &last);
    for (struct str rest = last; rest.p;)
        last = str_trim(str_cut(rest, ',', &rest));
    if (last.len == 0 || last.len >= sizeof text)
        return;
    (void)snprintf(text, sizeof text, "%.*s", (int)last.len, last.p);
    if (!address_from(text, &key))
        return;
    r->address_key = key;
    memcpy(r->address, text, sizeof text);
}

void request_note_address(struct request *r)
{
    const char *proxy = r->server->options.connections.proxy;
    struct address key;

    note_socket(r);
    if (!proxy || !address_from(proxy, &key) || !address_is(&key, &r->address_key))
        return;
    r->is_forwarded = true;
    note_forwarded(r);
}

struct str request_address_key(const struct request *r)
{
    return (struct str){(const char *)r->address_key.bytes, sizeof r->address_key.bytes};
}

bool request_is_https(const struct request *r)
{
    const char *scheme = r->is_forwarded ? request_header(r, "X-Forwarded-Proto") : NULL;

    return r->server->options.tls_cert || (scheme && strcmp(scheme, "https") == 0);
}
