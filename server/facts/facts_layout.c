/* SPDX-License-Identifier: Apache-2.0
 *
 * The kept facts of a case as a file: the template, then its rows. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "facts_handles.h"
#include "facts_image.h"
#include "facts_schema.h"
#include "facts_template.h"

static int write_template(const char *path, struct err *e)
{
    const struct facts_template t = facts_template();
    size_t done = 0;
    ssize_t n = 0;
    int r = 0, fd;

    if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
        return err_errno(e, "%s", path);
    while (done < t.len && (n = write(fd, t.bytes + done, t.len - done)) > 0)
        done += (size_t)n;
    if (done < t.len)
        r = err_errno(e, "%s", path);
    (void)close(fd);
    return r;
}

/* What says how to fill `out`: rows of each table, and a view that stayed one instead of its table. Names are
 * those of facts.sql. */
static const char STEPS[] =
    "SELECT CASE type WHEN 'table' THEN 'INSERT INTO out.\"' || name || '\" SELECT * FROM main.\"' || name "
    "|| '\"'"
    " ELSE 'DROP TABLE out.\"' || name || '\"; CREATE VIEW out.' || substr(sql, length('CREATE VIEW ') + 1) "
    "END"
    " FROM main.sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'"
    " ORDER BY type, rowid";

static int fill(sqlite3 *settled, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(4 << 20);
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step;

    if (sqlite3_prepare_v2(settled, STEPS, -1, &s, NULL))
        return facts_sqlite_error(e, settled, "facts");
    buf_add_c(&sql, "BEGIN;");
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        buf_printf(&sql, "%s;\n", (const char *)sqlite3_column_text(s, 0));
    buf_add_c(&sql, "COMMIT;");
    (void)sqlite3_reset(s);
    if (step != SQLITE_DONE || buf_check(&sql, "facts", e))
        return facts_sqlite_error(e, settled, "facts");
    if (sqlite3_exec(settled, buf_c(&sql), NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    (void)facts_sqlite_error(e, settled, "facts");
    (void)sqlite3_exec(settled, "ROLLBACK", NULL, NULL, NULL);
    return -e->code;
}

static int attach(sqlite3 *settled, const char *path, struct err *e)
{
    char *sql = sqlite3_mprintf(
        "ATTACH %Q AS out; PRAGMA out.journal_mode = OFF; PRAGMA out.synchronous = OFF", path);
    int r = sql ? sqlite3_exec(settled, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

    sqlite3_free(sql);
    return r ? facts_sqlite_error(e, settled, path) : 0;
}

int facts_lay_out(sqlite3 *settled, const char *path, struct err *e)
{
    int r = write_template(path, e);

    if (r < 0)
        return r;
    r = attach(settled, path, e);
    if (r == 0) {
        r = fill(settled, e);
        if (sqlite3_exec(settled, "DETACH out", NULL, NULL, NULL) && r == 0)
            r = facts_sqlite_error(e, settled, path);
    }
    if (r < 0)
        (void)unlink(path);
    return r;
}

/* The template, as memory that SQLite may make larger. */
static int attach_copy(sqlite3 *settled, struct err *e)
{
    const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
    const struct facts_template t = facts_template();
    unsigned char *copy = NULL;
    int r = attach(settled, ":memory:", e);

    if (r < 0)
        return r;
    copy = sqlite3_malloc64(t.len);
    if (!copy)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    memcpy(copy, t.bytes, t.len);
    if (sqlite3_deserialize(settled, "out", copy, (sqlite3_int64)t.len, (sqlite3_int64)t.len, flags))
        return facts_sqlite_error(e, settled, "facts");
    return 0;
}

static int take_bytes(sqlite3 *settled, unsigned char *to, size_t *ret_len, struct err *e)
{
    sqlite3_int64 len = 0;
    const unsigned char *bytes = sqlite3_serialize(settled, "out", &len, SQLITE_SERIALIZE_NOCOPY);

    if (!bytes)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    if (len > FACTS_IMAGE_BYTES)
        return err_set(e, ERR_LIMIT, "facts: more than %d MiB", FACTS_IMAGE_BYTES >> 20);
    memcpy(to, bytes, (size_t)len);
    *ret_len = (size_t)len;
    return 0;
}

int facts_lay_out_at(sqlite3 *settled, unsigned char *to, size_t *ret_len, struct err *e)
{
    int r = attach_copy(settled, e);

    if (r == 0)
        r = fill(settled, e);
    if (r == 0)
        r = take_bytes(settled, to, ret_len, e);
    (void)sqlite3_exec(settled, "DETACH out", NULL, NULL, NULL);
    return r;
}
