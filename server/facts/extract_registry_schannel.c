/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "extract_registry.h"
#include "windows.h"

#define SCH "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL"
#define KEX SCH "\\KeyExchangeAlgorithms"
#define HTTPP "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"
#define FILTER "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTPFilter"

/* What a value is when it is not set. */
typedef int64_t (*default_fn)(const struct windows_family *f);

static int64_t is_zero(const struct windows_family *f)
{
    (void)f;
    return 0;
}
static int64_t is_one(const struct windows_family *f)
{
    (void)f;
    return 1;
}
static int64_t limit_16k(const struct windows_family *f)
{
    (void)f;
    return 0x4000;
}
static int64_t limit_32k(const struct windows_family *f)
{
    (void)f;
    return 0x8000;
}
static int64_t ten_hours(const struct windows_family *f)
{
    (void)f;
    return 36000000;
}
static int64_t cache_20000(const struct windows_family *f)
{
    (void)f;
    return 20000;
}
static int64_t ten_minutes(const struct windows_family *f)
{
    (void)f;
    return 600000;
}
static int64_t cache_100(const struct windows_family *f)
{
    (void)f;
    return 100;
}
static int64_t issuer_list(const struct windows_family *f)
{
    return f ? f->sends_issuer_list : WINDOWS_UNKNOWN;
}
static int64_t http2(const struct windows_family *f)
{
    return f ? f->has_http2 : WINDOWS_UNKNOWN;
}
static int64_t key_1024(const struct windows_family *f)
{
    return f && f->has_http2 ? 1024 : WINDOWS_UNKNOWN; /* documented from Windows 10 on */
}
static int64_t key_2048(const struct windows_family *f)
{
    return f && f->has_http2 ? 2048 : WINDOWS_UNKNOWN;
}
static int64_t not_known(const struct windows_family *f)
{
    (void)f;
    return WINDOWS_UNKNOWN;
}

/* Sources: causes §0 and its groups E, F, K; Microsoft's page on the registry settings of TLS. */
static const struct setting {
    const char *setting, *key, *name, *root; /* root: the exported tree whose silence is a fact */
    default_fn when_absent;
} settings[] = {
    {"SendTrustedIssuerList", SCH, "SendTrustedIssuerList", SCH, issuer_list},
    {"ClientAuthTrustMode", SCH, "ClientAuthTrustMode", SCH, is_zero},
    {"EventLogging", SCH, "EventLogging", SCH, is_one},
    {"DisableRenegoOnServer", SCH, "DisableRenegoOnServer", SCH, is_zero},
    {"DisableRenegoOnClient", SCH, "DisableRenegoOnClient", SCH, is_zero},
    {"AllowInsecureRenegoClients", SCH, "AllowInsecureRenegoClients", SCH, is_one},
    {"AllowInsecureRenegoServers", SCH, "AllowInsecureRenegoServers", SCH, is_one},
    {"CertificateMappingMethods", SCH, "CertificateMappingMethods", SCH, not_known},
    {"MessageLimitClient", SCH "\\Messaging", "MessageLimitClient", SCH, limit_32k},
    {"MessageLimitServer", SCH "\\Messaging", "MessageLimitServer", SCH, limit_16k},
    {"MessageLimitServerClientAuth", SCH "\\Messaging", "MessageLimitServerClientAuth", SCH, limit_32k},
    {"ServerCacheTime", SCH, "ServerCacheTime", SCH, ten_hours},
    {"ClientCacheTime", SCH, "ClientCacheTime", SCH, ten_hours},
    {"MaximumCacheSize", SCH, "MaximumCacheSize", SCH, cache_20000},
    {"IssuerCacheTime", SCH, "IssuerCacheTime", SCH, ten_minutes},
    {"IssuerCacheSize", SCH, "IssuerCacheSize", SCH, cache_100},
    {"KeyExchangeAlgorithms\\PKCS ClientMinKeyBitLength", KEX "\\PKCS", "ClientMinKeyBitLength", SCH,
     key_1024},
    {"KeyExchangeAlgorithms\\PKCS ServerMinKeyBitLength", KEX "\\PKCS", "ServerMinKeyBitLength", SCH,
     not_known},
    {"KeyExchangeAlgorithms\\Diffie-Hellman ClientMinKeyBitLength", KEX "\\Diffie-Hellman",
     "ClientMinKeyBitLength", SCH, key_1024},
    {"KeyExchangeAlgorithms\\Diffie-Hellman ServerMinKeyBitLength", KEX "\\Diffie-Hellman",
     "ServerMinKeyBitLength", SCH, key_2048},
    {"EnableHttp2Tls", HTTPP, "EnableHttp2Tls", HTTPP, http2},
    {"EnableHttp2Cleartext", HTTPP, "EnableHttp2Cleartext", HTTPP, http2},
    {"EnableHttp3", HTTPP, "EnableHttp3", HTTPP, is_zero},
    {"MaxFieldLength", HTTPP, "MaxFieldLength", HTTPP, limit_16k},
    {"MaxRequestBytes", HTTPP, "MaxRequestBytes", HTTPP, limit_16k},
    {"CertChainCacheOnlyUrlRetrieval", FILTER "\\Parameters", "CertChainCacheOnlyUrlRetrieval", FILTER,
     is_one},
    {"FIPSAlgorithmPolicy", "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\FIPSAlgorithmPolicy", "Enabled",
     "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\FIPSAlgorithmPolicy", is_zero},
    {"DisableRootAutoUpdate", "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\AuthRoot",
     "DisableRootAutoUpdate", "HKLM\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates", is_zero},
};

