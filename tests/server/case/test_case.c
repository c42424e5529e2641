/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases of several machines, with the real cage: this program plays the worker, too. */
#include "case_complaint.h"
#include "case_world.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include "cage.h"

static struct err killed; /* no worker is, here */

/* --- which machines make a case --- */

static void only_the_newest_bundle_of_a_machine_counts(void **state)
{
    struct machine m[4];
    sqlite3 *db;

    (void)state;
    machine_open(&m[0], "WEB", "g1", true, 1000);
    machine_open(&m[1], "WEB", "g1", true, 3000);
    machine_open(&m[2], "WEB", "g1", true, 2000);
    machine_open(&m[3], "web2", "g1", true, 1000); /* a clone: same guid, other name */
    for (int i = 0; i < 4; i++)
        machine_seal(&m[i]);
    db = case_of(m, 4);
    assert_string_equal(ask(db, "SELECT machine, collected FROM machine ORDER BY machine"),
                        "WEB|3000\nweb2|1000");
    close_all(m, 4, db);
}

static void labels_are_unique_whatever_the_order(void **state)
{
    const char *first = NULL;
    char kept[512];

    (void)state;
    for (int turn = 0; turn < 2; turn++) {
        struct machine m[3];
        sqlite3 *db;
        machine_open(&m[turn ? 2 : 0], "WEB", "a", true, 1);
        machine_open(&m[1], "web", "b", true, 2);
        machine_open(&m[turn ? 0 : 2], "Web", "c", true, 3);
        for (int i = 0; i < 3; i++)
            machine_seal(&m[i]);
        db = case_of(m, 3);
        first = ask(db, "SELECT machine, guid FROM machine ORDER BY guid");
        assert_string_equal(first, "WEB|a\nweb (2)|b\nWeb (3)|c");
        if (turn)
            assert_string_equal(first, kept);
        (void)snprintf(kept, sizeof kept, "%s", first);
        close_all(m, 3, db);
    }
}

static void the_facts_can_only_be_read(void **state)
{
    struct machine m[1];
    sqlite3 *db;

    (void)state;
    machine_open(&m[0], "WEB", "g", true, 1);
    machine_seal(&m[0]);
    db = case_of(m, 1);
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM machine", NULL, NULL, NULL), SQLITE_OK);
    assert_string_equal(ask(db, "SELECT count(*) FROM chain"), "0");
    close_all(m, 1, db);
}

/* --- chains between machines --- */

static void each_server_judges_with_its_own_stores_and_clock(void **state)
{
    struct pair p;
    sqlite3 *db;

    (void)state;
    pair_open(&p);
    for (int i = 0; i < 2; i++)
        machine_put(&p.m[i], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    machine_put(&p.m[1], &p.ca, "LocalMachine", NULL, "CA");
    db = pair_judge(&p);
    assert_string_equal(
        ask(db, STATUS),
        "OTHER|CLIENT|1|CERT_TRUST_IS_NOT_TIME_VALID|-\nSERVER|CLIENT|1|CERT_TRUST_NO_ERROR|-");
    assert_string_equal(
        ask(db, "SELECT position, store FROM chain WHERE machine = 'SERVER' ORDER BY position"),
        "0|-\n1|CA\n2|Root");
    assert_string_equal(ask(db, "SELECT count(*) FROM bundle_problem"), "0");
    pair_close(&p, db);
}

/* What the client has it sends; what only a user's Root holds is nothing to a server. */
static void the_client_sends_its_intermediates(void **state)
{
    struct pair p;
    sqlite3 *db;

    (void)state;
    pair_open(&p);
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[1], &p.root, "CurrentUser", "S-1-5-21-9", "Root");
    machine_put(&p.m[2], &p.ca, "CurrentUser", USER, "CA");
    db = pair_judge(&p);
    assert_string_equal(
        ask(db, "SELECT position, store FROM chain WHERE machine = 'SERVER' ORDER BY position"),
        "0|-\n1|sent\n2|Root");
    assert_string_equal(ask(db, "SELECT trusted, status LIKE '%PARTIAL_CHAIN%', missing FROM chain_status "
                                "WHERE machine = 'OTHER'"),
                        "0|1|CN=Root, O=Contoso");
    pair_close(&p, db);
}

