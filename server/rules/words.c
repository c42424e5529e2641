/* SPDX-License-Identifier: Apache-2.0
 *
 * words: the closed word lists of rules. */
#include "rule.h"

static const char *const severities[] = {"info", "warning", "error"};
static const char *const strengths[] = {"may", "must", "seen"};

static bool find(const char *const *list, size_t n, struct str s, unsigned *ret)
{
    for (unsigned i = 0; i < n; i++) {
        if (str_eq(s, str_from(list[i]))) {
            *ret = i;
            return true;
        }
    }
    return false;
}

const char *severity_text(enum severity s)
{
    return severities[s];
}

bool severity_from(struct str s, enum severity *ret)
{
    unsigned i = 0;
    bool found = find(severities, ARRAY_LEN(severities), s, &i);

    if (found)
        *ret = (enum severity)i;
    return found;
}

const char *strength_text(enum strength s)
{
    return strengths[s];
}

bool strength_from(struct str s, enum strength *ret)
{
    unsigned i = 0;
    bool found = find(strengths, ARRAY_LEN(strengths), s, &i);

    if (found)
        *ret = (enum strength)i;
    return found;
}

const char *confidence_text(enum confidence c)
{
    static const char *const letters[] = {"I", "P", "V"};

    return letters[c];
}

const char *role_text(enum rule_role r)
{
    return r == RULE_CLIENT ? "client" : "server";
}

static bool fits(int64_t pattern, int64_t value)
{
    return pattern == -1 || pattern == value;
}

bool rule_pattern_matches(const struct rule_pattern *p, int64_t status, int64_t substatus, int64_t win32)
{
    return fits(p->status, status) && fits(p->substatus, substatus) && fits(p->win32, win32);
}

bool rule_explains(const struct rule *rule, int64_t status, int64_t substatus, int64_t win32)
{
    for (size_t i = 0; i < rule->n_explains; i++)
        if (rule_pattern_matches(&rule->explains[i], status, substatus, win32))
            return true;
    return false;
}
