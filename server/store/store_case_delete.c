/* SPDX-License-Identifier: Apache-2.0
 *
 * Deleted means deleted: rows (overwritten in the file), reports, facts, and bundles that no other case has.
 * What is to be removed is written down with the rows' end, so that a killed server goes on with it. */
#include "store.h"

#include "compiler.h"
#include "names.h"
#include "store_db.h"

#include <string.h>

/* Children before their parents. */
static const char *const rows_sql[] = {
    ("INSERT OR IGNORE INTO doomed SELECT 'bundle', sha256 FROM bundle b WHERE case_id = ?1 AND NOT EXISTS "
     "(SELECT 1 FROM bundle o WHERE o.sha256 = b.sha256 AND o.case_id <> ?1)"),
    "INSERT OR IGNORE INTO doomed VALUES('case', ?1)",
    "DELETE FROM upload WHERE case_id = ?1 AND done IS NOT NULL",
    "DELETE FROM finding WHERE case_id = ?1",
    "DELETE FROM change WHERE case_id = ?1",
    "DELETE FROM suppression WHERE case_id = ?1",
    "DELETE FROM report WHERE case_id = ?1",
    "DELETE FROM job WHERE case_id = ?1",
    "DELETE FROM bundle WHERE case_id = ?1",
};

static int delete_rows(struct store *s, struct str case_id, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(rows_sql); i++)
        if (store_run(s, e, rows_sql[i], "s", &case_id) < 0)
            return -e->code;
    if (store_run(s, e, "DELETE FROM cases WHERE id = ?", "s", &case_id) < 0)
        return -e->code;
    return sqlite3_changes(s->db)
               ? 0
               : err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
}

/* secure_delete (sqlite.org/pragma.html): what was in the rows is overwritten, in the file when the log is
 * emptied into it. */
int store_case_delete(struct store *s, struct str case_id, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    (void)sqlite3_exec(s->db, "PRAGMA secure_delete=ON", NULL, NULL, NULL);
    r = store_end(s, delete_rows(s, case_id, e), e);
    (void)pthread_mutex_lock(&s->lock);
    (void)sqlite3_exec(s->db, "PRAGMA secure_delete=OFF", NULL, NULL, NULL);
    store_checkpoint(s, SQLITE_CHECKPOINT_TRUNCATE);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? r : store_doomed_remove(s, e);
}

/* 1: a case has it (again). */
static int is_in_use(struct store *s, const char *kind, const char *name, struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      strcmp(kind, "case") == 0 ? "SELECT 1 FROM cases WHERE id = ?"
                                                : "SELECT 1 FROM bundle WHERE sha256 = ? LIMIT 1",
                      "c", name);
    if (r == 0)
        r = store_step(s, st.row, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

static int remove_files(struct store *s, const char *kind, const char *name, struct err *e)
{
    int r = is_in_use(s, kind, name, e);

    if (r == 0)
        r = strcmp(kind, "case") == 0 ? blob_case_forget(s->blobs, str_from(name), NULL, e)
                                      : blob_forget(s->blobs, name, e);
    return r < 0 ? r : 0;
}

struct doom {
    struct store *store;
    struct err *e;
};

/* "bundle HASH" */
static int remove_one(void *ctx, const char *text)
{
    const struct doom *d = ctx;
    const char *name = strchr(text, ' ') + 1;
    const char *kind = strncmp(text, "case ", 5) == 0 ? "case" : "bundle";
    int r;

    (void)pthread_mutex_lock(&d->store->files_lock);
    r = remove_files(d->store, kind, name, d->e);
    (void)pthread_mutex_unlock(&d->store->files_lock);
    if (r == 0)
        r = store_begin(d->store, d->e);
    return r < 0 ? r
                 : store_end(d->store,
                             store_run(d->store, d->e, "DELETE FROM doomed WHERE kind = ? AND name = ?", "cc",
                                       kind, name),
                             d->e);
}

int store_doomed_remove(struct store *s, struct err *e)
{
    struct doom d = {s, e};

    return store_texts(s, remove_one, &d, e, "SELECT kind || ' ' || name FROM doomed", "");
}
