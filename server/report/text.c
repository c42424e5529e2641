/* SPDX-License-Identifier: Apache-2.0
 *
 * text: the report for a terminal: coverage, summary, diagnoses, chains, handshakes, findings, verdicts. */
#include "page.h"

#include <stdio.h>
#include <string.h>

enum { GAPS_NAMED = 4, LINE_BYTES = 2048 };

static void add_machine(struct page *p, const json_t *m)
{
    char line[LINE_BYTES], roles[128] = "";
    size_t i;
    json_t *role;

    json_array_foreach(json_object_get(m, "roles"), i, role)
    {
        size_t n = strlen(roles);
        (void)snprintf(roles + n, sizeof roles - n, "%s%s", i ? ", " : "", json_string_value(role));
    }
    (void)snprintf(line, sizeof line, "%s (%s): %s%s%s%s%s", page_member(m, "machine"), roles,
                   *page_member(m, "windows") ? page_member(m, "windows") : "Windows, version not known",
                   *page_member(m, "iis_version") ? ", IIS " : "", page_member(m, "iis_version"),
                   *page_member(m, "collected") ? ", collected " : "", page_member(m, "collected"));
    page_words(p, "  ", PAGE_BOLD, line);
}

static void add_outcomes(struct page *p, const json_t *items)
{
    char line[LINE_BYTES] = "";
    const char *name;
    json_t *count;
    json_int_t total = 0;

    json_object_foreach((json_t *)(uintptr_t)items, name, count)
    {
        size_t n = strlen(line);
        (void)snprintf(line + n, sizeof line - n, "%s%" JSON_INTEGER_FORMAT " %s", n ? ", " : "",
                       json_integer_value(count), name);
        total += json_integer_value(count);
    }
    char all[LINE_BYTES + 64];
    (void)snprintf(all, sizeof all, "%" JSON_INTEGER_FORMAT " items%s%s", total, *line ? ": " : "", line);
    page_words(p, "    ", PAGE_PLAIN, all);
}

static bool is_same_gap(const json_t *a, const json_t *b)
{
    static const char *const names[] = {"kind", "outcome", "reason"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(page_member(a, names[i]), page_member(b, names[i])) != 0)
            return false;
    return true;
}

/* Gaps of one kind and reason in one line: "excluded: A, B (account): why". */
static size_t add_gap(struct page *p, const json_t *gaps, size_t i)
{
    CLEANUP(buf_done) struct buf sources = BUF_INIT(LINE_BYTES / 2);
    const json_t *gap = json_array_get(gaps, i);
    const char *reason = page_member(gap, "reason");
    char line[LINE_BYTES];
    size_t n = 0;

    for (; i + n < json_array_size(gaps) && is_same_gap(gap, json_array_get(gaps, i + n)); n++)
        if (n < GAPS_NAMED)
            buf_printf(&sources, "%s%s", n ? ", " : "", page_member(json_array_get(gaps, i + n), "source"));
    if (n > GAPS_NAMED)
        buf_printf(&sources, " and %zu more", n - GAPS_NAMED);
    (void)snprintf(line, sizeof line, "%s: %s (%s)%s%s", page_member(gap, "outcome"), buf_c(&sources),
                   page_member(gap, "kind"), *reason ? ": " : "", reason);
    page_words(p, "    ! ", PAGE_YELLOW, line);
    return n;
}

static void add_gaps(struct page *p, const json_t *machine)
{
    const json_t *gaps = json_object_get(machine, "gaps");
    char line[LINE_BYTES];
    json_t *problem;
    size_t i;

    for (i = 0; i < json_array_size(gaps);)
        i += add_gap(p, gaps, i);
    json_array_foreach(json_object_get(machine, "problems"), i, problem)
    {
        const char *entry = page_member(problem, "entry");
        (void)snprintf(line, sizeof line, "%s%s%s", entry, *entry ? ": " : "",
                       page_member(problem, "problem"));
        page_words(p, "    ! ", PAGE_YELLOW, line);
    }
}

