/* SPDX-License-Identifier: Apache-2.0 */
#include "server/random_pki.h"

#include <openssl/x509_vfy.h>

#include "x509_chain.h"

enum { MEMBERS = 24 };
#define NOW_MS (PKI_NOW * 1000LL)

/* OpenSSL 3.0 leaks the policy constraints of a certificate that names no policies: policy_cache_new in
 * crypto/x509/pcy_cache.c returns without freeing them. So does a program of a root, a CA with
 * requireExplicitPolicy:0, a leaf and one call of X509_policy_check, 42 bytes a time. That call alone is left
 * out of the leak check; its stack is seen only when frames are not taken from the frame pointers, which
 * libcrypto does not keep. */
const char *__lsan_default_suppressions(void);
const char *__asan_default_options(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:X509_policy_check\n";
}

const char *__asan_default_options(void)
{
    return "fast_unwind_on_malloc=0:malloc_context_size=10:quarantine_size_mb=8:print_suppressions=0";
}

/* A machine's stores, filled certificate by certificate. */
struct stores {
    struct arena arena;
    struct x509 list[MEMBERS];
    struct x509_member members[MEMBERS];
    size_t n;
    struct x509 leaf;
    struct x509_member leaf_member;
    struct x509_chain chain;
};

static void parse(struct stores *s, const struct pki *p, struct x509 *ret)
{
    struct bytes der = pki_der(p);
    struct err e = {0};

    if (x509_parse(der, &s->arena, ret, &e))
        fail_msg("%s", e.text);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

static void start(struct stores *s)
{
    memset(s, 0, sizeof *s);
    s->arena = ARENA_INIT(32 << 20);
}

static void finish(struct stores *s)
{
    for (size_t i = 0; i < s->n; i++)
        x509_done(&s->list[i]);
    x509_done(&s->leaf);
    arena_done(&s->arena);
}

static void put(struct stores *s, const struct pki *p, unsigned places)
{
    assert_true(s->n < MEMBERS);
    parse(s, p, &s->list[s->n]);
    s->members[s->n] =
        (struct x509_member){.certificate = &s->list[s->n], .places = places, .store = STR("x")};
    s->n++;
}

/* The best path of this leaf, for client authentication. */
static const struct x509_path *judge_at(struct stores *s, const struct pki *leaf, int64_t at_ms)
{
    const struct x509_pool pool = {.members = s->members, .n_members = s->n};
    struct err e = {0};

    x509_done(&s->leaf);
    parse(s, leaf, &s->leaf);
    s->leaf_member = (struct x509_member){.certificate = &s->leaf};
    if (x509_chain_build(&pool, &s->leaf_member, at_ms, true, &s->arena, &s->chain, &e))
        fail_msg("%s", e.text);
    assert_true(s->chain.n_paths > 0);
    return &s->chain.paths[0];
}

static const struct x509_path *judge(struct stores *s, const struct pki *leaf)
{
    return judge_at(s, leaf, NOW_MS);
}

struct ladder { /* root, intermediate, leaf */
    struct pki root, ca, leaf;
};

static struct ladder ladder(struct pki_plan ca)
{
    struct ladder l;

    l.root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    ca.name = ca.name ? ca.name : "CA";
    ca.issuer = &l.root;
    ca.is_ca = true;
    l.ca = pki_make(ca);
    l.leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &l.ca, .eku = "clientAuth"});
    return l;
}

static void ladder_done(struct ladder *l)
{
    pki_done(&l->root);
    pki_done(&l->ca);
    pki_done(&l->leaf);
}

static void a_whole_chain_to_the_root_store_has_no_error(void **state)
{
    struct ladder l = ladder((struct pki_plan){0});
    struct stores s;
    const struct x509_path *p;

    (void)state;
    start(&s);
    put(&s, &l.root, X509_IN_ROOT);
    put(&s, &l.ca, X509_IN_CA);
    p = judge(&s, &l.leaf);
    assert_true(p->is_trusted);
    assert_int_equal(p->status, 0);
    assert_int_equal(p->n_links, 3);
    assert_int_equal(s.chain.n_paths, 1);
    finish(&s);
    ladder_done(&l);
}

