/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole root programmes: the list of Mozilla (Debian's ca-certificates), that of Microsoft, and a store of
 * thousands. Each is read to the end, and a chain is still found among them. */
#include "iis_world.h"
#include "server/pki.h"

#include "registry.h"

#define MOZILLA "/etc/ssl/certs/ca-certificates.crt"
#define MICROSOFT CT_SOURCE_DIR "/../shared/real/certs/t0rik__winrootCAupdate__roots.sst"

enum { MANY = 3000, FILE_BYTES = 8 << 20 };

static void run(struct iis_world *w)
{
    assert_int_equal(registry_new(&w->arena, &w->state.registry, &w->e), 0);
    w->state.collected_ms = PKI_NOW * 1000LL;
    if (extract_certificates(&w->state, &w->e))
        fail_msg("%s", w->e.text);
}

/* p NULL: not there. The caller frees. */
static struct bytes read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *p;
    size_t n;

    if (!f)
        return (struct bytes){0};
    p = malloc(FILE_BYTES);
    assert_non_null(p);
    n = fread(p, 1, FILE_BYTES, f);
    (void)fclose(f);
    return (struct bytes){p, n};
}

static int64_t count_text(struct bytes file, const char *what)
{
    int64_t n = 0;

    for (size_t i = 0; i + strlen(what) <= file.len; i++)
        n += memcmp(file.p + i, what, strlen(what)) == 0;
    return n;
}

static void expect_all(const char *name, struct bytes file, int64_t least)
{
    struct iis_world w;

    world_open(&w);
    world_add(&w, name, NULL, NULL, file);
    run(&w);
    int64_t n =
        strtoll(world_ask(&w, "SELECT count(*) FROM store_certificate WHERE store = 'Root'"), NULL, 10);
    if (n < least)
        fail_msg("%s: %lld certificates instead of %lld", name, (long long)n, (long long)least);
    assert_string_equal(world_ask(&w,
                                  "SELECT count(*) FROM store_certificate s LEFT JOIN certificate c USING "
                                  "(thumbprint) WHERE c.subject IS NULL OR c.not_after IS NULL"),
                        "0");
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM bundle_problem"), "0");
    world_close(&w);
    free((void *)(uintptr_t)file.p);
}

static void mozillas_list_loads(void **state)
{
    struct bytes file = read_file(MOZILLA);

    (void)state;
    if (!file.p)
        skip();
    expect_all("certs/LocalMachine/Root.pem", file, count_text(file, "BEGIN CERTIFICATE"));
}

static void microsofts_list_loads(void **state)
{
    struct bytes file = read_file(MICROSOFT);

    (void)state;
    if (!file.p)
        skip();
    expect_all("certs/LocalMachine/Root.sst", file, 300);
}

/* One key signs them all, which is quick; each is a root of its own name. */
static void a_chain_is_found_among_thousands(void **state)
{
    struct pki first = pki_make((struct pki_plan){.name = "Root 0", .is_ca = true}), leaf;
    struct bytes ders[MANY];
    static char names[MANY][64];
    struct iis_world w;

    (void)state;
    world_open(&w);
    for (int i = 0; i < MANY; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "Root %d", i);
        struct pki one = pki_make((struct pki_plan){.name = name, .is_ca = true, .key = first.key});
        ders[i] = pki_der(&one);
        (void)snprintf(names[i], sizeof names[i], "certs/LocalMachine/ROOT/%d.cer", i);
        world_add(&w, names[i], NULL, NULL, ders[i]);
        pki_done(&one);
    }
    leaf = pki_make(
        (struct pki_plan){.name = "Ann", .issuer = &first, .issuer_name = "Root 1234", .eku = "clientAuth"});
    struct bytes der = pki_der(&leaf);
    world_add(&w, "certs/LocalMachine/My/a.cer", NULL, NULL, der);
    run(&w);
    assert_string_equal(world_ask(&w, "SELECT count(*) FROM store_certificate WHERE store = 'Root'"), "3000");
    assert_string_equal(
        world_ask(&w, "SELECT c.subject, h.status FROM chain h JOIN certificate c USING (thumbprint) "
                      "WHERE h.position = 1 AND h.path = 0"),
        "CN=Root 1234, O=Contoso|CERT_TRUST_NO_ERROR");
    world_close(&w);
    for (int i = 0; i < MANY; i++)
        OPENSSL_free((void *)(uintptr_t)ders[i].p);
    OPENSSL_free((void *)(uintptr_t)der.p);
    pki_done(&first);
    pki_done(&leaf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mozillas_list_loads),
        cmocka_unit_test(microsofts_list_loads),
        cmocka_unit_test(a_chain_is_found_among_thousands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
