/* SPDX-License-Identifier: Apache-2.0
 *
 * key_access: may this identity read that key: yes, no or unknown, and because of what. The key's file is
 * named by both algorithms and by the machine's GUID. */
#include "iis_world.h"
#include "server/pki.h"

#include "iis_sid.h"
#include "registry.h"

#define GUID "0f0e0d0c-1111-2222-3333-444455556666"
#define CRYPTO "C:\\\\ProgramData\\\\Microsoft\\\\Crypto\\\\"
#define SHOP "S-1-5-82-634253208-2346237047-1867043872-2360698316-99401469"
/* MyCoolContainer by CAPI (published) and by CNG */
#define CAPI_HASH "52ab417621a9d74c73e3e0f1bc374e0a"
#define DOMAIN_USER "S-1-5-21-9-9-9-1"
#define CSP "Microsoft RSA SChannel Cryptographic Provider"
#define KSP "Microsoft Software Key Storage Provider"

struct key {
    const char *provider;
    int type, flags;
    const char *path; /* of the file that was collected, JSON text */
    const char *sddl; /* "": not readable */
    const char *accounts;
};

/* Pools: Shop as itself, Mail and News as NETWORK SERVICE, Old as LocalSystem, Lone as a domain account. */
static void add_pools(struct iis_world *w)
{
    static const char *const rows[][3] = {{"Shop", "IIS AppPool\\Shop", ""},
                                          {"Mail", "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"},
                                          {"News", "NT AUTHORITY\\NETWORK SERVICE", "S-1-5-20"},
                                          {"Old", "NT AUTHORITY\\SYSTEM", "S-1-5-18"},
                                          {"Lone", "CONTOSO\\svc", ""}};
    struct extract_identity *list = arena_array(&w->arena, ARRAY_LEN(rows), sizeof *list);

    assert_non_null(list);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        list[i] = (struct extract_identity){.account = str_from(rows[i][1]),
                                            .sid = str_from(rows[i][2]),
                                            .pool_sid = iis_sid_of_pool(str_from(rows[i][0]), &w->arena)};
    }
    list[0].sid = list[0].pool_sid;
    w->state.identities = list;
    w->state.n_identities = ARRAY_LEN(rows);
}

static void run(struct iis_world *w, const struct key *k, struct manifest *complaint)
{
    struct pki ann = pki_make((struct pki_plan){.name = "Ann", .eku = "clientAuth"});
    struct bytes der = pki_der(&ann);
    static char stores[2048], keys[4096], name[128];
    char hash[41];

    pki_thumbprint(&ann, hash);
    world_open(w);
    w->view.manifest = complaint;
    add_pools(w);
    (void)snprintf(name, sizeof name, "certs/LocalMachine/My/%s.cer", hash);
    (void)snprintf(
        stores, sizeof stores,
        "{\"certificates\": [{\"location\": \"LocalMachine\", \"store\": \"My\", \"thumbprint\": \"%s\", "
        "\"key\": "
        "{\"container\": \"MyCoolContainer\", \"provider\": \"%s\", \"type\": %d, \"flags\": %d}}]}",
        hash, k->provider, k->type, k->flags);
    (void)snprintf(keys, sizeof keys,
                   "{\"machineGuid\": \"" GUID "\", \"folders\": [{\"path\": \"" CRYPTO
                   "RSA\\\\MachineKeys\", \"outcome\": \"ok\"}, "
                   "{\"path\": \"" CRYPTO
                   "Keys\", \"outcome\": \"ok\"}], \"files\": [{\"path\": \"%s\", \"outcome\": "
                   "\"%s\", \"sddl\": \"%s\"}], \"accounts\": [%s]}",
                   k->path, k->sddl[0] ? "ok" : "denied", k->sddl, k->accounts ? k->accounts : "");
    world_add(w, name, NULL, NULL, der);
    world_add(w, "certs/stores.json", NULL, NULL, text_bytes(stores));
    world_add(w, "acl/keys.json", NULL, NULL, text_bytes(keys));
    assert_int_equal(registry_new(&w->arena, &w->state.registry, &w->e), 0);
    w->state.collected_ms = PKI_NOW * 1000LL;
    if (extract_certificates(&w->state, &w->e))
        fail_msg("%s", w->e.text);
    OPENSSL_free((void *)(uintptr_t)der.p);
    pki_done(&ann);
}

/* --- what the DACL says to whom --- */

static const char *access_of(const char *sddl, const char *accounts, struct manifest *complaint,
                             const char *account)
{
    static char answer[512];
    struct iis_world w;
    char sql[256];
    struct key k = {CSP, 12, 0x20, CRYPTO "RSA\\\\MachineKeys\\\\" CAPI_HASH "_" GUID, sddl, accounts};

    run(&w, &k, complaint);
    (void)snprintf(sql, sizeof sql,
                   "SELECT can_read, why FROM key_access WHERE account = '%s' COLLATE NOCASE", account);
    (void)snprintf(answer, sizeof answer, "%s", world_ask(&w, sql));
    world_close(&w);
    return answer;
}