static void says_which_link_is_missing(void **state)
{
    struct ladder l = ladder((struct pki_plan){0});
    struct stores s;
    const struct x509_path *p;

    (void)state;
    start(&s);
    put(&s, &l.root, X509_IN_ROOT);
    p = judge(&s, &l.leaf);
    assert_false(p->is_trusted);
    assert_int_equal(p->status, X509_CERT_TRUST_IS_PARTIAL_CHAIN);
    assert_true(str_eq(p->missing, STR("CN=CA, O=Contoso")));
    x509_done(&s.list[0]);
    s.n = 0;
    put(&s, &l.ca, X509_IN_CA);
    p = judge(&s, &l.leaf);
    assert_int_equal(p->status, X509_CERT_TRUST_IS_PARTIAL_CHAIN);
    assert_true(str_eq(p->missing, STR("CN=Root, O=Contoso")));
    finish(&s);
    ladder_done(&l);
}

static void a_root_elsewhere_is_not_trusted(void **state)
{
    struct ladder l = ladder((struct pki_plan){0});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &l.root, X509_IN_CA); /* misplaced */
    put(&s, &l.ca, X509_IN_ROOT); /* not self-signed: no anchor (KB2802568) */
    assert_int_equal(judge(&s, &l.leaf)->status, X509_CERT_TRUST_IS_UNTRUSTED_ROOT);
    assert_false(s.chain.paths[0].is_trusted);
    finish(&s);
    ladder_done(&l);
}

/* A certificate whose names are equal and that another key signed is no anchor either. */
static void a_pseudo_root_is_not_trusted(void **state)
{
    struct pki real = pki_make((struct pki_plan){.name = "Twin", .is_ca = true});
    struct pki liar = pki_make((struct pki_plan){.name = "Twin", .issuer = &real, .is_ca = true});
    struct pki leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &liar});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &liar, X509_IN_ROOT);
    assert_false(judge(&s, &leaf)->is_trusted);
    put(&s, &real, X509_IN_ROOT);
    assert_true(judge(&s, &leaf)->is_trusted);
    finish(&s);
    pki_done(&leaf);
    pki_done(&liar);
    pki_done(&real);
}

static void each_fault_has_windows_word(void **state)
{
    static const struct {
        struct pki_plan ca;
        unsigned places;
        uint32_t status;
    } rows[] = {
        {{.from_days = -20, .to_days = -10}, X509_IN_CA, X509_CERT_TRUST_IS_NOT_TIME_VALID},
        {{.from_days = 10, .to_days = 20}, X509_IN_CA, X509_CERT_TRUST_IS_NOT_TIME_VALID},
        {{.eku = "serverAuth"}, X509_IN_CA, X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
        {{.key_usage = "critical,digitalSignature"}, X509_IN_CA, X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
        {{.no_constraints = true}, X509_IN_CA, X509_CERT_TRUST_INVALID_BASIC_CONSTRAINTS},
        {{0}, X509_IN_CA | X509_IN_DISALLOWED, X509_CERT_TRUST_IS_EXPLICIT_DISTRUST},
        {{.policy_constraints = "requireExplicitPolicy:0"},
         X509_IN_CA,
         X509_CERT_TRUST_NO_ISSUANCE_CHAIN_POLICY},
        {{.policy_constraints = "requireExplicitPolicy:9"}, X509_IN_CA, 0},
        {{.broken = NID_name_constraints}, X509_IN_CA, X509_CERT_TRUST_INVALID_NAME_CONSTRAINTS},
        {{.broken = NID_key_usage},
         X509_IN_CA,
         X509_CERT_TRUST_INVALID_EXTENSION | X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ladder l = ladder(rows[i].ca);
        struct stores s;
        start(&s);
        put(&s, &l.root, X509_IN_ROOT);
        put(&s, &l.ca, rows[i].places);
        if (judge(&s, &l.leaf)->status != rows[i].status)
            fail_msg("row %zu: %x", i, s.chain.paths[0].status);
        assert_true(s.chain.paths[0].is_trusted);
        finish(&s);
        ladder_done(&l);
    }
}

static void a_ca_constrains_the_names_below_it(void **state)
{
    static const struct {
        const char *of_ca, *of_leaf;
        uint32_t status;
    } rows[] = {
        {"permitted;DNS:contoso.com", "DNS:www.contoso.com", 0},
        {"permitted;DNS:contoso.com", "DNS:www.fabrikam.com",
         X509_CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT},
        {"permitted;DNS:contoso.com", "email:ann@fabrikam.com",
         0}, /* of names of another kind it says nothing */
        {"excluded;email:fabrikam.com", "email:ann@fabrikam.com",
         X509_CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT},
        {"permitted;RID:1.2.3", "RID:1.2.3.4", X509_CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct ladder l = ladder((struct pki_plan){.permitted = rows[i].of_ca});
        struct pki leaf = pki_make(
            (struct pki_plan){.name = "Ann", .issuer = &l.ca, .eku = "clientAuth", .san = rows[i].of_leaf});
        struct stores s;
        start(&s);
        put(&s, &l.root, X509_IN_ROOT);
        put(&s, &l.ca, X509_IN_CA);
        if (judge(&s, &leaf)->status != rows[i].status)
            fail_msg("row %zu: %x", i, s.chain.paths[0].status);
        finish(&s);
        pki_done(&leaf);
        ladder_done(&l);
    }
}

static void a_path_length_counts_the_cas_below(void **state)
{
    struct pki root = pki_make((struct pki_plan){.name = "Root", .is_ca = true, .path_length = 1});
    struct pki a = pki_make((struct pki_plan){.name = "A", .issuer = &root, .is_ca = true});
    struct pki leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &a});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &root, X509_IN_ROOT);
    put(&s, &a, X509_IN_CA);
    assert_int_equal(judge(&s, &leaf)->status, X509_CERT_TRUST_INVALID_BASIC_CONSTRAINTS);
    finish(&s);
    pki_done(&root);
    pki_done(&a);
    pki_done(&leaf);
}

static void a_short_rsa_key_is_weak(void **state)
{
    struct pki root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    EVP_PKEY *keys[] = {EVP_RSA_gen(1024), EVP_RSA_gen(768)};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pki leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &root, .key = keys[i]});
        struct stores s;
        start(&s);
        put(&s, &root, X509_IN_ROOT);
        assert_int_equal(judge(&s, &leaf)->status, i ? X509_CERT_TRUST_HAS_WEAK_SIGNATURE : 0);
        assert_int_equal(s.chain.paths[0].link_status[0], s.chain.paths[0].status);
        assert_int_equal(s.chain.paths[0].link_status[1], 0);
        finish(&s);
        pki_done(&leaf);
        EVP_PKEY_free(keys[i]);
    }
    pki_done(&root);
}

