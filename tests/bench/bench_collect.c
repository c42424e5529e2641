/* SPDX-License-Identifier: Apache-2.0
 *
 * How long collecting a server with many logs takes, set against zip -1 of the logs alone: README.md. */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 512, FILES = 32, PART_MIB = 16, ROUNDS_MAX = 99 };

struct place {
    char dir[PATH_BYTES], image[PATH_BYTES], logs[PATH_BYTES], bundle[PATH_BYTES], zip[PATH_BYTES];
};

static bool join(char ret[PATH_BYTES], const char *dir, const char *rest)
{
    int n = snprintf(ret, PATH_BYTES, "%s/%s", dir, rest);

    return n > 0 && n < PATH_BYTES;
}

static int make_place(struct place *p, struct err *e)
{
    const char *tmp = getenv("TMPDIR");

    if (!join(p->dir, tmp == NULL ? "/tmp" : tmp, "bench_collect.XXXXXX") || mkdtemp(p->dir) == NULL)
        return err_set(e, ERR_IO, "%s: no folder could be made", p->dir);
    if (!join(p->image, p->dir, "image") || !join(p->logs, p->image, "inetpub/logs/LogFiles/W3SVC1") ||
        !join(p->bundle, p->dir, "bundle.zip") || !join(p->zip, p->dir, "logs.zip"))
        return err_set(e, ERR_LIMIT, "%s: too long", p->dir);
    return 0;
}

/* The article's server with so many MiB of logs more, in at most FILES files. */
static int make_machine(const struct place *p, long mib, struct err *e)
{
    const char *const mkimage[] = {CT_BUILD_DIR "/bin/mkimage",
                                   CT_SOURCE_DIR "/tests/machines/article-server", p->image, NULL};
    long parts = (mib + PART_MIB - 1) / PART_MIB, files = parts < FILES ? parts : FILES;
    uint64_t seed = 7;
    int r = 0;

    if (bench_run(mkimage).wall < 0)
        return err_set(e, ERR_IO, "%s went wrong", mkimage[0]);
    for (long i = 0; r == 0 && i < files; i++) {
        char name[64], path[PATH_BYTES];
        (void)snprintf(name, sizeof name, "u_ex2601%02ld.log", i + 1);
        if (!join(path, p->logs, name))
            return err_set(e, ERR_LIMIT, "%s: too long", p->logs);
        r = bench_log_write(path, 1 + (int)i % 28, (int)(parts / files + (i < parts % files)), &seed, e);
    }
    return r;
}

static int64_t size_of(const char *path)
{
    struct stat s;

    return stat(path, &s) == 0 ? (int64_t)s.st_size : 0;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof values[0], by_size);
    return values[n / 2];
}

static void say(const char *what, struct took t, double mib, const char *made)
{
    printf("%-20s %8.3f s wall, %8.3f s cpu, %5.0f MiB/s, %6.1f MiB zip, largest process %.1f MiB\n", what,
           t.wall, t.cpu, mib / t.wall, (double)size_of(made) / (1 << 20), (double)t.kib / 1024);
}

static int compare(const struct place *p, long mib, int rounds)
{
    const char *const zip[] = {"zip", "-1", "-q", "-r", p->zip, p->logs, NULL};
    const char *const collect[] = {CT_BUILD_DIR "/bin/certtriage-collect",
                                   "--quiet",
                                   "--role",
                                   "server",
                                   "--image",
                                   p->image,
                                   "--max-log",
                                   "3800",
                                   "--max-site",
                                   "3800",
                                   "--max-logs",
                                   "3800",
                                   "-o",
                                   p->bundle,
                                   NULL};
    double wall[ROUNDS_MAX], cpu[ROUNDS_MAX];

    for (int i = 0; i < rounds; i++) {
        (void)unlink(p->zip); /* zip would add to it */
        struct took a = bench_run(zip), b = bench_run(collect);
        if (a.wall < 0 || b.wall < 0) {
            fprintf(stderr, "%s did not run\n", a.wall < 0 ? zip[0] : collect[0]);
            return 2;
        }
        say("zip -1", a, (double)mib, p->zip);
        say("certtriage-collect", b, (double)mib, p->bundle);
        wall[i] = b.wall / a.wall;
        cpu[i] = b.cpu / a.cpu;
    }
    printf("of zip -1: %.2f wall, %.2f cpu (median of %d rounds), bar 1.15; memory: bar 24 MiB\n",
           median(wall, rounds), median(cpu, rounds), rounds);
    return 0;
}

static void remove_place(const struct place *p)
{
    const char *const rm[] = {"rm", "-rf", p->dir, NULL};

    (void)bench_run(rm);
}

int main(int argc, char **argv)
{
    long mib = 1024, rounds = 3;
    struct place p = {0};
    struct err e = {0};
    int code = 2;

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--mib") == 0)
            mib = strtol(argv[i + 1], NULL, 10);
        else if (strcmp(argv[i], "--rounds") == 0)
            rounds = strtol(argv[i + 1], NULL, 10);
    }
    if (mib < 1 || mib > 3800 || rounds < 1 || rounds > ROUNDS_MAX) {
        fprintf(stderr, "usage: %s [--mib 1024] [--rounds 3]\n", argv[0]);
        return 2;
    }
    if (make_place(&p, &e) == 0 && make_machine(&p, mib, &e) == 0)
        code = compare(&p, mib, (int)rounds);
    else
        fprintf(stderr, "bench_collect: %s\n", e.text);
    if (p.image[0] != 0)
        remove_place(&p);
    return code;
}
