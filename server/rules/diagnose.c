/* SPDX-License-Identifier: Apache-2.0 */
#include "diagnose.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"

enum { EXAMPLES = 5, WHY_FINDINGS = 3 };

/* All hits of one rule that explain one symptom. */
struct cause {
    const struct rule *rule;
    const struct cause *masked_by;
    enum severity severity;
    enum strength strength;
    const struct hit **hits;
    size_t n_hits;
    bool is_later; /* all of its sources were changed after the symptom was last seen */
};

struct causes {
    struct cause *list;
    size_t n;
};

/* Does this hit explain that symptom? A server's own at its site and path; a client's any that a server
 * shows. */
static bool hit_explains(const struct hit *hit, const struct symptom *s)
{
    if (!rule_explains(hit->rule, s->status, s->substatus, s->win32))
        return false;
    if (str_eq(hit->rule->tags, STR("security"))) /* works, but is unsafe: never a cause */
        return false;
    if (hit->rule->role == RULE_CLIENT)
        return true;
    if (!str_eq(hit->machine, s->machine))
        return false;
    if (hit->site.p && s->site.p && !str_ieq(hit->site, s->site))
        return false;
    return !hit->path.p || path_is_below(s->place, hit->path);
}

static struct cause *cause_of(struct causes *causes, const struct rule *rule)
{
    for (size_t i = 0; i < causes->n; i++)
        if (causes->list[i].rule == rule)
            return &causes->list[i];
    causes->list[causes->n] = (struct cause){.rule = rule};
    return &causes->list[causes->n++];
}

static size_t count_hits(const struct run *run)
{
    size_t n = 0;

    for (const struct hit *h = run->hits; h; h = h->next)
        n++;
    return n;
}

static int add_hit(struct run *run, struct causes *causes, const struct hit *hit, size_t room, struct err *e)
{
    struct cause *c = cause_of(causes, hit->rule);

    if (!c->hits && !(c->hits = arena_array(&run->arena, room + 1, sizeof *c->hits)))
        return err_set(e, ERR_NOMEM, "diagnosis");
    c->hits[c->n_hits++] = hit;
    if (hit->severity > c->severity)
        c->severity = hit->severity;
    if (hit->strength > c->strength)
        c->strength = hit->strength;
    return 0;
}

static bool outranks(const struct cause *a, const struct cause *b)
{
    for (size_t i = 0; i < a->rule->outranks.n; i++)
        if (str_eq(a->rule->outranks.lines[i].text, b->rule->id))
            return true;
    return false;
}

/* Evidence seen comes before what must fail by configuration, that before what may; what another cause hides
 * comes last, and before it what is told for information only. Of two that are alike otherwise, the one that
 * was as it is when the symptom was last seen. */
static int compare_causes(const void *x, const void *y)
{
    const struct cause *a = x, *b = y;

    if ((a->masked_by == NULL) != (b->masked_by == NULL))
        return a->masked_by ? 1 : -1;
    if ((a->severity == SEVERITY_INFO) != (b->severity == SEVERITY_INFO))
        return a->severity == SEVERITY_INFO ? 1 : -1;
    if (a->strength != b->strength)
        return a->strength > b->strength ? -1 : 1;
    if (a->severity != b->severity)
        return a->severity > b->severity ? -1 : 1;
    if (a->is_later != b->is_later)
        return a->is_later ? 1 : -1;
    if (a->rule->confidence != b->rule->confidence)
        return a->rule->confidence > b->rule->confidence ? -1 : 1;
    return str_icmp(a->rule->id, b->rule->id);
}

static int rank(struct run *run, struct causes *causes, struct err *e)
{
    struct cause *before = arena_array(&run->arena, causes->n + 1, sizeof *before);

    if (!before)
        return err_set(e, ERR_NOMEM, "diagnosis");
    memcpy(before, causes->list, causes->n * sizeof *before);
    for (size_t i = 0; i < causes->n; i++)
        for (size_t k = 0; k < causes->n && !causes->list[i].masked_by; k++)
            if (k != i && outranks(&before[k], &before[i]) && !outranks(&before[i], &before[k]))
                causes->list[i].masked_by = &before[k];
    qsort(causes->list, causes->n, sizeof *causes->list, compare_causes);
    return 0;
}

