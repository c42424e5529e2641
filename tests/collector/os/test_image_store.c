/* SPDX-License-Identifier: Apache-2.0
 *
 * stores.txt through mkimage into property blobs and back through the image backend. */
#include "image_fixture.h"

#include "property.h"

static const char MACHINE_JSON[] = "{\"name\": \"M1\", \"collected\": \"2020-01-02T03:04:05Z\","
                                   "\"users\": {\"client01\": \"S-1-5-21-1-2-3-1001\"}}";

static const char STORES[] = "LocalMachine Root root-ca.pem\n"
                             "LocalMachine Root public-root-ca.pem physical=AuthRoot\n"
                             "LocalMachine Root partner-root-ca.pem physical=GroupPolicy\n"
                             "LocalMachine Root root-ca.pem physical=Enterprise\n"
                             "LocalMachine NTAuth issuing-ca.pem physical=Enterprise\n"
                             "LocalMachine My web.pem friendly=\"web \xc3\xa4 2019\" key=\"{A-1}\" "
                             "provider=\"Some KSP\" type=12 flags=0x20 spec=1\n"
                             "LocalMachine My web-expired.pem archived eku=1.3.6.1.5.5.7.3.2 prop.102=01\n"
                             "LocalMachine CA issuing-ca.pem eku=none\n"
                             "LocalMachine Limited root-ca.pem prop.104=0011223344556677 prop.107=aa\n"
                             "LocalMachine Denied root-ca.pem\n"
                             "LocalMachine Broken root-ca.pem\n"
                             "User:client01 My client01.pem key=\"le-1\" provider=\"P\" type=24 spec=1\n"
                             "User:client01 Root partner-root-ca.pem\n";

/* A second certificate in Broken whose blob ends in the middle of a property. */
static const char BROKEN[] =
    "Windows Registry Editor Version 5.00\n\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\Broken\\Certificates\\00]\n"
    "\"Blob\"=hex:20,00,00,00,01,00,00,00,ff,00,00,00,30\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\Empty\\Certificates]\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\Lists\\CRLs\\01]\n"
    "\"Blob\"=hex:21,00,00,00,01,00,00,00,02,00,00,00,30,00\n"
    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\Lists\\CTLs\\02]\n"
    "\"Blob\"=hex:22,00,00,00,01,00,00,00,02,00,00,00,30,00\n";

static int setup(void **state)
{
    struct image *im = calloc(1, sizeof *im);
    char parent[256], machine[300], link[300];

    make_dir(parent);
    (void)snprintf(machine, sizeof machine, "%s/machine", parent);
    (void)snprintf(link, sizeof link, "%s/pki", parent);
    assert_int_equal(symlink(CT_SOURCE_DIR "/tests/machines/pki", link), 0);
    assert_int_equal(mkdir(machine, 0755), 0);
    write_text(machine, "machine.json", MACHINE_JSON);
    write_text(machine, "stores.txt", STORES);
    write_text(machine, "registry/software.reg", BROKEN);
    write_text(machine, "denied.txt", "store:LocalMachine\\Denied\nstore:User:client01\\Root\n");
    image_make(im, machine, NULL);
    remove_tree(parent);
    *state = im;
    return 0;
}

static int teardown(void **state)
{
    image_done(*state);
    free(*state);
    return 0;
}

/* One line a certificate: physical, size of the DER, friendly name, flags, key, properties. */
static int take_cert(void *ctx, const struct os_cert *c)
{
    struct buf *out = ctx;

    buf_printf(out, "%s %c%c", c->physical, c->der.len > 500 ? 'D' : 'd', c->der.p[0] == 0x30 ? '+' : '-');
    if (c->friendly_name.p != NULL)
        buf_printf(out, " \"%.*s\"", (int)c->friendly_name.len, c->friendly_name.p);
    if (c->archived)
        buf_add_c(out, " archived");
    if (c->eku.p != NULL) {
        buf_add_c(out, " eku=");
        text_hex(out, c->eku.p, c->eku.len);
    }
    if (c->has_key)
        buf_printf(out, " key=%.*s|%.*s|%u|%u|%u", (int)c->container.len, c->container.p,
                   (int)c->provider.len, c->provider.p, c->provider_type, c->key_flags, c->key_spec);
    for (size_t i = 0; i < c->n_properties; i++)
        buf_printf(out, " %u", c->property_ids[i]);
    for (size_t i = 0; i < c->n_values; i++) {
        buf_printf(out, " %u=", c->values[i].id);
        text_hex(out, c->values[i].data.p, c->values[i].data.len);
    }
    if (c->object != OS_CERTIFICATE)
        buf_add_c(out, c->object == OS_CRL ? " CRL" : " CTL");
    buf_add_char(out, '\n');
    return 0;
}