static void says_what_neither_side_has(void **state)
{
    struct pair p;
    sqlite3 *db;

    (void)state;
    pair_open(&p);
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    db = pair_judge(&p);
    assert_string_equal(ask(db, "SELECT trusted, status, missing FROM chain_status WHERE machine = 'SERVER'"),
                        "0|CERT_TRUST_IS_PARTIAL_CHAIN|CN=CA, O=Contoso");
    assert_string_equal(
        ask(db, "SELECT position, thumbprint, subject FROM chain WHERE machine = 'SERVER' AND position = 1"),
        "1|-|CN=CA, O=Contoso");
    pair_close(&p, db);
}

static void answers_what_is_offered_and_accepted(void **state)
{
    struct pair p;
    sqlite3 *db;
    struct pki stranger;

    (void)state;
    pair_open(&p);
    stranger = pki_make((struct pki_plan){.name = "Stranger", .is_ca = true});
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    machine_put(&p.m[1], &stranger, "LocalMachine", NULL, "Root");
    sink_begin(p.m[1].s, "schannel_setting");
    sink_c(p.m[1].s, "setting", "SendTrustedIssuerList");
    sink_int(p.m[1].s, "value", 1);
    sink_int(p.m[1].s, "is_set", 1);
    sink_end(p.m[1].s);
    sink_begin(p.m[1].s, "issuer_list");
    sink_c(p.m[1].s, "source", "Root");
    sink_c(p.m[1].s, "subject_der", "00");
    sink_end(p.m[1].s);
    db = pair_judge(&p);
    assert_string_equal(
        ask(db, "SELECT server, client, not_offered, not_accepted FROM client_certificate_answer ORDER BY 1"),
        "OTHER|CLIENT|the list of issuers that the server sends names none of its chain|"
        "its issuer is missing: CN=CA, O=Contoso\nSERVER|CLIENT|-|-");
    assert_string_equal(ask(db, "SELECT machine, lacking, store FROM server_store_difference ORDER BY 1"),
                        "OTHER|SERVER|Root\nSERVER|OTHER|Root");
    pki_done(&stranger);
    pair_close(&p, db);
}

/* --- farms --- */

static void members_of_a_farm_are_compared(void **state)
{
    struct pair p;
    sqlite3 *db;

    (void)state;
    pair_open(&p);
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    machine_put(&p.m[1], &p.ca, "LocalMachine", NULL, "Root");
    for (int i = 0; i < 2; i++) {
        put_https(&p.m[i], "shop.contoso.com");
        put_setting(&p.m[i], "EnableHttp2Tls", i);
    }
    db = pair_judge(&p);
    assert_string_equal(ask(db, "SELECT machine, other, kind, here LIKE '%missing%' OR here LIKE '%TIME%', "
                                "there FROM farm_difference"
                                " WHERE kind = 'certificate'"),
                        "OTHER|SERVER|certificate|1|accepted");
    assert_string_equal(ask(db, "SELECT kind, what, here, there FROM farm_difference WHERE kind = 'setting'"),
                        "setting|EnableHttp2Tls|1|0");
    assert_string_equal(ask(db, "SELECT DISTINCT kind FROM farm_difference ORDER BY 1"),
                        "certificate\nsetting\nstore Root");
    pair_close(&p, db);
}

/* --- one bundle through the cage --- */

static int zip_of(const struct pki *p)
{
    char path[] = "/tmp/test_case_XXXXXX", name[128], hash[41];
    int fd = mkstemp(path), code = 0;
    struct bytes der = pki_der(p);
    zip_t *z;

    assert_true(fd >= 0);
    (void)close(fd);
    pki_thumbprint(p, hash);
    (void)snprintf(name, sizeof name, "certs/LocalMachine/Root/%s.cer", hash);
    z = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(z);
    assert_true(zip_file_add(z, name, zip_source_buffer(z, der.p, der.len, 0), 0) >= 0);
    assert_int_equal(zip_close(z), 0);
    OPENSSL_free((void *)(uintptr_t)der.p);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    (void)unlink(path);
    return fd;
}

