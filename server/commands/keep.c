/* SPDX-License-Identifier: Apache-2.0
 *
 * check, backup, restore: of a data folder, beside a running server or without one. */
#include "commands.h"

#include "compiler.h"
#include "store_keep.h"

#include <stdio.h>
#include <time.h>

static const struct option_row data_options[] = {
    {"--data", "DIR", "the server's data folder", true},
    {0},
};

static int print_line(void *ctx, bool is_damage, const char *line)
{
    (void)ctx;
    printf("%s %s\n", is_damage ? "damaged:" : "left over:", line);
    return 0;
}

static int check(const struct options *o)
{
    struct store_checked done = {0};
    struct store *s = NULL;
    struct err e = {0};
    int r = store_open_to_read(option(o, "--data"), &s, &e);

    if (r == 0)
        r = store_check(s, print_line, NULL, &done, &e);
    store_close(s);
    if (r < 0)
        return command_fail(&e);
    printf("%lld cases, %lld bundles, %lld reports, %lld facts: %lld damaged, %lld left over\n",
           (long long)done.cases, (long long)done.bundles, (long long)done.reports, (long long)done.facts,
           (long long)done.damaged, (long long)done.orphans);
    return done.damaged ? 2 : 0;
}

const struct command command_check = {
    "check",
    "--data DIR",
    "is everything there that was acknowledged? Reads every hash and every report",
    data_options,
    check,
};

static const struct option_row backup_options[] = {
    {"--data", "DIR", "the server's data folder; the server may run", true},
    {"--to", "DIR", "where the copy goes; into an earlier one only new bundles are copied", true},
    {0},
};

static int backup(const struct options *o)
{
    struct store *s = NULL;
    struct err e = {0};
    int64_t n = 0;
    int r = store_open_existing(option(o, "--data"), &s, &e);

    if (r == 0)
        r = store_backup(s, option(o, "--to"), (int64_t)time(NULL) * 1000, &n, &e);
    store_close(s);
    if (r < 0)
        return command_fail(&e);
    printf("%s: the database and %lld bundles that were not there yet\n", option(o, "--to"), (long long)n);
    return 0;
}

const struct command command_backup = {
    "backup", "--data DIR --to DIR", "copy a store in use, verified", backup_options, backup,
};

static const struct option_row restore_options[] = {
    {"--from", "DIR", "what backup made", true},
    {"--data", "DIR", "the data folder to be made; must be new or empty", true},
    {0},
};

static int restore(const struct options *o)
{
    struct err e = {0};
    int64_t n = 0;

    if (store_restore(option(o, "--from"), option(o, "--data"), &n, &e) < 0)
        return command_fail(&e);
    printf("%s: the database and %lld bundles\n", option(o, "--data"), (long long)n);
    return 0;
}

const struct command command_restore = {
    "restore", "--from DIR --data DIR", "make a data folder out of a backup, verified", restore_options,
    restore,
};
