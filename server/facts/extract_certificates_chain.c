/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "extract_certificates.h"

/* --- rows --- */

static void emit_link(struct sink *s, const struct x509_chain *chain, size_t path, size_t position,
                      struct str machine, struct str leaf_machine)
{
    CLEANUP(buf_done) struct buf status = BUF_INIT(1024);
    const struct x509_path *p = &chain->paths[path];
    const struct x509_member *m = position < p->n_links ? p->links[position] : NULL;

    sink_begin(s, "chain");
    if (machine.len > 0) {
        sink_text(s, "machine", machine);
        sink_text(s, "leaf_machine", leaf_machine);
    }
    sink_c(s, "leaf", p->links[0]->certificate->thumbprint);
    sink_int(s, "path", (int64_t)path);
    sink_int(s, "position", (int64_t)position);
    if (m) {
        sink_c(s, "thumbprint", m->certificate->thumbprint);
        sink_text(s, "subject", m->certificate->subject);
        sink_text(s, "store", m->store);
        x509_trust_text(p->link_status[position], &status);
        sink_text(s, "status", buf_str(&status));
    } else {
        sink_text(s, "subject", p->missing);
    }
    sink_end(s);
}

static void emit_status(struct sink *s, const struct x509_chain *chain, size_t path, struct str machine,
                        struct str leaf_machine, int64_t at_ms)
{
    CLEANUP(buf_done) struct buf status = BUF_INIT(1024);
    const struct x509_path *p = &chain->paths[path];

    x509_trust_text(p->status, &status);
    sink_begin(s, "chain_status");
    if (machine.len > 0) {
        sink_text(s, "machine", machine);
        sink_text(s, "leaf_machine", leaf_machine);
    }
    sink_c(s, "leaf", p->links[0]->certificate->thumbprint);
    sink_int(s, "path", (int64_t)path);
    sink_int(s, "trusted", p->is_trusted);
    sink_text(s, "status", buf_str(&status));
    sink_c(s, "root", p->links[p->n_links - 1]->certificate->thumbprint);
    sink_text(s, "missing", p->missing);
    sink_time(s, "at", at_ms);
    sink_end(s);
}

void certificates_emit_chain(struct sink *s, const struct x509_chain *chain, struct str machine,
                             struct str leaf_machine, int64_t at_ms)
{
    for (size_t i = 0; i < chain->n_paths; i++) {
        size_t n = chain->paths[i].n_links + (chain->paths[i].missing.p ? 1 : 0);
        for (size_t k = 0; k < n; k++)
            emit_link(s, chain, i, k, machine, leaf_machine);
        emit_status(s, chain, i, machine, leaf_machine, at_ms);
    }
}

/* --- pools --- */

static bool is_machines(const struct certificate_place *p)
{
    return str_eq(p->location, STR("LocalMachine"));
}

/* To a server, a user's stores on the same machine are another client's: it gets what that client sends,
 * never its roots. */
static bool is_visible(const struct certificate_place *p, const struct certificate_view *view)
{
    if (!p->certificate)
        return false;
    if (is_machines(p))
        return true;
    return view->user.p && str_eq(p->location, STR("CurrentUser")) && str_ieq(p->user, view->user) &&
           !(view->to_server && p->certificate->self_issued);
}

static bool is_better_name(unsigned bit, unsigned before)
{
    static const unsigned order[] = {X509_IN_DISALLOWED, X509_IN_ROOT,  X509_IN_CA,
                                     X509_IN_MY,         X509_IN_OTHER, X509_IS_SENT};

    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        if (before & order[i])
            return false;
        if (bit == order[i])
            return true;
    }
    return true;
}

/* Two stores may set different things on one certificate; a limit of either holds. */
static void add_limits(struct x509_properties *set, const struct x509_properties *more)
{
    if (more->eku.p)
        set->eku = more->eku;
    if (more->disallowed_eku.p)
        set->disallowed_eku = more->disallowed_eku;
    if (more->has_disallowed_after) {
        set->has_disallowed_after = true;
        set->disallowed_after_ms = more->disallowed_after_ms;
    }
    if (more->has_not_before) {
        set->has_not_before = true;
        set->not_before_ms = more->not_before_ms;
        set->not_before_eku = more->not_before_eku;
    }
}

static void add_member(struct x509_member *m, const struct certificate_place *p,
                       const struct certificate_view *view)
{
    bool is_sent = view->to_server && !is_machines(p);
    unsigned bit = is_sent ? (unsigned)X509_IS_SENT : certificates_place_bit(p->store);

    if (is_better_name(bit, m->places))
        m->store = is_sent ? STR("sent") : p->store;
    m->certificate = p->certificate;
    m->places |= bit;
    if (!is_sent && view->issuers.p && str_ieq(p->store, view->issuers))
        m->places |= X509_IN_ISSUERS;
    if (str_eq(p->physical, STR("AuthRoot")))
        m->places |= X509_IS_THIRD_PARTY;
    if (!is_sent)
        add_limits(&m->set, &p->set);
}

