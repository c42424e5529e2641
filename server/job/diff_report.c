/* SPDX-License-Identifier: Apache-2.0 */
#include "diff.h"

#include "text.h"

#include <string.h>

static const char *text(const json_t *o, const char *name)
{
    const char *s = json_string_value(json_object_get(o, name));

    return s ? s : "";
}

static json_t *head(const json_t *report)
{
    const json_t *rules = json_object_get(report, "ruleset");
    const json_t *first = json_array_get(json_object_get(report, "diagnoses"), 0);
    const json_t *cause = json_array_get(json_object_get(first, "causes"), 0);

    return json_pack("{s:s, s:O?, s:O?, s:s}", "ruleset", text(rules, "version"), "facts",
                     json_object_get(rules, "facts"), "extractors", json_object_get(rules, "extractors"),
                     "cause", text(cause, "title"));
}

/* {fingerprint: finding} */
static json_t *by_print(const json_t *report)
{
    json_t *map = json_object(), *one;
    size_t i;

    json_array_foreach(json_object_get(report, "findings"), i, one)
    {
        (void)json_object_set(map, text(one, "fingerprint"), one);
    }
    return map;
}

static json_t *row(const json_t *finding)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", text(finding, "rule"), "severity",
                     text(finding, "severity"), "machine", text(finding, "machine"), "subject",
                     text(finding, "subject"), "title", text(finding, "title"));
}

static bool is_same(const json_t *a, const json_t *b)
{
    return strcmp(text(a, "message"), text(b, "message")) == 0 &&
           strcmp(text(a, "severity"), text(b, "severity")) == 0;
}

static void compare(json_t *diff, const json_t *old, json_t *now)
{
    json_t *added = json_object_get(diff, "added"), *changed = json_object_get(diff, "changed"), *one;
    const char *print;
    json_int_t kept = 0;

    json_object_foreach(now, print, one)
    {
        const json_t *was = json_object_get(old, print);
        if (!was)
            (void)json_array_append_new(added, row(one));
        else if (is_same(was, one))
            kept++;
        else {
            json_t *both = row(one);
            (void)json_object_set_new(both, "message", json_string(text(one, "message")));
            (void)json_object_set_new(
                both, "was",
                json_pack("{s:s, s:s}", "message", text(was, "message"), "severity", text(was, "severity")));
            (void)json_array_append_new(changed, both);
        }
    }
    (void)json_object_set_new(diff, "kept", json_integer(kept));
}

int diff_reports(const json_t *before, const json_t *after, json_t **ret, struct err *e)
{
    json_t *old = by_print(before), *now = by_print(after), *one;
    json_t *diff = json_pack("{s:o, s:o, s:[], s:[], s:[], s:i}", "before", head(before), "after",
                             head(after), "added", "removed", "changed", "kept", 0);
    const char *print;

    if (diff && old && now) {
        compare(diff, old, now);
        json_object_foreach(old, print, one)
        {
            if (!json_object_get(now, print))
                (void)json_array_append_new(json_object_get(diff, "removed"), row(one));
        }
        *ret = json_incref(diff);
    }
    json_decref(old);
    json_decref(now);
    json_decref(diff);
    return old && now && diff ? 0 : err_set(e, ERR_NOMEM, "diff");
}

static void print_rows(const json_t *list, char mark, struct buf *out)
{
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one)
    {
        buf_printf(out, "%c %s %s  ", mark, text(one, "severity"), text(one, "rule"));
        text_add_printable(out, str_from(text(one, "machine")));
        buf_add_c(out, "  ");
        text_add_printable(out, str_from(text(one, "subject")));
        buf_add_char(out, '\n');
        if (mark != '~')
            continue;
        buf_add_c(out, "    was: ");
        text_add_printable(out, str_from(text(json_object_get(one, "was"), "message")));
        buf_add_c(out, "\n    now: ");
        text_add_printable(out, str_from(text(one, "message")));
        buf_add_char(out, '\n');
    }
}

void diff_reports_print(const json_t *diff, struct buf *out)
{
    const char *was = text(json_object_get(diff, "before"), "cause"),
               *now = text(json_object_get(diff, "after"), "cause");

    if (strcmp(was, now) != 0) {
        buf_add_c(out, "most likely cause was: ");
        text_add_printable(out, str_from(was[0] ? was : "none"));
        buf_add_c(out, "\nmost likely cause now: ");
        text_add_printable(out, str_from(now[0] ? now : "none"));
        buf_add_char(out, '\n');
    }
    print_rows(json_object_get(diff, "added"), '+', out);
    print_rows(json_object_get(diff, "removed"), '-', out);
    print_rows(json_object_get(diff, "changed"), '~', out);
    buf_printf(out, "%zu findings came, %zu went, %zu changed, %lld stayed\n",
               json_array_size(json_object_get(diff, "added")),
               json_array_size(json_object_get(diff, "removed")),
               json_array_size(json_object_get(diff, "changed")),
               (long long)json_integer_value(json_object_get(diff, "kept")));
}
