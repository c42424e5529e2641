/* SPDX-License-Identifier: Apache-2.0 */
#include "suppress.h"

#include <stdint.h>
#include <string.h>

#include "compiler.h"
#include "diagnose.h"
#include "text.h"

enum { SUPPRESSIONS_MAX = 10000 };

static struct str member(const json_t *object, const char *name)
{
    const json_t *s = json_object_get(object, name);

    return json_is_string(s) ? (struct str){json_string_value(s), json_string_length(s)}
                             : (struct str){"", 0};
}

/* "*" any characters, "?" one; without regard to case. */
static bool matches(struct str pattern, struct str text)
{
    struct str star = {NULL, 0}, from = {NULL, 0};

    while (text.len) {
        if (pattern.len && pattern.p[0] == '*') {
            star = pattern = str_skip(pattern, 1);
            from = text;
        } else if (pattern.len &&
                   (pattern.p[0] == '?' || str_ieq((struct str){pattern.p, 1}, (struct str){text.p, 1}))) {
            pattern = str_skip(pattern, 1);
            text = str_skip(text, 1);
        } else if (star.p) {
            from = text = str_skip(from, 1);
            pattern = star;
        } else {
            return false;
        }
    }
    while (pattern.len && pattern.p[0] == '*')
        pattern = str_skip(pattern, 1);
    return pattern.len == 0;
}

/* Says nothing of it: all that there are. "" is the empty one only: findings of a whole machine have an empty
 * subject, and whoever lives with one of those does not live with the others of its rule. */
static bool covers(const json_t *suppression, const char *name, const json_t *finding)
{
    return !json_object_get(suppression, name) || matches(member(suppression, name), member(finding, name));
}

/* A name that is misspelt would be a suppression of more than was meant. */
static int check_members(const json_t *one, size_t number, struct err *e)
{
    static const char *const names[] = {"rule", "reason", "subject", "machine", "until"};
    const json_t *value;
    const char *name;
    size_t i;

    json_object_foreach((json_t *)(uintptr_t)one, name, value)
    {
        for (i = 0; i < ARRAY_LEN(names) && strcmp(name, names[i]) != 0; i++)
            continue;
        if (i == ARRAY_LEN(names))
            return err_set(e, ERR_FORMAT,
                           "suppression %zu: %s: not known; there are rule, reason, subject, machine, until",
                           number, name);
        if (!json_is_string(value))
            return err_set(e, ERR_FORMAT, "suppression %zu: %s: text is wanted", number, name);
    }
    return 0;
}

static int check_one(const struct ruleset *set, const json_t *one, size_t number, struct err *e)
{
    int64_t until;

    if (!json_is_object(one) || !member(one, "rule").len || !member(one, "reason").len)
        return err_set(e, ERR_FORMAT, "suppression %zu: wants a rule and a reason", number);
    if (check_members(one, number, e) < 0)
        return -e->code;
    if (!ruleset_find(set, member(one, "rule")))
        return err_set(e, ERR_FORMAT, "suppression %zu: %s: no such rule", number, member(one, "rule").p);
    if (json_object_get(one, "until") && !suppression_until(one, &until))
        return err_set(e, ERR_FORMAT, "suppression %zu: until %s: write 2027-01-31 or 2027-01-31T12:00:00Z",
                       number, member(one, "until").p);
    return 0;
}

bool suppression_until(const json_t *suppression, int64_t *ret_ms)
{
    struct str until = member(suppression, "until");
    char text[40];

    *ret_ms = INT64_MAX;
    if (!json_object_get(suppression, "until"))
        return true;
    if (until.len != 10)
        return time_parse(until, ret_ms);
    memcpy(text, until.p, 10); /* a day counts to its end */
    memcpy(text + 10, "T23:59:59Z", 11);
    return time_parse(str_from(text), ret_ms);
}

