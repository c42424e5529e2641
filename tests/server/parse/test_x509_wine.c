/* SPDX-License-Identifier: Apache-2.0
 *
 * Our chains of random PKIs against what crypt32 says of the same certificates, as Wine has it: the same bits
 * and the same length, but for two things.
 *
 * - Usages of CAs count for what is below them ("nested", causes §5; wincrypt.h:
 * CERT_TRUST_IS_NOT_VALID_FOR_USAGE of a chain). Wine looks at the end certificate's alone.
 * - Of several issuers of one name, all are tried (causes §5, "CertGetCertificateChain"). Wine goes on with
 * the first one by name; and which of two faulty chains is told is documented nowhere.
 *
 * RSA keys: Wine 8 calls one signature in two hundred by a key of P-256 wrong, whatever the chain.
 *
 * label: slow */
#include "server/random_pki.h"
#include "server/wine_run.h"

#include <openssl/rsa.h>

enum { ROUNDS = 300, PLACE_END = 0, PLACE_LEAF = 1, PLACE_ROOT = 2, PLACE_OTHER = 3 };

struct answer {
    uint32_t status;
    size_t links;
    bool has_narrow_ca; /* a CA whose usages leave client authentication out */
    bool has_choice;    /* two CAs of one name */
};

static void put(FILE *out, const void *p, size_t n)
{
    assert_int_equal(fwrite(p, 1, n, out), n);
}

static void put_number(FILE *out, uint32_t v)
{
    put(out, &v, sizeof v);
}

static void put_certificate(FILE *out, uint32_t place, const struct pki *c)
{
    struct bytes der = pki_der(c);

    put_number(out, place);
    put_number(out, (uint32_t)der.len);
    put(out, der.p, der.len);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

static void put_case(FILE *out, const struct random_pki *r)
{
    uint64_t filetime = ((uint64_t)PKI_NOW + UINT64_C(11644473600)) * UINT64_C(10000000);

    put(out, &filetime, sizeof filetime);
    put_certificate(out, PLACE_LEAF, &r->leaf);
    for (size_t i = 0; i < r->n; i++)
        if (r->places[i])
            put_certificate(out, r->places[i] == X509_IN_ROOT ? PLACE_ROOT : PLACE_OTHER, &r->certs[i]);
    put_number(out, PLACE_END);
}

static void note_what_wine_does_not_do(const struct random_pki *r, struct answer *ret)
{
    for (size_t i = 0; i < r->n; i++) {
        if (!r->places[i])
            continue;
        if (!(X509_get_extended_key_usage(r->certs[i].x) & XKU_SSL_CLIENT))
            ret->has_narrow_ca = true;
        for (size_t k = i + 1; k < r->n; k++)
            if (r->places[k] && X509_NAME_cmp(X509_get_subject_name(r->certs[i].x),
                                              X509_get_subject_name(r->certs[k].x)) == 0)
                ret->has_choice = true;
    }
}

static struct answer judge(const struct random_pki *r)
{
    struct x509 list[RANDOM_MEMBERS], leaf;
    struct x509_member members[RANDOM_MEMBERS], leaf_member = {.certificate = &leaf};
    struct x509_pool pool = {.members = members};
    struct x509_chain chain = {0};
    struct arena a = ARENA_INIT(32 << 20);
    struct bytes der = pki_der(&r->leaf);
    struct err e = {0};
    struct answer ret;

    assert_int_equal(x509_parse(der, &a, &leaf, &e), 0);
    OPENSSL_free((void *)(uintptr_t)der.p);
    for (size_t i = 0; i < r->n; i++) {
        der = pki_der(&r->certs[i]);
        if (r->places[i] && x509_parse(der, &a, &list[pool.n_members], &e) == 0) {
            members[pool.n_members] = (struct x509_member){
                .certificate = &list[pool.n_members], .places = r->places[i], .store = STR("x")};
            pool.n_members++;
        }
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    assert_int_equal(x509_chain_build(&pool, &leaf_member, PKI_NOW * 1000LL, true, &a, &chain, &e), 0);
    ret = (struct answer){.status = chain.paths[0].status, .links = chain.paths[0].n_links};
    note_what_wine_does_not_do(r, &ret);
    for (size_t i = 0; i < pool.n_members; i++)
        x509_done(&list[i]);
    x509_done(&leaf);
    arena_done(&a);
    return ret;
}

/* One of a few keys in turn: no case has as many CAs. */
static EVP_PKEY *keys[RANDOM_MEMBERS];

static EVP_PKEY *next_key(void)
{
    static size_t n;
    EVP_PKEY **key = &keys[n++ % RANDOM_MEMBERS];

    if (!*key)
        *key = EVP_RSA_gen(2048);
    assert_non_null(*key);
    EVP_PKEY_up_ref(*key);
    return *key;
}

static bool is_explained(const struct answer *ours, const struct answer *wine)
{
    const uint32_t usage = X509_CERT_TRUST_IS_NOT_VALID_FOR_USAGE,
                   signature = X509_CERT_TRUST_IS_NOT_SIGNATURE_VALID;

    if (ours->has_narrow_ca && (ours->status | usage) == (wine->status | usage))
        return true;
    if (!ours->has_choice)
        return false;
    return (ours->status && wine->status) || (wine->status & signature) ||
           (ours->has_narrow_ca && ours->status);
}

static void compare(FILE *answers, const struct answer *ours)
{
    int equal = 0, both_yes = 0, both_no = 0;

    for (int i = 0; i < ROUNDS; i++) {
        struct answer wine = {0};
        char line[128];
        assert_non_null(fgets(line, sizeof line, answers));
        if (sscanf(line, "%x %zu", &wine.status, &wine.links) != 2)
            fail_msg("round %d: %s", i, line);
        bool is_equal = wine.status == ours[i].status && wine.links == ours[i].links;
        if (!is_equal && !is_explained(&ours[i], &wine))
            fail_msg("round %d: we say %x with %zu links, crypt32 %x with %zu", i, ours[i].status,
                     ours[i].links, wine.status, wine.links);
        equal += is_equal;
        both_yes += is_equal && wine.status == 0;
        both_no += is_equal && wine.status != 0;
    }
    print_message("of %d chains %d are the same (%d good, %d not), the rest is explained\n", ROUNDS, equal,
                  both_yes, both_no);
    assert_true(both_yes > ROUNDS / 4 && both_no > ROUNDS / 4 && equal > ROUNDS * 4 / 5);
}

static void agrees_with_crypt32_on_random_pkis(void **state)
{
    static struct answer ours[ROUNDS];
    char folder[64] = "/tmp/test_x509_wine_XXXXXX", path[128];
    FILE *f;
    int code;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/cases", folder);
    f = fopen(path, "wb");
    assert_non_null(f);
    srand(99);
    pki_new_key = next_key;
    for (int i = 0; i < ROUNDS; i++) {
        struct random_pki r;
        random_make(&r);
        put_case(f, &r);
        ours[i] = judge(&r);
        random_done(&r);
    }
    for (size_t i = 0; i < RANDOM_MEMBERS; i++)
        EVP_PKEY_free(keys[i]);
    (void)fclose(f);
    code = wine_run(folder, "wine_chain");
    (void)snprintf(path, sizeof path, "%s/answers", folder);
    f = code == 0 ? fopen(path, "r") : NULL;
    if (f) {
        compare(f, ours);
        (void)fclose(f);
    }
    wine_remove(folder);
    if (code == WINE_SKIPPED)
        skip();
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_crypt32_on_random_pkis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
