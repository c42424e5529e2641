/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_world.h"
#include "server/pki.h"

#include "iis_sid.h"
#include "registry.h"

#define USER "S-1-5-21-1-2-3-1001"
#define GUID "0f0e0d0c-1111-2222-3333-444455556666"
#define MACHINE_KEYS "C:\\\\ProgramData\\\\Microsoft\\\\Crypto\\\\RSA\\\\MachineKeys"
#define KEYS "C:\\\\ProgramData\\\\Microsoft\\\\Crypto\\\\Keys"
/* MyCoolContainer, as CAPI names it */
#define CAPI_FILE "52ab417621a9d74c73e3e0f1bc374e0a_" GUID

struct set {
    struct pki root, ca, web, ann;
    struct bytes ders[4];
    char hashes[4][41], names[4][128];
};

static void set_open(struct set *s)
{
    const struct pki *all[4];

    s->root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    s->ca = pki_make((struct pki_plan){.name = "CA", .issuer = &s->root, .is_ca = true});
    s->web = pki_make((struct pki_plan){
        .name = "web", .issuer = &s->ca, .eku = "serverAuth", .san = "DNS:web.contoso.com"});
    s->ann = pki_make((struct pki_plan){.name = "Ann", .issuer = &s->ca, .eku = "clientAuth"});
    all[0] = &s->root;
    all[1] = &s->ca;
    all[2] = &s->web;
    all[3] = &s->ann;
    for (int i = 0; i < 4; i++) {
        s->ders[i] = pki_der(all[i]);
        pki_thumbprint(all[i], s->hashes[i]);
    }
}

static void set_close(struct set *s)
{
    for (int i = 0; i < 4; i++)
        OPENSSL_free((void *)(uintptr_t)s->ders[i].p);
    pki_done(&s->root);
    pki_done(&s->ca);
    pki_done(&s->web);
    pki_done(&s->ann);
}

static void put(struct iis_world *w, struct set *s, int i, const char *folder)
{
    char hash[41];

    memcpy(hash, s->hashes[i], sizeof hash);
    (void)snprintf(s->names[i], sizeof s->names[i], "certs/%s/%s.cer", folder, hash);
    world_add(w, s->names[i], NULL, NULL, s->ders[i]);
}

static void run(struct iis_world *w)
{
    if (!w->state.registry)
        assert_int_equal(registry_new(&w->arena, &w->state.registry, &w->e), 0);
    w->state.collected_ms = PKI_NOW * 1000LL;
    if (extract_certificates(&w->state, &w->e))
        fail_msg("%s", w->e.text);
}

static void says_what_and_where(void **state)
{
    struct iis_world w;
    struct set s;

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 0, "LocalMachine/ROOT");
    put(&w, &s, 1, "LocalMachine/CA");
    put(&w, &s, 2, "LocalMachine/My");
    put(&w, &s, 3, "CurrentUser-" USER "/My");
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT subject, self_signed, is_ca, client_auth, eku FROM certificate ORDER BY rowid"),
        "CN=Root, O=Contoso|1|1|1|-\nCN=CA, O=Contoso|0|1|1|-\n"
        "CN=web, O=Contoso|0|0|0|1.3.6.1.5.5.7.3.1\nCN=Ann, O=Contoso|0|0|1|1.3.6.1.5.5.7.3.2");
    assert_string_equal(
        world_ask(&w, "SELECT location, user, store, has_key_property FROM store_certificate ORDER BY rowid"),
        "LocalMachine|-|Root|-\nLocalMachine|-|CA|-\nLocalMachine|-|My|-\nCurrentUser|" USER "|My|-");
    assert_string_equal(world_ask(&w, "SELECT kind, value FROM certificate_name"), "dns|web.contoso.com");
    assert_string_equal(
        world_ask(&w, "SELECT t.trusted, t.status, t.missing, t.at FROM chain_status t JOIN certificate c"
                      " ON c.thumbprint = t.leaf ORDER BY c.rowid"),
        "1|CERT_TRUST_NO_ERROR|-|1767225600000\n1|CERT_TRUST_NO_ERROR|-|1767225600000");
    assert_string_equal(
        world_ask(&w, "SELECT position, subject, store FROM chain WHERE leaf = (SELECT thumbprint FROM"
                      " certificate WHERE subject_cn = 'Ann') ORDER BY position"),
        "0|CN=Ann, O=Contoso|My\n1|CN=CA, O=Contoso|CA\n2|CN=Root, O=Contoso|Root");
    assert_string_equal(
        world_ask(&w,
                  "SELECT source, subject, bytes = 2 + length(subject_der) / 2 FROM issuer_list ORDER BY 1"),
        "CA|CN=CA, O=Contoso|1\nRoot|CN=Root, O=Contoso|1");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "0");
    world_close(&w);
    set_close(&s);
}

