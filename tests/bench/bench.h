/* SPDX-License-Identifier: Apache-2.0
 *
 * bench: bundles that benches make, and programs that they time against each other. */
#ifndef CERTTRIAGE_BENCH_H
#define CERTTRIAGE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"
#include "names.h"

/* A bundle with a manifest, one item an entry. `text` was allocated and goes with it, also on failure; NULL
 * is -ERR_NOMEM. bench_bundle_close frees; keep false: nothing is written. */
struct bench_bundle;
int bench_bundle_open(const char *path, struct bench_bundle **ret, struct err *e);
int bench_bundle_add(struct bench_bundle *b, enum kind kind, const char *entry, char *text, size_t len,
                     struct err *e);
/* An applicationHost.config with one site and one application. */
int bench_bundle_add_config(struct bench_bundle *b, struct err *e);
int bench_bundle_close(struct bench_bundle *b, bool keep, struct err *e);

/* So many MiB of W3C logs of one site. */
int bench_bundle_make(const char *path, int64_t mib, struct err *e);

/* A W3C log of so many times 16 MiB, all of one day. */
int bench_log_write(const char *path, int day, int parts, uint64_t *seed, struct err *e);

/* ---- bench_run.c ---- */

struct took {
    double wall, cpu; /* seconds; wall negative: it did not run */
    long kib;         /* largest process */
};

struct rusage;
double bench_now(void);
double bench_cpu(const struct rusage *u);
/* Standard output is thrown away. wall is negative when it ended by a signal or with 2 and more. */
struct took bench_run(const char *const *argv);
void bench_say(const char *what, struct took t, struct took base, double mib);
/* Times `unzip -p BUNDLE` and `SERVER lint BUNDLE` in turns and prints both, their ratio and the largest
 * process; the bars are only printed (0: none). Returns 0, or 2 when one of them did not run. */
int bench_compare(const char *bundle, const char *server, int rounds, double mib, double bar);

#endif
