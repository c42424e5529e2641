/* SPDX-License-Identifier: Apache-2.0
 *
 * run: a verdict for every rule and machine, and for every path that could not be looked at. */
#include "run.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "limits.h"
#include "text.h"

enum { RUN_BYTES = 256 << 20 };

/* The machines whose facts are of an earlier version, with it. */
static json_t *older_machines(struct statements *statements)
{
    json_t *older = json_object();
    sqlite3_stmt *s = NULL;

    if (statements_take(statements,
                        "SELECT machine, facts FROM machine WHERE facts IS NOT NULL ORDER BY machine",
                        &s) == SQLITE_OK)
        while (sqlite3_step(s) == SQLITE_ROW)
            json_object_set_new(older, (const char *)sqlite3_column_text(s, 0),
                                json_integer(sqlite3_column_int64(s, 1)));
    statements_give(s);
    return older;
}

const char *verdict_text(enum verdict v)
{
    static const char *const texts[] = {"finding", "pass", "not-applicable", "not-evaluated", "error"};

    return texts[v];
}

static bool open_words(struct run *run)
{
    bool good = true;

    for (int v = 0; v < VERDICT_COUNT; v++) {
        run->words[v] = json_word(verdict_text((enum verdict)v));
        good = good && run->words[v];
    }
    run->no_subject = json_word("");
    run->no_items = json_array();
    return good && run->no_subject && run->no_items;
}

int run_open(const struct ruleset *set, struct statements *statements, struct run *ret, struct err *e)
{
    *ret = (struct run){.set = set,
                        .statements = statements,
                        .db = statements_db(statements),
                        .arena = ARENA_INIT(RUN_BYTES),
                        .quoter = {.statements = statements}};
    ret->findings = json_array();
    ret->verdicts = json_array();
    ret->confirms = json_array();
    ret->older = older_machines(statements);
    if (!ret->findings || !ret->verdicts || !ret->confirms || !ret->older || !open_words(ret))
        return err_set(e, ERR_NOMEM, "rules");
    if (needs_open(set, statements, &ret->arena, &ret->needs, e) < 0)
        return -e->code;
    for (int role = RULE_SERVER; role <= RULE_CLIENT; role++) {
        size_t n = json_array_size(ret->needs.machines[role]) * set->n_applies;
        ret->answers[role] = arena_array(&ret->arena, n, sizeof **ret->answers);
        if (!ret->answers[role])
            return err_set(e, ERR_NOMEM, "rules");
    }
    return symptoms_read(ret, e);
}

void run_done(struct run *run)
{
    json_decref(run->findings);
    json_decref(run->verdicts);
    json_decref(run->confirms);
    json_decref(run->older);
    for (int v = 0; v < VERDICT_COUNT; v++)
        json_decref(run->words[v]);
    json_decref(run->no_subject);
    json_decref(run->no_items);
    needs_close(&run->needs);
    quoter_done(&run->quoter);
    arena_done(&run->arena);
}

/* What of a rule's rows belongs to a machine. */
struct machine_run {
    json_t *rule, *label; /* the rule's id, and the machine's name; borrowed */
    const char *machine;
    const struct needs_state *state;
    bool is_open; /* its rows count */
    size_t n_findings;
};

/* subject: borrowed. items: taken; NULL: none. */
static void add_verdict(struct run *run, const struct machine_run *m, json_t *subject, enum verdict verdict,
                        json_t *items)
{
    json_t *v = json_object();

    put(v, "rule", json_incref(m->rule));
    put(v, "machine", json_incref(m->label));
    put(v, "subject", json_incref(subject));
    put(v, "verdict", json_incref(run->words[verdict]));
    put(v, "items", items ? items : json_incref(run->no_items));
    json_array_append_new(run->verdicts, v);
    run->n_verdicts[verdict]++;
}

static json_t *one_item(const char *text)
{
    return json_pack("[o]", json_text(str_from(text)));
}

