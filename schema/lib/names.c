/* SPDX-License-Identifier: Apache-2.0 */
#include "names.h"
#include "compiler.h"
#include "limits.h"

#include <string.h>

static const char *const OUTCOMES[] = {
#define X(name, text) text,
    OUTCOME_LIST(X)
#undef X
};

static const char *const KINDS[] = {
#define X(name, text) text,
    KIND_LIST(X)
#undef X
};

static bool find_word(const char *const *words, size_t count, struct str s, size_t *ret)
{
    for (size_t i = 0; i < count; i++)
        if (str_eq(s, str_from(words[i]))) {
            *ret = i;
            return true;
        }
    return false;
}

const char *outcome_text(enum outcome o)
{
    return (size_t)o < OUTCOME_COUNT ? OUTCOMES[o] : "error";
}

bool outcome_from(struct str s, enum outcome *ret)
{
    size_t i;

    if (!find_word(OUTCOMES, ARRAY_LEN(OUTCOMES), s, &i))
        return false;
    *ret = (enum outcome)i;
    return true;
}

const char *kind_text(enum kind k)
{
    return (size_t)k < KIND_COUNT ? KINDS[k] : "attachment";
}

bool kind_from(struct str s, enum kind *ret)
{
    size_t i;

    if (!find_word(KINDS, ARRAY_LEN(KINDS), s, &i))
        return false;
    *ret = (enum kind)i;
    return true;
}

/* The table of entries in schema/bundle.md; the first row that fits decides. */
struct entry_rule {
    const char *prefix, *suffix;
    enum kind kind;
};

static const struct entry_rule ENTRY_RULES[] = {
    {"iis/config/", ".config", KIND_IIS_CONFIG},
    {"iis/config/schema/", ".xml", KIND_IIS_CONFIG},
    {"iis/web/", "/web.config", KIND_WEB_CONFIG},
    {"iis/history", "", KIND_IIS_HISTORY},
    {"registry/schannel.reg", "", KIND_REG_SCHANNEL},
    {"registry/http.reg", "", KIND_REG_HTTP},
    {"registry/system.reg", "", KIND_REG_SYSTEM},
    {"registry/client-", ".reg", KIND_REG_CLIENT},
    {"registry/", ".reg", KIND_REG_SYSTEM}, /* an export made by hand, of whatever name */
    {"certs/stores.json", "", KIND_CERT_STORE},
    {"certs/stores-", ".json", KIND_CERT_STORE},
    {"certs/", "",
     KIND_CERT_STORE}, /* DER, PEM, PKCS#7, serialised stores, CRLs, CTLs, files of a user's My */
    {"chains/", ".json", KIND_CHAIN_ONLINE},
    {"acl/keys.json", "", KIND_KEY_ACL},
    {"http/sslcert.", "", KIND_HTTP_SSLCERT},
    {"logs/w3svc/", ".log", KIND_LOG_IIS},
    {"logs/w3svc/", ".gz", KIND_LOG_IIS},
    {"logs/httperr/", ".log", KIND_LOG_HTTPERR},
    {"logs/httperr/", ".gz", KIND_LOG_HTTPERR},
    {"logs/freb/", ".xml", KIND_LOG_FREB},
    {"logs/freb/", ".gz", KIND_LOG_FREB},
    {"logs/events/", ".xml", KIND_LOG_EVENT},
    {"logs/events/", ".evtx", KIND_LOG_EVENT},
    {"tls/", ".json", KIND_TLS_PROBE},
    {"tls/", ".bin", KIND_TLS_PROBE},
    {"attach/", ".evtx", KIND_LOG_EVENT},
    {"attach/", "", KIND_ATTACHMENT},
    {"log/collect.log", "", KIND_COLLECTOR_LOG},
};

bool kind_of_entry(struct str name, enum kind *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(ENTRY_RULES); i++) {
        struct str prefix = str_from(ENTRY_RULES[i].prefix), suffix = str_from(ENTRY_RULES[i].suffix);

        if (str_istarts(name, prefix) && str_iends(name, suffix)) {
            *ret = ENTRY_RULES[i].kind;
            return true;
        }
    }
    return false;
}

static bool part_is_legal(struct str part)
{
    if (part.len == 0 || part.p[part.len - 1] == '.' || part.p[part.len - 1] == ' ')
        return false;
    for (size_t i = 0; i < part.len; i++)
        if (part.p[i] < 0x20 || part.p[i] > 0x7e || strchr("<>:\"|?*\\", part.p[i]))
            return false;
    return true;
}

bool entry_name_is_legal(struct str name)
{
    if (name.len == 0 || (int64_t)name.len > LIMIT_ENTRY_NAME_BYTES)
        return false;
    while (name.p)
        if (!part_is_legal(str_cut(name, '/', &name)))
            return false;
    return true;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool case_id_is_legal(struct str id)
{
    if (id.len == 0 || id.len > 64 || !is_alnum(id.p[0]))
        return false;
    for (size_t i = 0; i < id.len; i++)
        if (!is_alnum(id.p[i]) && id.p[i] != '.' && id.p[i] != '_' && id.p[i] != '-')
            return false;
    return true;
}
