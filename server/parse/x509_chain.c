/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_chain: finding the paths. What is wrong with each says x509_judge.c. */
#include "x509_chain.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(X509_CHAIN_LINKS == 16, "the same number stands in limits.def");

struct search {
    const struct x509_pool *pool;
    struct x509_path *paths;
    size_t n_paths;
    int64_t steps;
};

static bool is_in_path(const struct x509_path *p, const struct x509 *c)
{
    for (size_t i = 0; i < p->n_links; i++)
        if (strcmp(p->links[i]->certificate->thumbprint, c->thumbprint) == 0)
            return true;
    return false;
}

/* The key identifiers say another key. Absent ones say nothing. */
static bool is_other_key(const struct x509 *child, const struct x509 *issuer)
{
    if (child->aki.len == 0 || issuer->ski.len == 0)
        return false;
    return child->aki.len != issuer->ski.len || memcmp(child->aki.p, issuer->ski.p, child->aki.len) != 0;
}

static void extend(struct search *s, struct x509_path *p);

static void extend_by(struct search *s, struct x509_path *p, const struct x509_member *m, bool is_signed)
{
    p->is_unsigned[p->n_links - 1] = !is_signed;
    p->links[p->n_links++] = m;
    extend(s, p);
    p->n_links--;
    p->is_unsigned[p->n_links - 1] = false;
}

/* Every member that has the issuer's name: those that signed; where there is none, those of the same key
 * whose signature is wrong, which Windows takes into the chain and marks. */
static size_t try_issuers(struct search *s, struct x509_path *p, bool want_broken)
{
    const struct x509 *child = p->links[p->n_links - 1]->certificate;
    unsigned places =
        (unsigned)X509_ISSUER_PLACES | (s->pool->takes_issuers ? (unsigned)X509_IN_ISSUERS : 0u);
    size_t n = 0;

    for (size_t i = 0; i < s->pool->n_members && s->steps < LIMIT_CHAIN_STEPS; i++) {
        const struct x509_member *m = &s->pool->members[i];
        bool is_signed;
        if (!(m->places & places) || !x509_is_issuer_name(m->certificate, child) ||
            is_in_path(p, m->certificate))
            continue;
        s->steps++;
        is_signed = x509_signed_by(child, m->certificate) != X509_NO;
        if (is_signed == want_broken || (want_broken && is_other_key(child, m->certificate)))
            continue;
        n++;
        extend_by(s, p, m, is_signed);
    }
    return n;
}

static bool is_issued_within(const struct x509_path *p)
{
    const struct x509 *top = p->links[p->n_links - 1]->certificate;

    for (size_t i = 0; i + 1 < p->n_links; i++)
        if (x509_is_issuer_name(p->links[i]->certificate, top) &&
            x509_signed_by(top, p->links[i]->certificate) != X509_NO)
            return true;
    return false;
}

/* Policies count where a CA insists on them, and are a matter of whole paths. */
static uint32_t policies(const struct x509_path *p)
{
    const struct x509 *chain[X509_CHAIN_LINKS];
    bool is_asked = false;

    for (size_t i = 0; i < p->n_links; i++) {
        chain[i] = p->links[i]->certificate;
        is_asked |= i > 0 && chain[i]->has_policy_constraints;
    }
    return is_asked ? x509_policies(chain, p->n_links) : 0;
}

static void finish(struct search *s, const struct x509_path *p, bool is_whole)
{
    struct x509_path *kept = s->n_paths < (size_t)LIMIT_CHAIN_PATHS ? &s->paths[s->n_paths++] : NULL;

    if (!kept)
        return;
    *kept = *p;
    kept->policy_bits = is_whole ? policies(p) : 0;
    kept->is_cyclic = !is_whole && is_issued_within(p);
}

static void extend(struct search *s, struct x509_path *p)
{
    const struct x509 *top = p->links[p->n_links - 1]->certificate;
    bool is_top = top->self_issued && top->self_signed != X509_NO;

    if (is_top || p->n_links == X509_CHAIN_LINKS)
        finish(s, p, is_top);
    else if (try_issuers(s, p, false) == 0 && try_issuers(s, p, true) == 0)
        finish(s, p, false);
}

int x509_chain_build(const struct x509_pool *pool, const struct x509_member *leaf, int64_t at_ms,
                     bool for_client, struct arena *a, struct x509_chain *ret, struct err *e)
{
    struct search s = {.pool = pool};
    struct x509_path p = {.links = {leaf}, .n_links = 1};
    struct x509_chain chain = {0};

    s.paths = calloc((size_t)LIMIT_CHAIN_PATHS, sizeof(*s.paths));
    if (s.paths) {
        extend(&s, &p);
        chain.paths = arena_array(a, s.n_paths, sizeof(*s.paths));
    }
    if (chain.paths) {
        memcpy(chain.paths, s.paths, s.n_paths * sizeof(*s.paths));
        chain.n_paths = s.n_paths;
        x509_chain_judge(pool, &chain, at_ms, for_client);
    }
    free(s.paths);
    if (!chain.paths)
        return err_set(e, ERR_NOMEM, "chain: out of memory");
    *ret = chain;
    return 0;
}
