/* SPDX-License-Identifier: Apache-2.0
 *
 * Names that stay: of hosts in certificates, of application pools. */
#include "pseudonym_names.h"

#include <string.h>

/* --- certificates --- */

/* The host and the domains above it; of a URL or a mail address what is one. */
static void keep_host(struct pseudonyms *p, struct str s)
{
    for (size_t i = 0; i + 2 < s.len; i++)
        if (memcmp(s.p + i, "://", 3) == 0) {
            s = names_host(str_skip(s, i + 3));
            break;
        }
    for (struct str rest = s; rest.p != NULL && rest.len > 2 && rest.len <= NAME_BYTES;) {
        bool wild = str_starts(rest, STR("*."));
        struct name *n = names_host(str_skip(rest, wild ? 2 : 0)).len + (wild ? 2 : 0) == rest.len
                             ? names_get(p, rest)
                             : NULL;
        if (n == NULL)
            return;
        n->in_certificate = true;
        (void)str_cut(rest, '.', &rest);
        if (rest.len > 0 && memchr(rest.p, '.', rest.len) == NULL)
            return;
    }
}

/* X.690 by its tags: dNSName and URI of RFC 5280 4.2.1.6, and what follows the OID of a common name. */
static void walk(struct pseudonyms *p, struct bytes b, int depth)
{
    static const uint8_t COMMON_NAME[] = {6, 3, 0x55, 4, 3};
    bool is_common_name = false;

    while (b.len > 1 && depth < 16) {
        size_t head = 2, len = b.p[1];
        uint8_t tag = b.p[0];
        if (len >= 0x80) {
            head += len & 0x7f;
            len = 0;
            for (size_t i = 2; i < head && i < b.len && head <= 6; i++)
                len = len << 8 | b.p[i];
        }
        if (head > 6 || head > b.len || len > b.len - head)
            return;
        struct bytes in = {b.p + head, len};
        if ((tag & 0x20) != 0 || (tag == 4 && len > 2 && in.p[0] == 0x30))
            walk(p, in, depth + 1);
        else if (tag == 0x82 || tag == 0x86 || is_common_name)
            keep_host(p, (struct str){(const char *)in.p, in.len});
        is_common_name =
            head + len == sizeof(COMMON_NAME) && memcmp(b.p, COMMON_NAME, sizeof(COMMON_NAME)) == 0;
        b = (struct bytes){in.p + len, b.len - head - len};
    }
}

void pseudonyms_learn_certificate(struct pseudonyms *p, struct bytes der)
{
    walk(p, der, 0);
}

/* --- application pools --- */

static void keep_pool(struct pseudonyms *p, struct str name)
{
    struct name *n = name.len == 0 || name.len > NAME_BYTES ? NULL : names_get(p, name);

    if (n == NULL)
        return;
    n->stays = true;
    names_set(p, n, name);
}

void pseudonyms_learn_pools(struct pseudonyms *p, struct str config)
{
    bool among_pools = false;

    for (struct str s = config; s.len > 0; s = str_skip(s, 1)) {
        if (str_starts(s, STR("applicationPools>")))
            among_pools = s.p > config.p && s.p[-1] == '<';
        if (str_starts(s, STR("applicationPool=\"")))
            keep_pool(p, names_value(str_skip(s, 17)));
        else if (among_pools && str_starts(s, STR("<add name=\"")))
            keep_pool(p, names_value(str_skip(s, 11)));
    }
}