static void add_coverage(struct page *p, const json_t *report)
{
    const json_t *coverage = json_object_get(report, "coverage"), *rules = json_object_get(coverage, "rules"),
                 *one;
    char line[LINE_BYTES];
    size_t i;

    page_heading(p, "COVERAGE");
    json_array_foreach(json_object_get(coverage, "machines"), i, one)
    {
        add_machine(p, json_array_get(json_object_get(report, "machines"), i));
        add_outcomes(p, json_object_get(one, "items"));
        add_gaps(p, one);
    }
    json_array_foreach(json_object_get(coverage, "notes"), i, one)
    {
        page_words(p, "  ! ", PAGE_YELLOW, json_string_value(one));
    }
    (void)snprintf(line, sizeof line,
                   "Verdicts of the rules: %" JSON_INTEGER_FORMAT " findings, %" JSON_INTEGER_FORMAT
                   " passed, %" JSON_INTEGER_FORMAT " not applicable, %" JSON_INTEGER_FORMAT
                   " not evaluated, %" JSON_INTEGER_FORMAT " failed.",
                   page_number(rules, "finding"), page_number(rules, "pass"),
                   page_number(rules, "not-applicable"), page_number(rules, "not-evaluated"),
                   page_number(rules, "error"));
    page_words(p, "  ", PAGE_PLAIN, line);
}

static void add_examples(struct page *p, const json_t *symptom)
{
    size_t i;
    json_t *x;
    char line[LINE_BYTES];

    json_array_foreach(json_object_get(symptom, "examples"), i, x)
    {
        (void)snprintf(line, sizeof line, "%s %s %s from %s (%s:%" JSON_INTEGER_FORMAT ")",
                       page_member(x, "time"), page_member(x, "method"), page_member(x, "url"),
                       page_member(x, "client"), page_member(x, "entry"), page_number(x, "line"));
        page_words(p, "     e.g. ", PAGE_DIM, line);
    }
}

/* What Windows wrote in the same minutes. */
static void add_events(struct page *p, const json_t *symptom)
{
    size_t i;
    json_t *x;
    char line[LINE_BYTES];

    json_array_foreach(json_object_get(symptom, "events"), i, x)
    {
        json_int_t count = page_number(x, "count");
        (void)snprintf(line, sizeof line, "%s (%" JSON_INTEGER_FORMAT " time%s, the last at %s; %s)",
                       page_member(x, "text"), count, count == 1 ? "" : "s", page_member(x, "last"),
                       page_member(x, "entry"));
        page_words(p, "     beside it: ", PAGE_DIM, line);
    }
}

static void add_symptom(struct page *p, const json_t *s, size_t number)
{
    char line[LINE_BYTES], first[32], status[128] = "", win32[64] = "";
    json_int_t count = page_number(s, "count");

    if (json_is_integer(json_object_get(s, "win32")))
        (void)snprintf(win32, sizeof win32, ".%" JSON_INTEGER_FORMAT, page_number(s, "win32"));
    if (json_is_integer(json_object_get(s, "status")))
        (void)snprintf(status, sizeof status, "%" JSON_INTEGER_FORMAT ".%" JSON_INTEGER_FORMAT "%s  ",
                       page_number(s, "status"), page_number(s, "substatus"), win32);
    (void)snprintf(first, sizeof first, "%2zu. ", number);
    (void)snprintf(line, sizeof line, "%s%s", status, page_member(s, "meaning"));
    page_words(p, first, PAGE_BOLD, line);
    if (!*status)
        return;
    (void)snprintf(line, sizeof line,
                   "at \"%s\" on %s: %" JSON_INTEGER_FORMAT " request%s of %" JSON_INTEGER_FORMAT
                   " client%s, %s to %s",
                   page_member(s, "place"), page_member(s, "machine"), count, count == 1 ? "" : "s",
                   page_number(s, "clients"), page_number(s, "clients") == 1 ? "" : "s",
                   page_member(s, "first"), page_member(s, "last"));
    page_words(p, "    ", PAGE_PLAIN, line);
    report_text_timeline(p, s);
    add_examples(p, s);
    add_events(p, s);
}

