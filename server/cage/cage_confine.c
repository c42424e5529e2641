/* SPDX-License-Identifier: Apache-2.0 */
#include "cage_confine.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <linux/landlock.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <seccomp.h>

#include "cage.h"
#include "compiler.h"
#include "limits.h"

static int compare_bytes(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* What libraries read from files or the system when they are first used. */
static int warm_up(struct err *e)
{
    static unsigned char many[4096];
    unsigned char digest[EVP_MAX_MD_SIZE];

    tzset();             /* libzip turns DOS times into local ones; TZ is UTC0 in the worker */
    json_object_seed(0); /* /dev/urandom */
    qsort(many, sizeof many, 1, compare_bytes); /* glibc asks how much memory there is, once */
    if (!OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL) ||
        !EVP_Digest(many, sizeof many, digest, NULL, EVP_sha256(), NULL) ||
        !EVP_Digest(many, sizeof many, digest, NULL, EVP_sha1(), NULL))
        return err_set(e, ERR_NOMEM, "OpenSSL cannot be started");
    X509 *x = X509_new();
    X509_free(x);
    return x ? 0 : err_set(e, ERR_NOMEM, "OpenSSL cannot be started");
}

static int limit_resources(const struct cage_bounds *bounds, struct err *e)
{
    const struct {
        int what;
        rlim_t value;
    } LIMITS[] = {
#ifndef CERTTRIAGE_SANITIZED /* the sanitizers' shadow takes terabytes of addresses */
        {RLIMIT_AS, (rlim_t)bounds->memory_bytes},
#endif
        {RLIMIT_CPU, (rlim_t)bounds->seconds},
        {RLIMIT_NOFILE, CAGE_ERROR_FD + 1},
        {RLIMIT_FSIZE, 0},
        {RLIMIT_CORE, 0},
        {RLIMIT_NPROC, 0},
    };

    for (size_t i = 0; i < ARRAY_LEN(LIMITS); i++) {
        struct rlimit limit = {LIMITS[i].value, LIMITS[i].value};
        if (setrlimit((__rlimit_resource_t)LIMITS[i].what, &limit))
            return err_errno(e, "resource limit %d", LIMITS[i].what);
    }
    return 0;
}

static long landlock_version(void)
{
    return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool cage_has_landlock(void)
{
    return landlock_version() > 0;
}

/* Every right over files that this kernel knows of, granted nowhere. */
static int shut_file_system(struct err *e)
{
    static const unsigned BITS[] = {13, 14, 15, 15,
                                    16}; /* by version: + refer, truncate, -, ioctl on devices */
    long version = landlock_version();

    if (version <= 0)
        return 0; /* a kernel without it: the filter below allows no call that takes a path */
    size_t known = (size_t)version > ARRAY_LEN(BITS) ? ARRAY_LEN(BITS) : (size_t)version;
    struct landlock_ruleset_attr rules = {.handled_access_fs = ((uint64_t)1 << BITS[known - 1]) - 1};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (fd < 0)
        return err_errno(e, "Landlock");
    long r = syscall(SYS_landlock_restrict_self, fd, 0);
    if (r)
        (void)err_errno(e, "Landlock");
    (void)close(fd);
    return r ? -e->code : 0;
}

/* Calls that act on nothing outside the process. */
static const int ALLOWED[] = {
    SCMP_SYS(close),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(sched_yield),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(getpid), /* OpenSSL's random numbers, which some curves' signatures are checked with, ask whether
                         they forked */
#ifdef CERTTRIAGE_SANITIZED
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(prctl),
#endif
};

/* Calls that are allowed for one value of an argument, or with or without some bits of it. */
static const struct {
    int call;
    unsigned n;
    struct scmp_arg_cmp conditions[2];
} CONDITIONAL[] = {
    {SCMP_SYS(read), 1, {{0, SCMP_CMP_EQ, CAGE_INPUT_FD, 0}}},
    {SCMP_SYS(pread64), 1, {{0, SCMP_CMP_EQ, CAGE_INPUT_FD, 0}}},
    {SCMP_SYS(lseek), 1, {{0, SCMP_CMP_EQ, CAGE_INPUT_FD, 0}}},
    {SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, CAGE_ROWS_FD, 0}}},
    {SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, CAGE_ERROR_FD, 0}}},
    {SCMP_SYS(mprotect), 1, {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}}},
    /* memory, never a file: the input may be open for writing in the parent */
    {SCMP_SYS(mmap),
     2,
     {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}, {3, SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS}}},
#ifdef CERTTRIAGE_SANITIZED
    {SCMP_SYS(write), 1, {{0, SCMP_CMP_EQ, STDERR_FILENO, 0}}}, /* the sanitizer's report */
#endif
};

static void filter_release(scmp_filter_ctx *filter)
{
    seccomp_release(*filter);
}

static int filter_calls(struct err *e)
{
    CLEANUP(filter_release) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int r = filter ? seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) : -ENOMEM; /* for every thread */

    for (size_t i = 0; i < ARRAY_LEN(ALLOWED) && !r; i++)
        r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, ALLOWED[i], 0);
    for (size_t i = 0; i < ARRAY_LEN(CONDITIONAL) && !r; i++)
        r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, CONDITIONAL[i].call, CONDITIONAL[i].n,
                                   CONDITIONAL[i].conditions);
    if (!r)
        r = seccomp_load(filter);
    if (!r)
        return 0;
    errno = -r;
    return err_errno(e, "system call filter");
}

int cage_confine(const struct cage_bounds *bounds, struct err *e)
{
    int r = warm_up(e);

    if (r)
        return r;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
        return err_errno(e, "confinement");
    /* Landlock holds for the thread that asks and those it starts; the limits for all, and one is that none
     * may be started. */
    if ((r = shut_file_system(e)) || (bounds->start && (r = bounds->start(bounds->ctx, e))) ||
        (r = limit_resources(bounds, e)))
        return r;
    return filter_calls(e);
}