static void a_bundle_becomes_facts_named_by_its_hash(void **state)
{
    struct pki root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    int fd = zip_of(&root);
    sqlite3 *db = NULL, *all = NULL;

    (void)state;
    if (case_extract(fd, "b.zip", NULL, &db, &killed, &e))
        fail_msg("%s", e.text);
    assert_string_equal(ask(db, "SELECT has_manifest, length(bundle) FROM machine"), "0|64");
    assert_string_equal(ask(db, "SELECT subject, self_signed FROM certificate"), "CN=Root, O=Contoso|1");
    assert_int_equal(case_facts(&db, 1, &all, &e), 0);
    assert_string_equal(ask(all, "SELECT location, store FROM store_certificate"), "LocalMachine|Root");
    (void)sqlite3_close(all);
    (void)sqlite3_close(db);
    (void)close(fd);
    pki_done(&root);
}

/* What the support team says, as the store keeps it. */
#define SAID                                                                                                 \
    STR("{\"thumbprint\":\"AB "                                                                              \
        "CD\",\"url\":\"https://shop.example:444/pay?x\",\"when\":\"2026-01-02T03:04:05Z\"}")

/* What was written once is read again, and the key does not depend on the order. */
static void case_facts_can_be_kept(void **state)
{
    struct pki a = pki_make((struct pki_plan){.name = "A", .is_ca = true});
    struct pki b = pki_make((struct pki_plan){.name = "B", .is_ca = true});
    int fds[2] = {zip_of(&a), zip_of(&b)};
    sqlite3 *m[2], *db = NULL;
    const char *const parts[] = {"aa", "bb"}, *const turned[] = {"bb", "aa"};
    char folder[] = "/tmp/test_case_XXXXXX", path[64], key[CASE_KEY_CHARS + 1], again[CASE_KEY_CHARS + 1];

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof path, "%s/case", folder);
    for (int i = 0; i < 2; i++)
        assert_int_equal(case_extract(fds[i], "b.zip", NULL, &m[i], &killed, &e), 0);
    assert_int_equal(case_facts_key(parts, 2, STR(""), key, &e), 0);
    assert_int_equal(case_facts_key(turned, 2, STR(""), again, &e), 0);
    assert_string_equal(key, again);
    assert_int_equal(case_facts_key(parts, 1, STR(""), again, &e), 0);
    assert_string_not_equal(key, again);
    assert_int_equal(case_facts_key(parts, 2, SAID, again, &e), 0);
    assert_string_not_equal(key, again);
    assert_int_equal(case_facts_write(m, 2, SAID, false, path, &e), 0);
    assert_int_not_equal(case_facts_write(m, 2, SAID, false, path, &e), 0); /* it is there */
    if (facts_open(path, &db, &e) < 0 || facts_confine(db, &e) < 0)
        fail_msg("%s", e.text);
    assert_string_equal(ask(db, "SELECT count(*) FROM certificate"), "2");
    assert_string_equal(
        ask(db, "SELECT DISTINCT host, port, path, thumbprint, \"when\", seen FROM complaint"),
        "shop.example|444|/pay|abcd|1767323045000|-");
    assert_string_equal(ask(db, "SELECT (SELECT count(*) FROM complaint) = (SELECT count(*) FROM machine)"),
                        "1");
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM certificate", NULL, NULL, NULL), SQLITE_OK);
    (void)sqlite3_close(db);
    for (int i = 0; i < 2; i++) {
        (void)sqlite3_close(m[i]);
        (void)close(fds[i]);
    }
    (void)unlink(path);
    (void)rmdir(folder);
    pki_done(&a);
    pki_done(&b);
}

