/* SPDX-License-Identifier: Apache-2.0
 *
 * The finished file through another library's eyes: our writer does not judge itself. */
#include "bundle.h"

#include <zip.h>
#include <zlib.h>

#include "limits.h"

static void discard(zip_t **z)
{
    if (*z != NULL)
        zip_discard(*z);
}

enum { INFLATED_BYTES = 1 << 20 };

static int read_all(zip_file_t *f, uint32_t *crc)
{
    uint8_t buffer[16384];
    zip_int64_t n;

    while ((n = zip_fread(f, buffer, sizeof(buffer))) > 0)
        *crc = (uint32_t)crc32(*crc, buffer, (uInt)n);
    return (int)n;
}

/* Reads an entry to its end: libzip compares the CRC of what it inflates there. To inflate all logs again
 * would take a fifth of the whole run, so of large entries the compressed bytes are compared with what was
 * written. */
static int read_entry(zip_t *z, zip_uint64_t i, uint32_t sum, struct err *e)
{
    const char *name = zip_get_name(z, i, ZIP_FL_ENC_RAW);
    zip_stat_t stat;
    bool inflate = zip_stat_index(z, i, 0, &stat) != 0 || stat.size <= INFLATED_BYTES;
    zip_file_t *f = zip_fopen_index(z, i, inflate ? 0 : ZIP_FL_COMPRESSED);
    uint32_t crc = 0;
    int r;

    if (f == NULL)
        return err_set(e, ERR_FORMAT, "entry %s: %s", name, zip_strerror(z));
    r = read_all(f, &crc) == 0 ? 0 : err_set(e, ERR_FORMAT, "entry %s: %s", name, zip_file_strerror(f));
    if ((zip_fclose(f) != 0 || (!inflate && crc != sum)) && r == 0)
        r = err_set(e, ERR_FORMAT, "entry %s: wrong CRC", name);
    return r;
}

static uint32_t sum_at(struct bytes sums, zip_int64_t i)
{
    const uint8_t *p = sums.p + 4 * i;

    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

int bundle_verify(const char *path, struct bytes sums, struct err *e)
{
    int code = 0;
    CLEANUP(discard) zip_t *z = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);

    if (z == NULL) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        int r = err_set(e, ERR_FORMAT, "%s: %s", path, zip_error_strerror(&why));
        zip_error_fini(&why);
        return r;
    }
    zip_int64_t n = zip_get_num_entries(z, 0);
    if (n < 0 || (uint64_t)n * 4 != sums.len)
        return err_set(e, ERR_FORMAT, "%s: %lld entries, %zu were written", path, (long long)n, sums.len / 4);
    for (zip_int64_t i = 0; i < n; i++)
        if (read_entry(z, (zip_uint64_t)i, sum_at(sums, i), e) != 0)
            return err_wrap(e, "%s", path);
    return 0;
}