static json_t *time_json(int64_t ms)
{
    char text[32];

    if (ms <= 0)
        return json_null();
    time_format(ms, text);
    return json_word(text);
}

/* Why it is believed: the reasons of the first findings, and how many more there are. */
static json_t *why_json(const struct cause *c)
{
    struct buf b = BUF_INIT(1 << 20);
    json_t *text;

    for (size_t i = 0; i < c->n_hits && i < WHY_FINDINGS; i++) {
        if (i)
            buf_add_char(&b, ' ');
        buf_add_str(&b, c->hits[i]->why);
    }
    if (c->n_hits > WHY_FINDINGS)
        buf_printf(&b, " And %zu more of the kind.", c->n_hits - WHY_FINDINGS);
    text = json_text(buf_str(&b));
    buf_done(&b);
    return text;
}

static bool is_changed_after(const struct hit *hit, const struct symptom *s)
{
    return s->last && hit->changed != TIME_NONE && hit->changed > s->last;
}

/* The source was changed after the symptom was last seen: what is there now may not be what failed then. */
static json_t *note_json(const struct cause *c, const struct symptom *s)
{
    char changed[32], last[32];

    for (size_t i = 0; i < c->n_hits; i++) {
        if (!is_changed_after(c->hits[i], s))
            continue;
        time_format(c->hits[i]->changed, changed);
        time_format(s->last, last);
        return json_sprintf(
            "Its source was changed at %s, after the symptom was last seen (%s): it may already be mended, "
            "or not be what failed then.",
            changed, last);
    }
    return NULL;
}

static json_t *cause_json(const struct cause *c, const struct symptom *s)
{
    json_t *cause = json_object(), *prints = json_array(), *note = note_json(c, s);

    for (size_t i = 0; i < c->n_hits; i++)
        json_array_append(prints, json_object_get(c->hits[i]->finding, "fingerprint"));
    put(cause, "rule", json_text(c->rule->id));
    put(cause, "title", json_text(c->rule->title));
    put(cause, "severity", json_word(severity_text(c->severity)));
    put(cause, "strength", json_word(strength_text(c->strength)));
    put(cause, "findings", prints);
    put(cause, "why", why_json(c));
    put(cause, "confirm", confirm_json(c->hits[0], c->strength, s->status > 0));
    if (c->masked_by)
        put(cause, "masked_by", json_text(c->masked_by->rule->id));
    if (note)
        put(cause, "note", note);
    return cause;
}

static const char examples_sql[] =
    "SELECT time, client, method, url, entry, line FROM request WHERE machine = ?1"
    " AND coalesce(place, site, '') = ?2 AND status = ?3 AND coalesce(substatus, 0) = ?4"
    " AND (?5 = -1 OR coalesce(win32, 0) = ?5) ORDER BY time, entry, line LIMIT 200";

static void set_column(json_t *to, const char *name, sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    if (p)
        put(to, name, json_text((struct str){(const char *)p, (size_t)sqlite3_column_bytes(s, i)}));
}

static json_t *example_json(sqlite3_stmt *s)
{
    json_t *x = json_object();

    put(x, "time", time_json(sqlite3_column_int64(s, 0)));
    set_column(x, "client", s, 1);
    set_column(x, "method", s, 2);
    set_column(x, "url", s, 3);
    set_column(x, "entry", s, 4);
    if (sqlite3_column_type(s, 5) == SQLITE_INTEGER)
        put(x, "line", json_integer(sqlite3_column_int64(s, 5)));
    return x;
}

static bool same_text(sqlite3_value *a, sqlite3_value *b)
{
    const unsigned char *x = sqlite3_value_text(a), *y = sqlite3_value_text(b);
    int n = sqlite3_value_bytes(a);

    return !x || !y ? x == y : n == sqlite3_value_bytes(b) && memcmp(x, y, (size_t)n) == 0;
}

