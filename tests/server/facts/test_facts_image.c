/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases judged one after the other over one connection say what each says by itself. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "case.h"
#include "facts_db.h"
#include "facts_image.h"
#include "rules.h"

static struct err e;
static struct ruleset *rules;
static unsigned char *memory;

/* A server that asks for certificates late, with a request that failed so. */
static const char LATE[] =
    "INSERT INTO machine(machine, name, is_server, build, windows, collected) VALUES('WEB', 'WEB', 1, 9600, "
    "'Windows "
    "Server 2012 R2', 1700000000000);"
    "INSERT INTO windows_default VALUES('WEB', 'SNI', 1), ('WEB', 'Root refuses', 1);"
    "INSERT INTO site(machine, site, id) VALUES('WEB', 'Shop', 1);"
    "INSERT INTO binding(machine, site, protocol, information, ip, port) VALUES('WEB', 'Shop', 'https', "
    "'*:443:', '*', "
    "443);"
    "INSERT INTO ssl_binding(machine, tree, endpoint, ip, port, flags, negotiate, source, thumbprint)"
    " VALUES('WEB', 'ip', '0.0.0.0:443', '0.0.0.0', 443, 0, 0, 'registry', 'aa');"
    "INSERT INTO effective_config(machine, site, path, section, attribute, value, origin) VALUES('WEB', "
    "'Shop', "
    "'Shop', 'system.webServer/security/access', 'sslFlags', 'Ssl, SslNegotiateCert, SslRequireCert', 'own');"
    "INSERT INTO item(machine, id, kind, source, outcome) VALUES('WEB', 1, 'iis-config', "
    "'C:\\applicationHost.config', 'ok'), ('WEB', 2, 'reg-http', 'x', 'ok'), ('WEB', 3, 'reg-system', 'x', "
    "'ok'),"
    " ('WEB', 4, 'reg-schannel', 'x', 'ok'), ('WEB', 5, 'cert-store', 'LocalMachine\\Root', 'ok');"
    "INSERT INTO certificate(machine, thumbprint, subject, issuer, self_issued, self_signed) VALUES('WEB', "
    "'bb', 'CN=CA', "
    "'CN=Root', 0, 0);"
    "INSERT INTO store_certificate(machine, location, store, physical, thumbprint) VALUES('WEB', "
    "'LocalMachine', 'Root', "
    "'Registry', 'bb');";

/* Another one, of which little is known. */
static const char OTHER[] =
    "INSERT INTO machine(machine, name, is_server, build, collected) VALUES('OLD', 'OLD', 1, 7601, "
    "1600000000000);"
    "INSERT INTO item(machine, id, kind, source, outcome, reason) VALUES('OLD', 1, 'iis-config', "
    "'C:\\applicationHost.config', 'denied', 'access is denied');"
    "INSERT INTO bundle_problem(machine, problem) VALUES('OLD', 'there is no manifest');";

static void name_file(char ret[64], const char *what)
{
    (void)snprintf(ret, 64, "/tmp/certtriage-image-%s-%d", what, (int)getpid());
    (void)unlink(ret);
}

