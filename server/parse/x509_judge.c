/* SPDX-License-Identifier: Apache-2.0
 *
 * What is wrong with a path, in Windows' words; which path is the best; what Schannel's trust mode makes of
 * it. */
#include "x509_chain.h"

#include <stdlib.h>
#include <string.h>

void x509_trust_text(uint32_t status, struct buf *out)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } rows[] = {
#define X(name, bit) {bit, #name},
        X509_TRUST_LIST(X)
#undef X
    };
    bool is_first = true;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!(status & rows[i].bit))
            continue;
        if (!is_first)
            buf_add_char(out, ' ');
        buf_add_c(out, rows[i].name);
        is_first = false;
    }
    if (is_first)
        buf_add_c(out, "CERT_TRUST_NO_ERROR");
}

/* --- one link --- */

struct judging {
    const struct x509_policy *policy;
    int64_t at_ms;
    bool for_client;
};

static bool is_top(const struct x509 *c)
{
    return c->self_issued && c->self_signed != X509_NO;
}

static uint32_t judge_time(const struct x509 *c, int64_t at_ms)
{
    bool is_before = c->not_before_ms != TIME_NONE && at_ms < c->not_before_ms;
    bool is_after = c->not_after_ms != TIME_NONE && at_ms > c->not_after_ms;

    return at_ms != TIME_NONE && (is_before || is_after) ? X509_CERT_TRUST_IS_NOT_TIME_VALID : 0;
}

/* Extensions that the engine reads and that do not decode. Constraints nobody can read hold for nothing. */
static uint32_t judge_extensions(const struct x509 *c)
{
    return (c->has_broken_usage ? (uint32_t)X509_CERT_TRUST_INVALID_EXTENSION : 0) |
           (c->has_broken_constraints ? (uint32_t)X509_CERT_TRUST_INVALID_NAME_CONSTRAINTS : 0);
}

static uint32_t judge_usage(const struct x509_member *m)
{
    bool own = m->certificate->client_auth;
    bool property = !m->set.eku.p || x509_eku_allows_client(m->set.eku);
    bool denied = m->set.disallowed_eku.p && x509_eku_allows_client(m->set.disallowed_eku);

    return own && property && !denied ? 0 : X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
}

/* What Microsoft's root programme says of a root by its properties (aka.ms/rootcert: disabled, or not for
 * what was issued since). */
static uint32_t judge_programme(const struct judging *j, const struct x509_member *m, const struct x509 *leaf)
{
    const struct x509_properties *set = &m->set;
    uint32_t bits = 0;

    if (set->has_disallowed_after && j->at_ms != TIME_NONE && j->at_ms >= set->disallowed_after_ms)
        bits |= X509_CERT_TRUST_IS_EXPLICIT_DISTRUST;
    if (set->has_not_before && leaf->not_before_ms != TIME_NONE && leaf->not_before_ms > set->not_before_ms &&
        (!set->not_before_eku.p || (j->for_client && x509_eku_allows_client(set->not_before_eku))))
        bits |= X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    return bits;
}

/* An issuer must be a CA; only an anchor of the first version, or without the extension, is one without
 * saying so. */
static uint32_t judge_ca(const struct x509_path *p, size_t at)
{
    const struct x509 *c = p->links[at]->certificate;
    bool is_anchor = at == p->n_links - 1 && p->is_trusted;
    int64_t below = 0;
    uint32_t bits = 0;

    for (size_t i = 1; i < at; i++)
        below += !p->links[i]->certificate->self_issued;
    if (c->has_basic_constraints ? !c->is_ca : !is_anchor)
        bits |= X509_CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    if (c->path_length >= 0 && below > c->path_length)
        bits |= X509_CERT_TRUST_INVALID_BASIC_CONSTRAINTS;
    if (c->has_key_usage && !(c->key_usage_bits & X509_KU_CERT_SIGN))
        bits |= X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
    for (size_t i = 0; i < at; i++)
        if (i == 0 || !p->links[i]->certificate->self_issued)
            bits |= x509_name_constraints(c, p->links[i]->certificate);
    return bits;
}

static uint32_t judge_link(const struct judging *j, const struct x509_path *p, size_t i)
{
    const struct x509_member *m = p->links[i], *end = p->links[p->n_links - 1];
    bool is_end = i == p->n_links - 1, is_anchor = is_end && is_top(m->certificate);
    uint32_t bits = judge_time(m->certificate, j->at_ms);

    if (x509_policy_is_weak(j->policy, m->certificate, is_anchor, (end->places & X509_IS_THIRD_PARTY) != 0))
        bits |= X509_CERT_TRUST_HAS_WEAK_SIGNATURE;
    if ((m->places & X509_IN_DISALLOWED) || x509_policy_disallows(j->policy, m->certificate))
        bits |= X509_CERT_TRUST_IS_EXPLICIT_DISTRUST;
    if (m->certificate->has_unknown_critical)
        bits |= X509_CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT;
    if (p->is_unsigned[i])
        bits |= X509_CERT_TRUST_IS_NOT_SIGNATURE_VALID;
    bits |= judge_extensions(m->certificate);
    if (j->for_client)
        bits |= judge_usage(m);
    if (is_end)
        bits |= judge_programme(j, m, p->links[0]->certificate);
    return i > 0 ? bits | judge_ca(p, i) : bits;
}

/* --- a path --- */

