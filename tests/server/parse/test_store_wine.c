/* SPDX-License-Identifier: Apache-2.0
 *
 * What crypt32, as Wine has it, says of a store, of a serialised element and of the value Blob of a store in
 * the registry, against what is read here from the same bytes: each certificate, each property, its value.
 * And of a serialised store that others wrote.
 *
 * label: slow */
#include "server/pki.h"
#include "server/wine_run.h"

#include "buf.h"
#include "store_blob.h"
#include "text.h"
#include "x509.h"

enum { CERTIFICATES = 16, FILE_BYTES = 32 << 20 };

/* --- lines --- */

struct lines {
    char **at;
    size_t n, room;
};

static void add_line(struct lines *l, const char *p, size_t len)
{
    if (l->n == l->room) {
        l->room = l->room ? 2 * l->room : 256;
        l->at = realloc(l->at, l->room * sizeof *l->at);
        assert_non_null(l->at);
    }
    l->at[l->n] = malloc(len + 1);
    assert_non_null(l->at[l->n]);
    memcpy(l->at[l->n], p, len);
    l->at[l->n++][len] = 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void drop(struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->at[i]);
    free(l->at);
    *l = (struct lines){0};
}

/* --- what we read --- */

struct reader {
    const char *where;
    struct lines *out;
};

static void add_sha1(struct buf *line, struct bytes der)
{
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    assert_int_equal(EVP_Digest(der.p, der.len, md, &len, EVP_sha1(), NULL), 1);
    text_hex(line, md, len);
}

static void add_property(struct buf *line, const struct store_property *p)
{
    struct store_blob_key key;

    if (p->id != STORE_BLOB_KEY_PROV_INFO) {
        text_hex(line, p->data.p, p->data.len);
        return;
    }
    assert_true(store_blob_key_read(p->data, &key));
    text_hex(line, key.container.p, key.container.len);
    buf_add_char(line, ',');
    text_hex(line, key.provider.p, key.provider.len);
    buf_printf(line, ",%u,%u,%u", key.type, key.flags, key.key_spec);
}

/* Those that wine_store.c leaves in. */
static bool wine_knows(uint32_t id)
{
    static const uint32_t known[] = {2, 9, 11, 13, 15, 20, 21, 22, 25, 26, 32, 64, 70};

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i] == id)
            return true;
    return false;
}

static int take(const struct store_blob *b, void *ctx, struct err *e)
{
    struct reader *r = ctx;
    struct buf line = BUF_INIT(1 << 20);
    (void)e;

    for (size_t i = 0; i < b->n_properties; i++) {
        if (strcmp(r->where, "foreign") == 0 && !wine_knows(b->properties[i].id))
            continue;
        line.len = 0;
        buf_printf(&line, "%s ", r->where);
        add_sha1(&line, b->certificate);
        buf_printf(&line, " %u ", b->properties[i].id);
        add_property(&line, &b->properties[i]);
        add_line(r->out, buf_c(&line), line.len);
    }
    buf_done(&line);
    return 0;
}

static struct bytes read_whole(const char *folder, const char *name)
{
    char path[1024];
    uint8_t *p = malloc(FILE_BYTES);
    size_t n;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    f = fopen(path, "rb");
    if (!f || !p)
        fail_msg("%s", path);
    n = fread(p, 1, FILE_BYTES, f);
    (void)fclose(f);
    return (struct bytes){p, n};
}

static void read_file(const char *folder, const char *name, const char *where, struct lines *out)
{
    struct bytes file = read_whole(folder, name);
    struct reader r = {where, out};
    struct err e = {0};

    if (x509_read_file(file, take, &r, &e) < 1)
        fail_msg("%s: %s", name, e.text);
    free((void *)(uintptr_t)file.p);
}

/* --- the question --- */

static void write_cases(const char *folder)
{
    char path[128];
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/cases", folder);
    f = fopen(path, "wb");
    assert_non_null(f);
    for (int i = 0; i < CERTIFICATES; i++) {
        struct pki p = pki_make((struct pki_plan){.name = "one of many", .eku = i % 2 ? "clientAuth" : NULL});
        struct bytes der = pki_der(&p);
        uint32_t len = (uint32_t)der.len;
        assert_int_equal(fwrite(&len, 1, sizeof len, f), sizeof len);
        assert_int_equal(fwrite(der.p, 1, der.len, f), der.len);
        OPENSSL_free((void *)(uintptr_t)der.p);
        pki_done(&p);
    }
    assert_int_equal(fclose(f), 0);
}