static void assert_store(void **state, const char *user, const char *store, int code, const char *expected)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
    struct image *im = *state;
    struct err e = {0};
    int r = os_store_walk(im->os, str_from(user), str_from(store), take_cert, &text, &e);

    if (r != -code)
        fail_msg("%s: %d %s", store, r, e.text);
    assert_string_equal(buf_c(&text), expected);
}

static void a_logical_store_is_the_union_of_its_places(void **state)
{
    assert_store(state, "", "Root", 0,
                 "Registry D+ 3 20\nAuthRoot D+ 3 20\nGroupPolicy D+ 3 20\nEnterprise D+ 3 20\n");
    assert_store(state, "", "root", 0,
                 "Registry D+ 3 20\nAuthRoot D+ 3 20\nGroupPolicy D+ 3 20\nEnterprise D+ 3 20\n");
    assert_store(state, "", "NTAuth", 0, "Enterprise D+ 3 20\n");
    assert_store(state, "", "AuthRoot", 0, "AuthRoot D+ 3 20\n");
}

static void properties_and_keys_come_back(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(1 << 16);
    struct image *im = *state;
    struct err e = {0};

    /* in the order of the thumbprints' keys, which a new pki/ may change */
    assert_int_equal(os_store_walk(im->os, STR(""), STR("My"), take_cert, &text, &e), 0);
    assert_non_null(
        strstr(buf_c(&text), "Registry D+ \"web \xc3\xa4 2019\" key={A-1}|Some KSP|12|32|1 2 3 11 20\n"));
    assert_non_null(
        strstr(buf_c(&text), "Registry D+ archived eku=300a06082b06010505070302 3 9 19 20 102\n"));
    assert_store(state, "", "CA", 0, "Registry D+ eku=3000 3 9 20\n");
    assert_store(state, "", "Limited", 0, "Registry D+ 3 20 104 107 104=0011223344556677\n");
    assert_store(state, "", "Lists", 0, "Registry d+ CRL\nRegistry d+ CTL\n");
}

static void a_users_own_certificates_are_files_of_the_profile(void **state)
{
    assert_store(state, "S-1-5-21-1-2-3-1001", "My", 0, "Registry D+ key=le-1|P|24|0|1 2 3 20\n");
    assert_store(state, "S-1-5-21-1-2-3-1001", "CA", ERR_MISSING, "");
    assert_store(state, "S-1-5-21-1-2-3-4444", "My", ERR_MISSING, "");
}

static void empty_missing_denied_and_broken_are_told_apart(void **state)
{
    assert_store(state, "", "Empty", 0, "");
    assert_store(state, "", "NoSuchStore", ERR_MISSING, "");
    assert_store(state, "", "Denied", ERR_DENIED, "");
    assert_store(state, "S-1-5-21-1-2-3-1001", "Root", ERR_DENIED, "");
    assert_store(state, "", "Broken", ERR_FORMAT,
                 "Registry D+ 3 20\n"); /* what is whole is given all the same */
}

static const uint8_t BLOB[] = {
    2, 0, 0, 0, 1, 0, 0, 0, 36, 0,   0, 0, 28, 0,   0, 0, 32, 0,  0, 0, 1, 0, 0, 0, 0x20, 0, 0, 0, 0, 0,    0,
    0, 0, 0, 0, 0, 1, 0, 0, 0,  'c', 0, 0, 0,  'p', 0, 0, 0,  32, 0, 0, 0, 1, 0, 0, 0,    2, 0, 0, 0, 0x30, 0,
};

static void a_blob_is_refused_wherever_it_is_cut(void **state)
{
    struct arena a = ARENA_INIT(1 << 16);
    struct os_cert cert = {0};
    struct err e = {0};

    (void)state;
    assert_int_equal(property_blob_read((struct bytes){BLOB, sizeof BLOB}, &a, &cert, &e), 0);
    assert_true(str_eq(cert.container, STR("c")) && str_eq(cert.provider, STR("p")));
    assert_int_equal(cert.der.len, 2);
    for (size_t len = 0; len < sizeof BLOB; len++) {
        uint8_t *cut = malloc(len + 1);

        assert_non_null(cut);
        memcpy(cut, BLOB, len);
        assert_int_equal(property_blob_read((struct bytes){cut, len}, &a, &cert, &e), -ERR_FORMAT);
        free(cut);
    }
    arena_done(&a);
}

