/* SPDX-License-Identifier: Apache-2.0
 *
 * timeline: a symptom over time, in steps of an hour up to a month, and what happened meanwhile: the machine
 * was started, the source of a cause was changed, the evidence was collected. */
#include "diagnose.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { STEPS_MAX = 24, MOMENTS_MAX = 8 };

static const int64_t HOUR_MS = 3600000;

static const char span_sql[] =
    "SELECT min(hour), max(hour) FROM request_count WHERE machine = ?1 AND coalesce(place, site, '') = ?2"
    " AND status = ?3 AND coalesce(substatus, 0) = ?4 AND (?5 = -1 OR coalesce(win32, 0) = ?5)";

static const char steps_sql[] =
    "SELECT hour / ?6 * ?6, sum(count) FROM request_count WHERE machine = ?1 AND coalesce(place, site, '') = "
    "?2"
    " AND status = ?3 AND coalesce(substatus, 0) = ?4 AND (?5 = -1 OR coalesce(win32, 0) = ?5)"
    " GROUP BY 1 ORDER BY 1";

static const char moments_sql[] = "SELECT booted, collected FROM machine WHERE machine = ?1";

static sqlite3_stmt *prepare(const struct run *run, const char *sql, const struct symptom *s)
{
    sqlite3_stmt *q = NULL;

    if (statements_take(run->statements, sql, &q) != SQLITE_OK)
        return NULL;
    sqlite3_bind_text(q, 1, s->machine.p, (int)s->machine.len, SQLITE_STATIC);
    if (sqlite3_bind_parameter_count(q) < 5)
        return q;
    sqlite3_bind_text(q, 2, s->place.p, (int)s->place.len, SQLITE_STATIC);
    sqlite3_bind_int64(q, 3, s->status);
    sqlite3_bind_int64(q, 4, s->substatus);
    sqlite3_bind_int64(q, 5, s->win32);
    return q;
}

/* The shortest step that makes few enough of them. */
static int64_t choose_step(const struct run *run, const struct symptom *s)
{
    static const int hours[] = {1, 3, 6, 24, 7 * 24, 30 * 24};
    sqlite3_stmt *q = prepare(run, span_sql, s);
    int64_t span = 0;
    size_t i = 0;

    if (q && sqlite3_step(q) == SQLITE_ROW)
        span = sqlite3_column_int64(q, 1) - sqlite3_column_int64(q, 0);
    statements_give(q);
    while (i + 1 < ARRAY_LEN(hours) && span / (hours[i] * HOUR_MS) >= STEPS_MAX)
        i++;
    return hours[i] * HOUR_MS;
}

static json_t *new_row(int64_t ms)
{
    json_t *row = json_object();
    char text[32];

    time_format(ms, text);
    put(row, "time", json_word(text));
    return row;
}

static void add_steps(const struct run *run, const struct symptom *s, json_t *list)
{
    sqlite3_stmt *q = prepare(run, steps_sql, s);
    int64_t step = choose_step(run, s);

    if (q)
        sqlite3_bind_int64(q, 6, step);
    while (q && sqlite3_step(q) == SQLITE_ROW && json_array_size(list) < STEPS_MAX + 1) {
        json_t *row = new_row(sqlite3_column_int64(q, 0));
        put(row, "hours", json_integer(step / HOUR_MS));
        put(row, "count", json_integer(sqlite3_column_int64(q, 1)));
        json_array_append_new(list, row);
    }
    statements_give(q);
}

static void add_moment(json_t *list, int64_t ms, const char *what)
{
    json_t *row;

    if (ms <= 0)
        return;
    row = new_row(ms);
    put(row, "text", json_word(what));
    json_array_append_new(list, row);
}

/* Several causes of one source are one moment. */
static void add_change(json_t *list, const struct hit *hit)
{
    json_t *row, *new = new_row(hit->changed);
    size_t i;

    json_array_foreach(list, i, row)
    {
        const char *text = json_string_value(json_object_get(row, "text"));
        if (!text || !json_equal(json_object_get(row, "time"), json_object_get(new, "time")))
            continue;
        if (!strstr(text, json_string_value(json_object_get(hit->finding, "rule"))))
            put(row, "text", json_sprintf("%s, %.*s", text, (int)hit->rule->id.len, hit->rule->id.p));
        json_decref(new);
        return;
    }
    put(new, "text",
        json_sprintf("the source of a cause was changed: %.*s", (int)hit->rule->id.len, hit->rule->id.p));
    json_array_append_new(list, new);
}

static void add_machine(const struct run *run, const struct symptom *s, json_t *list)
{
    sqlite3_stmt *q = prepare(run, moments_sql, s);

    if (q && sqlite3_step(q) == SQLITE_ROW) {
        add_moment(list, sqlite3_column_int64(q, 0), "the machine was started");
        add_moment(list, sqlite3_column_int64(q, 1), "the evidence was collected");
    }
    statements_give(q);
}

static int compare_rows(const void *a, const void *b)
{
    return strcmp(json_string_value(json_object_get(*(json_t *const *)a, "time")),
                  json_string_value(json_object_get(*(json_t *const *)b, "time")));
}

static json_t *sorted(json_t *list)
{
    size_t n = json_array_size(list);
    json_t *rows[STEPS_MAX + MOMENTS_MAX + 8], *ret = json_array();

    for (size_t i = 0; i < n && i < ARRAY_LEN(rows); i++)
        rows[i] = json_array_get(list, i);
    n = n < ARRAY_LEN(rows) ? n : ARRAY_LEN(rows);
    qsort(rows, n, sizeof(json_t *), compare_rows);
    for (size_t i = 0; i < n; i++)
        json_array_append(ret, rows[i]);
    json_decref(list);
    return ret;
}

json_t *timeline_json(const struct run *run, const struct symptom *s)
{
    json_t *list = json_array();
    int n = 0;

    if (s->status <= 0)
        return list;
    for (const struct hit *h = run->hits; h && n < MOMENTS_MAX; h = h->next) {
        if (h->severity == SEVERITY_INFO || h->changed <= 0 || !str_eq(h->machine, s->machine) ||
            !rule_explains(h->rule, s->status, s->substatus, s->win32))
            continue;
        add_change(list, h);
        n++;
    }
    add_steps(run, s, list);
    add_machine(run, s, list);
    return sorted(list);
}
