/* SPDX-License-Identifier: Apache-2.0 */
#include "needs.h"

#include "buf.h"
#include "compiler.h"
#include "statements.h"

#include <string.h>

/* What a gap in a kind of evidence means for a rule that needs it. */
enum gap { GAP_BLOCKS, GAP_PATH, GAP_PARTIAL };

static enum gap gap_of(enum kind kind)
{
    switch (kind) {
    case KIND_WEB_CONFIG:
        return GAP_PATH; /* one file, one path */
    case KIND_CERT_STORE:
    case KIND_KEY_ACL:
    case KIND_ACCOUNT:
    case KIND_REG_CLIENT:
    case KIND_LOG_IIS:
    case KIND_LOG_HTTPERR:
    case KIND_LOG_FREB:
    case KIND_LOG_EVENT:
    case KIND_TLS_PROBE:
    case KIND_ATTACHMENT:
        return GAP_PARTIAL; /* many items: what was seen in one stands, whatever became of another */
    default:
        return GAP_BLOCKS;
    }
}

/* Of iis-config only the two files that decide: a schema or an administration.config that is missing decides
 * nothing. */
static const char items_sql[] =
    "SELECT coalesce(source, entry, kind), outcome, reason, path FROM item WHERE machine = ?1 AND kind = ?2"
    " AND (?3 IS NULL OR lower(store) = lower(?3)"
    "      OR (store IS NULL AND lower(entry) LIKE 'certs/%/' || lower(?3) || '/%')"
    "      OR (store IS NULL AND (entry IS NULL OR entry NOT LIKE 'certs/%/%/%')))"
    " AND (kind <> 'iis-config' OR lower(source) LIKE '%applicationhost.config' OR lower(entry) LIKE "
    "'%applicationhost.config'"
    "      OR lower(source) LIKE '%redirection.config' OR lower(entry) LIKE '%redirection.config')"
    " ORDER BY 1, 2, 3, 4";

/* Kinds of evidence of which every item is there, which is most of them. */
static const char wholes_sql[] = "SELECT machine, kind FROM item GROUP BY kind, machine"
                                 " HAVING sum(outcome NOT IN ('ok', 'absent')) = 0";

static const char machines_sql[] =
    "SELECT machine FROM machine WHERE CASE ?1 WHEN 1 THEN is_server ELSE is_client END ORDER BY machine";

/* The object of one machine in `all`, made when it is not there; NULL: out of memory. */
static json_t *object_of(json_t *all, const char *machine)
{
    json_t *one = json_object_get(all, machine);

    if (one)
        return one;
    one = json_object();
    return json_object_set_new(all, machine, one) < 0 ? NULL : one;
}

static void read_whole_kinds(struct statements *statements, json_t *to)
{
    sqlite3_stmt *s = NULL;

    if (statements_take(statements, wholes_sql, &s) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW)
            json_object_set_new(object_of(to, (const char *)sqlite3_column_text(s, 0)),
                                (const char *)sqlite3_column_text(s, 1), json_true());
    statements_give(s);
}

int needs_open(struct statements *statements, struct needs_reader *ret, struct err *e)
{
    *ret = (struct needs_reader){.known = {json_object(), json_object()},
                                 .whole_kinds = json_object(),
                                 .wholes = {json_object(), json_object()}};
    if (!ret->known[0] || !ret->known[1] || !ret->whole_kinds || !ret->wholes[0] || !ret->wholes[1]) {
        needs_close(ret);
        return err_set(e, ERR_NOMEM, "needs");
    }
    if (statements_take(statements, items_sql, &ret->items) != SQLITE_OK ||
        statements_take(statements, machines_sql, &ret->machines) != SQLITE_OK) {
        needs_close(ret);
        return err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(statements_db(statements)));
    }
    read_whole_kinds(statements, ret->whole_kinds);
    return 0;
}

void needs_close(struct needs_reader *n)
{
    statements_give(n->items);
    statements_give(n->machines);
    json_decref(n->known[0]);
    json_decref(n->known[1]);
    json_decref(n->whole_kinds);
    json_decref(n->wholes[0]);
    json_decref(n->wholes[1]);
    json_decref(n->by_role[0]);
    json_decref(n->by_role[1]);
    *n = (struct needs_reader){.items = NULL};
}

