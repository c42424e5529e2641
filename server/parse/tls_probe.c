/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_probe.h"

#include <jansson.h>
#include <string.h>

#include "limits.h"
#include "text.h"

static void release(json_t **j)
{
    json_decref(*j);
}

static struct str member(struct arena *a, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    return json_is_string(v) ? arena_keep(a, (struct str){json_string_value(v), json_string_length(v)})
                             : (struct str){0};
}

static int64_t number(const json_t *o, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(o, name);

    return json_is_integer(v) && json_integer_value(v) >= 0 ? json_integer_value(v) : otherwise;
}

static enum probe_answer answer(const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    return json_is_true(v) ? PROBE_YES : json_is_false(v) ? PROBE_NO : PROBE_NOT_KNOWN;
}

static const char *one_of(const json_t *o, const char *name, const char *first, const char *second)
{
    const char *text = json_string_value(json_object_get(o, name));

    if (!text)
        return NULL;
    return strcmp(text, first) == 0 ? first : strcmp(text, second) == 0 ? second : NULL;
}

static unsigned version_of(const char *text)
{
    for (unsigned bit = TLS_SSL2; text && bit <= TLS_1_3; bit *= 2)
        if (strcmp(tls_version_name(bit), text) == 0)
            return bit;
    return 0;
}

static int read_list(const json_t *o, const char *name, struct arena *a, struct probe_list *ret,
                     struct err *e)
{
    const json_t *list = json_object_get(o, name), *one;
    size_t n = json_array_size(list), i;

    if (!json_is_array(list))
        return 0;
    if (n > PROBE_NAMES_MAX)
        return err_set(e, ERR_FORMAT, "\"%s\" has more than %d members", name, (int)PROBE_NAMES_MAX);
    ret->p = arena_array(a, n + 1, sizeof *ret->p);
    if (!ret->p)
        return err_set(e, ERR_NOMEM, "out of memory");
    json_array_foreach(list, i, one)
    {
        struct str hex = {json_string_value(one), json_string_length(one)};
        size_t room = hex.len / 2, len;
        uint8_t *der = json_is_string(one) ? arena_alloc(a, room + 1) : NULL;
        if (!der || hex.len == 0 || hex.len > 2 * (size_t)LIMIT_CERT_BYTES ||
            !text_unhex(hex, der, room, &len))
            return err_set(e, ERR_FORMAT, "\"%s\": member %zu is no hexadecimal text", name, i);
        ret->p[ret->n++] = (struct bytes){der, len};
    }
    return 0;
}

static int read_chunks(const json_t *root, struct arena *a, struct tls_probe *ret, struct err *e)
{
    const json_t *list = json_object_get(root, "chunks"), *one;
    size_t n = json_array_size(list), i;

    if (n > PROBE_CHUNKS_MAX)
        return err_set(e, ERR_FORMAT, "more than %d chunks", (int)PROBE_CHUNKS_MAX);
    ret->chunks = arena_array(a, n + 1, sizeof *ret->chunks);
    if (!ret->chunks)
        return err_set(e, ERR_NOMEM, "out of memory");
    json_array_foreach(list, i, one)
    {
        const char *from = one_of(one, "from", "client", "server");
        int64_t bytes = number(one, "bytes", -1), at = number(one, "at", 0);
        if (!from || bytes < 0 || bytes > PROBE_BYTES_MAX || at > INT32_MAX ||
            ret->n_bytes + (size_t)bytes > PROBE_BYTES_MAX)
            return err_set(e, ERR_FORMAT, "chunk %zu is none", i);
        ret->chunks[ret->n_chunks++] =
            (struct probe_chunk){.at_ms = at, .is_of_server = *from == 's', .len = (size_t)bytes};
        ret->n_bytes += (size_t)bytes;
    }
    return 0;
}

static int read_schannel(const json_t *o, struct arena *a, struct tls_probe *ret, struct err *e)
{
    if (!json_is_object(o))
        return 0;
    ret->has_schannel = true;
    ret->status = number(o, "status", -1);
    ret->protocol = version_of(json_string_value(json_object_get(o, "protocol")));
    ret->cipher = member(a, o, "cipher");
    ret->asked = answer(o, "asked");
    int r = read_list(o, "issuers", a, &ret->issuers, e);
    return r ? r : read_list(o, "peerChain", a, &ret->peer_chain, e);
}

static int read_http(const json_t *o, struct arena *a, struct tls_probe *ret, struct err *e)
{
    if (!json_is_object(o))
        return 0;
    ret->has_http = true;
    ret->method = member(a, o, "method");
    ret->path = member(a, o, "path");
    ret->http_status = number(o, "status", -1);
    ret->http_substatus = number(o, "substatus", -1);
    ret->http_asked = answer(o, "asked");
    return read_list(o, "issuers", a, &ret->http_issuers, e);
}

static void read_place(const json_t *root, struct arena *a, struct tls_probe *ret)
{
    ret->host = member(a, root, "host");
    ret->address = member(a, root, "address");
    ret->local_address = member(a, root, "localAddress");
    ret->port = number(root, "port", 0);
    ret->local_port = number(root, "localPort", 0);
    ret->site = member(a, root, "site");
    ret->binding = member(a, root, "binding");
    ret->how = member(a, root, "how");
    ret->sni = member(a, root, "sni");
}

static void read_course(const json_t *root, struct arena *a, struct tls_probe *ret)
{
    const json_t *offered = json_object_get(root, "offered"), *end = json_object_get(root, "end"), *one;
    size_t i;

    json_array_foreach(offered, i, one)
    {
        ret->offered |= version_of(json_string_value(one));
    }
    if (!time_parse(member(a, root, "started"), &ret->started_ms))
        ret->started_ms = TIME_NONE;
    ret->outcome = member(a, root, "outcome");
    ret->stage = member(a, root, "stage");
    ret->text = member(a, root, "text");
    ret->os_code = number(root, "osCode", -1);
    ret->is_cut = json_is_true(json_object_get(root, "cut"));
    ret->end_by = one_of(end, "by", "client", "server");
    ret->end_how = one_of(end, "how", "close", "reset");
    ret->end_at_ms = number(end, "at", 0);
    if (ret->end_at_ms > INT32_MAX)
        ret->end_at_ms = 0;
}

int tls_probe_read(struct bytes json, struct arena *a, struct tls_probe *ret, struct err *e)
{
    json_error_t why;
    CLEANUP(release) json_t *root = json_loadb((const char *)json.p, json.len, 0, &why);
    struct tls_probe p = {.status = -1,
                          .asked = PROBE_NOT_KNOWN,
                          .http_status = -1,
                          .http_substatus = -1,
                          .http_asked = PROBE_NOT_KNOWN};
    int r;

    if (!root)
        return err_set(e, ERR_FORMAT, "line %d: %s", why.line, why.text);
    if (!json_is_string(json_object_get(root, "host")) || !json_is_integer(json_object_get(root, "port")))
        return err_set(e, ERR_FORMAT, "\"host\" or \"port\" is missing: it is no record of a handshake");
    read_place(root, a, &p);
    read_course(root, a, &p);
    if ((r = read_chunks(root, a, &p, e)) ||
        (r = read_schannel(json_object_get(root, "schannel"), a, &p, e)) ||
        (r = read_http(json_object_get(root, "http"), a, &p, e)))
        return r;
    *ret = p;
    return 0;
}
