/* SPDX-License-Identifier: Apache-2.0 */
#include "notice.h"

#include <string.h>

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "";
}

static bool has(const json_t *findings, const char *fingerprint)
{
    size_t i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        if (strcmp(text(f, "fingerprint"), fingerprint) == 0)
            return true;
    }
    return false;
}

static json_t *only_in(const json_t *findings, const json_t *others)
{
    json_t *list = json_array(), *f;
    size_t i;

    json_array_foreach(findings, i, f)
    {
        if (has(others, text(f, "fingerprint")))
            continue;
        (void)json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", text(f, "rule"),
                                                    "severity", text(f, "severity"), "machine",
                                                    text(f, "machine"), "title", text(f, "title"),
                                                    "fingerprint", text(f, "fingerprint")));
    }
    return list;
}

static const json_t *cause_of(const json_t *report)
{
    const json_t *first = json_array_get(json_object_get(report, "diagnoses"), 0);

    return json_array_get(json_object_get(first, "causes"), 0);
}

static json_t *build(const char *type, const char *case_id, const json_t *after, json_t *added,
                     json_t *removed)
{
    const json_t *cause = cause_of(after);

    return json_pack("{s:s, s:{s:s, s:s, s:s, s:s, s:o, s:o}}", "type", type, "data", "case", case_id, "rule",
                     text(cause, "rule"), "cause", text(cause, "title"), "ruleset",
                     text(json_object_get(after, "ruleset"), "version"), "added", added, "removed", removed);
}

json_t *notice_payload(const char *case_id, const json_t *before, const json_t *after)
{
    const json_t *old = json_object_get(before, "findings"), *now = json_object_get(after, "findings");
    json_t *added = only_in(now, old), *removed = only_in(old, now);
    bool is_new = strcmp(text(cause_of(before), "rule"), text(cause_of(after), "rule")) != 0;

    if (is_new || !before)
        return build("diagnosis.new", case_id, after, added, removed);
    if (json_array_size(added) || json_array_size(removed))
        return build("findings.changed", case_id, after, added, removed);
    json_decref(added);
    json_decref(removed);
    return NULL;
}