static void emit(struct extract_state *x, const char *setting, int64_t value, bool is_known, const char *key,
                 const struct registry_value *set)
{
    sink_begin(x->sink, "schannel_setting");
    sink_c(x->sink, "setting", setting);
    if (is_known)
        sink_int(x->sink, "value", value);
    sink_int(x->sink, "is_set", set != NULL);
    sink_c(x->sink, "key", key);
    if (set) {
        sink_text(x->sink, "entry", set->entry);
        sink_int(x->sink, "line", set->line);
    }
    sink_end(x->sink);
}

/* A value of another type is not read by Schannel: as good as not set. */
static const struct registry_value *dword(const struct extract_state *x, const char *key, const char *name)
{
    const struct registry_value *v = registry_get(x->registry, key, name);

    return v && v->has_number ? v : NULL;
}

/* Does this Windows have what the value would switch? */
static bool is_read(const struct windows_family *f, const char *setting)
{
    if (!f)
        return true;
    if (strncmp(setting, "EnableHttp2", sizeof("EnableHttp2") - 1) == 0)
        return f->has_http2;
    return strcmp(setting, "EnableHttp3") != 0 || f->has_http3;
}

static void resolve(struct extract_state *x, const struct setting *s)
{
    const struct windows_family *f = windows_of_build(x->build);
    const struct registry_value *v = dword(x, s->key, s->name);
    int64_t value;

    if (v && !is_read(f, s->setting))
        v = NULL;
    else if (!v && !extract_registry_is_known(x, str_from(s->key), str_from(s->root)))
        return;
    if (v) {
        emit(x, s->setting, (int64_t)v->number, true, s->key, v);
        return;
    }
    value = s->when_absent(f);
    emit(x, s->setting, value, value != WINDOWS_UNKNOWN, s->key, NULL);
}

/* causes K01: Enabled 0 is off; Enabled not 0 is on, unless DisabledByDefault is 1, which acts as off for
 * http.sys. */
static void resolve_protocol(struct extract_state *x, enum windows_protocol p, bool is_server)
{
    const struct windows_family *f = windows_of_build(x->build);
    const char *side = is_server ? "Server" : "Client";
    char name[32], key[160];
    const struct registry_value *enabled, *off;
    int value = f ? (is_server ? f->on_server[p] : f->on_client[p]) : WINDOWS_UNKNOWN;

    (void)snprintf(name, sizeof(name), "%s %s", windows_protocol_name(p), side);
    (void)snprintf(key, sizeof(key), SCH "\\Protocols\\%s\\%s", windows_protocol_name(p), side);
    enabled = dword(x, key, "Enabled");
    off = dword(x, key, "DisabledByDefault");
    if (!enabled && !off && !extract_registry_is_known(x, str_from(key), STR(SCH)))
        return;
    if (p == WINDOWS_TLS13 && f && value == 0)
        enabled = off = NULL; /* there is no TLS 1.3 in this build: the values do nothing */
    if ((enabled && enabled->number == 0) || (off && off->number == 1))
        value = 0;
    else if (enabled)
        value = 1;
    emit(x, name, value, value != WINDOWS_UNKNOWN, key, enabled ? enabled : off);
}

/* What is on in every version unless it is switched off (KB245030: "if you do not configure the Enabled
 * value, the default is enabled"). Of other ciphers the default changed from version to version: no row
 * unless set. */
static const char *const on_by_default[] = {
    "Ciphers\\AES 128/128",
    "Ciphers\\AES 256/256",
    "Hashes\\SHA",
    "Hashes\\SHA256",
    "Hashes\\SHA384",
    "Hashes\\SHA512",
    "KeyExchangeAlgorithms\\PKCS",
    "KeyExchangeAlgorithms\\Diffie-Hellman",
    "KeyExchangeAlgorithms\\ECDH",
};

/* Those that are switched at all. */
static void resolve_switched(struct extract_state *x)
{
    static const char *const groups[] = {SCH "\\Ciphers\\", SCH "\\Hashes\\", KEX "\\"};

    for (const struct registry_key *k = registry_first(x->registry); k; k = k->next) {
        const struct registry_value *v = registry_value(k, "Enabled");
        for (size_t i = 0; v && v->has_number && i < ARRAY_LEN(groups); i++) {
            char setting[128];
            struct str name = str_skip(k->key, sizeof(SCH)); /* the prefix and its backslash */
            if (!str_istarts(k->key, str_from(groups[i])) || name.len >= sizeof(setting))
                continue;
            (void)snprintf(setting, sizeof(setting), "%.*s", (int)name.len, name.p);
            emit(x, setting, v->number != 0, true, k->key.p, v);
        }
    }
}

static void resolve_algorithms(struct extract_state *x)
{
    resolve_switched(x);
    for (size_t i = 0; i < ARRAY_LEN(on_by_default); i++) {
        char key[200];
        (void)snprintf(key, sizeof(key), SCH "\\%s", on_by_default[i]);
        if (!dword(x, key, "Enabled") && extract_registry_is_known(x, str_from(key), STR(SCH)))
            emit(x, on_by_default[i], 1, true, key, NULL);
    }
}

int extract_registry_schannel(struct extract_state *x, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(settings); i++)
        resolve(x, &settings[i]);
    for (int p = 0; p < WINDOWS_PROTOCOLS; p++) {
        resolve_protocol(x, (enum windows_protocol)p, true);
        resolve_protocol(x, (enum windows_protocol)p, false);
    }
    resolve_algorithms(x);
    return sink_check(x->sink, e);
}
