/* SPDX-License-Identifier: Apache-2.0
 *
 * symptom: what the logs show, from the view symptom, without the noise that no certificate can be blamed
 * for. First what somebody complained about, then what blocks a whole path of a site that asks for
 * certificates (causes §8), then the most frequent. */
#include "run.h"

#include <string.h>

enum { SYMPTOMS_MAX = 5000, SYMPTOMS_FIRST = 16 };

/* 403.7's win32 differs from request to request and says nothing (causes §6): one symptom. A 401, a 500 or a
 * 413 is a symptom only where a certificate is asked for or mapped: elsewhere it is the ordinary life of a
 * web site. What ended a day before the newest failure of that machine, and was followed by successes at the
 * same place, counts a tenth: it was mended since. */
static const char symptoms_sql[] =
    "WITH asks AS NOT MATERIALIZED (SELECT machine, site, path FROM cert_wanted WHERE negotiates OR requires"
    "  UNION ALL SELECT machine, site, path FROM site_path WHERE iis_mapping OR ad_mapping),"
    " t AS (SELECT machine, site, coalesce(place, site, '') AS place, status, coalesce(substatus, 0) AS "
    "substatus,"
    "  CASE WHEN status = 403 AND (substatus = 4 OR substatus = 5 OR substatus = 7) THEN -1"
    "   ELSE coalesce(win32, 0) END AS win32,"
    "  sum(count) AS count, min(first) AS first, max(last) AS last, max(clients) AS clients,"
    "  sum(coalesce(answered, 0) + coalesce(preflights, 0) + monitors) AS answered"
    "  FROM symptom_failures GROUP BY 1, 2, 3, 4, 5, 6),"
    " newest AS (SELECT machine, max(iif(answered < count, last, NULL)) - 86400000 AS day FROM t GROUP BY "
    "machine)"
    " SELECT s.machine, s.site, s.place, status, substatus, win32, count, first, last, clients,"
    "  EXISTS (SELECT 1 FROM asks a WHERE a.machine = s.machine AND lower(a.path) = lower(s.place)),"
    "  answered >= count"
    " FROM (SELECT t.*, iif(t.last < n.day AND EXISTS (SELECT 1 FROM request_count o"
    "   WHERE o.machine = t.machine AND coalesce(o.place, o.site, '') = t.place AND o.hour > t.last"
    "   AND o.status BETWEEN 200 AND 399), 10.0, 1.0) AS past"
    "  FROM newest n CROSS JOIN t ON t.machine = n.machine) s"
    " ORDER BY EXISTS (SELECT 1 FROM complaint_place c WHERE c.machine = s.machine AND lower(c.path) = "
    "lower(s.place)) DESC,"
    "  status = 500 AND substatus = 19 AND past = 1.0 AND EXISTS (SELECT 1 FROM asks a WHERE a.machine = "
    "s.machine AND lower(a.site) = lower(s.site)) DESC,"
    "  count / past DESC, CASE status WHEN 403 THEN 0 WHEN 401 THEN 1 WHEN 413 THEN 2 ELSE 3 END,"
    "  s.machine, s.place, status, substatus, win32, s.site LIMIT ?1";

static struct str keep(struct run *run, sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    if (!p)
        return (struct str){NULL, 0};
    return arena_keep(&run->arena, (struct str){(const char *)p, (size_t)sqlite3_column_bytes(s, i)});
}

static void read_row(struct run *run, sqlite3_stmt *s, struct symptom *to)
{
    to->machine = keep(run, s, 0);
    to->site = keep(run, s, 1);
    to->place = keep(run, s, 2);
    to->status = sqlite3_column_int64(s, 3);
    to->substatus = sqlite3_column_int64(s, 4);
    to->win32 = sqlite3_column_int64(s, 5);
    to->count = sqlite3_column_int64(s, 6);
    to->first = sqlite3_column_int64(s, 7);
    to->last = sqlite3_column_int64(s, 8);
    to->clients = sqlite3_column_int64(s, 9);
    to->wants_certificate = sqlite3_column_int(s, 10) != 0;
    to->is_answered = sqlite3_column_int(s, 11) != 0;
}

/* For one more; few cases have more than a handful. */
static bool make_room(struct run *run)
{
    size_t n = run->n_symptoms, room = n ? 2 * n : SYMPTOMS_FIRST;
    struct symptom *more;

    if (n && (n < SYMPTOMS_FIRST || (n & (n - 1))))
        return true;
    more = arena_array(&run->arena, room, sizeof *more);
    if (more && n)
        memcpy(more, run->symptoms, n * sizeof *more);
    if (more)
        run->symptoms = more;
    return more != NULL;
}

static int read_rows(struct run *run, sqlite3_stmt *s, struct err *e)
{
    int step;

    sqlite3_bind_int(s, 1, SYMPTOMS_MAX);
    while ((step = sqlite3_step(s)) == SQLITE_ROW) {
        if (!make_room(run))
            return err_set(e, ERR_NOMEM, "symptoms");
        read_row(run, s, &run->symptoms[run->n_symptoms++]);
    }
    return step == SQLITE_DONE ? 0 : err_set(e, ERR_FORMAT, "symptoms: %s", sqlite3_errmsg(run->db));
}

int symptoms_read(struct run *run, struct err *e)
{
    sqlite3_stmt *s = NULL;
    int r = statements_take(run->statements, symptoms_sql, &s) == SQLITE_OK
                ? read_rows(run, s, e)
                : err_set(e, ERR_FORMAT, "symptoms: %s", sqlite3_errmsg(run->db));

    statements_give(s);
    return r;
}

bool symptom_was_seen(const struct run *run, const struct rule *rule)
{
    for (size_t i = 0; i < run->n_symptoms; i++) {
        const struct symptom *s = &run->symptoms[i];
        if (rule_explains(rule, s->status, s->substatus, s->win32))
            return true;
    }
    return false;
}
