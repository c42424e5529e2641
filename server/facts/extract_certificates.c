/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_certificates.h"

#include <stdlib.h>
#include <string.h>

#include "registry.h"

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "certificates: out of memory");
}

/* --- the distinct certificates --- */

static size_t bucket_of(const struct certificates *k, struct str thumbprint)
{
    size_t h = 0;

    for (size_t i = 0; i < thumbprint.len && i < 16; i++)
        h = h * 31 + ((unsigned char)thumbprint.p[i] | 32u);
    return h % k->n_buckets;
}

/* Open addressing; the table is twice as large as the limit. */
static struct x509 **slot_of(const struct certificates *k, struct str thumbprint)
{
    size_t at = bucket_of(k, thumbprint);

    while (k->buckets[at] && !str_ieq(str_from(k->buckets[at]->thumbprint), thumbprint))
        at = (at + 1) % k->n_buckets;
    return &k->buckets[at];
}

const struct x509 *certificates_find(const struct certificates *k, struct str thumbprint)
{
    return *slot_of(k, thumbprint);
}

struct x509 *certificates_add(struct certificates *k, struct bytes der, struct err *e)
{
    struct arena *a = k->x->arena;
    struct x509 *c = arena_alloc(a, sizeof(*c)), **slot;

    if (!c) {
        (void)no_memory(e);
        return NULL;
    }
    if (x509_parse(der, a, c, e))
        return NULL;
    slot = slot_of(k, str_from(c->thumbprint));
    if (*slot || k->n == k->room) {
        x509_done(c);
        if (!*slot)
            (void)err_set(e, ERR_FORMAT, "more certificates than the limit of %zu", k->room);
        return *slot;
    }
    if (c->der.len < der.len)
        sink_problem(k->x->sink, k->entry, 0, "%zu bytes behind certificate %s were left out",
                     der.len - c->der.len, c->thumbprint);
    *slot = c;
    k->list[k->n++] = c;
    return c;
}

static void release(struct certificates *k)
{
    for (size_t i = 0; i < k->n; i++)
        x509_done(k->list[i]);
}

/* --- places --- */

static bool is_same_place(const struct certificate_place *a, const struct certificate_place *b)
{
    return strcmp(a->thumbprint, b->thumbprint) == 0 && str_ieq(a->location, b->location) &&
           str_ieq(a->store, b->store) && str_ieq(a->user, b->user) &&
           (!a->physical.p || !b->physical.p || str_ieq(a->physical, b->physical));
}

static void complete(struct certificate_place *old, const struct certificate_place *p)
{
    if (!old->physical.p)
        old->physical = p->physical;
    if (!old->friendly_name.p)
        old->friendly_name = p->friendly_name;
    if (!old->properties) {
        old->set = p->set;
        old->renewed_by = p->renewed_by;
        old->properties = p->properties;
        old->n_properties = p->n_properties;
    }
    if (old->archived < 0)
        old->archived = p->archived;
    if (!old->key.is_known)
        old->key = p->key;
    if (!old->certificate)
        old->certificate = p->certificate;
}

static bool grow_places(struct certificates *k)
{
    size_t room = k->room_places ? 2 * k->room_places : 256;
    struct certificate_place *more = arena_array(k->x->arena, room, sizeof(*more));

    if (!more)
        return false;
    if (k->n_places)
        memcpy(more, k->places, k->n_places * sizeof(*more));
    k->places = more;
    k->room_places = room;
    return true;
}

int certificates_place(struct certificates *k, const struct certificate_place *p, struct err *e)
{
    size_t *bucket = &k->place_buckets[bucket_of(k, str_from(p->thumbprint))];

    for (size_t i = *bucket; i; i = k->places[i - 1].next) {
        if (is_same_place(&k->places[i - 1], p)) {
            complete(&k->places[i - 1], p);
            return 0;
        }
    }
    if (k->n_places >= (size_t)LIMIT_CERTIFICATES)
        return 0;
    if (k->n_places == k->room_places && !grow_places(k))
        return no_memory(e);
    k->places[k->n_places] = *p;
    k->places[k->n_places].next = *bucket;
    *bucket = ++k->n_places;
    return 0;
}

struct str certificates_store_name(struct str store, struct str *ret_physical)
{
    static const char *const names[] = {"My",
                                        "Root",
                                        "CA",
                                        "Disallowed",
                                        "ClientAuthIssuer",
                                        "NTAuth",
                                        "TrustedPeople",
                                        "TrustedPublisher",
                                        "WebHosting",
                                        "Trust"};

    if (str_ieq(store, STR("AuthRoot"))) {
        *ret_physical = STR("AuthRoot");
        return STR("Root");
    }
    if (str_ieq(store, STR("SmartCardRoot"))) {
        *ret_physical = STR("SmartCard");
        return STR("Root");
    }
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_ieq(store, str_from(names[i])))
            return str_from(names[i]);
    return store;
}

unsigned certificates_place_bit(struct str store)
{
    return str_ieq(store, STR("Root"))         ? X509_IN_ROOT
           : str_ieq(store, STR("CA"))         ? X509_IN_CA
           : str_ieq(store, STR("Disallowed")) ? X509_IN_DISALLOWED
           : str_ieq(store, STR("My"))         ? X509_IN_MY
           : str_ieq(store, STR("Trust"))      ? X509_IN_TRUST
                                               : X509_IN_OTHER;
}

/* --- the whole --- */

static int add_all(struct certificates *k, const struct bytes *list, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct err ignored = {0};
        if (!certificates_add(k, list[i], &ignored) && ignored.code == ERR_NOMEM)
            return no_memory(e);
    }
    return 0;
}

static int add_mapped(struct certificates *k, struct err *e)
{
    int r = add_all(k, k->x->mapped, k->x->n_mapped, e);

    return r ? r : add_all(k, k->x->seen, k->x->n_seen, e);
}

static int read_all(struct certificates *k, struct err *e)
{
    static int (*const steps[])(struct certificates *, struct err *) = {certificates_read_entries,
                                                                        certificates_read_stores,
                                                                        certificates_read_registry,
                                                                        certificates_read_policy,
                                                                        add_mapped,
                                                                        certificates_read_keys,
                                                                        certificates_find_accounts};
    int r = 0;

    for (size_t i = 0; r == 0 && i < ARRAY_LEN(steps); i++)
        r = steps[i](k, e);
    return r;
}

int extract_certificates(struct extract_state *x, struct err *e)
{
    struct certificates k = {
        .x = x, .room = (size_t)LIMIT_CERTIFICATES, .n_buckets = 2 * (size_t)LIMIT_CERTIFICATES + 1};
    int r;

    k.list = arena_array(x->arena, k.room, sizeof(struct x509 *));
    k.buckets = arena_array(x->arena, k.n_buckets, sizeof(struct x509 *));
    k.place_buckets = arena_array(x->arena, k.n_buckets, sizeof(size_t));
    if (!k.list || !k.buckets || !k.place_buckets)
        return no_memory(e);
    x509_policy_init(&k.policy);
    r = read_all(&k, e);
    if (r == 0)
        r = certificates_emit(&k, e);
    if (r == 0) {
        certificates_emit_lists(&k);
        r = certificates_emit_keys(&k, e);
    }
    if (r == 0)
        r = certificates_emit_chains(&k, e);
    release(&k);
    return r ? r : sink_check(x->sink, e);
}