static const char *belief(const char *strength)
{
    if (strcmp(strength, "seen") == 0)
        return "seen to happen";
    return strcmp(strength, "must") == 0 ? "must fail by what was found" : "can make it fail";
}

static void add_steps(struct page *p, const char *what, const json_t *steps)
{
    size_t i;
    json_t *step;
    char first[64];

    json_array_foreach(steps, i, step)
    {
        const char *shell = page_member(step, "shell");
        (void)snprintf(first, sizeof first, "      %s: ", what);
        if (!*shell)
            page_words(p, first, PAGE_PLAIN, page_member(step, "text"));
        else
            page_line(p, strcmp(shell, "cmd") == 0 ? "        > " : "        PS> ", PAGE_GREEN,
                      page_member(step, "text"));
    }
}

static void add_cause(struct page *p, const json_t *cause, size_t number, bool explained)
{
    char line[LINE_BYTES];
    const char *severity = page_member(cause, "severity"), *masked = page_member(cause, "masked_by");
    const char *place = number == 0 && explained && !*masked ? "MOST LIKELY CAUSE"
                        : *masked                            ? "masked"
                                                             : "also";

    page_blank(p);
    (void)snprintf(line, sizeof line, "%s: %s", place, page_member(cause, "title"));
    page_words(p, "    ", page_severity(severity), line);
    (void)snprintf(line, sizeof line, "%s, %s, %s%s%s", page_member(cause, "rule"), severity,
                   belief(page_member(cause, "strength")), *masked ? ", masked by " : "", masked);
    page_words(p, "      ", PAGE_DIM, line);
    page_words(p, "      ", PAGE_PLAIN, page_member(cause, "why"));
    if (*page_member(cause, "note"))
        page_words(p, "      ! ", PAGE_YELLOW, page_member(cause, "note"));
    if (number == 0)
        add_steps(p, "to decide", json_object_get(cause, "confirm"));
}

/* Was it told with one before it, which lacks the same evidence? */
static bool is_told(const json_t *list, size_t at, const json_t *items)
{
    for (size_t i = 0; i < at; i++)
        if (json_equal(json_object_get(json_array_get(list, i), "items"), items))
            return true;
    return false;
}

static void add_unexplained(struct page *p, const json_t *diagnosis)
{
    const json_t *list = json_object_get(diagnosis, "not_evaluated");
    size_t i, k;
    json_t *open, *item;

    page_blank(p);
    page_words(p, "    ", PAGE_YELLOW, "Nothing that was collected explains this symptom.");
    json_array_foreach(list, i, open)
    {
        const json_t *items = json_object_get(open, "items");
        if (is_told(list, i, items))
            continue;
        json_array_foreach(items, k, item)
        {
            page_words(p, "      not decided, because: ", PAGE_DIM, json_string_value(item));
        }
        json_array_foreach(list, k, item)
        {
            if (k >= i && json_equal(json_object_get(item, "items"), items))
                page_words(p, "        could be: ", PAGE_PLAIN, page_member(item, "title"));
        }
    }
}

static void add_diagnosis(struct page *p, const json_t *d, size_t number)
{
    const json_t *causes = json_object_get(d, "causes");
    bool explained = json_is_true(json_object_get(d, "explained"));
    size_t i;
    json_t *cause;

    if (number > 1)
        page_blank(p);
    add_symptom(p, json_object_get(d, "symptom"), number);
    if (!explained)
        add_unexplained(p, d);
    json_array_foreach(causes, i, cause)
    {
        add_cause(p, cause, i, explained);
    }
    if (!explained || strcmp(page_member(json_array_get(causes, 0), "strength"), "seen") != 0) {
        page_blank(p);
        add_steps(p, "next", json_object_get(d, "next"));
    }
}

/* Nothing was seen, and nothing was looked at either. */
static bool is_undecided(const json_t *report)
{
    const json_t *rules = json_object_get(json_object_get(report, "coverage"), "rules");

    return page_number(rules, "not-evaluated") > 0 &&
           page_number(rules, "finding") + page_number(rules, "pass") == 0;
}