int suppressions_read(const struct ruleset *set, struct str text, json_t **ret, struct err *e)
{
    json_error_t why;
    json_t *list = json_loadb(text.p ? text.p : "", text.len, JSON_REJECT_DUPLICATES, &why), *one;
    size_t i;
    int r = 0;

    if (!list)
        return err_set(e, ERR_FORMAT, "suppressions: line %d: %s", why.line, why.text);
    if (!json_is_array(list) || json_array_size(list) > SUPPRESSIONS_MAX)
        r = err_set(e, ERR_FORMAT, "suppressions: an array of at most %d objects is wanted",
                    SUPPRESSIONS_MAX);
    json_array_foreach(list, i, one)
    {
        if (r == 0)
            r = check_one(set, one, i + 1, e);
    }
    if (r < 0)
        json_decref(list);
    else
        *ret = list;
    return r;
}

/* The first one in force that covers a finding. */
static json_t *covering(const json_t *list, const json_t *finding, int64_t now_ms)
{
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one)
    {
        int64_t until;
        if (str_eq(member(one, "rule"), member(finding, "rule")) && suppression_until(one, &until) &&
            until >= now_ms && covers(one, "subject", finding) && covers(one, "machine", finding))
            return one;
    }
    return NULL;
}

static void mark(json_t *finding, json_t *suppression)
{
    json_t *m = json_object();
    json_int_t used = json_integer_value(json_object_get(suppression, "used"));

    json_object_set(m, "reason", json_object_get(suppression, "reason"));
    if (json_object_get(suppression, "until"))
        json_object_set(m, "until", json_object_get(suppression, "until"));
    json_object_set_new(finding, "suppressed", m);
    json_object_set_new(suppression, "used", json_integer(used + 1));
}

static bool is_suppressed(const json_t *findings, const char *fingerprint)
{
    size_t i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        if (str_eq(member(f, "fingerprint"), str_from(fingerprint)))
            return json_object_get(f, "suppressed") != NULL;
    }
    return false;
}

static bool is_cause_suppressed(const json_t *findings, const json_t *cause)
{
    const json_t *prints = json_object_get(cause, "findings"), *print;
    size_t i;

    json_array_foreach(prints, i, print)
    {
        if (!is_suppressed(findings, json_string_value(print)))
            return false;
    }
    return json_array_size(prints) > 0;
}

/* What was masked by a cause that is gone is masked no more. */
static void unmask(json_t *causes)
{
    size_t i, k;
    json_t *one, *other;

    json_array_foreach(causes, i, one)
    {
        struct str by = member(one, "masked_by");
        bool found = false;
        json_array_foreach(causes, k, other)
        {
            found = found || (by.len && str_eq(member(other, "rule"), by));
        }
        if (by.len && !found)
            json_object_del(one, "masked_by");
    }
}

/* Causes that somebody lives with are no causes; a diagnosis of which nothing is left goes. */
static void drop_causes(json_t *report)
{
    json_t *diagnoses = json_object_get(report, "diagnoses"), *findings = json_object_get(report, "findings");

    for (size_t i = json_array_size(diagnoses); i-- > 0;) {
        json_t *d = json_array_get(diagnoses, i), *causes = json_object_get(d, "causes");
        size_t before = json_array_size(causes);
        for (size_t k = before; k-- > 0;)
            if (is_cause_suppressed(findings, json_array_get(causes, k)))
                json_array_remove(causes, k);
        unmask(causes);
        if (before > 0 && json_array_size(causes) == 0)
            json_array_remove(diagnoses, i);
    }
}

int suppressions_apply(json_t *report, const json_t *list, int64_t now_ms, struct err *e)
{
    json_t *used = json_deep_copy(list), *findings = json_object_get(report, "findings"), *one;
    size_t i;

    if (!used)
        return err_set(e, ERR_NOMEM, "suppressions");
    json_array_foreach(used, i, one)
    {
        int64_t until;
        json_object_set_new(one, "used", json_integer(0));
        json_object_set_new(one, "ended", json_boolean(suppression_until(one, &until) && until < now_ms));
    }
    json_array_foreach(findings, i, one)
    {
        json_t *by = covering(used, one, now_ms);
        if (by)
            mark(one, by);
    }
    drop_causes(report);
    json_object_set_new(report, "suppressions", used);
    json_object_set_new(
        report, "summary",
        summarize(findings, json_object_get(report, "coverage"), json_object_get(report, "diagnoses")));
    return 0;
}
