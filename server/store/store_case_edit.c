/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases that people make, close, complain about and delete. */
#include "store.h"

#include "compiler.h"
#include "names.h"
#include "store_db.h"

static int missing(struct str case_id, struct err *e)
{
    return err_set(e, ERR_MISSING, "case %.*s: no such case", (int)case_id.len, case_id.p);
}

/* Within a transaction: what the statement before did to the case. */
static int check_changed(const struct store *s, int r, struct str case_id, struct err *e)
{
    return r >= 0 && sqlite3_changes(s->db) == 0 ? missing(case_id, e) : r;
}

int store_case_create(struct store *s, struct str case_id, int64_t now_ms, struct err *e)
{
    int r;

    if (!case_id_is_legal(case_id))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (store_begin(s, e) < 0)
        return -e->code;
    r = store_run(s, e, "INSERT OR IGNORE INTO cases(id, created, received) VALUES(?1, ?2, ?2)", "si",
                  &case_id, &now_ms);
    if (r >= 0 && sqlite3_changes(s->db) == 0)
        r = err_set(e, ERR_CONFLICT, "case %.*s: is there already", (int)case_id.len, case_id.p);
    return store_end(s, r, e);
}

int store_case_close(struct store *s, struct str case_id, bool is_closed, int64_t now_ms, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(s, e, "UPDATE cases SET closed = ? WHERE id = ?", "is", is_closed ? &now_ms : NULL,
                  &case_id);
    return store_end(s, check_changed(s, r, case_id, e), e);
}

static int complain(struct store *s, struct str case_id, struct str json, int64_t now_ms, struct err *e)
{
    int r = store_run(s, e, "UPDATE cases SET complaint = nullif(?, '') WHERE id = ?", "ss", &json, &case_id);

    if (check_changed(s, r, case_id, e) < 0)
        return -e->code;
    return store_run(s, e,
                     "INSERT INTO job(case_id, state, kind, added) SELECT ?1, 'queued', 'lint', ?2"
                     " WHERE EXISTS (SELECT 1 FROM bundle WHERE case_id = ?1) AND NOT EXISTS"
                     "(SELECT 1 FROM job WHERE case_id = ?1 AND state = 'queued' AND kind = 'lint')",
                     "si", &case_id, &now_ms);
}

int store_case_complain(struct store *s, struct str case_id, struct str json, int64_t now_ms, struct err *e)
{
    int r = store_begin(s, e);

    return r < 0 ? r : store_end(s, complain(s, case_id, json, now_ms, e), e);
}

int store_case_complaint(struct store *s, struct str case_id, struct buf *ret_json, struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e, "SELECT coalesce(complaint, '') FROM cases WHERE id = ?", "s", &case_id);
    if (r == 0 && (r = store_step(s, st.row, e)) > 0)
        buf_add_c(ret_json, store_text(st.row, 0));
    else if (r == 0)
        r = missing(case_id, e);
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r < 0 ? r : buf_check(ret_json, "complaint", e);
}