/* Each URL's first request, of the first that were kept. */
static void first_of_each_url(sqlite3_stmt *q, json_t *list)
{
    sqlite3_value *seen[EXAMPLES];
    size_t n = 0, i;

    while (n < EXAMPLES && sqlite3_step(q) == SQLITE_ROW) {
        sqlite3_value *url = sqlite3_column_value(q, 3);
        for (i = 0; i < n && !same_text(seen[i], url);)
            i++;
        if (i < n)
            continue;
        seen[n] = sqlite3_value_dup(url);
        if (!seen[n])
            break;
        n++;
        json_array_append_new(list, example_json(q));
    }
    while (n > 0)
        sqlite3_value_free(seen[--n]);
}

static json_t *examples_json(const struct run *run, const struct symptom *s)
{
    json_t *list = json_array();
    sqlite3_stmt *q = NULL;

    if (statements_take(run->statements, examples_sql, &q) == SQLITE_OK) {
        sqlite3_bind_text(q, 1, s->machine.p, (int)s->machine.len, SQLITE_STATIC);
        sqlite3_bind_text(q, 2, s->place.p, (int)s->place.len, SQLITE_STATIC);
        sqlite3_bind_int64(q, 3, s->status);
        sqlite3_bind_int64(q, 4, s->substatus);
        sqlite3_bind_int64(q, 5, s->win32);
        first_of_each_url(q, list);
    }
    statements_give(q);
    return list;
}

static json_t *text_or_null(struct str s)
{
    return s.p ? json_text(s) : json_null();
}

static json_t *symptom_json(const struct run *run, const struct symptom *s)
{
    json_t *x = json_object();

    put(x, "machine", text_or_null(s->machine));
    put(x, "site", text_or_null(s->site));
    put(x, "place", text_or_null(s->place));
    put(x, "status", json_integer(s->status));
    put(x, "substatus", json_integer(s->substatus));
    put(x, "win32", s->win32 < 0 ? json_null() : json_integer(s->win32));
    put(x, "meaning", json_word(symptom_meaning(s->status, s->substatus, s->win32)));
    put(x, "count", json_integer(s->count));
    put(x, "clients", json_integer(s->clients));
    put(x, "first", time_json(s->first));
    put(x, "last", time_json(s->last));
    put(x, "examples", examples_json(run, s));
    put(x, "timeline", timeline_json(run, s));
    json_t *events = beside_json(run, s);
    if (json_array_size(events) > 0)
        json_object_set(x, "events", events);
    json_decref(events);
    return x;
}

/* Rules that could have explained the symptom, had their evidence been there. */
static json_t *open_questions(const struct run *run, const struct symptom *s)
{
    json_t *list = json_array(), *v;
    size_t i;

    json_array_foreach(run->verdicts, i, v)
    {
        const struct rule *rule;
        if (strcmp(json_string_value(json_object_get(v, "verdict")), "not-evaluated") != 0)
            continue;
        rule = ruleset_find(run->set, str_from(json_string_value(json_object_get(v, "rule"))));
        if (!rule || !rule_explains(rule, s->status, s->substatus, s->win32))
            continue;
        json_t *x = json_object();
        json_object_set(x, "rule", json_object_get(v, "rule"));
        put(x, "title", json_text(rule->title));
        json_object_set(x, "items", json_object_get(v, "items"));
        json_array_append_new(list, x);
    }
    return list;
}

static json_t *diagnosis_json(struct run *run, json_t *symptom, const struct symptom *s,
                              const struct causes *causes)
{
    json_t *d = json_object(), *list = json_array();
    bool explained = false;

    for (size_t i = 0; i < causes->n; i++) {
        if (causes->list[i].masked_by && causes->list[i].severity == SEVERITY_INFO)
            continue; /* nobody needs to know */
        json_array_append_new(list, cause_json(&causes->list[i], s));
        explained = explained || causes->list[i].severity > SEVERITY_INFO;
    }
    put(d, "symptom", symptom);
    put(d, "explained", json_boolean(explained));
    put(d, "causes", list);
    put(d, "next", next_json(run, s));
    put(d, "not_evaluated", explained ? json_array() : open_questions(run, s));
    return d;
}

