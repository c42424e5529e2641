/* SPDX-License-Identifier: Apache-2.0
 *
 * coverage: the machines of the case, what was collected of each, and what was not: the report begins with
 * it. */
#include "diagnose.h"

#include <string.h>

#include "text.h"

enum { GAPS_MAX = 200 };

static json_t *cell(sqlite3_stmt *s, int i, bool is_time, bool is_flag)
{
    char time[32];

    if (is_time) {
        time_format(sqlite3_column_int64(s, i), time);
        return json_word(time);
    }
    if (is_flag)
        return json_boolean(sqlite3_column_int(s, i) != 0);
    if (sqlite3_column_type(s, i) == SQLITE_INTEGER)
        return json_integer(sqlite3_column_int64(s, i));
    return json_text(
        (struct str){(const char *)sqlite3_column_text(s, i), (size_t)sqlite3_column_bytes(s, i)});
}

json_t *coverage_row(sqlite3_stmt *s)
{
    json_t *row = json_object();
    int n = sqlite3_column_count(s);

    for (int i = 0; i < n; i++) {
        struct str name = str_from(sqlite3_column_name(s, i));
        bool is_time = str_iends(name, STR("_time")), is_flag = str_iends(name, STR("_flag"));
        if (sqlite3_column_type(s, i) == SQLITE_NULL)
            continue;
        name.len -= is_time || is_flag ? 5 : 0;
        json_object_setn_new_nocheck(row, name.p, name.len, cell(s, i, is_time, is_flag));
    }
    return row;
}

json_t *coverage_rows(struct run *run, const char *sql, const char *machine, int limit, struct err *e)
{
    sqlite3_stmt *s = NULL;
    json_t *rows = json_array();
    int r = statements_take(run->statements, sql, &s);

    if (r == SQLITE_OK) {
        if (machine && sqlite3_bind_parameter_index(s, ":machine"))
            sqlite3_bind_text(s, sqlite3_bind_parameter_index(s, ":machine"), machine, -1, SQLITE_TRANSIENT);
        for (int n = 0; n < limit && (r = sqlite3_step(s)) == SQLITE_ROW; n++)
            json_array_append_new(rows, coverage_row(s));
    }
    if (r != SQLITE_DONE && r != SQLITE_ROW) {
        err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(run->db));
        json_decref(rows);
        rows = NULL;
    }
    statements_give(s);
    return rows;
}

/* "server,client" as an array. */
static void split_roles(json_t *machine)
{
    json_t *roles = json_array();
    struct str rest = str_from(json_string_value(json_object_get(machine, "roles")));

    while (rest.len) {
        struct str one = str_cut(rest, ',', &rest);
        if (one.len)
            json_array_append_new(roles, json_text(one));
    }
    put(machine, "roles", roles);
}

int machines_build(struct run *run, json_t **ret, struct err *e)
{
    json_t *list = coverage_rows(
        run,
        "SELECT machine, name, domain, iif(is_server, 'server,', '') || iif(is_client, 'client,', '')"
        " || iif(is_proxy, 'proxy,', '') || iif(is_dc, 'dc,', '') AS roles, windows, build, iis_version,"
        " collected AS collected_time, booted AS booted_time, elevated AS elevated_flag, bundle"
        " FROM machine ORDER BY machine",
        NULL, 1000, e);
    size_t i;
    json_t *m;

    if (!list)
        return -e->code;
    json_array_foreach(list, i, m)
    {
        split_roles(m);
    }
    *ret = list;
    return 0;
}

/* What is said of several machines in the same words, as triage does of all, is said once. */
int complaints_build(struct run *run, json_t **ret, struct err *e)
{
    *ret = coverage_rows(
        run,
        "SELECT CASE count(*) WHEN 1 THEN machine END AS machine, url, \"when\" AS when_time, seen, account, "
        "thumbprint FROM complaint WHERE coalesce(url, \"when\", seen, account, thumbprint) IS NOT NULL"
        " GROUP BY 2, 3, 4, 5, 6 ORDER BY min(complaint.machine), 2, 3",
        NULL, 1000, e);
    return *ret ? 0 : -e->code;
}

static json_t *count_outcomes(struct run *run, const char *machine, struct err *e)
{
    json_t *counts = json_object(), *row,
           *rows = coverage_rows(
               run,
               "SELECT outcome, count(*) AS n FROM item WHERE machine = :machine GROUP BY outcome ORDER BY 1",
               machine, 100, e);
    size_t i;

    if (!rows) {
        json_decref(counts);
        return NULL;
    }
    json_array_foreach(rows, i, row)
    {
        json_object_set(counts, json_string_value(json_object_get(row, "outcome")),
                        json_object_get(row, "n"));
    }
    json_decref(rows);
    return counts;
}