/* The zone that the collector found for one URL is not given to another. */
static void a_zone_goes_with_its_url(void **state)
{
    const char *const zone = "SELECT host || ' ' || zone FROM host_zone";
    sqlite3 *db = NULL;

    (void)state;
    assert_int_equal(facts_create(NULL, &db, &e), 0);
    assert_int_equal(
        sqlite3_exec(
            db,
            "INSERT INTO machine(machine, name, is_server, is_client) VALUES('PC', 'PC', 0, 1);"
            "INSERT INTO client_setting(machine, user, setting, value, is_set) VALUES('PC', 'u', '1A04', 3, "
            "1);"
            "INSERT INTO complaint(machine, url, host) VALUES('PC', 'https://a.example/', 'a.example');"
            "INSERT INTO url_zone(machine, user, url, zone, why) VALUES('PC', 'u', 'https://a.example/', 1, "
            "'x')",
            NULL, NULL, NULL),
        SQLITE_OK);
    assert_string_equal(ask(db, zone), "a.example 1");
    assert_int_equal(case_complain(db, STR("{\"url\":\"https://a.example/\",\"seen\":\"-\"}"), &e), 0);
    assert_string_equal(ask(db, zone), "a.example 1");
    assert_int_equal(case_complain(db, STR("{\"url\":\"https://b.example/\"}"), &e), 0);
    assert_string_equal(ask(db, zone), "b.example 3");
    (void)sqlite3_close(db);
}

/* Each algorithm makes other system calls, and the worker may make few. */
static void every_kind_of_key_is_checked_in_the_cage(void **state)
{
    EVP_PKEY *keys[] = {EVP_EC_gen("P-256"),
                        EVP_EC_gen("P-384"),
                        EVP_EC_gen("P-521"),
                        EVP_EC_gen("brainpoolP256r1"),
                        EVP_EC_gen("secp256k1"),
                        EVP_RSA_gen(2048),
                        EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        struct pki root = pki_make((struct pki_plan){.name = "Root", .key = keys[i], .is_ca = true});
        int fd = zip_of(&root);
        sqlite3 *db = NULL;
        if (case_extract(fd, "b.zip", NULL, &db, &killed, &e))
            fail_msg("key %zu: %s", i, e.text);
        assert_string_equal(ask(db, "SELECT self_signed FROM certificate"), "1");
        assert_string_equal(ask(db, "SELECT count(*) FROM bundle_problem WHERE problem LIKE '%worker%'"),
                            "0");
        (void)sqlite3_close(db);
        (void)close(fd);
        pki_done(&root);
        EVP_PKEY_free(keys[i]);
    }
}

static void what_is_not_a_bundle_is_refused(void **state)
{
    int fd = open(CT_SOURCE_DIR "/CMakeLists.txt", O_RDONLY | O_CLOEXEC);
    sqlite3 *db = NULL;

    (void)state;
    assert_int_equal(case_extract(fd, "b.zip", NULL, &db, &killed, &e), -ERR_FORMAT);
    assert_null(db);
    (void)close(fd);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_newest_bundle_of_a_machine_counts),
        cmocka_unit_test(labels_are_unique_whatever_the_order),
        cmocka_unit_test(the_facts_can_only_be_read),
        cmocka_unit_test(each_server_judges_with_its_own_stores_and_clock),
        cmocka_unit_test(the_client_sends_its_intermediates),
        cmocka_unit_test(says_what_neither_side_has),
        cmocka_unit_test(answers_what_is_offered_and_accepted),
        cmocka_unit_test(members_of_a_farm_are_compared),
        cmocka_unit_test(a_bundle_becomes_facts_named_by_its_hash),
        cmocka_unit_test(case_facts_can_be_kept),
        cmocka_unit_test(a_zone_goes_with_its_url),
        cmocka_unit_test(every_kind_of_key_is_checked_in_the_cage),
        cmocka_unit_test(what_is_not_a_bundle_is_refused),
    };

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
