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

    if (fd < 0)
        return err_errno(e, "%s", path);
    r = case_extract(fd, slash ? slash + 1 : path, NULL, ret, e);
    (void)close(fd);
    return r;
}

int command_case(const struct options *o, size_t n_bundles, sqlite3 **ret, struct err *e)
{
    sqlite3 *machines[CASE_BUNDLES] = {0};
    size_t n = 0;
    int r = 0;

    if (n_bundles == 0)
        return err_set(e, ERR_USAGE, "which bundle? name one or more zip files");
    if (n_bundles > CASE_BUNDLES)
        return err_set(e, ERR_LIMIT, "more than %d bundles in one case", CASE_BUNDLES);
    for (; n < n_bundles && r == 0; n++)
        r = extract_file(o->rest[n], &machines[n], e);
    if (r == 0)
        r = case_facts(machines, n, ret, e);
    for (size_t i = 0; i < n; i++)
        (void)sqlite3_close(machines[i]);
    return r;
}
