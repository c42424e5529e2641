/* SPDX-License-Identifier: Apache-2.0 */
#include "server/pki.h"

#include <dirent.h>

#include "store_blob.h"
#include "x509.h"

static struct arena arena;

static struct x509 parse(const struct pki *p)
{
    struct bytes der = pki_der(p);
    struct err e = {0};
    struct x509 c = {0};

    if (x509_parse(der, &arena, &c, &e))
        fail_msg("%s", e.text);
    OPENSSL_free((void *)(uintptr_t)der.p);
    return c;
}

static void reads_what_is_in_a_client_certificate(void **state)
{
    struct pki ca = pki_make((struct pki_plan){.name = "Contoso CA", .is_ca = true, .path_length = 2});
    struct pki leaf =
        pki_make((struct pki_plan){.name = "Ann, \"A\"",
                                   .issuer = &ca,
                                   .eku = "clientAuth,1.3.6.1.4.1.311.20.2.2",
                                   .key_usage = "critical,digitalSignature,keyEncipherment",
                                   .san = "email:ann@contoso.com,DNS:pc1,IP:10.1.2.3,URI:urn:x,"
                                          "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:ann@contoso.local",
                                   .serial = 4660});
    struct x509 c = parse(&leaf), i = parse(&ca);

    (void)state;
    assert_true(str_eq(c.subject, STR("CN=\"Ann, \"\"A\"\"\", O=Contoso")));
    assert_true(str_eq(c.issuer, STR("CN=Contoso CA, O=Contoso")));
    assert_true(str_eq(c.issuer_cn, STR("Contoso CA")));
    assert_true(c.has_eku && c.client_auth && c.has_key_usage);
    assert_true(str_eq(c.eku, STR("1.3.6.1.5.5.7.3.2 1.3.6.1.4.1.311.20.2.2")));
    assert_true(str_eq(c.key_usage, STR("digitalSignature,keyEncipherment")));
    assert_int_equal(c.version, 3);
    assert_true(c.not_before_ms == (PKI_NOW - 180LL * PKI_DAY) * 1000);
    assert_true(c.not_after_ms == (PKI_NOW + 180LL * PKI_DAY) * 1000);
    assert_int_equal(c.serial.len, 2);
    assert_memory_equal(c.serial.p, "\x12\x34", 2);
    assert_string_equal(c.key_algorithm, "EC");
    assert_int_equal(c.key_bits, 256);
    assert_int_equal(c.self_signed, X509_NO);
    assert_int_equal(c.aki.len, i.ski.len);
    assert_memory_equal(c.aki.p, i.ski.p, i.ski.len);
    assert_true(i.is_ca && i.path_length == 1 && i.self_signed == X509_YES);
    assert_null(c.note.p);
    assert_string_equal(c.names->kind, "email");
    assert_true(str_eq(c.names->next->next->value, STR("10.1.2.3")));
    assert_string_equal(c.names->next->next->next->next->kind, "upn");
    assert_true(str_eq(c.names->next->next->next->next->value, STR("ann@contoso.local")));
    assert_int_equal(x509_signed_by(&c, &i), X509_YES);
    assert_int_equal(x509_signed_by(&i, &c), X509_NO);
    x509_done(&c);
    x509_done(&i);
    pki_done(&leaf);
    pki_done(&ca);
}

static void self_signed_is_not_a_comparison_of_names(void **state)
{
    struct pki real = pki_make((struct pki_plan){.name = "Twin", .is_ca = true});
    struct pki liar = pki_make((struct pki_plan){.name = "Twin", .issuer = &real, .is_ca = true});
    struct x509 c = parse(&liar);

    (void)state;
    assert_true(c.self_issued);
    assert_int_equal(c.self_signed, X509_NO);
    assert_non_null(c.note.p);
    x509_done(&c);
    pki_done(&liar);
    pki_done(&real);
}

