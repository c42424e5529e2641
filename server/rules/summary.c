/* SPDX-License-Identifier: Apache-2.0
 *
 * summary: one paragraph that a customer can be sent. */
#include "diagnose.h"

#include <string.h>

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

static size_t count_severity(const json_t *findings, const char *severity)
{
    size_t n = 0, i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        n += strcmp(member(f, "severity"), severity) == 0 && !json_object_get(f, "suppressed");
    }
    return n;
}

static void add_symptom(struct buf *out, const json_t *symptom)
{
    json_int_t count = json_integer_value(json_object_get(symptom, "count"));

    if (!json_is_integer(json_object_get(symptom, "status"))) {
        buf_printf(out, "On %s %s.", member(symptom, "machine"), member(symptom, "meaning"));
        return;
    }
    buf_printf(out,
               "On %s, at \"%s\", %" JSON_INTEGER_FORMAT " request%s ended with status %" JSON_INTEGER_FORMAT
               ".%" JSON_INTEGER_FORMAT " (%s)",
               member(symptom, "machine"), member(symptom, "place"), count, count == 1 ? "" : "s",
               json_integer_value(json_object_get(symptom, "status")),
               json_integer_value(json_object_get(symptom, "substatus")), member(symptom, "meaning"));
    if (*member(symptom, "last"))
        buf_printf(out, ", last at %s", member(symptom, "last"));
    buf_add_char(out, '.');
}

static void add_cause(struct buf *out, const json_t *diagnosis)
{
    const json_t *cause = json_array_get(json_object_get(diagnosis, "causes"), 0);
    const char *title = member(cause, "title");

    if (!cause || json_is_false(json_object_get(diagnosis, "explained"))) {
        buf_add_c(out, " Nothing that was collected explains this");
        buf_printf(out, "%s.",
                   json_array_size(json_object_get(diagnosis, "not_evaluated"))
                       ? "; the report lists what to collect next"
                       : "");
        return;
    }
    buf_printf(out, " The most likely cause: %s%s %s", title,
               title[0] && strchr(".!?", title[strlen(title) - 1]) ? "" : ".", member(cause, "why"));
    if (*member(cause, "note"))
        buf_printf(out, " %s", member(cause, "note"));
}

static size_t count_suppressed(const json_t *findings)
{
    size_t n = 0, i;
    json_t *f;

    json_array_foreach(findings, i, f)
    {
        n += json_object_get(f, "suppressed") != NULL;
    }
    return n;
}

bool coverage_is_unread(const json_t *machine)
{
    return json_object_size(json_object_get(machine, "items")) == 0 &&
           json_array_size(json_object_get(machine, "problems")) > 0;
}

static size_t count_unread(const json_t *machines)
{
    size_t n = 0, i;
    json_t *m;

    json_array_foreach(machines, i, m)
    {
        n += coverage_is_unread(m);
    }
    return n;
}

/* Of what could not be read nothing is known, also not that it is in order. */
static void add_quiet(struct buf *out, const json_t *findings, const json_t *machines)
{
    size_t unread = count_unread(machines), n = json_array_size(machines) - unread;

    if (unread)
        buf_printf(out, "Of %zu bundle%s nothing could be read; the coverage says why. ", unread,
                   unread == 1 ? "" : "s");
    if (unread && n == 0) {
        buf_add_c(out, "So nothing is known of this case; collect again, or upload the bundle again.");
        return;
    }
    buf_printf(out, "%zu machine%s looked at; ", n, n == 1 ? " was" : "s were");
    if (count_suppressed(findings))
        buf_add_c(out, "what was seen is explained by suppressed findings only.");
    else if (count_severity(findings, "error"))
        buf_add_c(out,
                  "the logs that were collected show no failure that a client certificate could explain.");
    else
        buf_add_c(out,
                  "the logs that were collected show no failure that a client certificate could explain, and "
                  "no error was found in the configuration that was read.");
}

json_t *summarize(const json_t *findings, const json_t *coverage, const json_t *diagnoses)
{
    struct buf out = BUF_INIT(1 << 20);
    const json_t *first = json_array_get(diagnoses, 0);
    size_t errors = count_severity(findings, "error"), warnings = count_severity(findings, "warning");
    json_t *text;

    if (first) {
        add_symptom(&out, json_object_get(first, "symptom"));
        add_cause(&out, first);
    } else {
        add_quiet(&out, findings, json_object_get(coverage, "machines"));
    }
    buf_printf(&out, " In all: %zu finding%s of severity error, %zu warning%s.", errors,
               errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
    if (count_suppressed(findings))
        buf_printf(&out, " Suppressed: %zu.", count_suppressed(findings));
    text = json_text(buf_str(&out));
    buf_done(&out);
    return text;
}