static void add_diagnoses(struct page *p, const json_t *report)
{
    const json_t *list = json_object_get(report, "diagnoses");
    size_t i;
    json_t *d;
    char line[LINE_BYTES];

    page_heading(p, "DIAGNOSES");
    if (json_array_size(list) == 0 && is_undecided(report))
        page_words(p, "  ", PAGE_YELLOW, "None: no rule could be decided with what was collected.");
    else if (json_array_size(list) == 0)
        page_words(
            p, "  ", PAGE_GREEN,
            json_array_size(json_object_get(report, "suppressions"))
                ? "None, beside what is suppressed."
                : "No failure that a client certificate could explain is in the logs that were collected.");
    json_array_foreach(list, i, d)
    {
        add_diagnosis(p, d, i + 1);
    }
    if (page_number(report, "diagnoses_left_out") > 0) {
        (void)snprintf(line, sizeof line, "%" JSON_INTEGER_FORMAT " more symptoms are left out.",
                       page_number(report, "diagnoses_left_out"));
        page_words(p, "  ", PAGE_DIM, line);
    }
}

static void add_evidence(struct page *p, const json_t *e)
{
    char line[LINE_BYTES];
    const char *excerpt = page_member(e, "excerpt");

    if (*page_member(e, "entry") && !json_object_get(e, "line")) /* it has no lines */
        (void)snprintf(line, sizeof line, "%s%s%s", page_member(e, "entry"), *excerpt ? "  " : "", excerpt);
    else if (*page_member(e, "entry"))
        (void)snprintf(line, sizeof line, "%s:%" JSON_INTEGER_FORMAT "%s%s", page_member(e, "entry"),
                       page_number(e, "line"), *excerpt ? "  " : "", excerpt);
    else if (*page_member(e, "key"))
        (void)snprintf(line, sizeof line, "%s  %s = %s", page_member(e, "key"), page_member(e, "name"),
                       page_member(e, "value"));
    else
        (void)snprintf(line, sizeof line, "certificate %s%s%s", page_member(e, "thumbprint"),
                       *page_member(e, "store") ? " in " : "", page_member(e, "store"));
    page_words(p, "    evidence: ", PAGE_DIM, line);
}

static void add_step(struct page *p, const json_t *step)
{
    const char *kind = page_member(step, "kind"), *shell = page_member(step, "shell");
    char first[32];

    if (!*shell) {
        page_words(p,
                   strcmp(kind, "note") == 0   ? "    ! "
                   : strcmp(kind, "undo") == 0 ? "    undo: "
                                               : "    ",
                   PAGE_PLAIN, page_member(step, "text"));
        return;
    }
    (void)snprintf(first, sizeof first, "      %s%s", strcmp(kind, "undo") == 0 ? "undo: " : "",
                   strcmp(shell, "cmd") == 0 ? "> " : "PS> ");
    page_line(p, first, PAGE_GREEN, page_member(step, "text"));
}

static void add_finding(struct page *p, const json_t *f)
{
    char line[LINE_BYTES];
    size_t i;
    json_t *one;

    (void)snprintf(line, sizeof line, "[%s] %s", page_member(f, "severity"), page_member(f, "title"));
    page_words(p, "  ", page_severity(page_member(f, "severity")), line);
    (void)snprintf(line, sizeof line, "%s (%s)  %s: %s", page_member(f, "rule"), page_member(f, "code"),
                   page_member(f, "machine"), page_member(f, "subject"));
    page_words(p, "    ", PAGE_DIM, line);
    page_words(p, "    ", PAGE_PLAIN, page_member(f, "message"));
    json_array_foreach(json_object_get(f, "evidence"), i, one)
    {
        add_evidence(p, one);
    }
    page_words(p, "    ", PAGE_BOLD, "what to do:");
    json_array_foreach(json_object_get(f, "remedy"), i, one)
    {
        add_step(p, one);
    }
    json_array_foreach(json_object_get(f, "references"), i, one)
    {
        page_line(p, "    see ", PAGE_DIM, json_string_value(one));
    }
    page_blank(p);
}