static void a_store_property_takes_the_usage_away(void **state)
{
    struct ladder l = ladder((struct pki_plan){0});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &l.root, X509_IN_ROOT);
    put(&s, &l.ca, X509_IN_CA);
    s.members[0].set.eku = STR("1.3.6.1.5.5.7.3.1");
    assert_int_equal(judge(&s, &l.leaf)->status, X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE);
    finish(&s);
    ladder_done(&l);
}

static void of_several_paths_the_trusted_and_valid_one_is_best(void **state)
{
    struct pki old_root = pki_make((struct pki_plan){.name = "Old", .is_ca = true});
    struct pki root = pki_make((struct pki_plan){.name = "New", .is_ca = true});
    struct pki cross =
        pki_make((struct pki_plan){.name = "New", .issuer = &old_root, .key = root.key, .is_ca = true});
    struct pki ca = pki_make((struct pki_plan){.name = "CA", .issuer = &root, .is_ca = true});
    struct pki stale = pki_make((struct pki_plan){
        .name = "CA", .issuer = &root, .key = ca.key, .is_ca = true, .from_days = -30, .to_days = -1});
    struct pki leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &ca});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &stale, X509_IN_CA);
    put(&s, &cross, X509_IN_CA);
    put(&s, &old_root, X509_IN_CA);
    put(&s, &ca, X509_IN_CA);
    put(&s, &root, X509_IN_ROOT);
    assert_int_equal(judge(&s, &leaf)->status, 0);
    assert_int_equal(s.chain.n_paths, 4);
    assert_int_equal(s.chain.paths[0].n_links, 3);
    s.n--; /* without the new root the old one is the end, and nobody trusts it */
    assert_int_equal(judge(&s, &leaf)->status, X509_CERT_TRUST_IS_UNTRUSTED_ROOT);
    x509_done(&s.list[s.n]);
    finish(&s);
    pki_done(&old_root);
    pki_done(&root);
    pki_done(&cross);
    pki_done(&ca);
    pki_done(&stale);
    pki_done(&leaf);
}

