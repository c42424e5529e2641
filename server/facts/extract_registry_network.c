/* SPDX-License-Identifier: Apache-2.0
 *
 * Proxies of WinINet and WinHTTP, what .NET makes of TLS, and what Firefox trusts. */
#include <string.h>

#include "extract_registry.h"

#define SETTINGS "Microsoft\\Windows\\CurrentVersion\\Internet Settings"
#define MACHINE "HKLM\\SOFTWARE\\"

static void emit(struct extract_state *x, struct str user, const char *setting,
                 const struct registry_value *v, struct str text, const char *decided_by, const char *key)
{
    sink_begin(x->sink, "client_setting");
    sink_text(x->sink, "user", user);
    sink_c(x->sink, "setting", setting);
    if (v && v->has_number)
        sink_int(x->sink, "value", (int64_t)v->number);
    if (text.p)
        sink_text(x->sink, "text", text);
    sink_int(x->sink, "is_set", v != NULL);
    sink_c(x->sink, "decided_by", decided_by);
    sink_c(x->sink, "key", key);
    if (v) {
        sink_text(x->sink, "entry", v->entry);
        sink_int(x->sink, "line", v->line);
    }
    sink_end(x->sink);
}

/* 'http://user:password@host:80' without what stands before '@'. */
static struct str without_user(struct str text)
{
    const char *at = text.p ? memrchr(text.p, '@', text.len) : NULL;

    return at ? str_skip(text, (size_t)(at - text.p) + 1) : text;
}

static void resolve_user(struct extract_state *x, const struct registry_user *u, const char *name)
{
    for (size_t i = 0; i < REGISTRY_SOURCES; i++) {
        const struct registry_source *s = &extract_registry_sources[i];
        const char *key = extract_registry_place(x, s, u, SETTINGS);
        const struct registry_value *v = key ? registry_get(x->registry, key, name) : NULL;
        if (!v)
            continue;
        emit(x, u->sid, name, v, v->has_number ? (struct str){0} : without_user(v->text), s->decided_by, key);
        return;
    }
}

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* A counted string at *at; false when it is cut. */
static bool counted(struct bytes b, size_t *at, struct str *ret)
{
    uint32_t len;

    if (b.len < *at || b.len - *at < 4)
        return false;
    len = u32(b.p + *at);
    *at += 4;
    if (len > b.len - *at)
        return false;
    *ret = (struct str){(const char *)b.p + *at, len};
    *at += len;
    return true;
}

/* WinHttpSettings, what `netsh winhttp set proxy` writes and `show proxy` prints: version, counter, flags (2:
 * a proxy), then counted strings: the proxy, the bypass list. Not documented; told as it stands, no value
 * from it where it does not fit. */
static void read_winhttp(struct extract_state *x)
{
    static const char key[] = MACHINE SETTINGS "\\Connections";
    const struct registry_value *v = registry_get(x->registry, key, "WinHttpSettings");
    struct str proxy = {0}, bypass = {0};
    size_t at = 12;

    if (!v || v->raw.len < 12)
        return;
    if ((u32(v->raw.p + 8) & 2) == 0) {
        emit(x, (struct str){0}, "WinHttp proxy", v, STR(""), "HKLM", key);
        return;
    }
    if (!counted(v->raw, &at, &proxy) || !counted(v->raw, &at, &bypass))
        return;
    emit(x, (struct str){0}, "WinHttp proxy", v, without_user(proxy), "HKLM", key);
    emit(x, (struct str){0}, "WinHttp bypass", v, bypass, "HKLM", key);
}

/* What stands in one key of the machine; absent is a fact, too, where the key was looked for. */
static const struct {
    const char *setting, *key, *name;
} machine_values[] = {
    {".NET 4 SchUseStrongCrypto", MACHINE "Microsoft\\.NETFramework\\v4.0.30319", "SchUseStrongCrypto"},
    {".NET 4 SystemDefaultTlsVersions", MACHINE "Microsoft\\.NETFramework\\v4.0.30319",
     "SystemDefaultTlsVersions"},
    {".NET 4 SchUseStrongCrypto (32-bit)", MACHINE "WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319",
     "SchUseStrongCrypto"},
    {".NET 4 SystemDefaultTlsVersions (32-bit)", MACHINE "WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319",
     "SystemDefaultTlsVersions"},
    {".NET 2 SchUseStrongCrypto", MACHINE "Microsoft\\.NETFramework\\v2.0.50727", "SchUseStrongCrypto"},
    {".NET 2 SystemDefaultTlsVersions", MACHINE "Microsoft\\.NETFramework\\v2.0.50727",
     "SystemDefaultTlsVersions"},
    {".NET 2 SchUseStrongCrypto (32-bit)", MACHINE "WOW6432Node\\Microsoft\\.NETFramework\\v2.0.50727",
     "SchUseStrongCrypto"},
    {".NET 2 SystemDefaultTlsVersions (32-bit)", MACHINE "WOW6432Node\\Microsoft\\.NETFramework\\v2.0.50727",
     "SystemDefaultTlsVersions"},
    {"WinHttp DefaultSecureProtocols", MACHINE SETTINGS "\\WinHttp", "DefaultSecureProtocols"},
    {"WinHttp DefaultSecureProtocols (32-bit)", MACHINE "WOW6432Node\\" SETTINGS "\\WinHttp",
     "DefaultSecureProtocols"},
    {"Firefox ImportEnterpriseRoots", MACHINE "Policies\\Mozilla\\Firefox\\Certificates",
     "ImportEnterpriseRoots"},
};

static void read_machine(struct extract_state *x)
{
    for (size_t i = 0; i < ARRAY_LEN(machine_values); i++) {
        struct str key = str_from(machine_values[i].key);
        const struct registry_value *v =
            registry_get(x->registry, machine_values[i].key, machine_values[i].name);
        if (v && v->has_number)
            emit(x, (struct str){0}, machine_values[i].setting, v, (struct str){0}, "HKLM",
                 machine_values[i].key);
        else if (!v && extract_registry_is_known(x, key, key))
            emit(x, (struct str){0}, machine_values[i].setting, NULL, (struct str){0}, "default",
                 machine_values[i].key);
    }
}

int extract_registry_network(struct extract_state *x, struct err *e)
{
    static const char *const names[] = {"ProxyEnable",   "ProxyServer",     "ProxyOverride",
                                        "AutoConfigURL", "SecureProtocols", "CertificateRevocation"};
    struct registry_user *users;
    size_t n;

    if (extract_registry_users(x, &users, &n, e))
        return -e->code;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < ARRAY_LEN(names); k++)
            resolve_user(x, &users[i], names[k]);
    read_winhttp(x);
    read_machine(x);
    return sink_check(x->sink, e);
}