/* Windows' own roots where they are at hand, else a store of ours. */
static void give_foreign(const char *folder)
{
    static const char *const from[] = {CT_SOURCE_DIR
                                       "/../shared/real/certs/t0rik__winrootCAupdate__roots.sst",
                                       CT_SOURCE_DIR "/tests/fuzz/seeds/fuzz_x509/store.sst"};
    char to[128];

    (void)snprintf(to, sizeof to, "%s/foreign.sst", folder);
    for (size_t i = 0; i < sizeof from / sizeof from[0]; i++)
        if (access(from[i], R_OK) == 0) {
            pid_t pid = fork();
            if (pid == 0) {
                (void)execlp("cp", "cp", "--", from[i], to, (char *)NULL);
                _exit(127);
            }
            assert_int_equal(wine_wait(pid), 0);
            return;
        }
    fail_msg("no foreign store");
}

static void read_said(const char *folder, struct lines *said)
{
    struct bytes file = read_whole(folder, "answers");
    struct str rest = {(const char *)file.p, file.len};

    while (rest.len > 0) {
        struct str line = str_cut(rest, '\n', &rest);
        if (line.len > 0 && line.p[line.len - 1] == '\r')
            line.len--;
        if (line.len > 0)
            add_line(said, line.p, line.len);
    }
    free((void *)(uintptr_t)file.p);
}

static void read_ours(const char *folder, struct lines *ours)
{
    char name[32];

    read_file(folder, "store.sst", "store", ours);
    read_file(folder, "foreign.sst", "foreign", ours);
    for (int i = 0; i < CERTIFICATES; i++) {
        (void)snprintf(name, sizeof name, "element.%d", i);
        read_file(folder, name, "element", ours);
        (void)snprintf(name, sizeof name, "registry.%d", i);
        read_file(folder, name, "registry", ours);
    }
}

static void compare_all(const char *folder)
{
    struct lines said = {0}, ours = {0};
    size_t foreign = 0, properties = 0, n = 0;

    read_said(folder, &said);
    read_ours(folder, &ours);
    for (size_t i = 0; i < said.n;
         i++) { /* 'key THUMBPRINT': the registry's keys are named after the certificates */
        if (strncmp(said.at[i], "key ", 4) == 0)
            free(said.at[i]);
        else
            said.at[n++] = said.at[i];
    }
    assert_int_equal(said.n - n, CERTIFICATES);
    said.n = n;
    qsort(said.at, said.n, sizeof *said.at, compare);
    qsort(ours.at, ours.n, sizeof *ours.at, compare);
    for (size_t i = 0; i < said.n && i < ours.n; i++) {
        if (strcmp(said.at[i], ours.at[i]) != 0)
            fail_msg("crypt32 says '%.200s', we read '%.200s'", said.at[i], ours.at[i]);
        foreign += strncmp(said.at[i], "foreign ", 8) == 0;
        properties += strncmp(said.at[i], "foreign ", 8) != 0;
    }
    assert_int_equal(said.n, ours.n);
    assert_true(foreign > 0 && properties > (size_t)3 * CERTIFICATES * 3);
    print_message("%zu properties of %d certificates in three forms, and %zu of a foreign "
                  "store, are the same\n",
                  properties, CERTIFICATES, foreign);
    drop(&said);
    drop(&ours);
}

static void agrees_with_crypt32_on_stores_and_blobs(void **state)
{
    char folder[64] = "/tmp/test_store_wine_XXXXXX";
    int code;

    (void)state;
    assert_non_null(mkdtemp(folder));
    write_cases(folder);
    give_foreign(folder);
    code = wine_run(folder, "wine_store");
    if (code == 0)
        compare_all(folder);
    wine_remove(folder);
    if (code == WINE_SKIPPED)
        skip();
    assert_int_equal(code, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_crypt32_on_stores_and_blobs)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