/* Sorted places would do as well; a machine has some hundreds, and the members are found by a hash of the
 * pointer. */
int certificates_pool(const struct certificates *k, const struct certificate_view *view, struct arena *a,
                      struct x509_pool *ret, struct err *e)
{
    size_t room = k->n_places + 1, n_slots = 2 * room + 1, n = 0;
    struct x509_member *members = arena_array(a, room, sizeof(*members));
    struct x509_member **slots = arena_array(a, n_slots, sizeof(struct x509_member *));

    if (!members || !slots)
        return err_set(e, ERR_NOMEM, "chains: out of memory");
    for (size_t i = 0; i < k->n_places; i++) {
        const struct certificate_place *p = &k->places[i];
        size_t at = (size_t)((uintptr_t)p->certificate / sizeof(void *)) % n_slots;
        if (!is_visible(p, view))
            continue;
        while (slots[at] && slots[at]->certificate != p->certificate)
            at = (at + 1) % n_slots;
        if (!slots[at])
            slots[at] = &members[n++];
        add_member(slots[at], p, view);
    }
    *ret = (struct x509_pool){.members = members, .n_members = n, .policy = &k->policy};
    return 0;
}

/* --- leaves --- */

static const struct x509_member *member_of(const struct x509_pool *pool, const struct x509 *c)
{
    for (size_t i = 0; i < pool->n_members; i++)
        if (pool->members[i].certificate == c)
            return &pool->members[i];
    return NULL;
}

static int emit_leaf(const struct certificates *k, const struct x509_pool *pool, const struct x509 *c,
                     struct err *e)
{
    const struct x509_member alone = {.certificate = c}, *leaf = member_of(pool, c);
    struct x509_chain chain = {0};
    int r = x509_chain_build(pool, leaf ? leaf : &alone, k->x->collected_ms, c->client_auth, k->x->arena,
                             &chain, e);

    if (r == 0)
        certificates_emit_chain(k->x->sink, &chain, (struct str){0}, (struct str){0}, k->x->collected_ms);
    return r;
}

/* The same certificate in two My stores (machine and user, or two physical ones) gets one set of chains. */
static bool is_done(const struct certificates *k, size_t at)
{
    for (size_t i = k->places[at].next; i; i = k->places[i - 1].next) /* the earlier ones of this bucket */
        if (k->places[i - 1].certificate == k->places[at].certificate &&
            str_ieq(k->places[i - 1].store, k->places[at].store))
            return true;
    return false;
}

static bool is_leaf(const struct certificates *k, size_t at)
{
    const struct certificate_place *p = &k->places[at];

    return p->certificate && (str_ieq(p->store, STR("My")) || str_ieq(p->store, STR("WebHosting"))) &&
           !is_done(k, at);
}

static int emit_mapped(const struct certificates *k, const struct x509_pool *pool, struct err *e)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < k->n; i++) {
        bool is_mapped = false, is_in_store = false;
        for (size_t m = 0; m < k->x->n_mapped && !is_mapped; m++)
            is_mapped = k->x->mapped[m].len >= k->list[i]->der.len &&
                        memcmp(k->x->mapped[m].p, k->list[i]->der.p, k->list[i]->der.len) == 0;
        for (size_t p = 0; is_mapped && p < k->n_places && !is_in_store; p++)
            is_in_store = k->places[p].certificate == k->list[i] && is_leaf(k, p);
        if (is_mapped && !is_in_store)
            r = emit_leaf(k, pool, k->list[i], e);
    }
    return r;
}

static bool is_server(const struct extract_state *x)
{
    if (x->view->manifest)
        return (x->view->manifest->machine.roles & ROLE_SERVER) != 0;
    for (size_t i = 0; i < x->view->n_entries; i++)
        if (str_istarts(x->view->entries[i].name, STR("iis/")))
            return true;
    return false;
}

int certificates_emit_chains(const struct certificates *k, struct err *e)
{
    bool to_server = is_server(k->x);
    struct x509_pool machine, users = {0};
    struct certificate_view view = {.to_server = to_server};
    int64_t n = 0;
    int r = certificates_pool(k, &view, k->x->arena, &machine, e);

    for (size_t i = 0; r == 0 && i < k->n_places; i++) {
        const struct certificate_place *p = &k->places[i];
        bool is_users = str_eq(p->location, STR("CurrentUser"));
        if (!is_leaf(k, i))
            continue;
        if (n++ == LIMIT_CHAIN_LEAVES) {
            sink_problem(k->x->sink, p->entry, 0, "the chains of more than %lld certificates were not built",
                         (long long)LIMIT_CHAIN_LEAVES);
            break;
        }
        if (is_users && !(view.user.p && str_ieq(view.user, p->user))) {
            view.user = p->user.p ? p->user : STR("");
            r = certificates_pool(k, &view, k->x->arena, &users, e);
        }
        if (r == 0)
            r = emit_leaf(k, is_users ? &users : &machine, p->certificate, e);
    }
    return r ? r : emit_mapped(k, &machine, e);
}