/* A text says why it cannot be known. */
static int read_answer(sqlite3_stmt *s, struct err *why)
{
    switch (sqlite3_column_type(s, 0)) {
    case SQLITE_NULL:
        err_set(why, ERR_MISSING, "what decides whether this rule applies is not known");
        return -1;
    case SQLITE_TEXT:
        err_set(why, ERR_MISSING, "%s", (const char *)sqlite3_column_text(s, 0));
        return -1;
    default:
        return sqlite3_column_int(s, 0) != 0;
    }
}

/* 1 applies, 0 does not, -1 cannot be known (*why says why), -2 the expression is wrong (*why says why). */
static int ask(struct run *run, const char *text, const char *machine, struct err *why)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 17);
    sqlite3_stmt *s = NULL;
    int answer = -2;

    buf_add_c(&sql, "SELECT (");
    buf_add_c(&sql, text);
    buf_add_char(&sql, ')');
    if (statements_take(run->statements, buf_c(&sql), &s) == SQLITE_OK) {
        int at = sqlite3_bind_parameter_index(s, ":machine");
        if (at)
            sqlite3_bind_text(s, at, machine, -1, SQLITE_TRANSIENT);
        if (sqlite3_step(s) == SQLITE_ROW)
            answer = read_answer(s, why);
    }
    if (answer == -2)
        err_set(why, ERR_FORMAT, "applies: %s", sqlite3_errmsg(run->db));
    statements_give(s);
    return answer;
}

/* Most rules of a role ask the same: it is asked once a machine. NULL: out of memory. */
static const struct applies_answer *applies(struct run *run, const struct rule *rule, size_t i,
                                            const char *machine)
{
    static const struct applies_answer always = {.answer = 1};
    struct applies_answer *a;

    if (!rule->applies)
        return &always;
    a = &run->answers[rule->role][i * run->set->n_applies + rule->applies_id];
    if (!a->why) {
        struct err why = {0};
        a->answer = ask(run, rule->applies, machine, &why);
        a->why = arena_printf(&run->arena, "%s", why.text);
    }
    return a->why ? a : NULL;
}

static bool is_hidden(const struct needs_state *state, struct str path)
{
    size_t i;
    json_t *gap;

    if (!path.p)
        return false;
    json_array_foreach(state->paths, i, gap)
    {
        if (path_is_below(path, str_from(json_string_value(json_object_get(gap, "path")))))
            return true;
    }
    return false;
}

static void add_path_verdicts(struct run *run, const struct machine_run *m)
{
    size_t i;
    json_t *gap;

    json_array_foreach(m->state->paths, i, gap)
    {
        add_verdict(run, m, json_object_get(gap, "path"), VERDICT_NOT_EVALUATED,
                    json_pack("[O]", json_object_get(gap, "item")));
    }
}

/* Facts from before the rule: what it asks for was not known to who extracted them, which looks like "is not
 * there". A SELECT may join any two machines, so that one with older facts leaves all of them undecided. */
static bool is_older(struct run *run, const struct rule *rule, const struct machine_run *m)
{
    const json_t *version;
    const char *label;
    json_t *items = NULL;

    json_object_foreach(run->older, label, version)
    {
        if (json_integer_value(version) >= rule->since)
            continue;
        items = items ? items : json_array();
        json_array_append_new(items, json_sprintf("%s: facts older than the rule: version %d, it needs %d",
                                                  label, (int)json_integer_value(version), (int)rule->since));
    }
    if (items)
        add_verdict(run, m, run->no_subject, VERDICT_NOT_EVALUATED, items);
    return items != NULL;
}

/* Decides what can be decided before the SELECT. */
static int open_machine(struct run *run, const struct rule *rule, size_t i, struct machine_run *m,
                        struct err *e)
{
    const struct applies_answer *a;

