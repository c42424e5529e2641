/* SPDX-License-Identifier: Apache-2.0
 *
 * Our verdict on the best path of random PKIs against that of GnuTLS' certtool on the same path: once with
 * the roots that the machine trusts (--verify), once of the chain by itself (--verify-chain). What differs,
 * and why:
 *
 * - GnuTLS believes an anchor as it is; Windows looks at its validity and usages like at any other's
 *   (CERT_TRUST_STATUS is told of each element).
 * - --verify-chain takes the last certificate of the file for the anchor. To Windows it is one only in the
 * Root store (CERT_TRUST_IS_UNTRUSTED_ROOT), and only when it is self-signed (CERT_TRUST_IS_PARTIAL_CHAIN).
 */
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

static void write_chain(const struct files *f, const struct x509_path *p, bool with_root)
{
    FILE *out = fopen(f->chain, "w");

    assert_non_null(out);
    for (size_t i = 0; i < p->n_links; i++)
        if (i == 0 || with_root || !p->links[i]->certificate->self_issued)
            assert_int_equal(PEM_write_X509(out, p->links[i]->certificate->handle), 1);
    (void)fclose(out);
}

/* certtool's exit code: 0 is good. -1: there is no certtool. */
static int certtool(const struct files *f, bool by_itself)
{
    const char *const verify[] = {"certtool",         "--verify",       "--load-ca-certificate",
                                  f->roots,           "--infile",       f->chain,
                                  "--verify-purpose", X509_CLIENT_AUTH, NULL};
    const char *const chain[] = {"certtool",         "--verify-chain", "--infile", f->chain,
                                 "--verify-purpose", X509_CLIENT_AUTH, NULL};
    const char *const *argv = by_itself ? chain : verify;
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

static void count(struct tally *t, bool we, bool they)
{
    t->both += we && they;
    t->neither += !we && !they;
    t->anchors += they && !we;
}

static void compare_trusted(int round, const struct files *f, const struct x509_path *p, struct tally *t)
{
    bool we = p->is_trusted && p->status == 0, they;
    int code;

    write_chain(f, p, false);
    code = certtool(f, false);
    they = code == 0;
    if (we && !they)
        fail_msg("round %d: we say yes, certtool --verify says %d", round, code);
    if (they && !we && !is_only_the_anchor(p))
        fail_msg("round %d: certtool --verify says yes, we say %x", round, p->status);
    count(t, we, they);
}

/* All that we find wrong below the last certificate. */
static uint32_t status_below_the_end(const struct x509_path *p)
{
    uint32_t bits = 0;

    for (size_t i = 0; i + 1 < p->n_links; i++)
        bits |= p->link_status[i];
    return bits;
}

/* A leaf alone is no chain: certtool wants a CA as the anchor. */
static void compare_alone(int round, const struct files *f, const struct x509_path *p, struct tally *t)
{
    const uint32_t end = X509_CERT_TRUST_IS_UNTRUSTED_ROOT | X509_CERT_TRUST_IS_PARTIAL_CHAIN;
    bool we = (p->status & ~end) == 0 && p->n_links > 1, they;
    int code;

    write_chain(f, p, true);
    code = certtool(f, true);
    they = code == 0;
    if (we && !they)
        fail_msg("round %d: we say yes, certtool --verify-chain says %d", round, code);
    if (they && !we && status_below_the_end(p) != 0)
        fail_msg("round %d: certtool --verify-chain says yes, we say %x", round, p->status);
    count(t, we, they);
}

static void judge_round(int round, const struct files *f, struct tally *trusted, struct tally *alone)
{
    struct random_pki r;
    struct x509 list[RANDOM_MEMBERS], leaf;
    struct x509_member members[RANDOM_MEMBERS], leaf_member;
    struct x509_pool pool = {.members = members};
    struct x509_chain chain = {0};
    struct arena a = ARENA_INIT(32 << 20);
    struct err e = {0};

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
    write_roots(f, &r);
    compare_trusted(round, f, &chain.paths[0], trusted);
    compare_alone(round, f, &chain.paths[0], alone);
    for (size_t i = 0; i < pool.n_members; i++)
        x509_done(&list[i]);
    x509_done(&leaf);
    arena_done(&a);
    random_done(&r);
}

static void print_tally(const char *what, const struct tally *t)
{
    print_message("%s: both yes %d, both no %d, only the end is at fault %d\n", what, t->both, t->neither,
                  t->anchors);
    assert_true(t->both > 40 && t->neither > 40);
}

static void agrees_with_gnutls_on_random_pkis(void **state)
{
    struct files f;
    struct tally trusted = {0}, alone = {0};

    (void)state;
    files_open(&f);
    if (certtool(&f, false) < 0) {
        files_close(&f);
        print_message("certtool (gnutls-bin) is not installed: skipped\n");
        skip();
    }
    pki_base = time(NULL); /* certtool cannot be told another time */
    srand(77);
    for (int round = 0; round < 250; round++)
        judge_round(round, &f, &trusted, &alone);
    files_close(&f);
    print_tally("--verify", &trusted);
    print_tally("--verify-chain", &alone);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_gnutls_on_random_pkis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
