/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "compiler.h"
#include "keyfile.h"

/* Published names of key files. CAPI:
 * learn.microsoft.com/archive/blogs/jaskis/machinekeys-on-iis-7-x-inside-out lists the first five and MS IIS
 * DCOM Server with their containers; MyCoolContainer: jensign.com, notes on key containers. CNG:
 * tests/plugins/os/windows/cng of github.com/fox-it/dissect.target, from a Windows 11 image. */
static void computes_the_published_names(void **state)
{
    static const struct {
        bool is_cng;
        const char *container, *hash;
    } rows[] = {
        {false, "iisConfigurationKey", "6de9cb26d2b98c01ec4e9e8b34824aa2"},
        {false, "iisWasKey", "76944fb33636aeddb9590521c2e8815a"},
        {false, "Microsoft Internet Information Server", "c2319c42033a5ca7f44e731bfd3fa2b5"},
        {false, "TSSecKeySet1", "f686aace6942fb7f7ceb231212eef4a4"},
        {false, "NetFrameworkConfigurationKey", "d6d986f09a1ee04e24c949879fdb506c"},
        {false, "MS IIS DCOM Server", "7a436fe806e483969f48a894af2fe9a1"},
        {false, "MyCoolContainer", "52ab417621a9d74c73e3e0f1bc374e0a"},
        {true, "Microsoft Connected Devices Platform device certificate", "de7cf8a7901d2ad13e5c67c29e5d1662"},
        {true, "Google Chromekey1", "7096db7aeb75c0d3497ecd56d355a695"}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char hash[KEYFILE_HASH_CHARS + 1] = "";
        assert_true(keyfile_hash(rows[i].is_cng, str_from(rows[i].container), hash));
        assert_string_equal(hash, rows[i].hash);
    }
}

static void puts_the_machine_guid_behind(void **state)
{
    char name[KEYFILE_NAME_CHARS];

    (void)state;
    assert_true(keyfile_name(false, STR("IISWASKEY"), STR("0f0e0d0c-1111-2222-3333-444455556666"), name));
    assert_string_equal(name, "76944fb33636aeddb9590521c2e8815a_0f0e0d0c-1111-2222-3333-444455556666");
    assert_false(keyfile_name(false, STR("iisWasKey"), STR(""), name));
}

static void does_not_guess_other_letters(void **state)
{
    char hash[KEYFILE_HASH_CHARS + 1];

    (void)state;
    assert_false(keyfile_hash(false, STR("Schl\xc3\xbcssel"), hash));
    assert_false(keyfile_hash(true, STR(""), hash));
}

static void tells_software_from_hardware(void **state)
{
    (void)state;
    assert_int_equal(keyfile_provider_of(STR("Microsoft Software Key Storage Provider"), 0), KEYFILE_CNG);
    assert_int_equal(keyfile_provider_of(STR("Microsoft Platform Crypto Provider"), 0), KEYFILE_HARDWARE);
    assert_int_equal(keyfile_provider_of(STR("Microsoft RSA SChannel Cryptographic Provider"), 12),
                     KEYFILE_CAPI);
    assert_int_equal(keyfile_provider_of(STR("Microsoft Enhanced RSA and AES Cryptographic Provider"), 24),
                     KEYFILE_CAPI);
    assert_int_equal(keyfile_provider_of(STR("Microsoft Base Smart Card Crypto Provider"), 1),
                     KEYFILE_HARDWARE);
    assert_int_equal(keyfile_provider_of(STR("SafeNet Key Storage Provider"), 0), KEYFILE_HARDWARE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_the_published_names),
        cmocka_unit_test(puts_the_machine_guid_behind),
        cmocka_unit_test(does_not_guess_other_letters),
        cmocka_unit_test(tells_software_from_hardware),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
