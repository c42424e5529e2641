/* SPDX-License-Identifier: Apache-2.0
 *
 * options: the command line and the file beside the program (options.def). */
#ifndef CERTTRIAGE_COLLECT_OPTIONS_H
#define CERTTRIAGE_COLLECT_OPTIONS_H

#include <stdio.h>

#include "arena.h"
#include "err.h"
#include "probes.h"
#include "str.h"

enum { OPTION_LIST = 64 };
struct option_list {
    const char *items[OPTION_LIST];
    size_t n;
};

enum command { COMMAND_COLLECT, COMMAND_REPAIR, COMMAND_REDACT };

struct options {
    enum command command;
    const char *files[2]; /* of a command that takes files; NULL: not given */
#define HEAD(title)
#define VALUE(field, name, argument, help) const char *field; /* NULL: not given */
#define LIST(field, name, argument, help) struct option_list field;
#define FLAG(field, name, help) bool field;
#include "options.def"
#undef HEAD
#undef VALUE
#undef LIST
#undef FLAG
    unsigned roles;            /* of --role; 0: to be found out */
    char thumbprint_clean[41]; /* lower-case digits of --thumbprint, or "" */
    struct probe_limits limits;
    int64_t bundle_bytes;
    unsigned item_ms, total_ms, retry_ms;
};

/* Views into argv. -ERR_USAGE says what is wrong. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e);
void options_help(FILE *to);

/* certtriage-collect.json, an object: its members become arguments that stand before those of the command
 * line, which therefore win. `path` that is not there: nothing changes, *ret_found false. Everything lives in
 * `a`. -ERR_FORMAT, -ERR_USAGE name the member. */
int options_file(const char *path, struct arena *a, int *argc, char ***argv, bool *ret_found, struct err *e);

#endif