    if (is_older(run, rule, m))
        return 0;
    m->state = needs_read(&run->needs, rule, i, e);
    if (!m->state)
        return -e->code;
    if (json_array_size(m->state->blocking)) {
        add_verdict(run, m, run->no_subject, VERDICT_NOT_EVALUATED, json_incref(m->state->blocking));
        return 0;
    }
    a = applies(run, rule, i, m->machine);
    if (!a)
        return err_set(e, ERR_NOMEM, "rules");
    if (a->answer == -2)
        add_verdict(run, m, run->no_subject, VERDICT_ERROR, one_item(a->why));
    else if (a->answer == -1)
        add_verdict(run, m, run->no_subject, VERDICT_NOT_EVALUATED, one_item(a->why));
    else if (a->answer == 0)
        add_verdict(run, m, run->no_subject, VERDICT_NOT_APPLICABLE, NULL);
    m->is_open = a->answer == 1;
    if (a->answer >= 0)
        add_path_verdicts(run, m);
    return 0;
}

static void close_machine(struct run *run, struct machine_run *m)
{
    if (m->is_open && m->n_findings == 0) {
        bool is_partial = json_array_size(m->state->partial) > 0;
        add_verdict(run, m, run->no_subject, is_partial ? VERDICT_NOT_EVALUATED : VERDICT_PASS,
                    is_partial ? json_incref(m->state->partial) : NULL);
    }
}

static struct machine_run *find_machine(struct machine_run *list, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(str_from(list[i].machine), name))
            return &list[i];
    return NULL;
}

static int take_row(struct run *run, const struct rule *rule, const struct row *row, struct machine_run *list,
                    size_t n, struct err *e)
{
    struct machine_run *m = find_machine(list, n, row_text(row, "machine"));
    int r;

    if (!m)
        return 0; /* another role's machine: the SELECT need not say the role again */
    if (!m->is_open || is_hidden(m->state, row_text(row, "path")))
        return 0;
    r = finding_add(run, rule, row, e);
    if (r == 0) {
        json_t *finding = json_array_get(run->findings, json_array_size(run->findings) - 1);
        m->n_findings++;
        add_verdict(run, m, json_object_get(finding, "subject"), VERDICT_FINDING, NULL);
    }
    return r;
}

static int select_rows(struct run *run, const struct rule *rule, struct machine_run *list, size_t n,
                       struct err *e)
{
    sqlite3_stmt *s = NULL;
    struct row row = {.values = NULL};
    int64_t rows = 0;
    int r = 0, step = statements_take(run->statements, rule->sql, &s);

    if (step == SQLITE_OK) {
        while (r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
            if (++rows > LIMIT_RULE_ROWS)
                r = err_set(e, ERR_LIMIT, "more than %lld rows", (long long)LIMIT_RULE_ROWS);
            else if (row.values || (r = row_open(&run->arena, s, &row, e)) == 0)
                r = take_row(run, rule, &row, list, n, e);
        }
    }
    if (r == 0 && step != SQLITE_DONE)
        r = err_set(e, ERR_FORMAT, "%s",
                    step == SQLITE_INTERRUPT ? "took more steps than a rule may" : sqlite3_errmsg(run->db));
    statements_give(s);
    return r;
}

/* A rule that fails says so on every machine where it was to decide. */
static void add_error(struct run *run, struct machine_run *list, size_t n, const struct err *why)
{
    for (size_t i = 0; i < n; i++) {
        if (!list[i].is_open)
            continue;
        add_verdict(run, &list[i], run->no_subject, VERDICT_ERROR, one_item(why->text));
        list[i].is_open = false;
    }
}

static int run_on(struct run *run, const struct rule *rule, json_t *id, struct err *e)
{
    const json_t *machines = run->needs.machines[rule->role];
    size_t n = json_array_size(machines), n_open = 0;
    struct machine_run *list = arena_array(&run->arena, n, sizeof *list);
    struct err why = {0};
    int r = list ? 0 : err_set(e, ERR_NOMEM, "rules");

    for (size_t i = 0; r == 0 && i < n; i++) {
        list[i].rule = id;
        list[i].label = json_array_get(machines, i);
        list[i].machine = json_string_value(list[i].label);
        r = open_machine(run, rule, i, &list[i], e);
        n_open += list[i].is_open;
    }
    if (r == 0 && n_open && select_rows(run, rule, list, n, &why) < 0) {
        if (why.code == ERR_NOMEM)
            r = err_set(e, ERR_NOMEM, "%.*s: %s", (int)rule->id.len, rule->id.p, why.text);
        add_error(run, list, n, &why);
    }
    for (size_t i = 0; list && i < n; i++)
        close_machine(run, &list[i]);
    return r;
}

