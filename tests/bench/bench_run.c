/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS_MAX = 99 };

double bench_now(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double bench_cpu(const struct rusage *u)
{
    return (double)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) +
           (double)(u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1e6;
}

struct took bench_run(const char *const *argv)
{
    double begin = bench_now();
    struct rusage usage = {0};
    int status = 0;
    pid_t pid = fork();

    if (pid == 0) {
        int null = open("/dev/null", O_WRONLY);
        (void)dup2(null, 1);
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
        return (struct took){.wall = -1};
    bool ran = WIFEXITED(status) && WEXITSTATUS(status) < 2;
    return (struct took){
        .wall = ran ? bench_now() - begin : -1, .cpu = bench_cpu(&usage), .kib = usage.ru_maxrss};
}

void bench_say(const char *what, struct took t, struct took base, double mib)
{
    printf("%-24s %8.4f s wall, %8.4f s cpu, %6.0f MiB/s; of unzip -p: %.2f wall, %.2f cpu\n", what, t.wall,
           t.cpu, mib / t.wall, t.wall / base.wall, t.cpu / base.cpu);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static struct took faster(struct took a, struct took b)
{
    return a.wall < 0 || b.wall < a.wall ? b : a;
}

/* One after the other, round by round, so that whatever else the machine does meets both. */
int bench_compare(const char *bundle, const char *server, int rounds, double mib, double bar)
{
    const char *const unzip[] = {"unzip", "-p", bundle, NULL};
    const char *const lint[] = {server, "lint", "--format", "json", bundle, NULL};
    struct took best = {.wall = -1}, base = {.wall = -1};
    double ratios[ROUNDS_MAX];
    long kib = 0;
    int n = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;

    for (int i = 0; i < n; i++) {
        struct took a = bench_run(unzip), b = bench_run(lint);
        if (a.wall < 0 || b.wall < 0) {
            fprintf(stderr, "%s did not run\n", a.wall < 0 ? unzip[0] : lint[0]);
            return 2;
        }
        ratios[i] = b.wall / a.wall;
        base = faster(base, a);
        best = faster(best, b);
        kib = b.kib > kib ? b.kib : kib;
    }
    qsort(ratios, (size_t)n, sizeof(ratios[0]), by_size);
    bench_say("unzip -p", base, base, mib);
    bench_say("certtriage-server lint", best, base, mib);
    printf("ratio %.2f (best of each), %.2f (median of %d rounds)", best.wall / base.wall, ratios[n / 2], n);
    if (bar > 0)
        printf(", bar %.2f", bar);
    printf("; largest process %.1f MiB, bar 64\n", (double)kib / 1024);
    return 0;
}
