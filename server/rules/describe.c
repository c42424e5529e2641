/* SPDX-License-Identifier: Apache-2.0
 *
 * describe: rules for people: a catalogue, one rule's page, and which tables and columns the rules read. */
#include "rule.h"

#include <stdio.h>
#include <string.h>

#include "facts_db.h"
#include "facts_functions.h"
#include "run.h"

static json_t *lines_json(const struct rule_text *lines)
{
    json_t *list = json_array();

    for (size_t i = 0; i < lines->n; i++)
        json_array_append_new(list, json_text(lines->lines[i].text));
    return list;
}

static json_t *pattern_json(const struct rule_pattern *p)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(100);
    const int64_t parts[] = {p->status, p->substatus, p->win32};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (i)
            buf_add_char(&text, '.');
        if (parts[i] == -1)
            buf_add_char(&text, '*');
        else
            buf_printf(&text, "%lld", (long long)parts[i]);
    }
    return json_text(buf_str(&text));
}

static json_t *row_json(const struct rule *rule)
{
    json_t *one = json_object(), *explains = json_array();

    for (size_t i = 0; i < rule->n_explains; i++)
        json_array_append_new(explains, pattern_json(&rule->explains[i]));
    json_object_set_new(one, "id", json_text(rule->id));
    json_object_set_new(one, "code", json_text(rule->code));
    json_object_set_new(one, "severity", json_string(severity_text(rule->severity)));
    json_object_set_new(one, "confidence", json_string(confidence_text(rule->confidence)));
    json_object_set_new(one, "role", json_string(role_text(rule->role)));
    json_object_set_new(one, "title", json_text(rule->title));
    json_object_set_new(one, "explains", explains);
    return one;
}

json_t *ruleset_list(const struct ruleset *set)
{
    json_t *list = json_array();

    for (size_t i = 0; i < set->n_rules; i++)
        json_array_append_new(list, row_json(&set->rules[i]));
    return list;
}

json_t *ruleset_describe(const struct ruleset *set, struct str id)
{
    const struct rule *rule = ruleset_find(set, id);
    json_t *one = rule ? row_json(rule) : NULL, *needs;

    if (!one)
        return NULL;
    needs = json_array();
    for (size_t i = 0; i < rule->n_needs; i++)
        json_array_append_new(needs,
                              json_sprintf("%.*s%s", (int)rule->needs[i].text.len, rule->needs[i].text.p,
                                           rule->needs[i].whole ? " (all of it)" : ""));
    json_object_set_new(one, "strength", json_string(strength_text(rule->strength)));
    json_object_set_new(one, "needs", needs);
    json_object_set_new(one, "outranks", lines_json(&rule->outranks));
    json_object_set_new(one, "message", lines_json(&rule->message));
    json_object_set_new(one, "why", lines_json(&rule->why));
    json_object_set_new(one, "confirm", lines_json(&rule->confirm));
    json_object_set_new(one, "remedy", lines_json(&rule->remedy));
    json_object_set_new(one, "interrupts", json_text(rule->interrupts));
    json_object_set_new(one, "references", lines_json(&rule->references));
    json_object_set_new(one, "applies", rule->applies ? json_string(rule->applies) : json_null());
    json_object_set_new(one, "select", json_string(rule->sql));
    return one;
}

/* What one rule reads, into the object of all: "table.column" -> the rules. */
struct reading {
    json_t *all, *tables; /* tables: not views, which no extractor fills */
    const struct rule *rule;
};

static int note_read(void *ctx, int action, const char *table, const char *column, const char *database,
                     const char *view)
{
    struct reading *r = ctx;
    char name[200];

    (void)database, (void)view;
    if (action != SQLITE_READ || !table || !column || !*column || !json_object_get(r->tables, table))
        return SQLITE_OK;
    (void)snprintf(name, sizeof name, "%.90s.%.90s", table, column);
    if (!json_object_get(r->all, name))
        json_object_set_new(r->all, name, json_text(r->rule->id));
    return SQLITE_OK;
}

static json_t *list_tables(sqlite3 *db)
{
    json_t *tables = json_object();
    sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT name FROM sqlite_master WHERE type = 'table'", -1, &s, NULL) ==
        SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW)
            json_object_set_new(tables, (const char *)sqlite3_column_text(s, 0), json_true());
    (void)sqlite3_finalize(s);
    return tables;
}

int ruleset_reads(const struct ruleset *set, json_t **ret, struct err *e)
{
    struct reading reading = {.all = json_object(), .tables = NULL};
    sqlite3 *db = NULL;
    int r = facts_create(NULL, &db, e);

    if (r == 0 && facts_functions_register(db))
        r = err_set(e, ERR_NOMEM, "facts: functions");
    if (r == 0) {
        reading.tables = list_tables(db);
        (void)sqlite3_set_authorizer(db, note_read, &reading);
    }
    for (size_t i = 0; r == 0 && i < set->n_rules; i++) {
        sqlite3_stmt *s = NULL;
        reading.rule = &set->rules[i];
        if (sqlite3_prepare_v2(db, set->rules[i].sql, -1, &s, NULL) != SQLITE_OK)
            r = err_set(e, ERR_FORMAT, "%.*s: %s", (int)set->rules[i].file.len, set->rules[i].file.p,
                        sqlite3_errmsg(db));
        (void)sqlite3_finalize(s);
    }
    (void)sqlite3_close(db);
    json_decref(reading.tables);
    if (r < 0)
        json_decref(reading.all);
    else
        *ret = reading.all;
    return r;
}