static uint32_t judge_end(struct x509_path *p)
{
    const struct x509_member *top = p->links[p->n_links - 1];

    p->missing = (struct str){0};
    p->is_trusted = false;
    if (!is_top(top->certificate)) {
        p->missing = top->certificate->issuer;
        return X509_CERT_TRUST_IS_PARTIAL_CHAIN | (p->is_cyclic ? (uint32_t)X509_CERT_TRUST_IS_CYCLIC : 0);
    }
    p->is_trusted = (top->places & X509_IN_ROOT) != 0;
    return p->is_trusted ? 0 : X509_CERT_TRUST_IS_UNTRUSTED_ROOT;
}

static void judge_path(const struct judging *j, struct x509_path *p)
{
    uint32_t end = judge_end(p);

    p->status = end | p->policy_bits;
    for (size_t i = 0; i < p->n_links; i++) {
        p->link_status[i] = judge_link(j, p, i);
        p->status |= p->link_status[i];
    }
    p->link_status[0] |= p->policy_bits;
    p->link_status[p->n_links - 1] |= end;
}

/* --- the best path --- */

static int badness(uint32_t status)
{
    static const struct {
        uint32_t bit;
        int weight;
    } rows[] = {{X509_CERT_TRUST_IS_NOT_SIGNATURE_VALID, 128},
                {X509_CERT_TRUST_IS_PARTIAL_CHAIN, 64},
                {X509_CERT_TRUST_IS_UNTRUSTED_ROOT, 32},
                {X509_CERT_TRUST_IS_EXPLICIT_DISTRUST, 16},
                {X509_CERT_TRUST_IS_NOT_TIME_VALID, 4}};
    uint32_t others = status;
    int n = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        n += status & rows[i].bit ? rows[i].weight : 0;
        others &= ~rows[i].bit;
    }
    return n + (others ? 8 : 0);
}

static int compare_times(int64_t a, int64_t b)
{
    return a == b ? 0 : a > b ? -1 : 1;
}

/* KB2831004: of paths of the same quality the shortest; then those of the newer certificates. */
static int compare_paths(const void *left, const void *right)
{
    const struct x509_path *a = left, *b = right;
    int d = badness(a->status) - badness(b->status);

    if (d == 0 && a->n_links != b->n_links)
        d = a->n_links < b->n_links ? -1 : 1;
    for (size_t i = 1; d == 0 && i < a->n_links; i++) {
        const struct x509 *x = a->links[i]->certificate, *y = b->links[i]->certificate;
        d = compare_times(x->not_before_ms, y->not_before_ms);
        if (d == 0)
            d = compare_times(x->not_after_ms, y->not_after_ms);
        if (d == 0)
            d = strcmp(x->thumbprint, y->thumbprint);
    }
    return d;
}

void x509_chain_judge(const struct x509_pool *pool, struct x509_chain *chain, int64_t at_ms, bool for_client)
{
    struct x509_policy windows;
    const struct judging j = {
        .policy = pool->policy ? pool->policy : &windows, .at_ms = at_ms, .for_client = for_client};

    x509_policy_init(&windows);
    for (size_t i = 0; i < chain->n_paths; i++)
        judge_path(&j, &chain->paths[i]);
    qsort(chain->paths, chain->n_paths, sizeof(*chain->paths), compare_paths);
}

/* --- Schannel's own measures --- */

/* The lowest link of that store; n_links: none. A leaf that is self-signed counts as its own issuer. */
static size_t issuer_link(const struct x509_path *p, unsigned place)
{
    size_t first = p->n_links == 1 && is_top(p->links[0]->certificate) ? 0 : 1;

    for (size_t i = first; i < p->n_links; i++)
        if (p->links[i]->places & place)
            return i;
    return p->n_links;
}

static uint32_t status_under(const struct x509_path *p, int mode, unsigned place)
{
    const uint32_t end = X509_CERT_TRUST_IS_UNTRUSTED_ROOT | X509_CERT_TRUST_IS_PARTIAL_CHAIN;
    const struct x509_member *top = p->links[p->n_links - 1];
    size_t at = issuer_link(p, place);
    uint32_t bits = 0;

    if (mode == X509_EXCLUSIVE_CA_TRUST && at < p->n_links) {
        for (size_t i = 0; i <= at; i++)
            bits |= p->link_status[i] & ~end;
        return bits;
    }
    if (mode == X509_EXCLUSIVE_ROOT_TRUST && is_top(top->certificate))
        return (p->status & ~end) | (top->places & place ? 0 : (uint32_t)X509_CERT_TRUST_IS_UNTRUSTED_ROOT);
    if (mode == X509_MACHINE_TRUST && at < p->n_links)
        return p->status;
    return p->status | (p->status & end ? 0 : (uint32_t)X509_CERT_TRUST_IS_UNTRUSTED_ROOT);
}

struct x509_verdict x509_chain_accept(const struct x509_chain *chain, int mode, bool has_issuers)
{
    unsigned place = has_issuers ? X509_IN_ISSUERS : X509_IN_ROOT;
    struct x509_verdict best = {0};

    for (size_t i = 0; i < chain->n_paths; i++) {
        const struct x509_path *p = &chain->paths[i];
        bool is_free = mode == X509_MACHINE_TRUST && !has_issuers;
        uint32_t status = is_free ? p->status : status_under(p, mode, place);
        if (i == 0 || badness(status) < badness(best.status))
            best = (struct x509_verdict){.path = i, .status = status};
    }
    return best;
}
