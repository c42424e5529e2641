/* SPDX-License-Identifier: Apache-2.0
 *
 * rule_case: the *.test files (README.md) as cases. A machine with its changes is evidence; what is equal is
 * made only once, so every piece of evidence has a key. */
#ifndef CERTTRIAGE_TESTS_RULE_CASE_H
#define CERTTRIAGE_TESTS_RULE_CASE_H

#include <stdbool.h>

#include "buf.h"

enum { CASE_OPTIONS = 24, CASE_MACHINES = 6, CASE_EXPECTATIONS = 24, KEY_BYTES = 65, WRONG_BYTES = 1024 };

struct case_machine {
    char name[64];
    char options[CASE_OPTIONS][256]; /* of the collector */
    size_t n_options;
    int n_requests;     /* lines "requests" so far */
    struct buf changes; /* for each line of the overlay: the file's name, NUL, the line, NUL */
    char key[KEY_BYTES];
};

struct expectation {
    char word[32], text[512];
};

struct rule_case {
    char rule[128], name[96];
    struct case_machine machines[CASE_MACHINES];
    size_t n_machines;
    struct expectation expectations[CASE_EXPECTATIONS];
    size_t n_expectations;
    unsigned n_events;
    char block[700];         /* the file that "|" lines go to; empty: none */
    char wrong[WRONG_BYTES]; /* empty: well so far */
    struct rule_case *next;
};

/* Reads the cases of one rule behind *end, which then is the end. seen: bits fires 1, quiet 2, denied 4. */
unsigned rule_case_read(const char *path, const char *rule, struct rule_case ***end);
void rule_case_free(struct rule_case *list);
/* Keeps the first complaint. */
void rule_case_complain(struct rule_case *c, const char *what, const char *detail);

#endif
