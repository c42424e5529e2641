/* SPDX-License-Identifier: Apache-2.0
 *
 * The kept facts of a case: the template, then the rows of its tables, then those of its views. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "buf.h"
#include "facts_functions.h"
#include "facts_handles.h"
#include "facts_image.h"
#include "facts_schema.h"
#include "facts_template.h"
#include "facts_view.h"
#include "limits.h"

/* What says how to fill the tables of `out`. Names are those of facts.sql. */
static const char COPIES[] = "SELECT 'INSERT INTO out.\"' || name || '\" SELECT * FROM main.\"' || name || "
                             "'\"' FROM main.sqlite_master"
                             " WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid";

static int copy_tables(sqlite3 *facts, struct err *e)
{
    CLEANUP(buf_done) struct buf sql = BUF_INIT(1 << 20);
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step;

    if (sqlite3_prepare_v2(facts, COPIES, -1, &s, NULL))
        return facts_sqlite_error(e, facts, "facts");
    buf_add_c(&sql, "BEGIN;");
    while ((step = sqlite3_step(s)) == SQLITE_ROW)
        buf_printf(&sql, "%s;\n", (const char *)sqlite3_column_text(s, 0));
    buf_add_c(&sql, "COMMIT;");
    (void)sqlite3_reset(s);
    if (step != SQLITE_DONE || buf_check(&sql, "facts", e))
        return facts_sqlite_error(e, facts, "facts");
    if (sqlite3_exec(facts, buf_c(&sql), NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    (void)facts_sqlite_error(e, facts, "facts");
    (void)sqlite3_exec(facts, "ROLLBACK", NULL, NULL, NULL);
    return -e->code;
}

/* The template, as memory that SQLite may make larger. */
static int attach_template(sqlite3 *facts, struct err *e)
{
    const unsigned flags = SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE;
    const struct facts_template t = facts_template();
    unsigned char *copy = NULL;

    if (sqlite3_exec(facts, "ATTACH ':memory:' AS out", NULL, NULL, NULL))
        return facts_sqlite_error(e, facts, "facts");
    copy = sqlite3_malloc64(t.len);
    if (!copy)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    memcpy(copy, t.bytes, t.len);
    if (sqlite3_deserialize(facts, "out", copy, (sqlite3_int64)t.len, (sqlite3_int64)t.len, flags) ||
        sqlite3_exec(facts, "PRAGMA out.journal_mode = OFF", NULL, NULL, NULL))
        return facts_sqlite_error(e, facts, "facts");
    return 0;
}

static int take_bytes(sqlite3 *facts, unsigned char *to, size_t *ret_len, struct err *e)
{
    sqlite3_int64 len = 0;
    const unsigned char *bytes = sqlite3_serialize(facts, "out", &len, SQLITE_SERIALIZE_NOCOPY);

    if (!bytes)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    if (len > FACTS_IMAGE_BYTES)
        return err_set(e, ERR_LIMIT, "facts: more than %d MiB", FACTS_IMAGE_BYTES >> 20);
    memcpy(to, bytes, (size_t)len);
    *ret_len = (size_t)len;
    return 0;
}

static int lay_out_tables(sqlite3 *facts, unsigned char *to, size_t *ret_len, struct err *e)
{
    int r = attach_template(facts, e);

    if (r == 0)
        r = copy_tables(facts, e);
    if (r == 0)
        r = take_bytes(facts, to, ret_len, e);
    (void)sqlite3_exec(facts, "DETACH out", NULL, NULL, NULL);
    return r;
}

/* In the memory that they lie in, which has room. */
static int open_there(unsigned char *bytes, size_t len, sqlite3 **ret, struct err *e)
{
    static const char SETTINGS[] = "PRAGMA journal_mode = MEMORY; PRAGMA temp_store = MEMORY";

    if (sqlite3_open_v2(":memory:", ret, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_deserialize(*ret, "main", bytes, (sqlite3_int64)len, FACTS_IMAGE_BYTES, 0) ||
        sqlite3_exec(*ret, SETTINGS, NULL, NULL, NULL) || facts_functions_register(*ret))
        return facts_sqlite_error(e, *ret, "facts");
    return 0;
}

/* In the order of facts.sql: a view asks only those before it, which are tables by then. */
static int fill_views(sqlite3 *facts, sqlite3 *out, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;
    int step, r = 0;

    if (sqlite3_prepare_v2(facts, "SELECT name, sql FROM sqlite_master WHERE type = 'view' ORDER BY rowid",
                           -1, &s, NULL))
        return facts_sqlite_error(e, facts, "facts");
    while (r == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(s, 0);
        r = facts_view_stays(name) ? 0
                                   : facts_view_fill(out, name, (const char *)sqlite3_column_text(s, 1), e);
    }
    return r < 0 || step == SQLITE_DONE ? r : facts_sqlite_error(e, facts, "facts");
}

int facts_lay_out_at(sqlite3 *facts, unsigned char *to, size_t *ret_len, struct err *e)
{
    CLEANUP(facts_connection_done) sqlite3 *out = NULL;
    sqlite3_int64 len = 0;
    int r = lay_out_tables(facts, to, ret_len, e);

    if (r == 0)
        r = open_there(to, *ret_len, &out, e);
    if (r == 0)
        r = fill_views(facts, out, e);
    if (r == 0 && sqlite3_serialize(out, "main", &len, SQLITE_SERIALIZE_NOCOPY) != to)
        r = err_set(e, ERR_LIMIT, "facts: more than %d MiB", FACTS_IMAGE_BYTES >> 20);
    if (r == 0)
        *ret_len = (size_t)len;
    return r;
}

static int write_file(const char *path, const unsigned char *bytes, size_t len, struct err *e)
{
    size_t done = 0;
    ssize_t n = 0;
    int r = 0, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
        return err_errno(e, "%s", path);
    while (done < len && (n = write(fd, bytes + done, len - done)) > 0)
        done += (size_t)n;
    if (done < len)
        r = err_errno(e, "%s", path);
    (void)close(fd);
    if (r < 0)
        (void)unlink(path);
    return r;
}

int facts_lay_out(sqlite3 *facts, const char *path, struct err *e)
{
    size_t len = 0;
    unsigned char *memory = facts_image_map(e);
    int r = memory ? facts_lay_out_at(facts, memory, &len, e) : -e->code;

    if (r == 0)
        r = write_file(path, memory, len, e);
    if (memory)
        (void)munmap(memory, FACTS_IMAGE_BYTES);
    return r;
}