static void usages_allow_the_client_as_windows_says(void **state)
{
    static const struct {
        const char *eku;
        bool client;
    } rows[] = {{NULL, true},
                {"clientAuth", true},
                {"anyExtendedKeyUsage", true},
                {"serverAuth", false},
                {"1.3.6.1.4.1.311.20.2.2", false},
                {"serverAuth,clientAuth", true}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct pki p = pki_make((struct pki_plan){.name = "x", .eku = rows[i].eku});
        struct x509 c = parse(&p);
        assert_int_equal(c.client_auth, rows[i].client);
        assert_int_equal(c.has_eku, rows[i].eku != NULL);
        x509_done(&c);
        pki_done(&p);
    }
}

static void notes_odd_ones_and_reads_on(void **state)
{
    struct pki p = pki_make((struct pki_plan){.name = "odd", .from_days = 10, .to_days = -10});
    struct x509 c;

    (void)state;
    pki_add(p.x, p.x, NID_policy_constraints, "critical,requireExplicitPolicy:1");
    ASN1_INTEGER_set(X509_get_serialNumber(p.x), -5);
    {
        ASN1_OBJECT *oid = OBJ_txt2obj("1.2.3.4.5", 1);
        ASN1_OCTET_STRING *data = ASN1_OCTET_STRING_new();
        X509_EXTENSION *ext;
        ASN1_OCTET_STRING_set(data, (const unsigned char *)"\x05\x00", 2);
        ext = X509_EXTENSION_create_by_OBJ(NULL, oid, 1, data);
        X509_add_ext(p.x, ext, -1);
        X509_EXTENSION_free(ext);
        ASN1_OCTET_STRING_free(data);
        ASN1_OBJECT_free(oid);
    }
    X509_sign(p.x, p.key, EVP_sha256());
    c = parse(&p);
    assert_true(c.has_unknown_critical);
    assert_non_null(strstr(c.note.p, "1.2.3.4.5"));
    assert_non_null(strstr(c.note.p, "negative serial"));
    assert_non_null(strstr(c.note.p, "ends before it begins"));
    assert_null(strstr(c.note.p, "2.5.29.36"));
    x509_done(&c);
    pki_done(&p);
}

static int taken;

static int take(const struct store_blob *b, void *ctx, struct err *e)
{
    struct arena a = ARENA_INIT(4 << 20);
    struct x509 c;
    (void)ctx;

    taken++;
    if (x509_parse(b->certificate, &a, &c, e) == 0) {
        assert_int_equal(strlen(c.thumbprint), 40);
        assert_true(c.subject.p && c.issuer.p);
        x509_done(&c);
    } else {
        fail_msg("%s", e->text);
    }
    arena_done(&a);
    return 0;
}

static uint8_t *read_whole(const char *folder, const char *name, size_t *ret_len)
{
    char path[1024];
    uint8_t *p = malloc(4u << 20);
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "rb");
    assert_true(f && p);
    *ret_len = fread(p, 1, 4u << 20, f);
    (void)fclose(f);
    return p;
}

/* .cer (some are PEM), .pem, .p7b, .p7c of .NET's tests, and the serialised store of Windows' root programme.
 */
static void reads_files_of_real_machines(void **state)
{
    static const char folder[] = CT_SOURCE_DIR "/../shared/real/certs";
    DIR *d = opendir(folder);
    int files = 0;

    (void)state;
    if (!d)
        skip();
    for (struct dirent *f = readdir(d); f; f = readdir(d)) {
        struct str name = str_from(f->d_name);
        struct err e = {0};
        uint8_t *p;
        size_t len;
        int before = taken, n;
        if (!str_iends(name, STR(".cer")) && !str_iends(name, STR(".pem")) && !str_iends(name, STR(".p7b")) &&
            !str_iends(name, STR(".p7c")) && !str_iends(name, STR(".sst")))
            continue;
        p = read_whole(folder, f->d_name, &len);
        n = x509_read_file((struct bytes){p, len}, take, NULL, &e);
        if (n < 0)
            fail_msg("%s: %s", f->d_name, e.text);
        assert_int_equal(taken - before, n);
        if (str_iends(name, STR(".sst")))
            assert_true(n > 300);
        else
            assert_true(n > 0 || str_iends(name, STR("empty.p7b")) || str_iends(name, STR("empty.p7c")));
        files++;
        free(p);
    }
    (void)closedir(d);
    assert_true(files >= 20);
}