static void lay_out(const char *rows, const char *path)
{
    sqlite3 *db = NULL;

    assert_int_equal(facts_create(NULL, &db, &e), 0);
    if (sqlite3_exec(db, rows, NULL, NULL, NULL))
        fail_msg("%s", sqlite3_errmsg(db));
    assert_int_equal(facts_settle(db, &e), 0);
    if (facts_lay_out(db, path, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static char *text_of(json_t *report)
{
    char *text = json_dumps(report, JSON_SORT_KEYS | JSON_INDENT(1));

    json_decref(report);
    return text;
}

static char *alone(const char *path)
{
    sqlite3 *db = NULL;
    json_t *report = NULL;

    assert_int_equal(facts_open(path, &db, &e), 0);
    assert_int_equal(facts_confine(db, &e), 0);
    assert_int_equal(ruleset_run(rules, db, "case", &report, &e), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    return text_of(report);
}

static int load(struct facts_image *image, const char *path)
{
    size_t len = 0;
    int r = facts_image_read(path, memory, &len, &e);

    return r < 0 ? r : facts_image_show(image, len, &e);
}

static void expect_same(struct facts_image *image, struct statements *kept, const char *path,
                        const char *expected)
{
    json_t *report = NULL;

    if (load(image, path) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(sqlite3_txn_state(facts_image_db(image), "main"), SQLITE_TXN_READ);
    assert_int_equal(ruleset_run_kept(rules, kept, "case", &report, &e), 0);
    char *text = text_of(report);
    assert_string_equal(text, expected);
    free(text);
}

static void one_case_leaves_nothing_to_the_next(void **state)
{
    struct facts_image *image = NULL;
    struct statements *kept = NULL;
    char late[64], other[64];

    (void)state;
    name_file(late, "late");
    name_file(other, "other");
    lay_out(LATE, late);
    lay_out(OTHER, other);
    char *of_late = alone(late), *of_other = alone(other);
    assert_non_null(strstr(of_late, "root-store-non-self-signed"));
    assert_non_null(strstr(of_late, "not self-signed"));
    assert_null(strstr(of_other, "CN=CA"));
    assert_int_equal(facts_image_new(memory, &image, &e), 0);
    assert_int_equal(statements_new(facts_image_db(image), &kept, &e), 0);
    for (int i = 0; i < 3; i++) {
        expect_same(image, kept, late, of_late);
        expect_same(image, kept, other, of_other);
        expect_same(image, kept, other, of_other);
    }
    statements_free(kept);
    facts_image_free(image);
    free(of_late);
    free(of_other);
    (void)unlink(late);
    (void)unlink(other);
}

static void what_is_laid_out_otherwise_is_refused(void **state)
{
    struct facts_image *image = NULL;
    struct statements *kept = NULL;
    char late[64], plain[64];
    sqlite3 *db = NULL;

    (void)state;
    name_file(late, "late");
    name_file(plain, "plain");
    lay_out(LATE, late);
    char *of_late = alone(late);
    assert_int_equal(facts_create(plain, &db, &e), 0);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(facts_image_new(memory, &image, &e), 0);
    assert_int_equal(statements_new(facts_image_db(image), &kept, &e), 0);
    assert_int_equal(load(image, plain), -ERR_UNSUPPORTED);
    assert_int_equal(load(image, "/nonexistent"), -ERR_MISSING);
    FILE *f = fopen(plain, "w");
    assert_non_null(f);
    (void)fputs("not a database", f);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(load(image, plain), -ERR_UNSUPPORTED);
    expect_same(image, kept, late, of_late); /* and goes on */
    statements_free(kept);
    facts_image_free(image);
    free(of_late);
    (void)unlink(late);
    (void)unlink(plain);
}

static void nothing_can_be_written(void **state)
{
    struct facts_image *image = NULL;

    (void)state;
    assert_int_equal(facts_image_new(memory, &image, &e), 0);
    sqlite3 *db = facts_image_db(image);
    assert_int_not_equal(sqlite3_exec(db, "DELETE FROM machine", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "ATTACH '/tmp/x' AS x", NULL, NULL, NULL), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(db, "SELECT random()", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "SELECT count(*) FROM machine", NULL, NULL, NULL), SQLITE_OK);
    facts_image_free(image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_case_leaves_nothing_to_the_next),
        cmocka_unit_test(what_is_laid_out_otherwise_is_refused),
        cmocka_unit_test(nothing_can_be_written),
    };

    memory = facts_image_map(&e);
    if (!memory || ruleset_load(NULL, true, &rules, &e) < 0)
        return 1;
    int r = cmocka_run_group_tests(tests, NULL, NULL);
    ruleset_free(rules);
    (void)munmap(memory, FACTS_IMAGE_BYTES);
    return r;
}
