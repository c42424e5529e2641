/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_insert.h"
#include "facts_handles.h"
#include "facts_schema.h"
#include "frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"

enum { LABEL_BYTES = 64 };

struct facts_inserter {
    sqlite3 *db;
    struct facts_inserts inserts;
    struct frame_row row; /* the one that is being inserted; large, so not on the stack */
    char label[LABEL_BYTES + 1];
    bool is_case; /* rows name their machine */
    bool has_label, has_machine;
    int64_t n_rows, n_bytes;
};

/* A label of a machine: one line of printable text of at most LABEL_BYTES. */
static void set_label(struct facts_inserter *ins, struct str name)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_TEXT_BYTES * 8);

    text_add_printable(&text, str_trim(name));
    struct str s = buf_str(&text);
    if (s.len > LABEL_BYTES)
        for (s.len = LABEL_BYTES; s.len && ((unsigned char)s.p[s.len] & 0xc0) == 0x80;)
            s.len--;
    if (s.len == 0)
        s = STR("machine");
    memcpy(ins->label, s.p, s.len);
    ins->label[s.len] = 0;
    ins->has_label = true;
}

int facts_inserter_open(sqlite3 *db, const char *label, struct facts_inserter **ret, struct err *e)
{
    struct facts_inserter *ins = calloc(1, sizeof *ins);

    if (!ins)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    int r = facts_schema(&ins->inserts.schema, e);
    if (r) {
        free(ins);
        return r;
    }
    ins->db = ins->inserts.db = db;
    ins->is_case = label && !*label;
    if (label && *label)
        set_label(ins, str_from(label));
    *ret = ins;
    return 0;
}

void facts_inserter_close(struct facts_inserter *ins)
{
    if (!ins)
        return;
    facts_inserts_done(&ins->inserts);
    free(ins);
}

const char *facts_inserter_label(const struct facts_inserter *ins)
{
    return ins->has_label ? ins->label : "machine";
}

bool facts_inserter_has_machine(const struct facts_inserter *ins)
{
    return ins->has_machine;
}

static int check_value(const struct facts_column *c, const struct frame_value *v, struct err *e)
{
    if (v->type == FRAME_NULL)
        return 0;
    if ((char)v->type != c->type)
        return err_set(e, ERR_FORMAT, "%s: a value of type %c in a column of type %c", c->name, (char)v->type,
                       c->type);
    if (v->type == FRAME_INT)
        return 0;
    int64_t max = v->type == FRAME_TEXT ? LIMIT_TEXT_BYTES : LIMIT_CERT_BYTES;
    if ((int64_t)v->data.len > max)
        return err_set(e, ERR_LIMIT, "%s: %zu bytes, at most %lld", c->name, v->data.len, (long long)max);
    struct str text = {(const char *)v->data.p, v->data.len};
    if (v->type == FRAME_TEXT && (!text_is_utf8(text) || (text.len && memchr(text.p, 0, text.len))))
        return err_set(e, ERR_FORMAT, "%s: not UTF-8", c->name);
    return 0;
}

static int bind_value(sqlite3_stmt *s, int parameter, const struct frame_value *v)
{
    switch (v->type) {
    case FRAME_INT:
        return sqlite3_bind_int64(s, parameter, v->number);
    case FRAME_TEXT:
        return sqlite3_bind_text(s, parameter, v->data.len ? (const char *)v->data.p : "", (int)v->data.len,
                                 SQLITE_STATIC);
    case FRAME_BLOB:
        return sqlite3_bind_blob(s, parameter, v->data.len ? (const void *)v->data.p : "", (int)v->data.len,
                                 SQLITE_STATIC);
    case FRAME_NULL:
        break;
    }
    return sqlite3_bind_null(s, parameter);
}

static int bind_text(sqlite3_stmt *s, int parameter, const char *text)
{
    return sqlite3_bind_text(s, parameter, text, -1, SQLITE_STATIC);
}

/* A machine that a case row names must be one of the case. */
static int check_machine(struct facts_inserter *ins, const struct frame_value *v, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (v->type != FRAME_TEXT)
        return err_set(e, ERR_FORMAT, "%.*s: no machine", (int)v->column.len, v->column.p);
    if (sqlite3_prepare_v2(ins->db, "SELECT 1 FROM machine WHERE machine = ?1", -1, &s, NULL) ||
        bind_value(s, 1, v))
        return facts_sqlite_error(e, ins->db, "machine");
    if (sqlite3_step(s) != SQLITE_ROW)
        return err_set(e, ERR_FORMAT, "%.*s: not a machine of this case", (int)v->column.len, v->column.p);
    return 0;
}

/* Checks the row's values and binds those that the worker may give. */
static int bind_row(struct facts_inserter *ins, const struct facts_table *t, sqlite3_stmt *to, struct err *e)
{
    uint64_t seen = 0;

    (void)sqlite3_clear_bindings(to);
    for (size_t i = 0; i < ins->row.n_values; i++) {
        const struct frame_value *v = &ins->row.values[i];
        int at = facts_table_column(t, v->column);
        if (at < 0)
            return err_set(e, ERR_FORMAT, "no column %.*s", (int)v->column.len, v->column.p);
        const struct facts_column *c = &t->columns[at];
        int r = check_value(c, v, e);
        if (r)
            return r;
        if (seen & (uint64_t)1 << at)
            return err_set(e, ERR_FORMAT, "%s: given twice", c->name);
        seen |= (uint64_t)1 << at;
        if (c->owner == FACTS_OWN_SERVER || (c->owner == FACTS_OWN_LABEL && !ins->is_case))
            continue;
        if (c->owner == FACTS_OWN_LABEL && (r = check_machine(ins, v, e)))
            return r;
        if (bind_value(to, at + 1, v))
            return facts_sqlite_error(e, ins->db, t->name);
    }
    return 0;
}