/* A root in a user's store is nothing to the machine, and something to that user. */
static void a_users_root_counts_for_that_user_only(void **state)
{
    struct iis_world w;
    struct set s;

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 0, "CurrentUser-" USER "/Root");
    put(&w, &s, 1, "LocalMachine/CA");
    put(&w, &s, 2, "LocalMachine/My");
    put(&w, &s, 3, "CurrentUser-" USER "/My");
    run(&w);
    assert_string_equal(world_ask(&w,
                                  "SELECT c.subject_cn, t.trusted, t.status, t.missing FROM chain_status t"
                                  " JOIN certificate c ON c.thumbprint = t.leaf ORDER BY 1"),
                        "Ann|1|CERT_TRUST_NO_ERROR|-\nweb|0|CERT_TRUST_IS_PARTIAL_CHAIN|CN=Root, O=Contoso");
    assert_string_equal(
        world_ask(&w,
                  "SELECT position, thumbprint IS NULL, subject FROM chain WHERE leaf = (SELECT thumbprint"
                  " FROM certificate WHERE subject_cn = 'web') AND position = 2"),
        "2|1|CN=Root, O=Contoso");
    world_close(&w);
    set_close(&s);
}

/* One machine that is server and client: the server does not trust what its user trusts, and gets what the
 * user sends. */
static void on_a_server_a_users_root_counts_for_nobody(void **state)
{
    struct iis_world w;
    struct set s;

    (void)state;
    set_open(&s);
    world_open(&w);
    world_add(&w, "iis/config/administration.config", NULL, NULL, text_bytes("<configuration/>"));
    put(&w, &s, 0, "CurrentUser-" USER "/Root");
    put(&w, &s, 1, "CurrentUser-" USER "/CA");
    put(&w, &s, 3, "CurrentUser-" USER "/My");
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT trusted, status, missing FROM chain_status"),
                        "0|CERT_TRUST_IS_PARTIAL_CHAIN|CN=Root, O=Contoso");
    assert_string_equal(
        world_ask(&w, "SELECT position, store, status FROM chain WHERE position > 0 ORDER BY position"),
        "1|sent|CERT_TRUST_IS_PARTIAL_CHAIN\n2|-|-");
    world_close(&w);
    set_close(&s);
}

/* Keys, in the way of acl/keys.json; sddl goes to the one file. */
static void add_keys(struct iis_world *w, struct set *s, char *stores, char *keys, size_t room,
                     const char *provider, int type, const char *file, const char *sddl)
{
    (void)snprintf(
        stores, room,
        "{\"stores\": [], \"certificates\": [{\"location\": \"LocalMachine\", \"user\": null, \"store\": "
        "\"My\","
        " \"physical\": \"Registry\", \"thumbprint\": \"%s\", \"entry\": null, \"friendlyName\": \"f\","
        " \"archived\": false, \"eku\": \"300a06082b06010505070302\", \"key\": {\"container\": "
        "\"MyCoolContainer\","
        " \"provider\": \"%s\", \"type\": %d, \"flags\": 32, \"keySpec\": 1}, \"properties\": [2]}]}",
        s->hashes[3], provider, type);
    (void)snprintf(
        keys, room,
        "{\"machineGuid\": \"" GUID "\", \"folders\": [{\"path\": \"" MACHINE_KEYS "\", \"outcome\": \"ok\","
        " \"sddl\": \"D:(A;;FA;;;BA)\"}, {\"path\": \"" KEYS "\", \"outcome\": \"ok\"}],"
        " \"files\": [{\"path\": \"" MACHINE_KEYS "\\\\%s\", \"outcome\": \"%s\", \"sddl\": \"%s\"}],"
        " \"accounts\": [{\"account\": \"CONTOSO\\\\svc\", \"sid\": \"S-1-5-21-9-9-9-1\","
        " \"groups\": [\"S-1-5-32-545\"]}, {\"account\": \"CONTOSO\\\\x\", \"sid\": \"S-1-5-21-9-9-9-2\"}]}",
        file, sddl[0] ? "ok" : "denied", sddl);
    world_add(w, "certs/stores.json", NULL, NULL, text_bytes(stores));
    world_add(w, "acl/keys.json", NULL, NULL, text_bytes(keys));
}

