/* SPDX-License-Identifier: Apache-2.0
 *
 * Our verdict on the best path of random PKIs against that of GnuTLS' certtool on the same path. */
#include "server/random_pki.h"

#include <fcntl.h>
#include <time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <openssl/pem.h>

struct files {
    char folder[64], roots[96], chain[96];
};

static void files_open(struct files *f)
{
    (void)snprintf(f->folder, sizeof f->folder, "/tmp/test_x509_gnutls_XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    (void)snprintf(f->roots, sizeof f->roots, "%s/roots.pem", f->folder);
    (void)snprintf(f->chain, sizeof f->chain, "%s/chain.pem", f->folder);
}

static void files_close(struct files *f)
{
    (void)unlink(f->roots);
    (void)unlink(f->chain);
    (void)rmdir(f->folder);
}

static void write_roots(const struct files *f, const struct random_pki *r)
{
    FILE *out = fopen(f->roots, "w");

    assert_non_null(out);
    for (size_t i = 0; i < r->n; i++)
        if (r->places[i] == X509_IN_ROOT)
            assert_int_equal(PEM_write_X509(out, r->certs[i].x), 1);
    (void)fclose(out);
}

static void write_chain(const struct files *f, const struct x509_path *p)
{
    FILE *out = fopen(f->chain, "w");

    assert_non_null(out);
    for (size_t i = 0; i < p->n_links; i++)
        if (i == 0 || !p->links[i]->certificate->self_issued)
            assert_int_equal(PEM_write_X509(out, p->links[i]->certificate->handle), 1);
    (void)fclose(out);
}

/* certtool's exit code: 0 is trusted. -1: there is no certtool. */
static int certtool(const struct files *f)
{
    const char *const argv[] = {"certtool", "--verify",         "--load-ca-certificate", f->roots, "--infile",
                                f->chain,   "--verify-purpose", X509_CLIENT_AUTH,        NULL};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(null, 1);
        (void)dup2(null, 2);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) == 127)
        return -1;
    return WEXITSTATUS(status);
}

/* All that we find wrong is in the anchor itself: GnuTLS believes an anchor as it is, Windows looks at it. */
static bool is_only_the_anchor(const struct x509_path *p)
{
    if (!p->is_trusted)
        return false;
    for (size_t i = 0; i + 1 < p->n_links; i++)
        if (p->link_status[i] != 0)
            return false;
    return true;
}

struct tally {
    int both, neither, anchors;
};

static void judge_round(int round, const struct files *f, struct tally *t)
{
    struct random_pki r;
    struct x509 list[RANDOM_MEMBERS], leaf;
    struct x509_member members[RANDOM_MEMBERS], leaf_member;
    struct x509_pool pool = {.members = members};
    struct x509_chain chain = {0};
    struct arena a = ARENA_INIT(32 << 20);
    struct err e = {0};
    bool we, they;
    int code;

    random_make(&r);
    for (size_t i = 0; i < r.n; i++) {
        struct bytes der = pki_der(&r.certs[i]);
        if (r.places[i] && x509_parse(der, &a, &list[pool.n_members], &e) == 0) {
            members[pool.n_members] = (struct x509_member){
                .certificate = &list[pool.n_members], .places = r.places[i], .store = STR("x")};
            pool.n_members++;
        }
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    {
        struct bytes der = pki_der(&r.leaf);
        assert_int_equal(x509_parse(der, &a, &leaf, &e), 0);
        OPENSSL_free((void *)(uintptr_t)der.p);
    }
    leaf_member = (struct x509_member){.certificate = &leaf};
    assert_int_equal(x509_chain_build(&pool, &leaf_member, pki_base * 1000, true, &a, &chain, &e), 0);
    we = chain.paths[0].is_trusted && chain.paths[0].status == 0;
    write_roots(f, &r);
    write_chain(f, &chain.paths[0]);
    code = certtool(f);
    they = code == 0;
    if (we && !they)
        fail_msg("round %d: we say yes, certtool says %d", round, code);
    if (they && !we && !is_only_the_anchor(&chain.paths[0]))
        fail_msg("round %d: certtool says yes, we say %x", round, chain.paths[0].status);
    t->both += we && they;
    t->neither += !we && !they;
    t->anchors += they && !we;
    for (size_t i = 0; i < pool.n_members; i++)
        x509_done(&list[i]);
    x509_done(&leaf);
    arena_done(&a);
    random_done(&r);
}

static void agrees_with_gnutls_on_random_pkis(void **state)
{
    struct files f;
    struct tally t = {0};

    (void)state;
    files_open(&f);
    if (certtool(&f) < 0) {
        files_close(&f);
        print_message("certtool (gnutls-bin) is not installed: skipped\n");
        skip();
    }
    pki_base = time(NULL); /* certtool cannot be told another time */
    srand(77);
    for (int round = 0; round < 250; round++)
        judge_round(round, &f, &t);
    files_close(&f);
    print_message("both yes %d, both no %d, only the anchor is at fault %d\n", t.both, t.neither, t.anchors);
    assert_true(t.both > 40 && t.neither > 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_gnutls_on_random_pkis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