/* Every byte set to a few values in turn: an answer or a refusal, never a read outside (the sanitizer build
 * sees one). */
static void no_byte_of_a_blob_leads_outside(void **state)
{
    static const uint8_t VALUES[] = {0, 1, 27, 29, 0x7f, 0x80, 0xff};

    (void)state;
    for (size_t at = 0; at < sizeof BLOB; at++) {
        for (size_t i = 0; i < ARRAY_LEN(VALUES); i++) {
            struct arena a = ARENA_INIT(1 << 16);
            uint8_t *copy = malloc(sizeof BLOB);
            struct os_cert cert = {0};
            struct err e = {0};
            int r;

            assert_non_null(copy);
            memcpy(copy, BLOB, sizeof BLOB);
            copy[at] = VALUES[i];
            r = property_blob_read((struct bytes){copy, sizeof BLOB}, &a, &cert, &e);
            assert_true(r == 0 ? cert.der.len > 0 : r == -ERR_FORMAT);
            free(copy);
            arena_done(&a);
        }
    }
}

static unsigned count_text(const char *text, size_t len, const char *what)
{
    unsigned n = 0;

    for (const char *at = text; (at = memmem(at, len - (size_t)(at - text), what, strlen(what))) != NULL;
         at++)
        n++;
    return n;
}

static int count_real(void *ctx, const struct os_cert *c)
{
    unsigned *n = ctx;

    assert_true(c->der.len > 200 && c->der.p[0] == 0x30 && c->der.p[1] == 0x82); /* a whole certificate */
    assert_int_equal((size_t)c->der.p[2] << 8 | c->der.p[3], c->der.len - 4);
    assert_true(c->n_properties > 0);
    ++*n;
    return 0;
}

/* What Windows itself wrote: every certificate of a real user's hive comes out whole. */
static void blobs_that_windows_wrote_are_read(void **state)
{
    static const char *const REAL[] = {
        "log2timeline__plaso__test_data__NTUSER-WIN7.DAT__SystemCertificates.reg",
        "mkorman90__regipy__regipy_tests__data__NTUSER_BAGMRU.DAT__SystemCertificates.reg",
        "mkorman90__regipy__regipy_tests__data__NTUSER_with_winscp.DAT__SystemCertificates.reg",
        "strozfriedberg__notatin__test_data__NTUSER.DAT__SystemCertificates.reg",
    };
    static const char *const STORE_NAMES[] = {"ACRS",
                                              "CA",
                                              "Disallowed",
                                              "Root",
                                              "SmartCardRoot",
                                              "Trust",
                                              "TrustedPeople",
                                              "TrustedPublisher",
                                              "MSIEHistoryJournal",
                                              "My"};
    unsigned found = 0, expected = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(REAL); i++) {
        size_t len = 0;
        char *text = read_real(REAL[i], &len), machine[256];
        struct image im = {0};
        struct err e = {0};

        if (text == NULL)
            skip();
        expected += count_text(text, len, "\"Blob\"=");
        make_dir(machine);
        write_text(machine, "machine.json", MACHINE_JSON);
        write_file(machine, "registry/user-client01.reg", text, len);
        image_make(&im, machine, NULL);
        for (size_t k = 0; k < ARRAY_LEN(STORE_NAMES); k++) {
            int r = os_store_walk(im.os, STR("S-1-5-21-1-2-3-1001"), str_from(STORE_NAMES[k]), count_real,
                                  &found, &e);

            assert_true(r == 0 || r == -ERR_MISSING);
        }
        image_done(&im);
        remove_tree(machine);
        free(text);
    }
    assert_true(found > 0);
    assert_int_equal(found, expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_logical_store_is_the_union_of_its_places),
        cmocka_unit_test(properties_and_keys_come_back),
        cmocka_unit_test(a_users_own_certificates_are_files_of_the_profile),
        cmocka_unit_test(empty_missing_denied_and_broken_are_told_apart),
        cmocka_unit_test(a_blob_is_refused_wherever_it_is_cut),
        cmocka_unit_test(blobs_that_windows_wrote_are_read),
        cmocka_unit_test(no_byte_of_a_blob_leads_outside),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
