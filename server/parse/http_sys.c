/* SPDX-License-Identifier: Apache-2.0 */
#include "http_sys.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "limits.h"

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "http.sys records: out of memory");
}

bool http_sys_endpoint(struct str endpoint, struct http_sys_binding *b)
{
    size_t colon = endpoint.len;
    struct str host;
    uint64_t port;

    while (colon > 0 && endpoint.p[colon - 1] != ':')
        colon--;
    if (!str_to_u64(str_skip(endpoint, colon), 65535, &port))
        return false;
    host = (struct str){endpoint.p, colon > 0 ? colon - 1 : 0};
    b->port = (int64_t)port;
    if (colon == 0 && strcmp(b->tree, "ccs") != 0)
        return false;
    if (strcmp(b->tree, "ip") == 0)
        b->ip = host;
    else if (host.len > 0)
        b->host = host;
    return true;
}

void http_sys_guid(const uint8_t g[16], struct buf *out)
{
    buf_printf(out, "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", g[3], g[2],
               g[1], g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]);
}

/* --- registry --- */

static int64_t number_of(const struct registry_key *k, const char *name)
{
    const struct registry_value *v = registry_value(k, name);

    return v && v->has_number ? (int64_t)v->number : 0;
}

static struct str text_of(const struct registry_key *k, const char *name)
{
    const struct registry_value *v = registry_value(k, name);

    return v && v->text.len > 0 ? v->text : (struct str){0};
}

static struct bytes raw_of(const struct registry_key *k, const char *name)
{
    const struct registry_value *v = registry_value(k, name);

    return v ? v->raw : (struct bytes){0};
}

static struct str keep_hex(struct arena *a, struct bytes raw, bool is_guid)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(4096);

    if (is_guid)
        http_sys_guid(raw.p, &b);
    else
        text_hex(&b, raw.p, raw.len);
    return arena_keep(a, buf_str(&b));
}

static int fill_record(const struct registry_key *k, struct arena *a, struct http_sys_binding *b,
                       struct err *e)
{
    struct bytes hash = raw_of(k, "SslCertHash"), app = raw_of(k, "AppId");

    b->check_mode = number_of(k, "DefaultSslCertCheckMode");
    b->freshness_time = number_of(k, "DefaultSslRevocationFreshnessTime");
    b->url_retrieval_timeout = number_of(k, "DefaultSslRevocationUrlRetrievalTimeout");
    b->flags = number_of(k, "DefaultFlags");
    b->store = text_of(k, "SslCertStoreName");
    b->ctl_identifier = text_of(k, "DefaultSslCtlIdentifier");
    b->ctl_store = text_of(k, "DefaultSslCtlStoreName");
    b->modified_ms = k->modified_ms;
    b->entry = k->entry;
    b->line = k->line;
    if (hash.len > 0 && hash.len <= 64)
        b->thumbprint = keep_hex(a, hash, false);
    if (app.len == 16)
        b->app_id = keep_hex(a, app, true);
    if ((hash.len > 0 && hash.len <= 64 && !b->thumbprint.p) || (app.len == 16 && !b->app_id.p))
        return no_memory(e);
    return 0;
}

int http_sys_from_registry(const struct registry *r, struct arena *a, http_sys_take_fn take, void *ctx,
                           struct err *e)
{
    static const char *const trees[][2] = {{"SslBindingInfo\\", "ip"},
                                           {"SslSniBindingInfo\\", "sni"},
                                           {"SslCcsBindingInfo\\", "ccs"},
                                           {"SslSniCcsBindingInfo\\", "ccs"},
                                           {"SslScopedCcsBindingInfo\\", "ccs"}};
    const struct str root = STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters\\");

    for (const struct registry_key *k = registry_first(r); k; k = k->next) {
        struct str below =
            str_istarts(k->key, root) && !k->is_absent ? str_skip(k->key, root.len) : (struct str){0};
        for (size_t i = 0; i < ARRAY_LEN(trees) && below.len > 0; i++) {
            struct str name = str_skip(below, strlen(trees[i][0])), host_port = text_of(k, "HostnamePort");
            struct http_sys_binding b = {.tree = trees[i][1], .modified_ms = TIME_NONE};
            if (!str_istarts(below, str_from(trees[i][0])) || memchr(name.p, '\\', name.len))
                continue;
            b.endpoint = host_port.p ? host_port : name;
            if (!http_sys_endpoint(b.endpoint, &b))
                continue;
            if (fill_record(k, a, &b, e))
                return -e->code;
            take(&b, ctx);
        }
    }
    return 0;
}

/* --- http/sslcert.json --- */

static void json_release(json_t **j)
{
    json_decref(*j);
}

static struct str json_text(struct arena *a, const json_t *o, const char *name)
{
    const json_t *v = json_object_get(o, name);

    if (!json_is_string(v) || json_string_length(v) == 0)
        return (struct str){0};
    return arena_keep(a, (struct str){json_string_value(v), json_string_length(v)});
}

static int64_t json_number(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static struct str lower_hex(struct arena *a, struct str s)
{
    struct str kept = arena_keep(a, s);
    char *p = kept.p ? arena_alloc(a, kept.len + 1) : NULL;

    if (!p)
        return (struct str){0};
    for (size_t i = 0; i < s.len; i++)
        p[i] = (char)tolower((unsigned char)s.p[i]);
    return (struct str){p, s.len};
}

static bool fill_json(const json_t *o, struct arena *a, struct http_sys_binding *b)
{
    static const char *const trees[] = {"ip", "sni", "ccs"};
    struct str tree = json_text(a, o, "tree");

    for (size_t i = 0; i < ARRAY_LEN(trees); i++)
        if (str_eq(tree, str_from(trees[i])))
            b->tree = trees[i];
    b->endpoint = json_text(a, o, "endpoint");
    if (!b->tree || !http_sys_endpoint(b->endpoint, b))
        return false;
    b->thumbprint = json_text(a, o, "certHash");
    b->app_id = json_text(a, o, "appId");
    if (b->thumbprint.p)
        b->thumbprint = lower_hex(a, b->thumbprint);
    if (b->app_id.p)
        b->app_id = lower_hex(a, b->app_id);
    b->store = json_text(a, o, "store");
    b->check_mode = json_number(o, "checkMode");
    b->freshness_time = json_number(o, "freshnessTime");
    b->url_retrieval_timeout = json_number(o, "urlRetrievalTimeout");
    b->ctl_identifier = json_text(a, o, "ctlIdentifier");
    b->ctl_store = json_text(a, o, "ctlStore");
    b->flags = json_number(o, "flags");
    return true;
}

int http_sys_from_json(struct bytes json, struct arena *a, http_sys_take_fn take, void *ctx, struct err *e)
{
    json_error_t why;
    CLEANUP(json_release) json_t *root = json_loadb((const char *)json.p, json.len, 0, &why);
    json_t *list = json_object_get(root, "bindings"), *o;
    size_t i;

    if (!root)
        return err_set(e, ERR_FORMAT, "line %d: %s", why.line, why.text);
    if (!json_is_array(list))
        return err_set(e, ERR_FORMAT, "there is no list 'bindings'");
    json_array_foreach(list, i, o)
    {
        struct http_sys_binding b = {.modified_ms = TIME_NONE};
        if (!fill_json(o, a, &b))
            return err_set(e, ERR_FORMAT, "bindings[%zu]: tree or endpoint is not one", i);
        take(&b, ctx);
    }
    return 0;
}
