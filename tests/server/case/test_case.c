/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases of several machines, with the real cage: this program plays the worker, too. */
#include "server/pki.h"

#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include "cage.h"
#include "case.h"
#include "facts_db.h"
#include "facts_insert.h"

#define USER "S-1-5-21-1-2-3-1001"

static struct err e;

/* --- machines by hand --- */

struct machine {
    sqlite3 *db;
    struct facts_inserter *inserter;
    struct sink *s;
};

static void machine_open(struct machine *m, const char *name, const char *guid, bool is_server,
                         int64_t collected_ms)
{
    assert_int_equal(facts_create(NULL, &m->db, &e), 0);
    assert_int_equal(sqlite3_exec(m->db, "BEGIN", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(facts_inserter_open(m->db, NULL, &m->inserter, &e), 0);
    assert_int_equal(sink_open_put(facts_insert_put, m->inserter, &m->s, &e), 0);
    sink_begin(m->s, "machine");
    sink_c(m->s, "name", name);
    sink_c(m->s, "guid", guid);
    sink_c(m->s, "domain", "contoso.com");
    sink_int(m->s, "is_server", is_server);
    sink_int(m->s, "is_client", !is_server);
    sink_time(m->s, "collected", collected_ms);
    sink_end(m->s);
}

static void machine_put(struct machine *m, const struct pki *p, const char *location, const char *user,
                        const char *store)
{
    struct bytes der = pki_der(p);
    char hash[41];

    pki_thumbprint(p, hash);
    sink_begin(m->s, "certificate");
    sink_c(m->s, "thumbprint", hash);
    sink_int(m->s, "client_auth", (X509_get_extended_key_usage(p->x) & XKU_SSL_CLIENT) != 0);
    sink_blob(m->s, "der", der);
    sink_end(m->s);
    sink_begin(m->s, "store_certificate");
    sink_c(m->s, "location", location);
    sink_c(m->s, "user", user);
    sink_c(m->s, "store", store);
    sink_c(m->s, "thumbprint", hash);
    sink_end(m->s);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

static void machine_seal(struct machine *m)
{
    if (sink_close(m->s, &e))
        fail_msg("%s", e.text);
    facts_inserter_close(m->inserter);
    assert_int_equal(sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

static const char *ask(sqlite3 *db, const char *sql)
{
    static char answer[8192];
    sqlite3_stmt *s = NULL;
    size_t n = 0;

    answer[0] = 0;
    if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    for (int row = 0; sqlite3_step(s) == SQLITE_ROW; row++)
        for (int i = 0; i < sqlite3_column_count(s); i++) {
            const char *v = (const char *)sqlite3_column_text(s, i);
            n += (size_t)snprintf(answer + n, sizeof answer - n, "%s%s",
                                  i     ? "|"
                                  : row ? "\n"
                                        : "",
                                  v ? v : "-");
        }
    (void)sqlite3_finalize(s);
    return answer;
}

static sqlite3 *case_of(struct machine *machines, size_t n)
{
    sqlite3 *list[8], *db = NULL;

    for (size_t i = 0; i < n; i++)
        list[i] = machines[i].db;
    if (case_facts(list, n, &db, &e))
        fail_msg("%s", e.text);
    return db;
}

static void close_all(struct machine *machines, size_t n, sqlite3 *db)
{
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sqlite3_close(machines[i].db), SQLITE_OK);
}

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

struct pair {
    struct pki root, ca, ann;
    struct machine m[3];
};

static void pair_open(struct pair *p)
{
    p->root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    p->ca = pki_make((struct pki_plan){.name = "CA", .issuer = &p->root, .is_ca = true});
    p->ann = pki_make((struct pki_plan){.name = "Ann", .issuer = &p->ca, .eku = "clientAuth"});
    machine_open(&p->m[0], "SERVER", "s", true, PKI_NOW * 1000LL);
    machine_open(&p->m[1], "OTHER", "o", true, (PKI_NOW + 400LL * PKI_DAY) * 1000);
    machine_open(&p->m[2], "CLIENT", "c", false, PKI_NOW * 1000LL);
    machine_put(&p->m[2], &p->ann, "CurrentUser", USER, "My");
}

static sqlite3 *pair_judge(struct pair *p)
{
    for (int i = 0; i < 3; i++)
        machine_seal(&p->m[i]);
    return case_of(p->m, 3);
}

static void pair_close(struct pair *p, sqlite3 *db)
{
    close_all(p->m, 3, db);
    pki_done(&p->root);
    pki_done(&p->ca);
    pki_done(&p->ann);
}

#define STATUS "SELECT machine, leaf_machine, trusted, status, missing FROM chain_status ORDER BY machine"

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

/* --- what Schannel makes of a chain --- */

static void put_setting(struct machine *m, const char *setting, int value)
{
    sink_begin(m->s, "schannel_setting");
    sink_c(m->s, "setting", setting);
    sink_int(m->s, "value", value);
    sink_int(m->s, "is_set", 1);
    sink_end(m->s);
}

static void put_binding(struct machine *m, const char *endpoint, const char *ctl_store)
{
    sink_begin(m->s, "ssl_binding");
    sink_c(m->s, "tree", "ip");
    sink_c(m->s, "endpoint", endpoint);
    sink_c(m->s, "ctl_store", ctl_store);
    sink_c(m->s, "source", "registry");
    sink_end(m->s);
}

static void put_https(struct machine *m, const char *host)
{
    sink_begin(m->s, "binding");
    sink_c(m->s, "site", "Shop");
    sink_c(m->s, "protocol", "https");
    sink_c(m->s, "information", "*:443:");
    sink_int(m->s, "port", 443);
    sink_c(m->s, "host", host);
    sink_end(m->s);
}

struct trust_case {
    int mode;
    const char *issuers; /* store that the binding names */
    int holds;           /* what stands in it: 0 nothing, 1 the CA, 2 the root, 3 a stranger */
    bool root_is_trusted;
    const char *trust, *not_accepted;
};

static void check_trust(const struct trust_case *c)
{
    struct pair p;
    sqlite3 *db;
    struct pki stranger = pki_make((struct pki_plan){.name = "Stranger", .is_ca = true});

    pair_open(&p);
    const struct pki *held[] = {NULL, &p.ca, &p.root, &stranger};
    if (c->root_is_trusted)
        machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    put_setting(&p.m[0], "ClientAuthTrustMode", c->mode);
    put_binding(&p.m[0], "0.0.0.0:443", c->issuers);
    if (held[c->holds])
        machine_put(&p.m[0], held[c->holds], "LocalMachine", NULL,
                    c->issuers ? c->issuers : "ClientAuthIssuer");
    db = pair_judge(&p);
    assert_string_equal(
        ask(db, "SELECT issuers, trust_mode, accepted, status FROM chain_trust WHERE machine = 'SERVER'"),
        c->trust);
    assert_string_equal(ask(db, "SELECT not_accepted FROM client_certificate_answer WHERE server = 'SERVER'"),
                        c->not_accepted);
    pki_done(&stranger);
    pair_close(&p, db);
}

/* "What's new in TLS/SSL (Schannel SSP)": machine trust, exclusive root, exclusive CA. */
/* What a client has for other purposes is answered as well; what a server has for its own sites is no
 * client's. */
static void a_certificate_for_other_usages_is_answered(void **state)
{
    struct pair p;
    sqlite3 *db;
    struct pki other, site;

    (void)state;
    pair_open(&p);
    other = pki_make((struct pki_plan){.name = "Other", .issuer = &p.ca, .eku = "emailProtection"});
    site = pki_make((struct pki_plan){.name = "Site", .issuer = &p.ca, .eku = "serverAuth"});
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    machine_put(&p.m[0], &site, "LocalMachine", NULL, "My");
    machine_put(&p.m[2], &other, "CurrentUser", USER, "My");
    db = pair_judge(&p);
    assert_string_equal(ask(db, "SELECT client, not_offered, not_accepted FROM client_certificate_answer"
                                " WHERE server = 'SERVER' ORDER BY 3"),
                        "CLIENT|-|-\nCLIENT|its usages do not include client authentication|"
                        "CERT_TRUST_IS_NOT_VALID_FOR_USAGE: CN=Other, O=Contoso");
    pki_done(&other);
    pki_done(&site);
    pair_close(&p, db);
}

static void the_trust_mode_and_its_issuers_decide(void **state)
{
    static const struct trust_case rows[] = {
        {0, NULL, 0, true, "-|0|1|CERT_TRUST_NO_ERROR", "-"},
        {0, "Partners", 1, true, "Partners|0|1|CERT_TRUST_NO_ERROR", "-"},
        {0, "Partners", 3, true, "Partners|0|0|CERT_TRUST_IS_UNTRUSTED_ROOT",
         "no issuer of its chain is in the store \"Partners\" of trusted issuers"},
        {0, "Partners", 0, true, "Partners|0|-|-",
         "the store \"Partners\" of trusted issuers is not in the evidence"},
        {0, NULL, 3, true, "-|0|1|CERT_TRUST_NO_ERROR", "-"}, /* ClientAuthIssuer only feeds the list */
        {1, "Partners", 2, false, "Partners|1|1|CERT_TRUST_NO_ERROR", "-"},
        {1, "Partners", 1, true, "Partners|1|0|CERT_TRUST_IS_UNTRUSTED_ROOT",
         "no issuer of its chain is in the store \"Partners\" of trusted issuers"},
        {1, NULL, 3, true, "ClientAuthIssuer|1|0|CERT_TRUST_IS_UNTRUSTED_ROOT",
         "no issuer of its chain is in the store \"ClientAuthIssuer\" of trusted issuers"},
        {2, "Partners", 1, false, "Partners|2|1|CERT_TRUST_NO_ERROR", "-"}, /* the chain need not be whole */
        {2, NULL, 0, true, "-|2|1|CERT_TRUST_NO_ERROR", "-"},
        {2, NULL, 0, false, "-|2|0|CERT_TRUST_IS_PARTIAL_CHAIN", "its issuer is missing: CN=Root, O=Contoso"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_trust(&rows[i]);
}

/* A CA that stands in Root stops every client certificate from Windows Server 2012 on (KB2802568). */
static void one_misplaced_certificate_refuses_all(void **state)
{
    struct pair p;
    sqlite3 *db;

    (void)state;
    pair_open(&p);
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "Root");
    sink_begin(p.m[0].s, "machine");
    sink_int(p.m[0].s, "build", 9600);
    sink_end(p.m[0].s);
    sink_begin(p.m[0].s, "certificate");
    sink_c(p.m[0].s, "thumbprint", "00");
    sink_c(p.m[0].s, "subject", "CN=CA, O=Contoso");
    sink_int(p.m[0].s, "self_issued", 0);
    sink_end(p.m[0].s);
    sink_begin(p.m[0].s, "store_certificate");
    sink_c(p.m[0].s, "location", "LocalMachine");
    sink_c(p.m[0].s, "store", "Root");
    sink_c(p.m[0].s, "thumbprint", "00");
    sink_end(p.m[0].s);
    db = pair_judge(&p);
    assert_string_equal(
        ask(db, "SELECT not_accepted FROM client_certificate_answer WHERE server = 'SERVER'"),
        "every client certificate is refused while \"CN=CA, O=Contoso\", which is not self-signed, "
        "stands in LocalMachine\\Root (KB2802568)");
    pair_close(&p, db);
}

/* The log ends a year after the collection of this invented server: the chain had expired by then. */
static void chains_are_judged_again_at_the_times_of_symptoms(void **state)
{
    struct pair p;
    sqlite3 *db;
    const int64_t late = (PKI_NOW + 400LL * PKI_DAY) * 1000;

    (void)state;
    pair_open(&p);
    machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
    machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
    sink_begin(p.m[0].s, "request_count");
    sink_c(p.m[0].s, "place", "Shop");
    sink_int(p.m[0].s, "hour", 0);
    sink_int(p.m[0].s, "status", 403);
    sink_int(p.m[0].s, "substatus", 17);
    sink_int(p.m[0].s, "win32", 2148204801);
    sink_int(p.m[0].s, "count", 1);
    sink_int(p.m[0].s, "clients", 1);
    sink_int(p.m[0].s, "first", PKI_NOW * 1000LL);
    sink_int(p.m[0].s, "last", late);
    sink_end(p.m[0].s);
    db = pair_judge(&p);
    assert_string_equal(ask(db, "SELECT status FROM chain_status WHERE machine = 'SERVER'"),
                        "CERT_TRUST_NO_ERROR");
    assert_string_equal(
        ask(db,
            "SELECT leaf_machine, at = 1801785600000, trusted, status, subject FROM chain_at WHERE machine = "
            "'SERVER'"),
        "CLIENT|1|1|CERT_TRUST_IS_NOT_TIME_VALID|CN=Ann, O=Contoso");
    pair_close(&p, db);
}

/* Limits travel from a machine's stores to the case: a policy, a list of distrusted ones, a root of the
 * programme. */
static void a_servers_policy_counts(void **state)
{
    static const char *const what[] = {"CERT_TRUST_HAS_WEAK_SIGNATURE", "CERT_TRUST_IS_EXPLICIT_DISTRUST"};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pair p;
        sqlite3 *db;
        char hash[41];
        pair_open(&p);
        machine_put(&p.m[0], &p.root, "LocalMachine", NULL, "Root");
        machine_put(&p.m[0], &p.ca, "LocalMachine", NULL, "CA");
        for (int k = 0; i == 0 && k < 2; k++) {
            sink_begin(p.m[0].s, "chain_policy");
            sink_c(p.m[0].s, "name", k ? "WeakEcdsaAllMinBitLength" : "WeakEcdsaAllFlags");
            sink_int(p.m[0].s, "value", k ? 384 : 0x80010000LL);
            sink_end(p.m[0].s);
        }
        pki_thumbprint(&p.ca, hash);
        if (i == 1) {
            sink_begin(p.m[0].s, "store_ctl");
            sink_c(p.m[0].s, "location", "LocalMachine");
            sink_c(p.m[0].s, "sha1", "11");
            sink_c(p.m[0].s, "purpose", "disallowed");
            sink_int(p.m[0].s, "entries", 1);
            sink_end(p.m[0].s);
            sink_begin(p.m[0].s, "ctl_entry");
            sink_c(p.m[0].s, "sha1", "11");
            sink_c(p.m[0].s, "subject", hash);
            sink_end(p.m[0].s);
        }
        db = pair_judge(&p);
        assert_string_equal(ask(db, "SELECT status FROM chain_status WHERE machine = 'SERVER'"), what[i]);
        pair_close(&p, db);
    }
}

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
    if (case_extract(fd, "b.zip", NULL, &db, &e))
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
        assert_int_equal(case_extract(fds[i], "b.zip", NULL, &m[i], &e), 0);
    assert_int_equal(case_facts_key(parts, 2, key, &e), 0);
    assert_int_equal(case_facts_key(turned, 2, again, &e), 0);
    assert_string_equal(key, again);
    assert_int_equal(case_facts_key(parts, 1, again, &e), 0);
    assert_string_not_equal(key, again);
    assert_int_equal(case_facts_write(m, 2, path, &e), 0);
    assert_int_not_equal(case_facts_write(m, 2, path, &e), 0); /* it is there */
    if (case_facts_open(path, &db, &e))
        fail_msg("%s", e.text);
    assert_string_equal(ask(db, "SELECT count(*) FROM certificate"), "2");
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
        if (case_extract(fd, "b.zip", NULL, &db, &e))
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
    assert_int_equal(case_extract(fd, "b.zip", NULL, &db, &e), -ERR_FORMAT);
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
        cmocka_unit_test(a_certificate_for_other_usages_is_answered),
        cmocka_unit_test(the_trust_mode_and_its_issuers_decide),
        cmocka_unit_test(one_misplaced_certificate_refuses_all),
        cmocka_unit_test(chains_are_judged_again_at_the_times_of_symptoms),
        cmocka_unit_test(a_servers_policy_counts),
        cmocka_unit_test(members_of_a_farm_are_compared),
        cmocka_unit_test(a_bundle_becomes_facts_named_by_its_hash),
        cmocka_unit_test(case_facts_can_be_kept),
        cmocka_unit_test(every_kind_of_key_is_checked_in_the_cage),
        cmocka_unit_test(what_is_not_a_bundle_is_refused),
    };

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