struct key_case {
    const char *provider;
    int type;
    const char *file, *sddl, *key, *access; /* access: pool, svc, x */
};

static void check_key(const struct key_case *c)
{
    struct iis_world w;
    struct set s;
    char stores[2048], keys[2048];
    struct extract_identity pool = {.account = STR("IIS AppPool\\Shop")};

    set_open(&s);
    world_open(&w);
    pool.sid = iis_sid_of_pool(STR("Shop"), &w.arena);
    w.state.identities = &pool;
    w.state.n_identities = 1;
    put(&w, &s, 3, "LocalMachine/My");
    add_keys(&w, &s, stores, keys, sizeof keys, c->provider, c->type, c->file, c->sddl);
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT file_name, path IS NOT NULL, present FROM private_key"),
                        c->key);
    assert_string_equal(world_ask(&w,
                                  "SELECT group_concat(can_read, ' ') FROM (SELECT can_read FROM key_access"
                                  " ORDER BY account DESC)"),
                        c->access);
    assert_string_equal(world_ask(&w,
                                  "SELECT friendly_name, has_key_property, archived, eku_property, physical"
                                  " FROM store_certificate"),
                        "f|1|0|1.3.6.1.5.5.7.3.2|Registry");
    world_close(&w);
    set_close(&s);
}

static void finds_the_keys_file_and_who_reads_it(void **state)
{
    static const struct key_case rows[] = {
        /* order: IIS AppPool\Shop, CONTOSO\x (groups not known), CONTOSO\svc (Users) */
        {"Microsoft RSA SChannel Cryptographic Provider", 12, CAPI_FILE, "O:SYD:(A;;FA;;;SY)(A;;FA;;;BA)",
         CAPI_FILE "|1|1", "no unknown no"},
        {"Microsoft RSA SChannel Cryptographic Provider", 12, CAPI_FILE, "D:(A;;FR;;;BU)", CAPI_FILE "|1|1",
         "yes unknown yes"},
        {"Microsoft RSA SChannel Cryptographic Provider", 12, CAPI_FILE, "D:(A;;FR;;;S-1-5-21-9-9-9-1)",
         CAPI_FILE "|1|1", "no unknown yes"},
        {"Microsoft RSA SChannel Cryptographic Provider", 12, CAPI_FILE, "", CAPI_FILE "|1|1",
         "unknown unknown unknown"},
        {"Microsoft RSA SChannel Cryptographic Provider", 12, "other_x", "D:(A;;FR;;;WD)", CAPI_FILE "|0|0",
         "-"},
        {"Microsoft Platform Crypto Provider", 0, CAPI_FILE, "D:(A;;FR;;;WD)", "-|0|-", "-"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_key(&rows[i]);
}

/* A key of a key storage provider may still lie where the older providers keep theirs. */
static void looks_for_a_cng_key_in_both_folders(void **state)
{
    struct iis_world w;
    struct set s;
    char stores[2048], keys[2048];

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 3, "LocalMachine/My");
    add_keys(&w, &s, stores, keys, sizeof keys, "Microsoft Software Key Storage Provider", 0, CAPI_FILE,
             "D:(A;;FR;;;WD)");
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT present, path LIKE '%MachineKeys%', file_name <> '" CAPI_FILE
                                      "' FROM private_key"),
                        "1|1|1");
    world_close(&w);
    set_close(&s);
}

/* A key that came from another machine: its file has that one's GUID, and this machine does not find it. */
static void a_file_with_another_guid_is_told(void **state)
{
    struct iis_world w;
    struct set s;
    char stores[2048], keys[2048];

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 3, "LocalMachine/My");
    add_keys(&w, &s, stores, keys, sizeof keys, "Microsoft RSA SChannel Cryptographic Provider", 12,
             "52ab417621a9d74c73e3e0f1bc374e0a_99999999-0000-0000-0000-000000000000", "D:(A;;FR;;;WD)");
    run(&w);
    assert_string_equal(
        world_ask(&w,
                  "SELECT present, path, other_path LIKE '%52ab417621a9d74c%_99999999%' FROM private_key"),
        "0|-|1");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM key_access"), "0");
    world_close(&w);
    set_close(&s);
}

