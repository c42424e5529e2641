/* SPDX-License-Identifier: Apache-2.0 */
#include "template.h"

#include <string.h>

#include "text.h"

static const struct {
    const char *name;
    const char *sql; /* NULL: no function */
} filters[FILTER_COUNT] = {
    [FILTER_NONE] = {"", NULL},
    [FILTER_TIME] = {"time", NULL},
    [FILTER_CMD] = {"cmd", "SELECT quote_cmd(?1)"},
    [FILTER_PS] = {"ps", "SELECT quote_ps(?1)"},
    [FILTER_NETSH] = {"netsh", "SELECT quote_netsh(?1)"},
    [FILTER_COMMAND] = {"command", NULL},
};

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || c == '_' || (i && c >= '0' && c <= '9')))
            return false;
    }
    return s.len > 0;
}

static bool read_hole(struct str inside, struct template_hole *ret)
{
    struct str filter, column = str_cut(inside, '|', &filter);

    if (!is_name(column) || (filter.p && !is_name(filter)))
        return false;
    *ret = (struct template_hole){.column = column, .filter_name = filter};
    for (int i = 0; i < FILTER_COUNT && !ret->known; i++) {
        if (str_eq(filter, str_from(filters[i].name))) {
            ret->filter = (enum template_filter)i;
            ret->known = true;
        }
    }
    return true;
}

bool template_next(struct str *text, struct str *ret_before, struct template_hole *ret)
{
    struct str rest = *text;

    for (const char *at; rest.len && (at = memchr(rest.p, '{', rest.len));) {
        struct str after, inside;
        rest = str_skip(rest, (size_t)(at - rest.p) + 1);
        inside = str_cut(rest, '}', &after);
        if (after.p == NULL || !read_hole(inside, ret))
            continue;
        *ret_before = (struct str){text->p, (size_t)(at - text->p)};
        *text = after;
        return true;
    }
    *ret_before = *text;
    *text = (struct str){NULL, 0};
    return false;
}

void quoter_done(struct quoter *q)
{
    for (int i = 0; i < FILTER_COUNT; i++) {
        statements_give(q->by_filter[i]);
        q->by_filter[i] = NULL;
    }
}

int row_open(struct arena *arena, sqlite3_stmt *values, struct row *ret, struct err *e)
{
    int n = sqlite3_column_count(values);
    struct str *names = arena_array(arena, (size_t)n, sizeof *names);

    if (!names)
        return err_set(e, ERR_NOMEM, "columns");
    for (int i = 0; i < n; i++)
        names[i] = str_from(sqlite3_column_name(values, i));
    *ret = (struct row){values, names, n};
    return 0;
}

int row_column(const struct row *row, struct str name)
{
    for (int i = 0; i < row->n; i++)
        if (str_eq(name, row->names[i]))
            return i;
    return -1;
}

static struct str column_text(sqlite3_stmt *s, int i)
{
    const unsigned char *p = sqlite3_column_text(s, i);

    if (!p)
        return (struct str){NULL, 0};
    return (struct str){(const char *)p, (size_t)sqlite3_column_bytes(s, i)};
}

struct str row_text(const struct row *row, const char *name)
{
    int i = row_column(row, str_from(name));

    return i < 0 ? (struct str){NULL, 0} : column_text(row->values, i);
}

static int quote(struct quoter *q, enum template_filter filter, struct str value, struct buf *out,
                 bool *ret_quoted, struct err *e)
{
    sqlite3_stmt **stmt = &q->by_filter[filter];
    struct str quoted;

    if (!*stmt && statements_take(q->statements, filters[filter].sql, stmt) != SQLITE_OK)
        return err_set(e, ERR_FORMAT, "%s: %s", filters[filter].name,
                       sqlite3_errmsg(statements_db(q->statements)));
    sqlite3_reset(*stmt);
    sqlite3_bind_text(*stmt, 1, value.p, (int)value.len, SQLITE_TRANSIENT);
    if (sqlite3_step(*stmt) != SQLITE_ROW)
        return err_set(e, ERR_FORMAT, "%s: %s", filters[filter].name,
                       sqlite3_errmsg(statements_db(q->statements)));
    quoted = column_text(*stmt, 0);
    *ret_quoted = quoted.p != NULL;
    buf_add_str(out, quoted);
    sqlite3_reset(*stmt);
    return 0;
}

static int fill(struct quoter *q, const struct row *row, const struct template_hole *hole, struct buf *out,
                struct template_result *ret, struct err *e)
{
    int i = row_column(row, hole->column), r;
    struct str value;
    char time[32];
    bool quoted = true;

    if (i < 0 || !hole->known)
        return err_set(e, ERR_FORMAT, "{%.*s}: not selected, or no such filter", (int)hole->column.len,
                       hole->column.p);
    value = column_text(row->values, i);
    if (!value.p) {
        ret->has_null = true;
        return 0;
    }
    if (hole->filter == FILTER_TIME) {
        time_format(sqlite3_column_int64(row->values, i), time);
        buf_add_c(out, time);
    } else if (filters[hole->filter].sql) {
        r = quote(q, hole->filter, value, out, &quoted, e);
        if (r < 0)
            return r;
        if (!quoted)
            buf_printf(out, "<%.*s>", (int)hole->column.len, hole->column.p);
    } else {
        buf_add_str(out, value);
    }
    ret->has_placeholder = ret->has_placeholder || !quoted;
    return 0;
}

int template_expand(struct quoter *q, const struct row *row, struct str text, struct buf *out,
                    struct template_result *ret, struct err *e)
{
    struct template_hole hole = {0};
    struct str before;
    bool more = true;
    int r = 0;

    *ret = (struct template_result){0};
    while (r == 0 && more) {
        more = template_next(&text, &before, &hole);
        buf_add_str(out, before);
        if (more)
            r = fill(q, row, &hole, out, ret, e);
    }
    return r < 0 ? r : buf_check(out, "text of a finding", e);
}
