/* SPDX-License-Identifier: Apache-2.0 */
#include "case_machines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "facts_db.h"
#include "facts_handles.h"

enum { TEXT = 256, MACHINES = 256 };

struct row {
    sqlite3 *db;
    char own_label[TEXT], label[TEXT], name[TEXT], domain[TEXT], guid[TEXT], bundle[TEXT];
    sqlite3_int64 collected; /* 0: not known */
    bool is_old;
};

static void copy_text(char to[TEXT], sqlite3_stmt *s, int column)
{
    const unsigned char *p = sqlite3_column_text(s, column);

    (void)snprintf(to, TEXT, "%s", p ? (const char *)p : "");
}

/* 1, or 0 when there is no machine in it (a bundle of which nothing could be read). */
static int read_row(sqlite3 *db, struct row *row, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step;

    row->db = db;
    if (sqlite3_prepare_v2(db, "SELECT machine, name, domain, guid, bundle, collected FROM machine LIMIT 1",
                           -1, &s, NULL) != SQLITE_OK)
        return err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    step = sqlite3_step(s);
    if (step == SQLITE_DONE)
        return 0;
    if (step != SQLITE_ROW)
        return err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    copy_text(row->own_label, s, 0);
    copy_text(row->label, s, 0);
    copy_text(row->name, s, 1);
    copy_text(row->domain, s, 2);
    copy_text(row->guid, s, 3);
    copy_text(row->bundle, s, 4);
    row->collected = sqlite3_column_int64(s, 5);
    return 1;
}

/* Without a GUID and a name nothing tells whether two are one machine; the same bundle twice is. */
static bool is_same_machine(const struct row *a, const struct row *b)
{
    if (a->bundle[0] && strcmp(a->bundle, b->bundle) == 0)
        return true;
    if (!a->name[0] || !a->guid[0])
        return false;
    return strcasecmp(a->guid, b->guid) == 0 && strcasecmp(a->name, b->name) == 0 &&
           strcasecmp(a->domain, b->domain) == 0;
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    int d = strcasecmp(a->name[0] ? a->name : a->label, b->name[0] ? b->name : b->label);

    if (d == 0)
        d = strcasecmp(a->domain, b->domain);
    if (d == 0)
        d = strcasecmp(a->guid, b->guid);
    if (d == 0)
        d = a->collected == b->collected ? 0 : a->collected > b->collected ? -1 : 1;
    return d ? d : strcmp(a->bundle, b->bundle);
}

/* Sorted: the newest of each machine comes first. */
static void mark_old(struct row *rows, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t k = 0; k < i && !rows[i].is_old; k++)
            rows[i].is_old = !rows[k].is_old && is_same_machine(&rows[i], &rows[k]);
}

static bool is_taken(const struct row *rows, size_t n, const char *label)
{
    for (size_t i = 0; i < n; i++)
        if (!rows[i].is_old && strcasecmp(rows[i].label, label) == 0)
            return true;
    return false;
}

static void choose_labels(struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        char base[TEXT - 16];
        (void)snprintf(base, sizeof(base), "%.200s", rows[i].name[0] ? rows[i].name : rows[i].label);
        (void)snprintf(rows[i].label, TEXT, "%s", base);
        for (unsigned k = 2; !rows[i].is_old && is_taken(rows, i, rows[i].label); k++)
            (void)snprintf(rows[i].label, TEXT, "%s (%u)", base, k);
    }
}

/* The first one is newest of its machine. */
static int merge_rows(const struct row *rows, size_t n, sqlite3 *into, struct err *e)
{
    bool keeps_label = n > 0 && strcmp(rows[0].label, rows[0].own_label) == 0;
    int taken = keeps_label ? facts_take(rows[0].db, into, e) : 0, r = taken < 0 ? taken : 0;

    for (size_t i = taken > 0; r == 0 && i < n; i++)
        if (!rows[i].is_old)
            r = facts_merge(rows[i].db, into, rows[i].label, e);
    return r;
}

int case_merge(sqlite3 *const *machines, size_t n, sqlite3 *into, struct err *e)
{
    struct row *rows = n <= MACHINES ? calloc(n + 1, sizeof(*rows)) : NULL;
    size_t used = 0;
    int r = 0;

    if (!rows)
        return n > MACHINES ? err_set(e, ERR_LIMIT, "a case of more than %d bundles", MACHINES)
                            : err_set(e, ERR_NOMEM, "case: out of memory");
    for (size_t i = 0; r >= 0 && i < n; i++) {
        r = read_row(machines[i], &rows[used], e);
        used += r > 0;
    }
    if (r >= 0) {
        r = 0;
        qsort(rows, used, sizeof(*rows), compare_rows);
        mark_old(rows, used);
        choose_labels(rows, used);
    }
    if (r == 0)
        r = merge_rows(rows, used, into, e);
    free(rows);
    return r;
}
