/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies of browsers that are JSON: which certificate is picked, which proxy is used, and of Firefox' own
 * settings those that registry.def lists. Any other member may hold anything. */
#include "reg_text.h"

#include <jansson.h>

#include "probe.h"
#include "text.h"

static bool is_listed(const char *member)
{
    /* Chromium: AutoSelectCertificateForUrls, ProxySettings; Firefox: Preferences */
    static const char *const members[] = {"pattern",
                                          "filter",
                                          "ISSUER",
                                          "SUBJECT",
                                          "CN",
                                          "L",
                                          "O",
                                          "OU",
                                          "ProxyMode",
                                          "ProxyServer",
                                          "ProxyPacUrl",
                                          "ProxyPacMandatory",
                                          "ProxyBypassList",
                                          "ProxyServerMode",
                                          "Value",
                                          "Status",
                                          "Type",
                                          "security.osclientcerts.autoload",
                                          "security.enterprise_roots.enabled",
                                          "security.default_personal_cert"};

    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        if (str_eq(str_from(member), str_from(members[i])))
            return true;
    return false;
}

/* The number of members that went. */
static size_t drop(json_t *value)
{
    size_t n = 0, i;
    const char *name;
    void *next;
    json_t *member;

    json_array_foreach(value, i, member) n += drop(member);
    json_object_foreach_safe(value, next, name, member)
    {
        if (is_listed(name)) {
            n += drop(member);
            continue;
        }
        (void)json_object_del(value, name);
        n++;
    }
    return n;
}

void reg_json_add(struct buf *out, struct str text, bool only_json)
{
    json_t *value = str_starts(str_trim(text), STR("{")) ? json_loadb(text.p, text.len, 0, NULL) : NULL;

    if (value != NULL && drop(value) > 0)
        value_take(out, value); /* gives it up */
    else {
        if (value == NULL && only_json && text.len > 0)
            buf_add_c(out, "{[redacted]"); /* as little JSON as it was */
        else
            buf_add_str(out, text);
        json_decref(value);
    }
}