static int run_rule(struct run *run, const struct rule *rule, struct err *e)
{
    const struct machine_run nowhere = {.rule = json_text(rule->id), .label = json_null()};
    int r = 0;

    if (json_array_size(run->needs.machines[rule->role]))
        r = run_on(run, rule, nowhere.rule, e);
    else
        add_verdict(run, &nowhere, run->no_subject, VERDICT_NOT_EVALUATED,
                    one_item(rule->role == RULE_CLIENT ? "no client machine in this case"
                                                       : "no server machine in this case"));
    json_decref(nowhere.rule);
    return r;
}

static const char *member(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));

    return s ? s : "";
}

static int compare_members(const json_t *a, const json_t *b, const char *const *names, size_t n)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = strcmp(member(a, names[i]), member(b, names[i]));
    return r;
}

static int compare_verdicts(const void *x, const void *y)
{
    static const char *const names[] = {"rule", "machine", "subject", "verdict"};

    return compare_members(*(json_t *const *)x, *(json_t *const *)y, names, ARRAY_LEN(names));
}

static int severity_rank(const json_t *finding)
{
    enum severity s = SEVERITY_INFO;

    (void)severity_from(str_from(member(finding, "severity")), &s);
    return -(int)s;
}

static int compare_findings(const void *x, const void *y)
{
    static const char *const names[] = {"rule", "machine", "subject", "message"};
    const json_t *a = *(json_t *const *)x, *b = *(json_t *const *)y;
    int r = severity_rank(a) - severity_rank(b);

    return r ? r : compare_members(a, b, names, ARRAY_LEN(names));
}

/* Most arrays are: rules, and the machines of each, come in the order of their names. */
static bool is_sorted(const json_t *array, int (*compare)(const void *, const void *))
{
    for (size_t i = 1; i < json_array_size(array); i++) {
        const json_t *a = json_array_get(array, i - 1), *b = json_array_get(array, i);
        if (compare(&a, &b) > 0)
            return false;
    }
    return true;
}

static int sort(json_t **array, int (*compare)(const void *, const void *), struct err *e)
{
    size_t n = json_array_size(*array);
    json_t **list, *sorted;

    if (is_sorted(*array, compare))
        return 0;
    list = malloc((n + 1) * sizeof *list);
    sorted = json_array();

    for (size_t i = 0; list && i < n; i++)
        list[i] = json_incref(json_array_get(*array, i));
    if (list)
        qsort(list, n, sizeof *list, compare);
    for (size_t i = 0; list && i < n; i++)
        json_array_append_new(sorted, list[i]);
    free(list);
    if (json_array_size(sorted) != n) {
        json_decref(sorted);
        return err_set(e, ERR_NOMEM, "sorting");
    }
    json_decref(*array);
    *array = sorted;
    return 0;
}

/* Of this thread's own work: what others do meanwhile is no rule's. */
static double now_ms(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

int run_rules(struct run *run, struct err *e)
{
    int r = 0;

    run->last_hit = &run->hits;
    for (size_t i = 0; r == 0 && i < run->set->n_rules; i++) {
        double begin = run->took ? now_ms() : 0;
        r = run_rule(run, &run->set->rules[i], e);
        if (run->took)
            run->took[i] = now_ms() - begin;
    }
    if (r == 0)
        r = sort(&run->findings, compare_findings, e);
    return r < 0 ? r : sort(&run->verdicts, compare_verdicts, e);
}