void needs_state_done(struct needs_state *s)
{
    json_decref(s->blocking);
    json_decref(s->partial);
    json_decref(s->paths);
    *s = (struct needs_state){NULL, NULL, NULL};
}

static json_t *read_machines(struct needs_reader *n, enum rule_role role)
{
    json_t *list = json_array();

    sqlite3_reset(n->machines);
    sqlite3_bind_int(n->machines, 1, role == RULE_SERVER);
    while (sqlite3_step(n->machines) == SQLITE_ROW)
        json_array_append_new(list, json_string((const char *)sqlite3_column_text(n->machines, 0)));
    sqlite3_reset(n->machines);
    return list;
}

json_t *needs_machines(struct needs_reader *n, enum rule_role role)
{
    if (!n->by_role[role])
        n->by_role[role] = read_machines(n, role);
    return json_incref(n->by_role[role]);
}

static const char *text_at(sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    return p ? (const char *)p : "";
}

static json_t *describe(sqlite3_stmt *row, const char *machine, const struct rule_need *need)
{
    const char *reason = text_at(row, 2);

    return json_sprintf("%s: %.*s: %s %s%s%s", machine, (int)need->text.len, need->text.p, text_at(row, 0),
                        text_at(row, 1), *reason ? ": " : "", reason);
}

static void add_gap(sqlite3_stmt *row, const char *machine, const struct rule_need *need,
                    struct needs_state *to)
{
    json_t *item = describe(row, machine, need);
    bool is_cut = strcmp(text_at(row, 1), "truncated") == 0;
    enum gap gap = is_cut ? GAP_PARTIAL : gap_of(need->kind);

    if (gap == GAP_PATH && sqlite3_column_type(row, 3) == SQLITE_NULL)
        gap = GAP_PARTIAL;
    if (need->whole)
        gap = GAP_BLOCKS;
    if (gap == GAP_PATH)
        json_array_append_new(to->paths, json_pack("{s:s, s:o}", "path", text_at(row, 3), "item", item));
    else
        json_array_append_new(gap == GAP_BLOCKS ? to->blocking : to->partial, item);
}

/* Of iis-config not every item counts, and a store may have no item. */
static bool is_whole_kind(const struct needs_reader *n, const struct rule_need *need, const char *machine)
{
    return !need->store.len && need->kind != KIND_IIS_CONFIG &&
           json_object_get(json_object_get(n->whole_kinds, machine), kind_text(need->kind));
}

static void read_items(struct needs_reader *n, const struct rule_need *need, const char *machine,
                       struct needs_state *to)
{
    size_t items = 0, usable = 0;

    if (is_whole_kind(n, need, machine))
        return;
    sqlite3_reset(n->items);
    sqlite3_bind_text(n->items, 1, machine, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(n->items, 2, kind_text(need->kind), -1, SQLITE_STATIC);
    if (need->store.len)
        sqlite3_bind_text(n->items, 3, need->store.p, (int)need->store.len, SQLITE_TRANSIENT);
    else
        sqlite3_bind_null(n->items, 3);
    for (; sqlite3_step(n->items) == SQLITE_ROW; items++) {
        const char *outcome = text_at(n->items, 1);
        bool is_whole = strcmp(outcome, "ok") == 0 || strcmp(outcome, "absent") == 0;
        usable += is_whole || strcmp(outcome, "truncated") == 0;
        if (!is_whole)
            add_gap(n->items, machine, need, to);
    }
    sqlite3_reset(n->items);
    /* Of many items each may be missed, but not all of them. */
    if (usable == 0 && (items == 0 || (need->store.len == 0 && gap_of(need->kind) == GAP_PARTIAL)) &&
        need->kind != KIND_WEB_CONFIG) /* a server without any web.config has no item of that kind */
        json_array_append_new(to->blocking, json_sprintf("%s: %.*s was not collected", machine,
                                                         (int)need->text.len, need->text.p));
}

static void merge(struct needs_state *into, const struct needs_state *from)
{
    json_array_extend(into->blocking, from->blocking);
    json_array_extend(into->partial, from->partial);
    json_array_extend(into->paths, from->paths);
}

static int state_new(struct needs_state *s, struct err *e)
{
    *s = (struct needs_state){json_array(), json_array(), json_array()};
    if (s->blocking && s->partial && s->paths)
        return 0;
    needs_state_done(s);
    return err_set(e, ERR_NOMEM, "needs");
}

/* Reads one need on one machine, the first time that it is asked for. */
static void read_need(struct needs_reader *n, const struct rule_need *need, const char *machine,
                      struct needs_state *to)
{
    struct needs_state one = {.blocking = NULL};
    struct err ignored = {0};
    json_t *all = object_of(n->known[need->whole], machine);
    json_t *known = json_object_getn(all, need->text.p, need->text.len);