static const char gaps_sql[] =
    "SELECT kind, coalesce(source, entry) AS source, outcome,"
    " iif(substr(reason, 1, length(source) + 2) = source || ': ', substr(reason, length(source) + 3), "
    "reason) AS reason"
    " FROM item WHERE machine = :machine AND outcome NOT IN ('ok', 'absent') ORDER BY 1, 3, 4, 2";

static int one_machine(struct run *run, const char *machine, json_t *list, struct err *e)
{
    json_t *m = json_object(), *manifest, *items = count_outcomes(run, machine, e),
           *gaps = items ? coverage_rows(run, gaps_sql, machine, GAPS_MAX, e) : NULL,
           *problems =
               gaps ? coverage_rows(run,
                                    "SELECT entry, line, problem FROM bundle_problem WHERE machine = :machine"
                                    " ORDER BY entry, line, problem",
                                    machine, GAPS_MAX, e)
                    : NULL;

    manifest =
        problems
            ? coverage_rows(run,
                            "SELECT has_manifest AS has_manifest_flag FROM machine WHERE machine = :machine",
                            machine, 1, e)
            : NULL;
    if (!manifest) {
        json_decref(items), json_decref(gaps), json_decref(problems), json_decref(m);
        return -e->code;
    }
    put(m, "machine", json_string(machine));
    json_object_set(m, "has_manifest", json_object_get(json_array_get(manifest, 0), "has_manifest"));
    put(m, "items", items);
    put(m, "gaps", gaps);
    put(m, "problems", problems);
    json_array_append_new(list, m);
    json_decref(manifest);
    return 0;
}

static json_t *count_verdicts(const struct run *run)
{
    json_t *counts = json_object();

    for (int v = 0; v < VERDICT_COUNT; v++)
        put(counts, verdict_text((enum verdict)v), json_integer((json_int_t)run->n_verdicts[v]));
    return counts;
}

/* Names by two files, or by one and none: what one machine calls a host, the other calls otherwise, and no
 * rule can join them. */
static void note_pseudonyms(struct run *run, json_t *notes)
{
    enum { PAIRS = 5 };
    struct err ignored = {0};
    json_t *pairs = coverage_rows(
               run,
               "SELECT a.machine, b.machine AS other FROM machine a JOIN machine b ON a.machine < b.machine"
               " WHERE a.pseudonyms IS NOT b.pseudonyms ORDER BY 1, 2",
               NULL, PAIRS, &ignored),
           *pair;
    size_t i;

    json_array_foreach(pairs, i, pair)
    {
        json_array_append_new(
            notes,
            json_sprintf(
                "%s and %s: their names are pseudonyms of two different files, or of only one of them, "
                "so that a host, user or address of the one is never known as that of the other: what "
                "joins the two was not found. Redact both with the same file (--pseudonyms).",
                json_string_value(json_object_get(pair, "machine")),
                json_string_value(json_object_get(pair, "other"))));
    }
    json_decref(pairs);
}

static json_t *notes_of(struct run *run, const json_t *machines)
{
    json_t *notes = json_array(), *m;
    size_t i;

    if (json_array_size(run->needs.machines[RULE_SERVER]) == 0)
        json_array_append_new(
            notes,
            json_word("There is no server machine in this case: the side that refuses was not looked at."));
    if (json_array_size(run->needs.machines[RULE_CLIENT]) == 0)
        json_array_append_new(
            notes, json_word("There is no client machine in this case: its certificates, keys, stores and "
                             "settings were not looked at."));
    json_array_foreach(machines, i, m)
    {
        if (!json_is_true(json_object_get(m, "has_manifest")) && !coverage_is_unread(m))
            json_array_append_new(
                notes,
                json_sprintf("%s: the bundle has no manifest; it was read by its entry names, and what "
                             "was not taken is not known.",
                             json_string_value(json_object_get(m, "machine"))));
    }
    note_pseudonyms(run, notes);
    return notes;
}

int coverage_build(struct run *run, json_t **ret, struct err *e)
{
    json_t *coverage = json_object(), *list = json_array(), *m,
           *machines = coverage_rows(run, "SELECT machine FROM machine ORDER BY machine", NULL, 1000, e);
    size_t i;
    int r = machines ? 0 : -e->code;

    json_array_foreach(machines, i, m)
    {
        if (r == 0)
            r = one_machine(run, json_string_value(json_object_get(m, "machine")), list, e);
    }
    json_decref(machines);
    if (r < 0) {
        json_decref(list), json_decref(coverage);
        return r;
    }
    put(coverage, "notes", notes_of(run, list));
    put(coverage, "machines", list);
    put(coverage, "rules", count_verdicts(run));
    *ret = coverage;
    return 0;
}