static void check(const char *sddl, const char *account, const char *expected)
{
    const char *answer = access_of(sddl, NULL, NULL, account);

    if (strcmp(answer, expected) != 0)
        fail_msg("%s for %s: %s, not %s", sddl, account, answer, expected);
}

static void a_pool_reads_by_its_own_sid_and_its_groups(void **state)
{
    static const char *const rows[][2] = {
        {"D:(A;;FA;;;SY)(A;;FA;;;BA)", "no|no entry grants it"},
        {"D:(A;;FR;;;" SHOP ")", "yes|entry 1 allows " SHOP},
        {"D:(A;;FA;;;SY)(D;;FR;;;" SHOP ")(A;;FR;;;WD)", "no|entry 2 denies " SHOP},
        {"D:(A;;FR;;;WD)", "yes|entry 1 allows S-1-1-0"},
        {"D:(A;;FR;;;AU)", "yes|entry 1 allows S-1-5-11"},
        {"D:(A;;FR;;;BU)", "yes|entry 1 allows S-1-5-32-545"},
        {"D:(A;;FR;;;SU)", "yes|entry 1 allows S-1-5-6"}, /* SERVICE */
        {"D:(A;;FR;;;IS)", "yes|entry 1 allows S-1-5-32-568"},
        {"D:(A;;FR;;;S-1-5-82-0)", "yes|entry 1 allows S-1-5-82-0"}, /* all pools */
        {"D:(A;;FR;;;NS)", "no|no entry grants it"},
        {"D:(A;;FR;;;BG)", "no|no entry grants it"}, /* guests: its groups are known */
        {"D:(D;;FR;;;BG)(A;;FR;;;WD)", "yes|entry 2 allows S-1-1-0"},
        {"D:(D;;FR;;;IU)(A;;FR;;;WD)",
         "yes|entry 2 allows S-1-1-0"}, /* nobody logs on to a pool at the screen */
        {"D:", "no|no entry grants it"},
        {"D:NO_ACCESS_CONTROL", "yes|the file has no access control list"},
        {"", "unknown|the rights of the file were not read (denied)"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check(rows[i][0], "IIS AppPool\\Shop", rows[i][1]);
}

static void builtin_accounts_read_by_their_sids(void **state)
{
    (void)state;
    check("D:(A;;FR;;;NS)", "NT AUTHORITY\\NETWORK SERVICE", "yes|entry 1 allows S-1-5-20");
    check("D:(A;;FA;;;SY)(A;;FA;;;BA)", "NT AUTHORITY\\NETWORK SERVICE", "no|no entry grants it");
    check("D:(A;;FR;;;LS)", "NT AUTHORITY\\NETWORK SERVICE", "no|no entry grants it");
    check("D:(A;;FA;;;BA)", "NT AUTHORITY\\SYSTEM", "yes|entry 1 allows S-1-5-32-544");
    check("D:(D;;FR;;;SY)(A;;FA;;;BA)", "NT AUTHORITY\\SYSTEM", "no|entry 1 denies S-1-5-18");
}

/* What runs as NETWORK SERVICE for two pools: each of them holds its own pool's SID as well. */
static void a_pool_that_runs_as_another_account_keeps_its_sid(void **state)
{
    char text[256], expected[256];
    struct arena a = ARENA_INIT(1 << 20);
    struct str mail = iis_sid_of_pool(STR("Mail"), &a), lone = iis_sid_of_pool(STR("Lone"), &a);

    (void)state;
    (void)snprintf(text, sizeof text, "D:(A;;FR;;;%.*s)", (int)mail.len, mail.p);
    check(text, "NT AUTHORITY\\NETWORK SERVICE",
          "unknown|an entry for an application pool decides, and not every process of this account is one of "
          "that pool");
    check("D:(A;;FR;;;" SHOP ")", "NT AUTHORITY\\NETWORK SERVICE", "no|no entry grants it");
    (void)snprintf(text, sizeof text, "D:(A;;FR;;;%.*s)", (int)lone.len, lone.p);
    (void)snprintf(expected, sizeof expected, "yes|entry 1 allows %.*s", (int)lone.len, lone.p);
    check(text, "CONTOSO\\svc", expected);
    arena_done(&a);
}

static void a_users_groups_must_be_known(void **state)
{
    static const char known[] = "{\"account\": \"CONTOSO\\\\ann\", \"sid\": \"" DOMAIN_USER
                                "\", \"groups\": [\"S-1-5-32-545\", \"S-1-5-21-9-9-9-513\"]}";
    static const char unknown[] = "{\"account\": \"CONTOSO\\\\ann\", \"sid\": \"" DOMAIN_USER "\"}";
    static const char nobody[] = "{\"account\": \"CONTOSO\\\\ann\"}";
    static const struct {
        const char *sddl, *accounts, *answer;
    } rows[] = {
        {"D:(A;;FR;;;S-1-5-21-9-9-9-513)", known, "yes|entry 1 allows S-1-5-21-9-9-9-513"},
        {"D:(D;;FR;;;S-1-5-21-9-9-9-513)(A;;FR;;;" DOMAIN_USER ")", known,
         "no|entry 1 denies S-1-5-21-9-9-9-513"},
        {"D:(A;;FR;;;S-1-5-21-9-9-9-512)", known, "no|no entry grants it"},
        {"D:(A;;FR;;;S-1-5-21-9-9-9-512)", unknown,
         "unknown|the account's groups are not known, and an entry for a group decides"},
        {"D:(A;;FR;;;" DOMAIN_USER ")", unknown, "yes|entry 1 allows " DOMAIN_USER},
        {"D:(A;;FR;;;" SHOP ")", unknown, "no|no entry grants it"}, /* no user is a pool */
        {"D:(A;;FR;;;WD)", nobody, "yes|entry 1 allows S-1-1-0"},
        {"D:(A;;FR;;;" DOMAIN_USER ")", nobody, "unknown|the account's SID is not known"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(access_of(rows[i].sddl, rows[i].accounts, NULL, "CONTOSO\\ann"), rows[i].answer);
}

/* A German Windows says "NT-AUTORITÄT\Netzwerkdienst": its SID decides. What a complaint calls the account is
 * taken as people write it. */
static void names_never_matter(void **state)
{
    static const char german[] = "{\"account\": \"NT-AUTORIT\xc3\x84T\\\\Netzwerkdienst\", \"sid\": "
                                 "\"S-1-5-20\", \"groups\": [\"S-1-1-0\"]}";
    static const char *const names[][2] = {
        {"NETWORK SERVICE", "yes|entry 1 allows S-1-5-20"},
        {"nt authority\\network service", "yes|entry 1 allows S-1-5-20"},
        {"NetworkService", "yes|entry 1 allows S-1-5-20"},
        {"Local Service", "no|no entry grants it"},
        {"IIS APPPOOL\\shop", "no|no entry grants it"},
        {"AUTORITE NT\\SERVICE R\xc3\x89SEAU", "unknown|the account's SID is not known"}};

    (void)state;
    assert_string_equal(access_of("D:(A;;FR;;;NS)", german, NULL, "NT-AUTORIT\xc3\x84T\\Netzwerkdienst"),
                        "yes|entry 1 allows S-1-5-20");
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct manifest m = {.complaint = {.account = str_from(names[i][0])}};
        assert_string_equal(access_of("D:(A;;FR;;;NS)", NULL, &m, names[i][0]), names[i][1]);
    }
}

/* --- which file it is --- */

static void the_file_is_named_by_algorithm_and_guid(void **state)
{
    static const struct {
        struct key key;
        const char *answer;
    } rows[] = {
        {{CSP, 12, 0x20, CRYPTO "RSA\\\\MachineKeys\\\\" CAPI_HASH "_" GUID, "D:(A;;FR;;;WD)", NULL},
         "1|MachineKeys|-"},
        {{CSP, 12, 0x20, CRYPTO "RSA\\\\MachineKeys\\\\" CAPI_HASH "_99999999-0000-0000-0000-000000000000",
          "D:", NULL},
         "0|-|MachineKeys"},
        {{CSP, 12, 0x20, CRYPTO "RSA\\\\MachineKeys\\\\00000000000000000000000000000000_" GUID, "D:", NULL},
         "0|-|-"},
        /* the software KSP looks for its own file, then for that of CAPI */
        {{KSP, 0, 0x20, CRYPTO "RSA\\\\MachineKeys\\\\" CAPI_HASH "_" GUID, "D:", NULL}, "1|MachineKeys|-"},
        {{KSP, 0, 0x20, CRYPTO "Keys\\\\" CAPI_HASH "_" GUID, "D:", NULL}, "1|Keys|-"},
        /* neither a user's key nor that of a TPM is looked for in the machine's folders */
        {{CSP, 12, 0, CRYPTO "RSA\\\\MachineKeys\\\\none_" GUID, "D:", NULL}, "-|-|-"},
        {{"Microsoft Platform Crypto Provider", 0, 0x20, CRYPTO "Keys\\\\none_" GUID, "D:", NULL}, "-|-|-"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct iis_world w;
        run(&w, &rows[i].key, NULL);
        assert_string_equal(
            world_ask(&w,
                      "SELECT present, CASE WHEN path LIKE '%MachineKeys%' THEN 'MachineKeys' WHEN path IS "
                      "NOT NULL THEN 'Keys' END, "
                      "CASE WHEN other_path LIKE '%MachineKeys%' THEN 'MachineKeys' END FROM private_key"),
            rows[i].answer);
        world_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pool_reads_by_its_own_sid_and_its_groups),
        cmocka_unit_test(builtin_accounts_read_by_their_sids),
        cmocka_unit_test(a_pool_that_runs_as_another_account_keeps_its_sid),
        cmocka_unit_test(a_users_groups_must_be_known),
        cmocka_unit_test(names_never_matter),
        cmocka_unit_test(the_file_is_named_by_algorithm_and_guid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
