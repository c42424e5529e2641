/* SPDX-License-Identifier: Apache-2.0
 *
 * What Schannel of each server makes of a client's chain: trust modes, stores, policies, times.
 * This program plays the worker, too. */
#include "case_world.h"

#include "cage.h"

/* --- what Schannel makes of a chain --- */

static void put_binding(struct machine *m, const char *endpoint, const char *ctl_store)
{
    sink_begin(m->s, "ssl_binding");
    sink_c(m->s, "tree", "ip");
    sink_c(m->s, "endpoint", endpoint);
    sink_c(m->s, "ctl_store", ctl_store);
    sink_c(m->s, "source", "registry");
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
    sink_begin(p.m[0].s, "windows_default");
    sink_c(p.m[0].s, "name", "Root refuses");
    sink_int(p.m[0].s, "value", 1);
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_certificate_for_other_usages_is_answered),
        cmocka_unit_test(the_trust_mode_and_its_issuers_decide),
        cmocka_unit_test(one_misplaced_certificate_refuses_all),
        cmocka_unit_test(chains_are_judged_again_at_the_times_of_symptoms),
        cmocka_unit_test(a_servers_policy_counts),
    };

    if (argc == 3 && strcmp(argv[1], "worker") == 0)
        return cage_worker_main(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
