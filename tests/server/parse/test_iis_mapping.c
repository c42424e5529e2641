/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate of a one-to-one mapping: exactly one line of Base64 of exactly one certificate (causes
 * B08). And the SIDs of pools (causes I01). */
#include "iis_mapping.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "iis_sid.h"

struct world {
    struct arena arena;
    unsigned char *der;
    size_t len;
};

/* A certificate of a new key, signed by itself. */
static int make_certificate(void **state)
{
    static struct world w;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *c = X509_new();

    w.arena = ARENA_INIT(1048576);
    assert_true(key && c);
    (void)X509_set_pubkey(c, key);
    (void)X509_gmtime_adj(X509_getm_notBefore(c), 0);
    (void)X509_gmtime_adj(X509_getm_notAfter(c), 1000);
    (void)ASN1_INTEGER_set(X509_get_serialNumber(c), 1);
    (void)X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC, (const unsigned char *)"t",
                                     -1, -1, 0);
    (void)X509_set_issuer_name(c, X509_get_subject_name(c));
    assert_true(X509_sign(c, key, EVP_sha256()) > 0);
    w.len = (size_t)i2d_X509(c, &w.der);
    X509_free(c);
    EVP_PKEY_free(key);
    *state = &w;
    return 0;
}

static int drop_certificate(void **state)
{
    struct world *w = *state;

    OPENSSL_free(w->der);
    arena_done(&w->arena);
    return 0;
}

/* Base64 of n bytes, in the arena. */
static struct str base64(struct world *w, const unsigned char *p, size_t n)
{
    char *out = arena_alloc(&w->arena, 4 * (n / 3 + 1) + 1);

    assert_non_null(out);
    return (struct str){out, (size_t)EVP_EncodeBlock((unsigned char *)out, p, (int)n)};
}

static const char *problem_of(struct world *w, struct str text)
{
    struct bytes der;
    const char *problem;
    bool ok = iis_blob_decode(text, &w->arena, &der, &problem);

    assert_true(ok == (problem == NULL));
    if (ok) {
        assert_int_equal(der.len, w->len);
        assert_memory_equal(der.p, w->der, w->len);
    }
    return problem ? problem : "";
}

static void one_line_of_base64_is_a_certificate(void **state)
{
    struct world *w = *state;

    assert_string_equal(problem_of(w, base64(w, w->der, w->len)), "");
}

static void anything_else_is_named(void **state)
{
    struct world *w = *state;
    struct str whole = base64(w, w->der, w->len);
    unsigned char more[4096], odd[] = {0x30, 0x05, 0x06, 0x03, 0x55, 0x04, 0x03},
                              pfx[] = {0x30, 0x03, 0x02, 0x01, 0x03};

    assert_true(w->len + 3 < sizeof more);
    memcpy(more, w->der, w->len);
    memset(more + w->len, 0, 3);
    const char *pem = arena_printf(&w->arena, "-----BEGIN CERTIFICATE-----%.*s", (int)whole.len, whole.p);
    const char *broken = arena_printf(&w->arena, "%.64s %.*s", whole.p, (int)whole.len - 64, whole.p + 64);
    assert_string_equal(problem_of(w, STR("")), "is empty");
    assert_string_equal(problem_of(w, STR("[redacted]")), "was redacted by the collector");
    assert_string_equal(problem_of(w, str_from(pem)), "has a PEM frame");
    assert_string_equal(problem_of(w, str_from(broken)), "contains blanks or line breaks");
    assert_string_equal(problem_of(w, (struct str){whole.p, whole.len - 1 - (whole.p[whole.len - 1] == '=')}),
                        "is cut off (its length is no multiple of four)");
    assert_string_equal(problem_of(w, (struct str){whole.p, whole.len / 8 * 4}),
                        "is cut off (the certificate is longer)");
    assert_string_equal(problem_of(w, base64(w, more, w->len + 3)), "has something behind the certificate");
    assert_string_equal(problem_of(w, base64(w, odd, sizeof odd)), "is PKCS #7, not a certificate");
    assert_string_equal(problem_of(w, base64(w, pfx, sizeof pfx)), "is PKCS #12, not a certificate");
    assert_string_equal(problem_of(w, STR("AAAAAAAA")), "is not a certificate");
    assert_string_equal(problem_of(w, STR("AA*A")), "is not Base64");
}

/* Published SIDs of pools: DefaultAppPool and .NET v4.5 as `Get-Item IIS:\AppPools\…` (applicationPoolSid)
 * and `whoami /user` in a worker process print them, Classic .NET AppPool as a list of profiles names it; the
 * last three stand, with those, in SeAssignPrimaryTokenPrivilege of exported security templates of machines
 * that have the pools of that name which IIS 7.5 and 8 set up. */
static void pools_have_the_sids_of_windows(void **state)
{
    static const char *const published[][2] = {
        {"DefaultAppPool", "S-1-5-82-3006700770-424185619-1745488364-794895919-4004696415"},
        {"Classic .NET AppPool", "S-1-5-82-1036420768-1044797643-1061213386-2937092688-4282445334"},
        {".NET v4.5", "S-1-5-82-271721585-897601226-2024613209-625570482-296978595"},
        {".NET v4.5 Classic", "S-1-5-82-3876422241-1344743610-1729199087-774402673-2621913236"},
        {".NET v2.0", "S-1-5-82-3682073875-1643277370-2842298652-3532359455-2406259117"},
        {".NET v2.0 Classic", "S-1-5-82-4068219030-1673637257-3279585211-533386110-4122969689"}};
    struct world *w = *state;

    for (size_t i = 0; i < sizeof published / sizeof published[0]; i++)
        assert_true(str_eq(iis_sid_of_pool(str_from(published[i][0]), &w->arena), str_from(published[i][1])));
}

static void pools_have_the_same_sid_in_any_case(void **state)
{
    struct world *w = *state;
    struct str lower = iis_sid_of_pool(STR("stra\xc3\x9f"
                                           "e \xc3\xa4"),
                                       &w->arena);

    assert_true(str_eq(iis_sid_of_pool(STR("defaultAPPPOOL"), &w->arena),
                       iis_sid_of_pool(STR("DefaultAppPool"), &w->arena)));
    assert_true(str_eq(iis_sid_of_pool(STR("STRA\xc3\x9f"
                                           "E \xc3\x84"),
                                       &w->arena),
                       lower));
    assert_false(str_eq(iis_sid_of_pool(STR("STRASSE"), &w->arena), lower));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line_of_base64_is_a_certificate),
        cmocka_unit_test(anything_else_is_named),
        cmocka_unit_test(pools_have_the_sids_of_windows),
        cmocka_unit_test(pools_have_the_same_sid_in_any_case),
    };

    return cmocka_run_group_tests(tests, make_certificate, drop_certificate);
}