static void access_entries_are_rows(void **state)
{
    struct iis_world w;
    struct set s;
    char stores[2048], keys[2048];

    (void)state;
    set_open(&s);
    world_open(&w);
    add_keys(&w, &s, stores, keys, sizeof keys, "Microsoft RSA SChannel Cryptographic Provider", 12,
             CAPI_FILE, "O:SYD:(D;;FR;;;BU)(A;ID;FA;;;SY)");
    run(&w);
    assert_string_equal(
        world_ask(&w,
                  "SELECT position, sid, kind, mask, inherited FROM access_entry WHERE object LIKE '%" GUID
                  "' ORDER BY position"),
        "0|S-1-5-32-545|deny|1179785|0\n1|S-1-5-18|allow|2032127|1");
    assert_string_equal(world_ask(&w, "SELECT owner, outcome FROM key_file"), "S-1-5-18|ok");
    assert_string_equal(world_ask(&w, "SELECT account, sid, why, groups FROM identity ORDER BY account"),
                        "CONTOSO\\svc|S-1-5-21-9-9-9-1|collected|S-1-5-32-545 S-1-1-0 S-1-5-11\n"
                        "CONTOSO\\x|S-1-5-21-9-9-9-2|collected|-");
    world_close(&w);
    set_close(&s);
}

static void check_registry_store(const char *tree, const char *answer)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(65536);
    static const uint8_t head[] = {11,  0, 0, 0, 1,  0, 0, 0, 4, 0, 0, 0,
                                   'H', 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0};
    struct iis_world w;
    struct set s;

    set_open(&s);
    world_open(&w);
    buf_printf(&text,
               "Windows Registry Editor Version 5.00\r\n\r\n[%s\\Certificates\\%s]\r\n\"Blob\"=hex:", tree,
               s.hashes[0]);
    for (size_t i = 0; i < sizeof head; i++)
        buf_printf(&text, "%02x,", head[i]);
    buf_printf(&text, "%02x,%02x,00,00", (unsigned)(s.ders[0].len & 255), (unsigned)(s.ders[0].len >> 8));
    for (size_t i = 0; i < s.ders[0].len; i++)
        buf_printf(&text, "%s%02x", i % 25 ? "," : ",\\\r\n  ", s.ders[0].p[i]);
    buf_add_c(&text, "\r\n");
    world_add(&w, "registry/certificates.reg", NULL, NULL, (struct bytes){(const uint8_t *)text.p, text.len});
    assert_int_equal(extract_registry(&w.state, &w.e), 0);
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT c.subject, s.location, s.user, s.store, s.physical, s.friendly_name,"
                      " s.has_key_property FROM store_certificate s JOIN certificate c USING (thumbprint)"),
        answer);
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "0");
    world_close(&w);
    set_close(&s);
}

/* Blobs in registry text, as an export made by hand holds them. */
static void reads_stores_from_registry_text(void **state)
{
    (void)state;
    check_registry_store("HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot",
                         "CN=Root, O=Contoso|LocalMachine|-|Root|AuthRoot|H|0");
    check_registry_store("HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\SystemCertificates\\Root",
                         "CN=Root, O=Contoso|LocalMachine|-|Root|GroupPolicy|H|0");
    check_registry_store("HKEY_USERS\\" USER "\\Software\\Microsoft\\SystemCertificates\\CA",
                         "CN=Root, O=Contoso|CurrentUser|" USER "|CA|Registry|H|0");
}

static void what_is_broken_is_told_and_the_rest_is_read(void **state)
{
    struct iis_world w;
    struct set s;

    (void)state;
    set_open(&s);
    world_open(&w);
    world_add(&w, "certs/LocalMachine/My/0000000000000000000000000000000000000000.cer", NULL, NULL,
              text_bytes("nothing"));
    world_add(&w, "certs/stores.json", NULL, NULL, text_bytes("[1, 2"));
    world_add(&w, "acl/keys.json", NULL, NULL, text_bytes("{\"files\": [{\"path\": 7, \"sddl\": \"D:(\"}]}"));
    put(&w, &s, 0, "LocalMachine/Root");
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM store_certificate"), "1");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "2");
    world_close(&w);
    set_close(&s);
}

