/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the handshake probe connects to: what the user named, and on a server each https binding, by way of
 * this machine itself. */
#include <string.h>

#include "iis_model.h"
#include "limits.h"
#include "tls_probe.h"

struct list {
    struct probe_run *run;
    struct tls_endpoint *first, **end;
    size_t n;
};

static bool is_same(const struct tls_endpoint *a, const struct tls_endpoint *b)
{
    return a->port == b->port && str_ieq(a->connect, b->connect) && str_ieq(a->sni, b->sni);
}

static int add(struct list *l, const struct tls_endpoint *endpoint, struct err *e)
{
    struct tls_endpoint *at;

    for (at = l->first; at != NULL; at = at->next)
        if (is_same(at, endpoint))
            return 0;
    at = arena_alloc(&l->run->arena, sizeof(*at));
    if (at == NULL)
        return err_set(e, ERR_NOMEM, "handshake probe: out of memory");
    *at = *endpoint;
    *l->end = at;
    l->end = &at->next;
    l->n++;
    return 0;
}

/* An address is not sent as a server name (RFC 6066 3). */
static bool is_address(struct str host)
{
    for (size_t i = 0; i < host.len; i++)
        if ((host.p[i] < '0' || host.p[i] > '9') && host.p[i] != '.')
            return memchr(host.p, ':', host.len) != NULL;
    return true;
}

/* Cuts "host:port" at its last ':', which within brackets is none; false when there is none. */
static bool cut_port(struct str s, struct str *ret_host, struct str *ret_port)
{
    for (size_t i = s.len; i > 0 && s.p[i - 1] != ']'; i--)
        if (s.p[i - 1] == ':') {
            *ret_host = (struct str){s.p, i - 1};
            *ret_port = str_skip(s, i);
            return true;
        }
    return false;
}

int tls_named_endpoint(struct str text, struct tls_endpoint *ret, struct err *e)
{
    struct str host = text, port = STR("443");
    uint64_t number;
    size_t colons = 0;

    for (size_t i = 0; i < text.len; i++)
        colons += text.p[i] == ':';
    if (colons < 2 || text.p[0] == '[') /* an IPv6 address without brackets has no port */
        (void)cut_port(text, &host, &port);
    if (host.len == 0 || host.len > 255 || !str_to_u64(port, 65535, &number) || number == 0)
        return err_set(e, ERR_USAGE, "--connect: host[:port], not %.*s", (int)text.len, text.p);
    for (size_t i = 0; i < host.len; i++)
        if ((unsigned char)host.p[i] <= ' ' || strchr("/\\@\"<>", host.p[i]) != NULL)
            return err_set(e, ERR_USAGE, "--connect: host[:port], not %.*s", (int)text.len, text.p);
    *ret = (struct tls_endpoint){.connect = host, .host = host, .port = (uint16_t)number};
    if (!is_address(host))
        ret->sni = host;
    return 0;
}

int probes_check_connect(struct str list, struct err *e)
{
    struct tls_endpoint ignored;

    while (list.p != NULL)
        if (tls_named_endpoint(str_trim(str_cut(list, ',', &list)), &ignored, e) != 0)
            return -e->code;
    return 0;
}

static int add_named(struct list *l, struct err *e)
{
    struct str rest = l->run->connect;

    while (rest.len > 0) {
        struct tls_endpoint endpoint;
        if (tls_named_endpoint(str_trim(str_cut(rest, ',', &rest)), &endpoint, e) != 0 ||
            add(l, &endpoint, e) != 0)
            return -e->code;
    }
    return 0;
}

/* "*:443:www.contoso.com", "[::]:443:", "10.0.0.1:443:". All addresses are this machine's own, so it is asked
 * at home; of a host with a '*' any name will do. */
static bool from_binding(struct probe_run *run, const struct iis_binding *b, struct tls_endpoint *ret)
{
    struct str rest, host, address, port;
    uint64_t number;

    if (!cut_port(b->information, &rest, &host) || !cut_port(rest, &address, &port) ||
        !str_to_u64(port, 65535, &number) || number == 0)
        return false;
    if (str_eq(address, STR("*")) || str_eq(address, STR("0.0.0.0")) || address.len == 0)
        address = STR("127.0.0.1");
    else if (str_eq(address, STR("[::]")))
        address = STR("[::1]");
    if (str_starts(host, STR("*.")))
        host = take_join(run, "www%.*s", (int)host.len - 1, host.p + 1);
    *ret = (struct tls_endpoint){.connect = address,
                                 .host = host.len > 0 ? host : address,
                                 .sni = host,
                                 .port = (uint16_t)number,
                                 .site = b->site,
                                 .binding = b->information};
    return true;
}

static int add_bindings(struct list *l, struct err *e)
{
    for (const struct iis_binding *b = l->run->model->bindings; b != NULL; b = b->next) {
        struct tls_endpoint endpoint;
        if (str_ieq(b->protocol, STR("https")) && from_binding(l->run, b, &endpoint) &&
            add(l, &endpoint, e) != 0)
            return -e->code;
    }
    return 0;
}

int tls_endpoints(struct probe_run *run, struct tls_endpoint **ret, struct err *e)
{
    struct list l = {.run = run};

    l.end = &l.first;
    if (add_named(&l, e) != 0 || (run->probe && add_bindings(&l, e) != 0))
        return -e->code;
    *ret = l.first;
    return 0;
}