static void cas_that_issue_each_other_end(void **state)
{
    struct pki a = pki_make((struct pki_plan){.name = "A", .is_ca = true});
    struct pki b = pki_make((struct pki_plan){.name = "B", .issuer = &a, .is_ca = true});
    struct pki a2 = pki_make((struct pki_plan){.name = "A", .issuer = &b, .key = a.key, .is_ca = true});
    struct pki leaf = pki_make((struct pki_plan){.name = "Ann", .issuer = &b});
    struct stores s;

    (void)state;
    start(&s);
    put(&s, &b, X509_IN_CA);
    put(&s, &a2, X509_IN_CA);
    assert_int_equal(judge(&s, &leaf)->status, X509_CERT_TRUST_IS_PARTIAL_CHAIN | X509_CERT_TRUST_IS_CYCLIC);
    put(&s, &a, X509_IN_ROOT); /* another way out of the circle */
    assert_int_equal(judge(&s, &leaf)->status, 0);
    finish(&s);
    pki_done(&a);
    pki_done(&b);
    pki_done(&a2);
    pki_done(&leaf);
}

static void writes_the_words(void **state)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(1024);

    (void)state;
    x509_trust_text(0, &b);
    assert_string_equal(b.p, "CERT_TRUST_NO_ERROR");
    buf_clear(&b);
    x509_trust_text(X509_CERT_TRUST_IS_PARTIAL_CHAIN | X509_CERT_TRUST_IS_NOT_TIME_VALID, &b);
    assert_string_equal(b.p, "CERT_TRUST_IS_NOT_TIME_VALID CERT_TRUST_IS_PARTIAL_CHAIN");
}

/* --- hundreds of random PKIs against OpenSSL's own verification --- */

static bool openssl_says_yes(const struct random_pki *r)
{
    X509_STORE *roots = X509_STORE_new();
    STACK_OF(X509) *others = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool yes;

    for (size_t i = 0; i < r->n; i++) {
        if (r->places[i] == X509_IN_ROOT)
            X509_STORE_add_cert(roots, r->certs[i].x);
        else if (r->places[i] == X509_IN_CA)
            sk_X509_push(others, r->certs[i].x);
    }
    assert_int_equal(X509_STORE_CTX_init(ctx, roots, r->leaf.x, others), 1);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_CLIENT);
    X509_STORE_CTX_set_time(ctx, 0, PKI_NOW);
    yes = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    sk_X509_free(others);
    X509_STORE_free(roots);
    return yes;
}

/* OpenSSL follows one issuer at each step and does not come back when its chain turns out bad; Windows looks
 * at all. So where we say yes and it says no there must be more than one path; where it says yes we must. */
static void agrees_with_openssl_on_random_pkis(void **state)
{
    int both = 0, neither = 0, ours = 0;

    (void)state;
    srand(2026);
    for (int round = 0; round < 400; round++) {
        struct random_pki r;
        struct stores s;
        bool we, they;
        random_make(&r);
        start(&s);
        for (size_t i = 0; i < r.n; i++)
            if (r.places[i])
                put(&s, &r.certs[i], r.places[i]);
        we = judge(&s, &r.leaf)->status == 0 && s.chain.paths[0].is_trusted;
        they = openssl_says_yes(&r);
        if (they && !we)
            fail_msg("round %d: OpenSSL says yes, we say %x", round, s.chain.paths[0].status);
        if (we && !they && s.chain.n_paths < 2)
            fail_msg("round %d: we say yes to the only path, OpenSSL says no", round);
        both += we && they;
        neither += !we && !they;
        ours += we && !they;
        finish(&s);
        random_done(&r);
    }
    assert_true(both > 80 && neither > 80);
    assert_true(ours < 40);
    print_message("both yes %d, both no %d, only by another path %d\n", both, neither, ours);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_chain_to_the_root_store_has_no_error),
        cmocka_unit_test(says_which_link_is_missing),
        cmocka_unit_test(a_root_elsewhere_is_not_trusted),
        cmocka_unit_test(a_pseudo_root_is_not_trusted),
        cmocka_unit_test(each_fault_has_windows_word),
        cmocka_unit_test(a_ca_constrains_the_names_below_it),
        cmocka_unit_test(a_path_length_counts_the_cas_below),
        cmocka_unit_test(a_short_rsa_key_is_weak),
        cmocka_unit_test(a_store_property_takes_the_usage_away),
        cmocka_unit_test(of_several_paths_the_trusted_and_valid_one_is_best),
        cmocka_unit_test(cas_that_issue_each_other_end),
        cmocka_unit_test(writes_the_words),
        cmocka_unit_test(agrees_with_openssl_on_random_pkis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
