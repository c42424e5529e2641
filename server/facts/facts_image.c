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

/* Address space, of which a case takes what it needs. */
enum { IMAGE_BYTES = 256 << 20 };
/* The database header: big-endian numbers of four bytes. */
enum { HEADER_BYTES = 100, CHANGE_COUNTER = 24, VALID_FOR = 92 };

/* Pages are read where they lie. */
static const char MAPPED[] = "PRAGMA mmap_size = 268435456";

struct facts_image {
    unsigned char *bytes;
    sqlite3 *db;
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
    struct facts_template t;
    int r = facts_template(&t, e);

    if (r < 0)
        return r;
    image->bytes =
        mmap(NULL, IMAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (image->bytes == MAP_FAILED) {
        image->bytes = NULL;
        return err_set(e, ERR_NOMEM, "facts: out of memory");
    }
    memcpy(image->bytes, t.bytes, t.len);
    set_counter(image);
    if (sqlite3_open_v2(":memory:", &image->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ||
        sqlite3_deserialize(image->db, "main", image->bytes, IMAGE_BYTES, IMAGE_BYTES,
                            SQLITE_DESERIALIZE_READONLY) ||
        sqlite3_exec(image->db, MAPPED, NULL, NULL, NULL))
        return facts_sqlite_error(e, image->db, "facts");
    return facts_confine(image->db, e);
}

int facts_image_new(struct facts_image **ret, struct err *e)
{
    struct facts_image *image = calloc(1, sizeof *image);
    int r = image ? connect_to(image, e) : err_set(e, ERR_NOMEM, "facts: out of memory");

    if (r < 0)
        facts_image_free(image);
    else
        *ret = image;
    return r;
}

static int read_all(int fd, unsigned char *to, size_t *ret_len, const char *path, struct err *e)
{
    ssize_t n = 1;

    for (*ret_len = 0; n > 0 && *ret_len < IMAGE_BYTES; *ret_len += (size_t)n)
        if ((n = pread(fd, to + *ret_len, IMAGE_BYTES - *ret_len, (off_t)*ret_len)) < 0)
            return err_errno(e, "%s", path);
    if (n > 0)
        return err_set(e, ERR_UNSUPPORTED, "%s: too large to be judged with others", path);
    return *ret_len < HEADER_BYTES ? err_set(e, ERR_UNSUPPORTED, "%s: not facts", path) : 0;
}

/* Its tables are those for which the statements were compiled, at the same pages. */
static int check_layout(const struct facts_image *image, const char *path, struct err *e)
{
    struct facts_template t;
    int r = facts_template(&t, e);

    if (r == 0 && !facts_template_is_same(&t, image->bytes))
        r = err_set(e, ERR_UNSUPPORTED, "%s: laid out otherwise", path);
    return r;
}

int facts_image_load(struct facts_image *image, const char *path, struct err *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), r;
    size_t len = 0;

    if (fd < 0)
        return err_errno(e, "%s", path);
    r = read_all(fd, image->bytes, &len, path, e);
    (void)close(fd);
    set_counter(image);
    return r < 0 ? r : check_layout(image, path, e);
}

sqlite3 *facts_image_db(const struct facts_image *image)
{
    return image->db;
}

void facts_image_free(struct facts_image *image)
{
    if (!image)
        return;
    (void)sqlite3_close(image->db);
    if (image->bytes)
        (void)munmap(image->bytes, IMAGE_BYTES);
    free(image);
}
