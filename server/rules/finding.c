/* SPDX-License-Identifier: Apache-2.0
 *
 * finding: one row of a rule's SELECT as a finding. */
#include "run.h"

#include <openssl/evp.h>
#include <string.h>

#include "text.h"

bool path_is_below(struct str path, struct str under)
{
    return str_istarts(path, under) && (path.len == under.len || under.len == 0 || path.p[under.len] == '/');
}

/* Stable over runs, machines of ours and versions of texts: rule, machine, subject. */
static int fingerprint(const struct rule *rule, struct str machine, struct str subject, struct buf *out,
                       struct err *e)
{
    CLEANUP(buf_done) struct buf b = BUF_INIT(1 << 20);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    buf_add_str(&b, rule->id);
    buf_add(&b, "", 1);
    buf_add_str(&b, machine);
    buf_add(&b, "", 1);
    buf_add_str(&b, subject);
    if (b.failed || !EVP_Digest(b.p, b.len, digest, &len, EVP_sha256(), NULL))
        return err_set(e, ERR_NOMEM, "fingerprint");
    text_hex(out, digest, 16);
    return buf_check(out, "fingerprint", e);
}

static enum severity cap(const struct run *run, const struct rule *rule, enum severity s)
{
    bool is_security = rule->tags.len && str_eq(rule->tags, STR("security"));
    enum severity most = SEVERITY_ERROR;

    if (rule->confidence == CONFIDENCE_INFERRED)
        most = SEVERITY_INFO;
    else if (is_security || (rule->confidence == CONFIDENCE_PLAUSIBLE && !symptom_was_seen(run, rule)))
        most = SEVERITY_WARNING;
    return s < most ? s : most;
}

/* A row may lower the rule's severity, never raise it. */
static enum severity row_severity(const struct run *run, const struct rule *rule, const struct row *row)
{
    enum severity s = rule->severity, own;
    struct str text = row_text(row, "severity");

    if (text.p && severity_from(text, &own) && own < s)
        s = own;
    return cap(run, rule, s);
}

static int read_evidence(const struct row *row, json_t **ret, struct err *e)
{
    struct str text = row_text(row, "evidence");
    json_error_t error;

    *ret = text.p ? json_loadb(text.p, text.len, 0, &error) : json_array();
    if (json_is_array(*ret))
        return 0;
    json_decref(*ret);
    return err_set(e, ERR_FORMAT, "evidence is not a JSON array: %s", text.p ? error.text : "");
}

/* A JSON object that SQL made has a null where the fact is not known: absent says the same and is shorter. */
static void drop_nulls(json_t *list)
{
    for (size_t i = json_array_size(list); i-- > 0;) {
        json_t *one = json_array_get(list, i), *value;
        const char *key;
        void *next;
        json_object_foreach_safe(one, next, key, value)
        {
            if (json_is_null(value))
                json_object_del(one, key);
        }
        if (json_object_size(one) == 0 || (json_object_size(one) == 1 && json_object_get(one, "excerpt")))
            json_array_remove(list, i);
    }
}

static json_t *references(const struct rule *rule)
{
    json_t *list = json_array();

    for (size_t i = 0; i < rule->references.n; i++)
        json_array_append_new(list, json_text(rule->references.lines[i].text));
    return list;
}

static void set_optional(json_t *to, const char *name, struct str s)
{
    if (s.p)
        put(to, name, json_text(s));
}

static json_t *build(const struct hit *hit, struct str subject, struct str message, const char *print,
                     json_t *evidence, json_t *remedy)
{
    const struct rule *rule = hit->rule;
    json_t *f = json_object();

    put(f, "rule", json_text(rule->id));
    put(f, "code", json_text(rule->code));
    put(f, "severity", json_word(severity_text(hit->severity)));
    put(f, "confidence", json_word(confidence_text(rule->confidence)));
    put(f, "title", json_text(rule->title));
    put(f, "machine", json_text(hit->machine));
    put(f, "subject", json_text(subject));
    set_optional(f, "site", hit->site);
    set_optional(f, "path", hit->path);
    set_optional(f, "tag", rule->tags);
    put(f, "message", json_text(message));
    put(f, "evidence", evidence);
    put(f, "remedy", remedy);
    put(f, "references", references(rule));
    put(f, "fingerprint", json_word(print));
    return f;
}

static struct str keep_column(struct run *run, const struct row *row, const char *name)
{
    struct str s = row_text(row, name);

    return s.p ? arena_keep(&run->arena, s) : s;
}

static void read_hit(struct run *run, const struct rule *rule, const struct row *row, struct hit *hit)
{
    struct str strength = row_text(row, "strength");
    int changed = row_column(row, STR("changed"));

    hit->rule = rule;
    hit->machine = keep_column(run, row, "machine");
    hit->site = keep_column(run, row, "site");
    hit->path = keep_column(run, row, "path");
    hit->severity = row_severity(run, rule, row);
    hit->strength = rule->strength;
    if (strength.p)
        (void)strength_from(strength, &hit->strength);
    hit->changed = changed >= 0 && sqlite3_column_type(row->values, changed) == SQLITE_INTEGER
                       ? sqlite3_column_int64(row->values, changed)
                       : TIME_NONE;
}

int finding_add(struct run *run, const struct rule *rule, const struct row *row, struct err *e)
{
    CLEANUP(buf_done) struct buf print = BUF_INIT(128);
    struct hit *hit = arena_alloc(&run->arena, sizeof *hit);
    struct str message = {NULL, 0}, subject = keep_column(run, row, "subject");
    json_t *evidence = NULL, *remedy = NULL;

    if (!hit)
        return err_set(e, ERR_NOMEM, "finding");
    read_hit(run, rule, row, hit);
    if (!hit->machine.p || !subject.p)
        return err_set(e, ERR_FORMAT, "a row without machine or subject");
    if (text_build(run, &rule->message, row, &message, e) < 0)
        return -e->code;
    hit->why = message;
    if ((rule->why.n && text_build(run, &rule->why, row, &hit->why, e) < 0) ||
        fingerprint(rule, hit->machine, subject, &print, e) < 0 || read_evidence(row, &evidence, e) < 0)
        return -e->code;
    if (remedy_build(run, rule, row, &remedy, e) < 0) {
        json_decref(evidence);
        return -e->code;
    }
    if (rule->confirm.n) {
        if (steps_build(run, &rule->confirm, row, &hit->confirm, e) < 0) {
            json_decref(evidence);
            json_decref(remedy);
            return -e->code;
        }
        if (json_array_append_new(run->confirms, hit->confirm) < 0)
            hit->confirm = NULL;
    }
    drop_nulls(evidence);
    hit->finding = build(hit, subject, message, buf_c(&print), evidence, remedy);
    if (!hit->finding || json_array_append_new(run->findings, hit->finding) < 0)
        return err_set(e, ERR_NOMEM, "finding");
    *run->last_hit = hit;
    run->last_hit = &hit->next;
    return 0;
}
