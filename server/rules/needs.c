/* SPDX-License-Identifier: Apache-2.0 */
#include "needs.h"

#include "buf.h"
#include "compiler.h"
#include "json_build.h"
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

static const char *const machines_sql[] = {
    [RULE_SERVER] = "SELECT machine FROM machine WHERE is_server ORDER BY machine",
    [RULE_CLIENT] = "SELECT machine FROM machine WHERE is_client ORDER BY machine",
};

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

static int read_machines(struct statements *statements, const char *sql, json_t *to)
{
    sqlite3_stmt *s = NULL;
    int r = statements_take(statements, sql, &s);

    if (r == SQLITE_OK)
        while ((r = sqlite3_step(s)) == SQLITE_ROW)
            json_array_append_new(to, json_string((const char *)sqlite3_column_text(s, 0)));
    statements_give(s);
    return r;
}

static int open_role(struct needs_reader *n, enum rule_role role, struct statements *statements,
                     struct arena *arena, struct err *e)
{
    size_t n_machines;

    n->machines[role] = json_array();
    if (read_machines(statements, machines_sql[role], n->machines[role]) != SQLITE_DONE)
        return err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(statements_db(statements)));
    n_machines = json_array_size(n->machines[role]);
    n->known[role] = arena_array(arena, n_machines * n->set->n_needs, sizeof *n->known[role]);
    n->wholes[role] = arena_array(arena, n_machines * n->set->n_needs_texts, sizeof *n->wholes[role]);
    return n->known[role] && n->wholes[role] ? 0 : err_set(e, ERR_NOMEM, "needs");
}

int needs_open(const struct ruleset *set, struct statements *statements, struct arena *arena,
               struct needs_reader *ret, struct err *e)
{
    *ret = (struct needs_reader){.set = set, .whole_kinds = json_object()};
    if (statements_take(statements, items_sql, &ret->items) != SQLITE_OK)
        return err_set(e, ERR_FORMAT, "facts: %s", sqlite3_errmsg(statements_db(statements)));
    if (open_role(ret, RULE_SERVER, statements, arena, e) < 0 ||
        open_role(ret, RULE_CLIENT, statements, arena, e) < 0)
        return -e->code;
    read_whole_kinds(statements, ret->whole_kinds);
    return 0;
}

static void state_done(struct needs_state *s)
{
    json_decref(s->blocking);
    json_decref(s->partial);
    json_decref(s->paths);
}

static void states_done(struct needs_state *list, size_t n)
{
    for (size_t i = 0; list && i < n; i++)
        state_done(&list[i]);
}

void needs_close(struct needs_reader *n)
{
    statements_give(n->items);
    json_decref(n->whole_kinds);
    for (int role = RULE_SERVER; role <= RULE_CLIENT; role++) {
        size_t n_machines = json_array_size(n->machines[role]);
        states_done(n->known[role], n->set ? n_machines * n->set->n_needs : 0);
        states_done(n->wholes[role], n->set ? n_machines * n->set->n_needs_texts : 0);
        json_decref(n->machines[role]);
    }
    *n = (struct needs_reader){.items = NULL};
}

static const char *text_at(sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    return p ? (const char *)p : "";
}

/* A list that nothing is in is none. What is lost would make a rule conclude from what was not there. */
static void append(struct needs_reader *n, json_t **list, json_t *item)
{
    if (!*list)
        *list = json_array();
    if (json_array_append_new(*list, item) < 0)
        n->failed = true;
}

static void extend(struct needs_reader *n, json_t **list, json_t *more)
{
    size_t i;
    json_t *item;

    json_array_foreach(more, i, item)
    {
        append(n, list, json_incref(item));
    }
}

static json_t *describe(sqlite3_stmt *row, const char *machine, const struct rule_need *need)
{
    const char *reason = text_at(row, 2);
    CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);

    buf_printf(&b, "%s: %.*s: %s %s%s%s", machine, (int)need->text.len, need->text.p, text_at(row, 0),
               text_at(row, 1), *reason ? ": " : "", reason);
    return json_text(buf_str(&b));
}