    if (!known && state_new(&one, &ignored) == 0) {
        read_items(n, need, machine, &one);
        known = json_pack("[o, o, o]", one.blocking, one.partial, one.paths);
        if (json_object_setn_new(all, need->text.p, need->text.len, known) < 0)
            known = NULL;
    }
    if (known)
        merge(to, &(struct needs_state){json_array_get(known, 0), json_array_get(known, 1),
                                        json_array_get(known, 2)});
    else
        read_items(n, need, machine, to);
}

static void read_on_machines(struct needs_reader *n, const struct rule *rule, const struct rule_need *need,
                             const char *machine, struct needs_state *to)
{
    json_t *others;

    if (need->role == rule->role) {
        if (machine)
            read_need(n, need, machine, to);
        return;
    }
    others = needs_machines(n, need->role);
    if (json_array_size(others) == 0)
        json_array_append_new(to->blocking,
                              json_sprintf("no %s machine in this case", role_text(need->role)));
    for (size_t i = 0; i < json_array_size(others); i++)
        read_need(n, need, json_string_value(json_array_get(others, i)), to);
    json_decref(others);
}

static bool is_better(const struct needs_state *a, const struct needs_state *b)
{
    size_t x = json_array_size(a->blocking), y = json_array_size(b->blocking);

    if ((x == 0) != (y == 0))
        return x == 0;
    return json_array_size(a->partial) < json_array_size(b->partial);
}

/* Of alternatives the one that is best known counts. Returns how many needs the group has. */
static size_t read_group(struct needs_reader *n, const struct rule *rule, size_t first, const char *machine,
                         struct needs_state *ret, struct err *e)
{
    struct needs_state best = {0}, one = {0};
    size_t i = first;

    for (; i < rule->n_needs && rule->needs[i].group == rule->needs[first].group; i++) {
        if (state_new(&one, e) < 0)
            break;
        read_on_machines(n, rule, &rule->needs[i], machine, &one);
        if (i == first || is_better(&one, &best)) {
            needs_state_done(&best);
            best = one;
        } else {
            needs_state_done(&one);
        }
    }
    if (best.blocking)
        merge(ret, &best);
    needs_state_done(&best);
    return i - first;
}

static int read_all(struct needs_reader *n, const struct rule *rule, const char *machine,
                    struct needs_state *ret, struct err *e)
{
    if (state_new(ret, e) < 0)
        return -ERR_NOMEM;
    for (size_t i = 0; i < rule->n_needs;) {
        size_t step = read_group(n, rule, i, machine, ret, e);
        if (step == 0) {
            needs_state_done(ret);
            return -ERR_NOMEM;
        }
        i += step;
    }
    return 0;
}

static void share(const json_t *known, struct needs_state *ret)
{
    *ret = (struct needs_state){json_incref(json_array_get(known, 0)), json_incref(json_array_get(known, 1)),
                                json_incref(json_array_get(known, 2))};
}

int needs_read(struct needs_reader *n, const struct rule *rule, const char *machine, struct needs_state *ret,
               struct err *e)
{
    json_t *by_text = object_of(n->wholes[rule->role], machine);
    const json_t *known = json_object_get(by_text, rule->needs_text);
    int r;

    if (known) {
        share(known, ret);
        return 0;
    }
    r = read_all(n, rule, machine, ret, e);
    if (r == 0) /* where it cannot be remembered, it is known all the same */
        (void)json_object_set_new(by_text, rule->needs_text,
                                  json_pack("[O, O, O]", ret->blocking, ret->partial, ret->paths));
    return r;
}
