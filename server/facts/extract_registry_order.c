/* SPDX-License-Identifier: Apache-2.0
 *
 * Orders of cipher suites, signature algorithms and curves. The policy writes one text with commas, the local
 * configuration a list; the policy wins (Microsoft: "Configuring TLS Cipher Suite Order", "Manage TLS"). */
#include <string.h>

#include "extract_registry.h"

#define LOCAL "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\"
#define POLICY "HKLM\\SOFTWARE\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\"
enum { NAMES_MAX = 500 };

static const struct {
    const char *list, *below, *name;
} lists[] = {
    {"cipher suites", "00010002", "Functions"},
    {"signature algorithms", "00010003", "Functions"},
    {"curves", "00010002", "EccCurves"},
};

static void emit(struct extract_state *x, const char *list, int64_t position, struct str name,
                 const char *decided_by, const struct registry_key *k, const struct registry_value *v)
{
    sink_begin(x->sink, "schannel_order");
    sink_c(x->sink, "list", list);
    sink_int(x->sink, "position", position);
    sink_text(x->sink, "name", name);
    sink_c(x->sink, "decided_by", decided_by);
    sink_text(x->sink, "key", k->key);
    sink_text(x->sink, "entry", v->entry);
    sink_int(x->sink, "line", v->line);
    sink_end(x->sink);
}

/* Names between commas and line ends. */
static void read_names(struct extract_state *x, const char *list, const char *decided_by,
                       const struct registry_key *k, const struct registry_value *v)
{
    struct str rest = v->text;

    for (int64_t position = 0; rest.len > 0 && position < NAMES_MAX;) {
        size_t end = 0;
        while (end < rest.len && rest.p[end] != ',' && rest.p[end] != '\n')
            end++;
        struct str name = str_trim((struct str){rest.p, end});
        rest = str_skip(rest, end + 1);
        if (name.len > 0)
            emit(x, list, ++position, name, decided_by, k, v);
    }
}

static bool read_place(struct extract_state *x, size_t i, const char *root, const char *decided_by)
{
    const char *place = arena_printf(x->arena, "%s%s", root, lists[i].below);
    const struct registry_key *k = place ? registry_find(x->registry, str_from(place)) : NULL;
    const struct registry_value *v = k ? registry_value(k, lists[i].name) : NULL;

    if (!v || v->text.len == 0)
        return false;
    read_names(x, lists[i].list, decided_by, k, v);
    return true;
}

int extract_registry_orders(struct extract_state *x, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (!read_place(x, i, POLICY, "policy"))
            (void)read_place(x, i, LOCAL, "local");
    return sink_check(x->sink, e);
}