static void add_gap(struct needs_reader *n, const char *machine, const struct rule_need *need,
                    struct needs_state *to)
{
    json_t *item = describe(n->items, machine, need), *path;
    bool is_cut = strcmp(text_at(n->items, 1), "truncated") == 0;
    enum gap gap = is_cut ? GAP_PARTIAL : gap_of(need->kind);

    if (gap == GAP_PATH && sqlite3_column_type(n->items, 3) == SQLITE_NULL)
        gap = GAP_PARTIAL;
    if (need->whole)
        gap = GAP_BLOCKS;
    if (gap != GAP_PATH) {
        append(n, gap == GAP_BLOCKS ? &to->blocking : &to->partial, item);
        return;
    }
    path = json_object();
    put(path, "path", json_text(str_from(text_at(n->items, 3))));
    put(path, "item", item);
    append(n, &to->paths, path);
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
            add_gap(n, machine, need, to);
    }
    sqlite3_reset(n->items);
    /* Of many items each may be missed, but not all of them. */
    if (usable == 0 && (items == 0 || (need->store.len == 0 && gap_of(need->kind) == GAP_PARTIAL)) &&
        need->kind != KIND_WEB_CONFIG) /* a server without any web.config has no item of that kind */
        append(n, &to->blocking,
               json_sprintf("%s: %.*s was not collected", machine, (int)need->text.len, need->text.p));
}

static void merge(struct needs_reader *n, struct needs_state *into, const struct needs_state *from)
{
    extend(n, &into->blocking, from->blocking);
    extend(n, &into->partial, from->partial);
    extend(n, &into->paths, from->paths);
}

/* One need on one machine, read the first time that it is asked for. */
static const struct needs_state *read_need(struct needs_reader *n, const struct rule_need *need,
                                           size_t machine)
{
    struct needs_state *s = &n->known[need->role][machine * n->set->n_needs + need->id];

    if (!s->is_read)
        read_items(n, need, json_string_value(json_array_get(n->machines[need->role], machine)), s);
    s->is_read = true;
    return s;
}

static void read_on_machines(struct needs_reader *n, const struct rule *rule, const struct rule_need *need,
                             size_t machine, struct needs_state *to)
{
    size_t others = json_array_size(n->machines[need->role]);

    if (need->role == rule->role) {
        merge(n, to, read_need(n, need, machine));
        return;
    }
    if (others == 0)
        append(n, &to->blocking, json_sprintf("no %s machine in this case", role_text(need->role)));
    for (size_t i = 0; i < others; i++)
        merge(n, to, read_need(n, need, i));
}

static bool is_better(const struct needs_state *a, const struct needs_state *b)
{
    size_t x = json_array_size(a->blocking), y = json_array_size(b->blocking);

    if ((x == 0) != (y == 0))
        return x == 0;
    return json_array_size(a->partial) < json_array_size(b->partial);
}

/* Of alternatives the one that is best known counts. Returns how many needs the group has. */
static size_t read_group(struct needs_reader *n, const struct rule *rule, size_t first, size_t machine,
                         struct needs_state *ret)
{
    struct needs_state best = {0};
    size_t i = first;

    for (; i < rule->n_needs && rule->needs[i].group == rule->needs[first].group; i++) {
        struct needs_state one = {0}, worse;
        read_on_machines(n, rule, &rule->needs[i], machine, &one);
        worse = best;
        if (i == first || is_better(&one, &best))
            best = one;
        else
            worse = one;
        state_done(&worse);
    }
    merge(n, ret, &best);
    state_done(&best);
    return i - first;
}

const struct needs_state *needs_read(struct needs_reader *n, const struct rule *rule, size_t machine,
                                     struct err *e)
{
    struct needs_state *s = &n->wholes[rule->role][machine * n->set->n_needs_texts + rule->needs_id];

    for (size_t i = 0; !s->is_read && i < rule->n_needs;)
        i += read_group(n, rule, i, machine, s);
    s->is_read = true;
    if (!n->failed)
        return s;
    err_set(e, ERR_NOMEM, "needs");
    return NULL;
}
