/* SPDX-License-Identifier: Apache-2.0
 *
 * Trust lists as Windows keeps them: made here by the encoder, in both wrappings. */
#include "server/trust_list.h"

#include "crl.h"
#include "ctl.h"

static struct arena arena;

static const struct trust_list roots = {
    .usage = CTL_USAGE_ROOTS,
    .identifier = "AuthRoot",
    .number = 0x1d5,
    .algorithm = "1.3.14.3.2.26",
    .ids = {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a",
            "\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a"},
    .id_len = 20,
    .n_ids = 2,
    .property = 126,
};

static void check_list(struct bytes der)
{
    struct ctl c;
    struct ctl_entry entry;
    struct ctl_attribute attribute;
    struct err e = {0};

    assert_true(ctl_is_one(der));
    if (ctl_read(der, &arena, &c, &e))
        fail_msg("%s", e.text);
    assert_true(str_eq(c.usage, STR(CTL_USAGE_ROOTS)));
    assert_true(str_eq(c.algorithm, STR("1.3.14.3.2.26")));
    assert_int_equal(c.number.len, 2);
    assert_memory_equal(c.number.p, "\x01\xd5", 2);
    assert_int_equal(c.id.len, 16);
    assert_true(c.this_update_ms == 1767225600000);
    assert_true(c.next_update_ms == TIME_NONE);
    assert_true(ctl_next(&c.entries, &entry));
    assert_int_equal(entry.id.len, 20);
    assert_memory_equal(entry.id.p, roots.ids[0], 20);
    assert_true(ctl_attribute_next(&entry.attributes, &attribute));
    assert_int_equal(attribute.property, 126);
    assert_int_equal(attribute.value.len, 8);
    assert_false(ctl_attribute_next(&entry.attributes, &attribute));
    assert_true(ctl_next(&c.entries, &entry));
    assert_false(ctl_next(&c.entries, &entry));
    assert_int_equal(c.entries.len, 0);
}

static void reads_a_list_in_every_wrapping(void **state)
{
    struct bytes bare = trust_list_der(&roots);

    (void)state;
    check_list(bare);
    check_list(trust_list_message(bare, false));
    check_list(trust_list_message(bare, true));
    trust_list_done();
}

static void a_certificate_or_a_chain_is_no_list(void **state)
{
    struct pki p = pki_make((struct pki_plan){.name = "x"});
    struct bytes der = pki_der(&p);
    struct ctl c;
    struct err e = {0};

    (void)state;
    assert_false(ctl_is_one(der));
    assert_int_equal(ctl_read(der, &arena, &c, &e), -ERR_FORMAT);
    assert_false(ctl_is_one((struct bytes){(const uint8_t *)"", 0}));
    OPENSSL_free((void *)(uintptr_t)der.p);
    pki_done(&p);
}

static void survives_flipped_bits_and_cuts(void **state)
{
    struct bytes der = trust_list_message(trust_list_der(&roots), false);
    uint8_t *bad = malloc(der.len);
    int parsed = 0;

    (void)state;
    srand(5);
    for (int i = 0; i < 20000; i++) {
        struct arena a = ARENA_INIT(1 << 18);
        struct err e = {0};
        struct ctl c;
        struct ctl_entry entry;
        struct ctl_attribute attribute;
        size_t len = rand() % 4 ? der.len : (size_t)rand() % der.len;
        memcpy(bad, der.p, der.len);
        bad[(size_t)rand() % der.len] ^= (uint8_t)(1 << rand() % 8);
        if (ctl_read((struct bytes){bad, len}, &a, &c, &e) == 0) {
            parsed++;
            while (ctl_next(&c.entries, &entry))
                while (ctl_attribute_next(&entry.attributes, &attribute))
                    continue;
        }
        arena_done(&a);
    }
    assert_true(parsed > 1000);
    free(bad);
    trust_list_done();
}

/* --- revocation lists --- */

static void reads_a_revocation_list(void **state)
{
    struct pki ca = pki_make((struct pki_plan){.name = "CA", .is_ca = true});
    struct pki other = pki_make((struct pki_plan){.name = "CA", .is_ca = true});
    struct pki ann = pki_make((struct pki_plan){.name = "Ann", .issuer = &ca, .serial = 0x8001});
    struct bytes der = trust_list_crl(&ca, &ann);
    struct bytes a = pki_der(&ca), b = pki_der(&other);
    struct x509 issuer, liar;
    struct crl_entry entry;
    struct crl c;
    struct err e = {0};

    (void)state;
    assert_int_equal(x509_parse(a, &arena, &issuer, &e), 0);
    assert_int_equal(x509_parse(b, &arena, &liar, &e), 0);
    if (crl_read(der, &arena, &c, &e))
        fail_msg("%s", e.text);
    assert_true(str_eq(c.issuer, STR("CN=CA, O=Contoso")));
    assert_int_equal(c.issuer_hash, issuer.subject_hash);
    assert_int_equal(strlen(c.sha1), 40);
    assert_false(c.is_delta);
    assert_true(c.next_update_ms - c.this_update_ms == 30LL * PKI_DAY * 1000);
    assert_int_equal(c.n_revoked, 1);
    assert_true(crl_entry_at(&c, 0, &entry));
    assert_int_equal(entry.serial.len, 2);
    assert_memory_equal(entry.serial.p, "\x80\x01", 2);
    assert_string_equal(entry.reason, "keyCompromise");
    assert_false(crl_entry_at(&c, 1, &entry));
    assert_int_equal(crl_signed_by(&c, &issuer), X509_YES);
    assert_int_equal(crl_signed_by(&c, &liar), X509_NO);
    crl_done(&c);
    assert_int_equal(crl_read(a, &arena, &c, &e), -ERR_FORMAT);
    x509_done(&issuer);
    x509_done(&liar);
    OPENSSL_free((void *)(uintptr_t)der.p);
    OPENSSL_free((void *)(uintptr_t)a.p);
    OPENSSL_free((void *)(uintptr_t)b.p);
    pki_done(&ca);
    pki_done(&other);
    pki_done(&ann);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_list_in_every_wrapping),
        cmocka_unit_test(a_certificate_or_a_chain_is_no_list),
        cmocka_unit_test(survives_flipped_bits_and_cuts),
        cmocka_unit_test(reads_a_revocation_list),
    };
    int r;

    arena = ARENA_INIT(1 << 22);
    r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
