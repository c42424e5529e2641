/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "case.h"
#include "compiler.h"
#include "job.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int command_fail(const struct err *e)
{
    fprintf(stderr, "certtriage-server: %s\n", e->text);
    return err_exit_code(e->code);
}

static int extract_file(const char *path, sqlite3 **ret, struct err *e)
{
    const char *slash = strrchr(path, '/');
    int fd = open(path, O_RDONLY | O_CLOEXEC), r;
    struct err killed = {0};

    if (fd < 0)
        return err_errno(e, "%s", path);
    r = case_extract(fd, slash ? slash + 1 : path, NULL, ret, &killed, e);
    (void)close(fd);
    if (r == 0 && killed.code)
        fprintf(stderr, "certtriage-server: %s; its facts are incomplete, try again\n", killed.text);
    return r;
}

int command_machines(const struct options *o, size_t n_bundles, sqlite3 *ret[CASE_BUNDLES], struct err *e)
{
    int r = 0;

    memset(ret, 0, CASE_BUNDLES * sizeof *ret);
    if (n_bundles == 0)
        return err_set(e, ERR_USAGE, "which bundle? name one or more zip files");
    if (n_bundles > CASE_BUNDLES)
        return err_set(e, ERR_LIMIT, "more than %d bundles in one case", CASE_BUNDLES);
    for (size_t i = 0; i < n_bundles && r == 0; i++)
        r = extract_file(o->rest[i], &ret[i], e);
    if (r < 0)
        command_machines_done(ret);
    return r;
}

void command_machines_done(sqlite3 *machines[CASE_BUNDLES])
{
    for (size_t i = 0; i < CASE_BUNDLES; i++)
        (void)sqlite3_close(machines[i]);
}

int command_case(const struct options *o, size_t n_bundles, sqlite3 **ret, struct err *e)
{
    sqlite3 *machines[CASE_BUNDLES];
    int r = command_machines(o, n_bundles, machines, e);

    if (r < 0)
        return r;
    r = case_facts(machines, n_bundles, ret, e);
    command_machines_done(machines);
    return r;
}
