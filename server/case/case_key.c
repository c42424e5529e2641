/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "case.h"
#include "facts_db.h"
#include "facts_image.h"
#include "text.h"

enum { PARTS_BYTES = 262144, PARTS = 256 };

static int compare_parts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int join(const char *const *parts, size_t n, struct str complaint, struct buf *out, struct err *e)
{
    const char *sorted[PARTS];

    if (n > PARTS)
        return err_set(e, ERR_LIMIT, "a case of more than %d bundles", (int)PARTS);
    for (size_t i = 0; i < n; i++)
        sorted[i] = parts[i];
    if (n > 0)
        qsort(sorted, n, sizeof *sorted, compare_parts);
    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s\n", sorted[i]);
    buf_add_str(out, complaint);
    buf_printf(out, "\nfacts %d extractors %d layout %016" PRIx64, FACTS_VERSION, EXTRACTORS_VERSION,
               facts_layout_mark());
    return buf_check(out, "case facts", e);
}

int case_facts_key(const char *const *parts, size_t n, struct str complaint, char ret[CASE_KEY_CHARS + 1],
                   struct err *e)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(PARTS_BYTES);
    CLEANUP(buf_done) struct buf key = BUF_INIT(2 * CASE_KEY_CHARS);
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (join(parts, n, complaint, &text, e) < 0)
        return -e->code;
    if (EVP_Digest(text.p, text.len, md, &len, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_NOMEM, "case facts: out of memory");
    text_hex(&key, md, len);
    if (buf_check(&key, "case facts", e) || key.len != CASE_KEY_CHARS)
        return -ERR_NOMEM;
    memcpy(ret, key.p, CASE_KEY_CHARS + 1);
    return 0;
}