/* What somebody has decided to live with, and what of that covers nothing. */
static void add_suppressions(struct page *p, const json_t *report)
{
    size_t i;
    json_t *one;
    char line[LINE_BYTES];

    if (json_array_size(json_object_get(report, "suppressions")) == 0)
        return;
    page_heading(p, "SUPPRESSED");
    json_array_foreach(json_object_get(report, "findings"), i, one)
    {
        const json_t *mark = json_object_get(one, "suppressed");
        if (!mark)
            continue;
        const char *until = page_member(mark, "until");
        (void)snprintf(line, sizeof line, "[%s] %s  %s: %s: %s%s%s", page_member(one, "severity"),
                       page_member(one, "rule"), page_member(one, "machine"), page_member(one, "subject"),
                       page_member(mark, "reason"), *until ? ", until " : "", until);
        page_words(p, "  ", PAGE_DIM, line);
    }
    json_array_foreach(json_object_get(report, "suppressions"), i, one)
    {
        if (page_number(one, "used") > 0)
            continue;
        (void)snprintf(line, sizeof line, "%s: %s %s (%s)",
                       json_is_true(json_object_get(one, "ended")) ? "has ended" : "covers nothing",
                       page_member(one, "rule"), page_member(one, "subject"), page_member(one, "reason"));
        page_words(p, "  ! ", PAGE_YELLOW, line);
    }
}

static void add_verdict(struct page *p, const json_t *v)
{
    char first[LINE_BYTES], line[LINE_BYTES];
    size_t i;
    json_t *item;
    const char *subject = page_member(v, "subject"), *machine = page_member(v, "machine"),
               *verdict = page_member(v, "verdict");

    (void)snprintf(first, sizeof first, "  %-15s %-33s ", verdict, page_member(v, "rule"));
    (void)snprintf(line, sizeof line, "%s%s%s", *machine ? machine : "-", *subject ? ": " : "", subject);
    page_words(p, first,
               strcmp(verdict, "finding") == 0 || strcmp(verdict, "error") == 0 ? PAGE_BOLD : PAGE_PLAIN,
               line);
    json_array_foreach(json_object_get(v, "items"), i, item)
    {
        page_words(p, "                    because ", PAGE_DIM, json_string_value(item));
    }
}

void report_text(const json_t *report, bool colour, struct buf *out)
{
    struct page page = {out, colour}, *p = &page;
    const json_t *ruleset = json_object_get(report, "ruleset");
    const char *id = page_member(json_object_get(report, "case"), "id");
    char line[LINE_BYTES];
    size_t i;
    json_t *one;

    (void)snprintf(line, sizeof line, "certtriage: TLS client-certificate authentication%s%s",
                   *id ? ", case " : "", id);
    page_words(p, "", PAGE_BOLD, line);
    add_coverage(p, report);
    page_heading(p, "SUMMARY");
    page_words(p, "  ", PAGE_PLAIN, page_member(report, "summary"));
    add_diagnoses(p, report);
    report_text_chains(p, report);
    report_text_handshakes(p, report);
    page_heading(p, "FINDINGS");
    json_array_foreach(json_object_get(report, "findings"), i, one)
    {
        if (!json_object_get(one, "suppressed"))
            add_finding(p, one);
    }
    add_suppressions(p, report);
    page_heading(p, "VERDICTS");
    json_array_foreach(json_object_get(report, "verdicts"), i, one)
    {
        add_verdict(p, one);
    }
    (void)snprintf(line, sizeof line,
                   "Rule set %.16s (%" JSON_INTEGER_FORMAT " rules), facts version %" JSON_INTEGER_FORMAT
                   ", extractors %" JSON_INTEGER_FORMAT ".",
                   page_member(ruleset, "version"), page_number(ruleset, "rules"),
                   page_number(ruleset, "facts"), page_number(ruleset, "extractors"));
    page_blank(p);
    page_words(p, "", PAGE_DIM, line);
}