/* Is a symptom worth a diagnosis when nothing was found? A 403.7 and its kin always, the rest where
 * certificates matter. */
static bool matters(const struct symptom *s)
{
    if (s->is_answered)
        return false;
    if (s->status == 403)
        return s->substatus == 7 || s->substatus == 12 || s->substatus == 13 || s->substatus == 16 ||
               s->substatus == 17;
    return s->wants_certificate && s->substatus != 19;
}

static bool is_all_later(const struct cause *c, const struct symptom *s)
{
    for (size_t i = 0; i < c->n_hits; i++)
        if (!is_changed_after(c->hits[i], s))
            return false;
    return true;
}

static int find_causes(struct run *run, const struct symptom *s, size_t room, struct causes *ret,
                       struct err *e)
{
    *ret = (struct causes){arena_array(&run->arena, run->set->n_rules + 1, sizeof *ret->list), 0};
    if (!ret->list)
        return err_set(e, ERR_NOMEM, "diagnosis");
    for (const struct hit *h = run->hits; h; h = h->next)
        if (hit_explains(h, s) && add_hit(run, ret, h, room, e) < 0)
            return -e->code;
    for (size_t i = 0; i < ret->n; i++)
        ret->list[i].is_later = is_all_later(&ret->list[i], s);
    return rank(run, ret, e);
}

static bool is_information(const struct causes *causes)
{
    for (size_t i = 0; i < causes->n; i++)
        if (causes->list[i].severity > SEVERITY_INFO)
            return false;
    return true;
}

static int diagnose_one(struct run *run, const struct symptom *s, size_t room, json_t *list, size_t *left_out,
                        struct err *e)
{
    struct causes causes;

    if (find_causes(run, s, room, &causes, e) < 0)
        return -e->code;
    if (!matters(s) && (causes.n == 0 || (s->is_answered && is_information(&causes))))
        return 0;
    if (json_array_size(list) >= (size_t)LIMIT_DIAGNOSES)
        (*left_out)++;
    else
        json_array_append_new(list, diagnosis_json(run, symptom_json(run, s), s, &causes));
    return 0;
}

/* No failure in the logs (or none collected): what must fail by what was found is the answer all the same. */
static int diagnose_unseen(struct run *run, size_t room, json_t *list, struct err *e)
{
    static const struct symptom nothing = {.win32 = -1};
    struct causes causes = {arena_array(&run->arena, run->set->n_rules + 1, sizeof *causes.list), 0};
    json_t *symptom;

    if (!causes.list)
        return err_set(e, ERR_NOMEM, "diagnosis");
    for (const struct hit *h = run->hits; h; h = h->next)
        if (h->severity == SEVERITY_ERROR && add_hit(run, &causes, h, room, e) < 0)
            return -e->code;
    if (causes.n == 0)
        return 0;
    if (rank(run, &causes, e) < 0)
        return -e->code;
    symptom = symptom_json(run, &nothing);
    put(symptom, "status", json_null());
    put(symptom, "substatus", json_null());
    put(symptom, "machine", text_or_null(causes.list[0].hits[0]->machine));
    put(symptom, "site", text_or_null(causes.list[0].hits[0]->site));
    put(symptom, "place", text_or_null(causes.list[0].hits[0]->path));
    put(symptom, "meaning",
        json_word("no failure is in the logs that were collected; by what was found, "
                  "client certificates must fail"));
    json_array_append_new(list, diagnosis_json(run, symptom, &nothing, &causes));
    return 0;
}

int diagnose(struct run *run, json_t **ret, size_t *ret_left_out, struct err *e)
{
    json_t *list = json_array();
    size_t left_out = 0, room = count_hits(run);
    int r = list ? 0 : err_set(e, ERR_NOMEM, "diagnosis");

    for (size_t i = 0; r == 0 && i < run->n_symptoms; i++)
        r = diagnose_one(run, &run->symptoms[i], room, list, &left_out, e);
    if (r == 0 && json_array_size(list) == 0)
        r = diagnose_unseen(run, room, list, e);
    if (r < 0) {
        json_decref(list);
        return r;
    }
    *ret = list;
    *ret_left_out = left_out;
    return 0;
}
