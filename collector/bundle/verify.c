/* SPDX-License-Identifier: Apache-2.0
 *
 * The finished file through another library's eyes: our writer does not judge itself. */
#include "bundle.h"

#include <zip.h>

#include "limits.h"

static void discard(zip_t **z)
{
    if (*z != NULL)
        zip_discard(*z);
}

/* Reads an entry to its end: libzip compares the CRC there. */
static int read_entry(zip_t *z, zip_uint64_t i, struct err *e)
{
    char buffer[16384];
    zip_file_t *f = zip_fopen_index(z, i, 0);
    zip_int64_t n;

    if (f == NULL)
        return err_set(e, ERR_FORMAT, "entry %s: %s", zip_get_name(z, i, ZIP_FL_ENC_RAW), zip_strerror(z));
    do
        n = zip_fread(f, buffer, sizeof(buffer));
    while (n > 0);
    int r = n < 0 ? err_set(e, ERR_FORMAT, "entry %s: %s", zip_get_name(z, i, ZIP_FL_ENC_RAW),
                            zip_file_strerror(f))
                  : 0;
    if (zip_fclose(f) != 0 && r == 0)
        r = err_set(e, ERR_FORMAT, "entry %s: wrong CRC", zip_get_name(z, i, ZIP_FL_ENC_RAW));
    return r;
}

int bundle_verify(const char *path, size_t n_entries, struct err *e)
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
    if (n < 0 || (uint64_t)n != n_entries)
        return err_set(e, ERR_FORMAT, "%s: %lld entries, %zu were written", path, (long long)n, n_entries);
    for (zip_int64_t i = 0; i < n; i++)
        if (read_entry(z, (zip_uint64_t)i, e) != 0)
            return err_wrap(e, "%s", path);
    return 0;
}
