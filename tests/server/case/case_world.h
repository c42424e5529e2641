/* SPDX-License-Identifier: Apache-2.0
 *
 * case_world: machines made by hand, cases of several of them, and questions to what comes of it. */
#ifndef CERTTRIAGE_TESTS_CASE_WORLD_H
#define CERTTRIAGE_TESTS_CASE_WORLD_H

#include "server/pki.h"

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

static inline void machine_open(struct machine *m, const char *name, const char *guid, bool is_server,
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

static inline void machine_put(struct machine *m, const struct pki *p, const char *location, const char *user,
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

static inline void put_setting(struct machine *m, const char *setting, int value)
{
    sink_begin(m->s, "schannel_setting");
    sink_c(m->s, "setting", setting);
    sink_int(m->s, "value", value);
    sink_int(m->s, "is_set", 1);
    sink_end(m->s);
}

static inline void put_https(struct machine *m, const char *host)
{
    sink_begin(m->s, "binding");
    sink_c(m->s, "site", "Shop");
    sink_c(m->s, "protocol", "https");
    sink_c(m->s, "information", "*:443:");
    sink_int(m->s, "port", 443);
    sink_c(m->s, "host", host);
    sink_end(m->s);
}

static inline void machine_seal(struct machine *m)
{
    if (sink_close(m->s, &e))
        fail_msg("%s", e.text);
    facts_inserter_close(m->inserter);
    assert_int_equal(sqlite3_exec(m->db, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
}

static inline const char *ask(sqlite3 *db, const char *sql)
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

static inline sqlite3 *case_of(struct machine *machines, size_t n)
{
    sqlite3 *list[8], *db = NULL;

    for (size_t i = 0; i < n; i++)
        list[i] = machines[i].db;
    if (case_facts(list, n, &db, &e))
        fail_msg("%s", e.text);
    return db;
}

static inline void close_all(struct machine *machines, size_t n, sqlite3 *db)
{
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sqlite3_close(machines[i].db), SQLITE_OK);
}

/* --- a client, its server, and another server a year ahead --- */

struct pair {
    struct pki root, ca, ann;
    struct machine m[3];
};

static inline void pair_open(struct pair *p)
{
    p->root = pki_make((struct pki_plan){.name = "Root", .is_ca = true});
    p->ca = pki_make((struct pki_plan){.name = "CA", .issuer = &p->root, .is_ca = true});
    p->ann = pki_make((struct pki_plan){.name = "Ann", .issuer = &p->ca, .eku = "clientAuth"});
    machine_open(&p->m[0], "SERVER", "s", true, PKI_NOW * 1000LL);
    machine_open(&p->m[1], "OTHER", "o", true, (PKI_NOW + 400LL * PKI_DAY) * 1000);
    machine_open(&p->m[2], "CLIENT", "c", false, PKI_NOW * 1000LL);
    machine_put(&p->m[2], &p->ann, "CurrentUser", USER, "My");
}

static inline sqlite3 *pair_judge(struct pair *p)
{
    for (int i = 0; i < 3; i++)
        machine_seal(&p->m[i]);
    return case_of(p->m, 3);
}

static inline void pair_close(struct pair *p, sqlite3 *db)
{
    close_all(p->m, 3, db);
    pki_done(&p->root);
    pki_done(&p->ca);
    pki_done(&p->ann);
}

#define STATUS "SELECT machine, leaf_machine, trusted, status, missing FROM chain_status ORDER BY machine"

#endif
