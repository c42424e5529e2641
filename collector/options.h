/* SPDX-License-Identifier: Apache-2.0
 *
 * options: the command line (options.def). */
#ifndef CERTTRIAGE_COLLECT_OPTIONS_H
#define CERTTRIAGE_COLLECT_OPTIONS_H

#include <stdio.h>

#include "err.h"
#include "str.h"

struct options {
#define VALUE(field, name, argument, help) const char *field; /* NULL: not given */
#define FLAG(field, name, help) bool field;
#include "options.def"
#undef VALUE
#undef FLAG
    unsigned roles;            /* of --role; 0: to be found out */
    char thumbprint_clean[41]; /* lower-case digits of --thumbprint, or "" */
};

/* Views into argv. -ERR_USAGE says what is wrong. */
int options_parse(int argc, char **argv, struct options *ret, struct err *e);
void options_help(FILE *to);

#endif
