/* SPDX-License-Identifier: Apache-2.0 */
#include "x509_chain.h"

#include <stdlib.h>
#include <string.h>

enum { MIN_RSA_BITS = 1024 };
_Static_assert(X509_CHAIN_LINKS == 16, "the same number stands in limits.def");

struct search {
    const struct x509_pool *pool;
    int64_t at_ms;
    bool for_client;
    struct x509_path *paths;
    size_t n_paths;
    int64_t steps;
};

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

/* --- judging a path --- */

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

static uint32_t judge_usage(const struct x509_member *m)
{
    bool own = m->certificate->client_auth;
    bool property = !m->eku_property.p || x509_eku_allows_client(m->eku_property);

    return own && property ? 0 : X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE;
}

/* KB2661254: RSA keys of fewer than 1024 bits are refused; MinRsaPubKeyBitLength, which may lower that, is a
 * rule's business. */
static uint32_t judge_strength(const struct x509 *c)
{
    bool is_short = c->key_bits > 0 && c->key_bits < MIN_RSA_BITS && strncmp(c->key_algorithm, "RSA", 3) == 0;

    return is_short ? X509_CERT_TRUST_HAS_WEAK_SIGNATURE : 0;
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

static uint32_t judge(const struct search *s, struct x509_path *p)
{
    uint32_t all = 0;

    for (size_t i = 0; i < p->n_links; i++) {
        const struct x509_member *m = p->links[i];
        uint32_t bits = judge_time(m->certificate, s->at_ms) | judge_strength(m->certificate);
        if (m->places & X509_IN_DISALLOWED)
            bits |= X509_CERT_TRUST_IS_EXPLICIT_DISTRUST;
        if (m->certificate->has_unknown_critical)
            bits |= X509_CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT;
        if (s->for_client)
            bits |= judge_usage(m);
        if (i > 0)
            bits |= judge_ca(p, i);
        p->link_status[i] = bits;
        all |= bits;
    }
    return all;
}

static void finish(struct search *s, struct x509_path *p, uint32_t bits)
{
    const struct x509_member *top = p->links[p->n_links - 1];

    if (s->n_paths >= (size_t)LIMIT_CHAIN_PATHS)
        return;
    p->missing = (struct str){0};
    p->is_trusted = false;
    if (!is_top(top->certificate)) {
        bits |= X509_CERT_TRUST_IS_PARTIAL_CHAIN;
        p->missing = top->certificate->issuer;
    } else if (top->places & X509_IN_ROOT) {
        p->is_trusted = true;
    } else {
        bits |= X509_CERT_TRUST_IS_UNTRUSTED_ROOT;
    }
    p->status = bits | judge(s, p);
    p->link_status[p->n_links - 1] |=
        p->status & (X509_CERT_TRUST_IS_UNTRUSTED_ROOT | X509_CERT_TRUST_IS_PARTIAL_CHAIN);
    s->paths[s->n_paths++] = *p;
}

/* --- building --- */

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

static void extend(struct search *s, struct x509_path *p, uint32_t bits);

static void extend_by(struct search *s, struct x509_path *p, const struct x509_member *m, uint32_t bits)
{
    p->links[p->n_links++] = m;
    extend(s, p, bits);
    p->n_links--;
}

/* Every member that has the issuer's name: those that signed; where there is none, those of the same key
 * whose signature is wrong, which Windows takes into the chain and marks. */
static size_t try_issuers(struct search *s, struct x509_path *p, uint32_t bits, bool want_broken)
{
    const struct x509 *child = p->links[p->n_links - 1]->certificate;
    size_t n = 0;

    for (size_t i = 0; i < s->pool->n_members && s->steps < LIMIT_CHAIN_STEPS; i++) {
        const struct x509_member *m = &s->pool->members[i];
        bool is_signed;
        if (!x509_is_issuer_name(m->certificate, child) || is_in_path(p, m->certificate))
            continue;
        s->steps++;
        is_signed = x509_signed_by(child, m->certificate) != X509_NO;
        if (is_signed == want_broken || (want_broken && is_other_key(child, m->certificate)))
            continue;
        n++;
        extend_by(s, p, m, bits | (want_broken ? X509_CERT_TRUST_IS_NOT_SIGNATURE_VALID : 0));
    }
    return n;
}

static void extend(struct search *s, struct x509_path *p, uint32_t bits)
{
    const struct x509 *top = p->links[p->n_links - 1]->certificate;

    if (is_top(top) || p->n_links == X509_CHAIN_LINKS) {
        finish(s, p, bits);
        return;
    }
    if (try_issuers(s, p, bits, false) == 0 && try_issuers(s, p, bits, true) == 0)
        finish(s, p, bits);
}

/* --- the best path --- */

static int badness(const struct x509_path *p)
{
    static const struct {
        uint32_t bit;
        int weight;
    } rows[] = {{X509_CERT_TRUST_IS_NOT_SIGNATURE_VALID, 128},
                {X509_CERT_TRUST_IS_PARTIAL_CHAIN, 64},
                {X509_CERT_TRUST_IS_UNTRUSTED_ROOT, 32},
                {X509_CERT_TRUST_IS_EXPLICIT_DISTRUST, 16},
                {X509_CERT_TRUST_IS_NOT_TIME_VALID, 4}};
    uint32_t others = p->status;
    int n = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        n += p->status & rows[i].bit ? rows[i].weight : 0;
        others &= ~rows[i].bit;
    }
    return n + (others ? 8 : 0);
}

static int compare_times(int64_t a, int64_t b)
{
    return a == b ? 0 : a > b ? -1 : 1;
}

static int compare_paths(const void *left, const void *right)
{
    const struct x509_path *a = left, *b = right;
    int d = badness(a) - badness(b);

    for (size_t i = 1; d == 0 && i < a->n_links && i < b->n_links; i++) {
        const struct x509 *x = a->links[i]->certificate, *y = b->links[i]->certificate;
        d = compare_times(x->not_before_ms, y->not_before_ms);
        if (d == 0)
            d = compare_times(x->not_after_ms, y->not_after_ms);
        if (d == 0)
            d = strcmp(x->thumbprint, y->thumbprint);
    }
    if (d == 0)
        d = a->n_links == b->n_links ? 0 : a->n_links < b->n_links ? -1 : 1;
    return d;
}

int x509_chain_build(const struct x509_pool *pool, const struct x509_member *leaf, int64_t at_ms,
                     bool for_client, struct arena *a, struct x509_chain *ret, struct err *e)
{
    struct search s = {.pool = pool, .at_ms = at_ms, .for_client = for_client};
    struct x509_path p = {.links = {leaf}, .n_links = 1};

    s.paths = calloc((size_t)LIMIT_CHAIN_PATHS, sizeof(*s.paths));
    ret->paths = NULL;
    if (s.paths) {
        extend(&s, &p, 0);
        qsort(s.paths, s.n_paths, sizeof(*s.paths), compare_paths);
        ret->paths = arena_array(a, s.n_paths, sizeof(*s.paths));
    }
    if (ret->paths) {
        memcpy(ret->paths, s.paths, s.n_paths * sizeof(*s.paths));
        ret->n_paths = s.n_paths;
    }
    free(s.paths);
    return ret->paths ? 0 : err_set(e, ERR_NOMEM, "chain: out of memory");
}
