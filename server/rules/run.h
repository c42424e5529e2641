/* SPDX-License-Identifier: Apache-2.0
 *
 * run: every rule over the facts of a case, to findings and verdicts. */
#ifndef CERTTRIAGE_RUN_H
#define CERTTRIAGE_RUN_H

#include "json_build.h"
#include "needs.h"
#include "rule.h"
#include "statements.h"
#include "template.h"

/* What the logs show at one place. */
struct symptom {
    struct str machine, site, place;
    int64_t status, substatus, win32; /* win32 -1: differs, and does not matter (403.7) */
    int64_t count, first, last, clients;
    bool wants_certificate; /* the place asks for one, or maps one */
    bool is_answered; /* each was followed by a success of the same client, as when a browser asks its user;
                         or was a browser's preflight, or a monitor's that says so */
};

/* One finding with what only the diagnosis needs of it. */
struct hit {
    const struct rule *rule;
    json_t *finding;                     /* borrowed from run.findings */
    json_t *confirm;                     /* owned by run.confirms; NULL: the rule says nothing */
    struct str machine, site, path, why; /* p NULL: the row has none */
    enum severity severity;
    enum strength strength;
    int64_t changed; /* when the source changed; TIME_NONE not known */
    struct hit *next;
};

/* What a rule asks before it applies, answered for one machine. */
struct applies_answer {
    int answer;      /* 1 applies, 0 does not, -1 cannot be known, -2 the expression is wrong */
    const char *why; /* of the latter two; NULL: not asked yet */
};

enum verdict {
    VERDICT_FINDING,
    VERDICT_PASS,
    VERDICT_NOT_APPLICABLE,
    VERDICT_NOT_EVALUATED,
    VERDICT_ERROR,
    VERDICT_COUNT
};

struct run {
    const struct ruleset *set;
    struct statements *statements;     /* borrowed */
    struct applies_answer *answers[2]; /* by role: by machine, then applies_id */
    sqlite3 *db;
    struct arena arena;
    struct needs_reader needs;
    struct quoter quoter;
    double *took; /* milliseconds of each rule; NULL: nobody asks */
    struct symptom *symptoms;
    size_t n_symptoms;
    struct hit *hits, **last_hit;
    json_t *findings, *verdicts, *confirms;
    size_t n_verdicts[VERDICT_COUNT];
    /* What most verdicts say is one value that all of them have: of a run, since the counts of references are
     * not for several threads. */
    json_t *words[VERDICT_COUNT], *no_subject, *no_items;
    json_t *older; /* machines with facts of an earlier version: label to version */
};

int run_open(const struct ruleset *set, struct statements *statements, struct run *ret, struct err *e);
void run_done(struct run *run);
int run_rules(struct run *run, struct err *e);
const char *verdict_text(enum verdict v);

/* finding.c: one row to one finding and its hit; *ret_dropped: it stands at a path whose web.config was not
 * read. */
int finding_add(struct run *run, const struct rule *rule, const struct row *row, struct err *e);
/* symptom.c */
int symptoms_read(struct run *run, struct err *e);
bool symptom_was_seen(const struct run *run, const struct rule *rule);
/* remedy.c: the steps that the lines of a text are for one row (new reference), and those of its remedy. */
int steps_build(struct run *run, const struct rule_text *lines, const struct row *row, json_t **ret,
                struct err *e);
int remedy_build(struct run *run, const struct rule *rule, const struct row *row, json_t **ret,
                 struct err *e);
/* Lines of a text filled and joined by blanks, kept in run->arena; a line with a NULL column is left out. */
int text_build(struct run *run, const struct rule_text *lines, const struct row *row, struct str *ret,
               struct err *e);
/* path is `under` or below it, by whole segments, without regard to case. */
bool path_is_below(struct str path, struct str under);

#endif