/* certs/stores-<SID>.json is that user's word: of the machine's stores, or another's, it proves nothing. */
static void a_user_speaks_for_own_stores_alone(void **state)
{
    static const char record[] = "{\"location\": \"%s\", \"user\": %s, \"store\": \"%s\", \"physical\": "
                                 "\"Registry\", \"thumbprint\": \"%s\"}";
    struct iis_world w;
    struct set s;
    char one[512], two[512], three[512], stores[2048];

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 0, "LocalMachine/CA");
    (void)snprintf(one, sizeof one, record, "CurrentUser", "\"" USER "\"", "CA", s.hashes[0]);
    (void)snprintf(two, sizeof two, record, "LocalMachine", "null", "Root", s.hashes[0]);
    (void)snprintf(three, sizeof three, record, "CurrentUser", "\"S-1-5-21-9-9-9-500\"", "CA", s.hashes[0]);
    (void)snprintf(stores, sizeof stores, "{\"certificates\": [%s, %s, %s]}", one, two, three);
    world_add(&w, "certs/stores-" USER ".json", NULL, NULL, text_bytes(stores));
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT location, coalesce(user, '-'), store FROM store_certificate ORDER BY 1"),
        "CurrentUser|" USER "|CA\nLocalMachine|-|CA");
    assert_string_equal(
        world_ask(&w, "SELECT count(*) FROM bundle_problem WHERE problem LIKE '%not of " USER "%'"), "2");
    world_close(&w);
    set_close(&s);
}

/* Windows' answer, as the collector writes it, beside ours; what is no number or too long a list is no row.
 */
static void what_windows_said_stands_beside_our_answer(void **state)
{
    struct iis_world w;
    struct set s;
    char stores[2048];

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 0, "LocalMachine/Root");
    put(&w, &s, 3, "LocalMachine/My");
    (void)snprintf(
        stores, sizeof stores,
        "{\"certificates\": [{\"location\": \"LocalMachine\", \"store\": \"My\", \"physical\": "
        "\"Registry\", \"thumbprint\": \"%s\", \"chains\": [{\"revocation\": \"none\", \"outcome\": "
        "\"ok\", \"error\": 65536, \"info\": 0, \"elements\": [{\"thumbprint\": \"%s\", \"error\": "
        "65536, \"info\": 0}]}, {\"revocation\": \"cache\", \"outcome\": \"ok\", \"error\": "
        "285278272, \"elements\": 3}, {\"revocation\": \"none\", \"error\": 0}]}]}",
        s.hashes[3], s.hashes[3]);
    world_add(&w, "certs/stores.json", NULL, NULL, text_bytes(stores));
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT revocation, outcome, status, links FROM system_chain ORDER BY 1"),
        "cache|ok|CERT_TRUST_IS_PARTIAL_CHAIN CERT_TRUST_REVOCATION_STATUS_UNKNOWN"
        " CERT_TRUST_IS_OFFLINE_REVOCATION 0x10000000|0\n"
        "none|ok|CERT_TRUST_IS_PARTIAL_CHAIN|1");
    assert_string_equal(world_ask(&w, "SELECT position, status, thumbprint = leaf FROM system_chain_link"),
                        "0|CERT_TRUST_IS_PARTIAL_CHAIN|1");
    assert_string_equal(
        world_ask(&w, "SELECT windows, agree = (worked_out = windows) FROM system_chain_comparison"),
        "CERT_TRUST_IS_PARTIAL_CHAIN|1");
    world_close(&w);
    set_close(&s);
}

static void mapped_certificates_get_their_chains(void **state)
{
    struct iis_world w;
    struct set s;

    (void)state;
    set_open(&s);
    world_open(&w);
    put(&w, &s, 0, "LocalMachine/Root");
    w.state.mapped = &s.ders[3];
    w.state.n_mapped = 1;
    run(&w);
    assert_string_equal(
        world_ask(&w, "SELECT c.subject_cn, t.missing, t.leaf_machine FROM chain_status t JOIN certificate c"
                      " ON c.thumbprint = t.leaf"),
        "Ann|CN=CA, O=Contoso|WEB01");
    world_close(&w);
    set_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_and_where),
        cmocka_unit_test(a_users_root_counts_for_that_user_only),
        cmocka_unit_test(on_a_server_a_users_root_counts_for_nobody),
        cmocka_unit_test(finds_the_keys_file_and_who_reads_it),
        cmocka_unit_test(looks_for_a_cng_key_in_both_folders),
        cmocka_unit_test(a_file_with_another_guid_is_told),
        cmocka_unit_test(access_entries_are_rows),
        cmocka_unit_test(reads_stores_from_registry_text),
        cmocka_unit_test(what_is_broken_is_told_and_the_rest_is_read),
        cmocka_unit_test(a_user_speaks_for_own_stores_alone),
        cmocka_unit_test(what_windows_said_stands_beside_our_answer),
        cmocka_unit_test(mapped_certificates_get_their_chains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
