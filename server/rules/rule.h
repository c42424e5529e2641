/* SPDX-License-Identifier: Apache-2.0
 *
 * rule: one rule file (schema/rule-format.md) as a structure, and the set of them. Private to server/rules.
 */
#ifndef CERTTRIAGE_RULE_H
#define CERTTRIAGE_RULE_H

#include "arena.h"
#include "err.h"
#include "names.h"
#include "rules.h"

enum severity { SEVERITY_INFO, SEVERITY_WARNING, SEVERITY_ERROR };
enum strength { STRENGTH_MAY, STRENGTH_MUST, STRENGTH_SEEN };
enum confidence { CONFIDENCE_INFERRED, CONFIDENCE_PLAUSIBLE, CONFIDENCE_VERIFIED };
enum rule_role { RULE_SERVER, RULE_CLIENT };

/* "server/cert-store:Root!": what must have been collected, and where. Needs of one group are alternatives.
 */
struct rule_need {
    enum rule_role role;
    enum kind kind;
    struct str store; /* cert-store only; empty: every store */
    bool whole;       /* '!': concludes from what is not there, so that a gap leaves the rule undecided */
    size_t group;
    size_t id;       /* of a set's rules the same for the same need */
    struct str text; /* as written, without '!' */
};

/* "403.7.*"; -1 is any. */
struct rule_pattern {
    int64_t status, substatus, win32;
};

struct rule_line {
    struct str text;
    int number; /* in the file */
};

struct rule_text {
    struct rule_line *lines;
    size_t n;
};

struct rule {
    struct str id, file, code, title, interrupts, tags, uses;
    enum severity severity;
    enum confidence confidence;
    enum strength strength;
    enum rule_role role;
    struct rule_need *needs;
    size_t n_needs;
    const char *needs_text; /* all of them */
    size_t needs_id;        /* of a set's rules the same for the same text and role */
    struct rule_pattern *explains;
    size_t n_explains;
    struct rule_text outranks, message, why, confirm, remedy, references;
    const char *applies; /* NULL: always */
    size_t applies_id;   /* of a set's rules the same for the same text */
    int applies_line;
    int64_t since;
    const char *sql;
    int sql_line;
};

struct rule_file {
    struct str name, text;
};

struct ruleset {
    struct arena arena;
    struct rule_file *files; /* sorted by name */
    struct rule *rules;      /* of each of them */
    size_t n_rules;
    size_t n_needs, n_needs_texts, n_applies; /* how many ids there are */
    char version[65];
};

enum { RULE_NAME_BYTES = 256 };

/* Reads one file into *ret; everything lives in `a`. -ERR_FORMAT: file:line: what. */
int rule_parse(struct str file, struct str text, struct arena *a, struct rule *ret, struct err *e);
const struct rule *ruleset_find(const struct ruleset *set, struct str id);

const char *severity_text(enum severity s);
bool severity_from(struct str s, enum severity *ret);
const char *strength_text(enum strength s);
bool strength_from(struct str s, enum strength *ret);
const char *confidence_text(enum confidence c); /* "V", "P", "I" */
const char *role_text(enum rule_role r);

bool rule_pattern_matches(const struct rule_pattern *p, int64_t status, int64_t substatus, int64_t win32);
bool rule_explains(const struct rule *rule, int64_t status, int64_t substatus, int64_t win32);

#endif
