/* SPDX-License-Identifier: Apache-2.0 */
#include "facts_image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compiler.h"
#include "facts_db.h"
#include "facts_handles.h"
#include "facts_schema.h"
#include "facts_template.h"

/* The database header: big-endian numbers of four bytes. */
enum { HEADER_BYTES = 100, CHANGE_COUNTER = 24, VALID_FOR = 92 };

/* Pages are read where they lie. */
static const char MAPPED[] = "PRAGMA mmap_size = 268435456";

/* BEGIN is not for who is confined. */
static const char HOLD[] = "SELECT 1 FROM sqlite_schema";

struct facts_image {
    unsigned char *bytes;
    sqlite3 *db;
    sqlite3_stmt *hold; /* at its row as long as a case is shown: one transaction of reading around all */
    uint32_t counter;
};

static void put_u32(unsigned char *to, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(n >> (24 - 8 * i));
}

/* The page cache of the connection is dropped when the counter differs; the size in the header counts when
 * both numbers agree. */
static void set_counter(struct facts_image *image)
{
    image->counter++;
    put_u32(image->bytes + CHANGE_COUNTER, image->counter);
    put_u32(image->bytes + VALID_FOR, image->counter);
}

static int connect_to(struct facts_image *image, struct err *e)
{
    const struct facts_template t = facts_template();

    memcpy(image->bytes, t.bytes, t.len);
    set_counter(image);
    if (sqlite3_open_v2(":memory:", &image->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_deserialize(image->db, "main", image->bytes, FACTS_IMAGE_BYTES, FACTS_IMAGE_BYTES,
                            SQLITE_DESERIALIZE_READONLY) ||
        sqlite3_exec(image->db, MAPPED, NULL, NULL, NULL))
        return facts_sqlite_error(e, image->db, "facts");
    if (facts_confine(image->db, e) < 0)
        return -e->code;
    return sqlite3_prepare_v3(image->db, HOLD, -1, SQLITE_PREPARE_PERSISTENT, &image->hold, NULL)
               ? facts_sqlite_error(e, image->db, "facts")
               : 0;
}

unsigned char *facts_image_map(struct err *e)
{
    void *p = mmap(NULL, FACTS_IMAGE_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (p != MAP_FAILED)
        return p;
    (void)err_set(e, ERR_NOMEM, "facts: out of memory");
    return NULL;
}

int facts_image_new(unsigned char *memory, struct facts_image **ret, struct err *e)
{
    struct facts_image *image = calloc(1, sizeof *image);
    int r;

    if (!image)
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    image->bytes = memory;
    r = connect_to(image, e);
    if (r < 0)
        facts_image_free(image);
    else
        *ret = image;
    return r;
}

static int read_all(int fd, unsigned char *to, size_t *ret_len, const char *path, struct err *e)
{
    ssize_t n = 1;

    for (*ret_len = 0; n > 0 && *ret_len < FACTS_IMAGE_BYTES; *ret_len += (size_t)n)
        if ((n = pread(fd, to + *ret_len, FACTS_IMAGE_BYTES - *ret_len, (off_t)*ret_len)) < 0)
            return err_errno(e, "%s", path);
    return n > 0 ? err_set(e, ERR_LIMIT, "%s: more than %d MiB of facts", path, FACTS_IMAGE_BYTES >> 20) : 0;
}

int facts_image_read(const char *path, unsigned char *to, size_t *ret_len, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), r;

    if (fd < 0)
        return err_errno(e, "%s", path);
    r = read_all(fd, to, ret_len, path, e);
    (void)close(fd);
    return r;
}

/* Its tables are those for which the statements were compiled, at the same pages. While one statement reads,
 * none of the others need look whether rows have changed. */
int facts_image_show(struct facts_image *image, size_t len, struct err *e)
{
    (void)sqlite3_reset(image->hold);
    set_counter(image);
    if (len < HEADER_BYTES)
        return err_set(e, ERR_UNSUPPORTED, "not facts");
    if (!facts_template_is_same(image->bytes))
        return err_set(e, ERR_UNSUPPORTED, "facts that are laid out otherwise");
    (void)sqlite3_step(image->hold); /* where it cannot read, no other can */
    return 0;
}

sqlite3 *facts_image_db(const struct facts_image *image)
{
    return image->db;
}

void facts_image_free(struct facts_image *image)
{
    if (!image)
        return;
    (void)sqlite3_finalize(image->hold);
    (void)sqlite3_close(image->db);
    free(image);
}