static int insert(struct facts_inserter *ins, const struct facts_table *t, struct err *e)
{
    sqlite3_stmt *to = facts_inserts_get(&ins->inserts, t);
    int r = to ? bind_row(ins, t, to, e) : facts_sqlite_error(e, ins->db, t->name);

    for (size_t i = 0; i < t->n_columns && !r && !ins->is_case; i++)
        if (t->columns[i].owner == FACTS_OWN_LABEL)
            if (bind_text(to, (int)i + 1, facts_inserter_label(ins)))
                r = facts_sqlite_error(e, ins->db, t->name);
    if (!r && sqlite3_step(to) != SQLITE_DONE)
        r = facts_sqlite_error(e, ins->db, t->name);
    (void)sqlite3_reset(to);
    return r;
}

/* Later rows of `machine`: each column that is given replaces what is there. Names come from the schema, not
 * the row. */
static int update_machine(struct facts_inserter *ins, const struct facts_table *t, struct err *e)
{
    for (size_t i = 0; i < ins->row.n_values; i++) {
        CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
        char sql[256];
        const struct frame_value *v = &ins->row.values[i];
        int at = facts_table_column(t, v->column);
        if (at < 0)
            return err_set(e, ERR_FORMAT, "no column %.*s", (int)v->column.len, v->column.p);
        int r = check_value(&t->columns[at], v, e);
        if (r)
            return r;
        if (v->type == FRAME_NULL || t->columns[at].owner != FACTS_OWN_ROW)
            continue;
        (void)snprintf(sql, sizeof sql, "UPDATE machine SET \"%s\" = ?1 WHERE machine = ?2",
                       t->columns[at].name);
        if (sqlite3_prepare_v2(ins->db, sql, -1, &s, NULL) || bind_value(s, 1, v) ||
            bind_text(s, 2, ins->label) || sqlite3_step(s) != SQLITE_DONE)
            return facts_sqlite_error(e, ins->db, "machine");
    }
    return 0;
}

static int insert_machine(struct facts_inserter *ins, const struct facts_table *t, struct err *e)
{
    if (ins->is_case)
        return err_set(e, ERR_FORMAT, "a case job has no machine of its own");
    if (ins->has_machine)
        return update_machine(ins, t, e);
    if (!ins->has_label) {
        struct str name = {NULL, 0};
        for (size_t i = 0; i < ins->row.n_values; i++)
            if (str_eq(ins->row.values[i].column, STR("name")) && ins->row.values[i].type == FRAME_TEXT)
                name = (struct str){(const char *)ins->row.values[i].data.p, ins->row.values[i].data.len};
        if ((int64_t)name.len > LIMIT_TEXT_BYTES)
            name.len = 0;
        set_label(ins, name);
    }
    int r = insert(ins, t, e);
    ins->has_machine = r == 0;
    return r;
}

static int insert_row(struct facts_inserter *ins, struct err *e)
{
    const struct facts_table *t = facts_schema_table(ins->inserts.schema, ins->row.table);
    int r;

    if (!t)
        return err_set(e, ERR_FORMAT, "no table %.*s", (int)ins->row.table.len, ins->row.table.p);
    bool is_machine = strcmp(t->name, "machine") == 0;
    if (!is_machine && !ins->is_case && !ins->has_label)
        return err_set(e, ERR_FORMAT, "%s: the first row is not of machine", t->name);
    r = is_machine ? insert_machine(ins, t, e) : insert(ins, t, e);
    return r ? err_wrap(e, "%s", t->name) : 0;
}

int facts_insert_row(struct facts_inserter *ins, struct bytes body, struct err *e)
{
    ins->n_rows++;
    ins->n_bytes += (int64_t)body.len;
    if ((int64_t)body.len > LIMIT_ROW_BYTES || ins->n_rows > LIMIT_ROWS || ins->n_bytes > LIMIT_ROWS_BYTES)
        return err_set(e, ERR_LIMIT, "more rows, or longer ones, than one bundle may have");
    int r = frame_read(body, &ins->row, e);

    if (!r)
        r = insert_row(ins, e);
    return r ? err_wrap(e, "row %lld", (long long)ins->n_rows) : 0;
}

int facts_insert_put(struct bytes frame, void *ctx, struct err *e)
{
    return facts_insert_row(ctx, frame, e);
}

int facts_insert_frames(struct facts_inserter *ins, struct bytes stream, struct err *e)
{
    while (stream.len >= FRAME_HEAD_BYTES) {
        size_t len = frame_length(stream.p);

        stream = (struct bytes){stream.p + FRAME_HEAD_BYTES, stream.len - FRAME_HEAD_BYTES};
        if (len == 0)
            return stream.len ? err_set(e, ERR_FORMAT, "rows: bytes after the end") : 0;
        if (len > stream.len)
            break;
        int r = facts_insert_row(ins, (struct bytes){stream.p, len}, e);
        if (r)
            return r;
        stream = (struct bytes){stream.p + len, stream.len - len};
    }
    return err_set(e, ERR_FORMAT, "rows: end in the middle");
}

int facts_insert_problem(struct facts_inserter *ins, const char *problem, struct err *e)
{
    struct sink *s;
    int r = sink_open_put(facts_insert_put, ins, &s, e);

    if (r)
        return r;
    if (!ins->has_machine && !ins->is_case) {
        sink_begin(s, "machine");
        sink_int(s, "has_manifest", 0);
        sink_end(s);
    }
    if (!ins->is_case)
        sink_problem(s, (struct str){NULL, 0}, 0, "%s", problem);
    return sink_close(s, e);
}