static void refuses_other_files(void **state)
{
    struct err e = {0};

    (void)state;
    assert_int_equal(x509_read_file((struct bytes){(const uint8_t *)"hello", 5}, take, NULL, &e),
                     -ERR_FORMAT);
    assert_int_equal(x509_read_file((struct bytes){(const uint8_t *)"", 0}, take, NULL, &e), -ERR_FORMAT);
}

static void survives_flipped_bits_and_cuts(void **state)
{
    struct pki p =
        pki_make((struct pki_plan){.name = "f",
                                   .is_ca = true,
                                   .eku = "clientAuth",
                                   .key_usage = "keyCertSign",
                                   .san = "DNS:a,IP:1.2.3.4,otherName:1.3.6.1.4.1.311.20.2.3;UTF8:a@b",
                                   .permitted = "permitted;DNS:a"});
    struct bytes der = pki_der(&p);
    uint8_t *bad = malloc(der.len);
    int parsed = 0;

    (void)state;
    srand(3);
    for (int i = 0; i < 20000; i++) {
        struct arena a = ARENA_INIT(1 << 20);
        struct err e = {0};
        struct x509 c;
        size_t len = rand() % 4 ? der.len : (size_t)rand() % der.len;
        memcpy(bad, der.p, der.len);
        for (int k = rand() % 3; k >= 0; k--)
            bad[(size_t)rand() % der.len] ^= (uint8_t)(1 << rand() % 8);
        if (x509_parse((struct bytes){bad, len}, &a, &c, &e) == 0) {
            parsed++;
            (void)x509_name_constraints(&c, &c);
            x509_done(&c);
        }
        arena_done(&a);
    }
    assert_true(parsed > 1000);
    free(bad);
    OPENSSL_free((void *)(uintptr_t)der.p);
    pki_done(&p);
}

/* MS-GPEF: key provider info, friendly name, archived, the certificate. */
static void reads_a_property_blob(void **state)
{
    static const uint8_t blob[] = {2, 0, 0,   0,  1, 0,    0,   0, 36, 0, 0,  0, 28, 0, 0, 0,    32,  0, 0,
                                   0, 0, 0,   0,  0, 0x20, 0,   0, 0,  0, 0,  0, 0,  0, 0, 0,    0,   1, 0,
                                   0, 0, 'k', 0,  0, 0,    'p', 0, 0,  0, 19, 0, 0,  0, 1, 0,    0,   0, 0,
                                   0, 0, 0,   32, 0, 0,    0,   1, 0,  0, 0,  2, 0,  0, 0, 0x30, 0x00};
    struct store_blob b;
    struct store_blob_key key;
    struct err e = {0};

    (void)state;
    assert_int_equal(store_blob_read((struct bytes){blob, sizeof blob}, &b, &e), 0);
    assert_int_equal(b.n_properties, 3);
    assert_true(b.is_archived);
    assert_int_equal(b.certificate.len, 2);
    assert_true(store_blob_key_read(b.key, &key));
    assert_int_equal(key.container.len, 2);
    assert_memory_equal(key.provider.p, "p", 1);
    assert_int_equal(key.flags, 0x20);
    assert_int_equal(key.key_spec, 1);
    for (size_t len = 0; len < sizeof blob; len++)
        (void)store_blob_read((struct bytes){blob, len}, &b, &e);
    assert_int_equal(store_blob_read((struct bytes){blob, sizeof blob - 1}, &b, &e), -ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_is_in_a_client_certificate),
        cmocka_unit_test(self_signed_is_not_a_comparison_of_names),
        cmocka_unit_test(usages_allow_the_client_as_windows_says),
        cmocka_unit_test(notes_odd_ones_and_reads_on),
        cmocka_unit_test(reads_files_of_real_machines),
        cmocka_unit_test(refuses_other_files),
        cmocka_unit_test(survives_flipped_bits_and_cuts),
        cmocka_unit_test(reads_a_property_blob),
    };
    int r;

    arena = ARENA_INIT(1 << 24);
    r = cmocka_run_group_tests(tests, NULL, NULL);
    arena_done(&arena);
    return r;
}
