/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "case.h"
#include "facts_db.h"
#include "facts_handles.h"
#include "text.h"

enum { HASH_CHARS = 64, HASHES_BYTES = 65536 };

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, HASH_CHARS);
}

static int read_hash(sqlite3 *db, struct buf *out, struct err *e)
{
    CLEANUP(facts_statement_done) sqlite3_stmt *s = NULL;

    if (sqlite3_prepare_v2(db, "SELECT bundle FROM machine LIMIT 1", -1, &s, NULL) != SQLITE_OK)
        return err_set(e, ERR_IO, "facts: %s", sqlite3_errmsg(db));
    if (sqlite3_step(s) != SQLITE_ROW || sqlite3_column_bytes(s, 0) != HASH_CHARS)
        return err_set(e, ERR_MISSING, "facts without the hash of their bundle");
    buf_add(out, sqlite3_column_text(s, 0), HASH_CHARS);
    return 0;
}

int case_facts_key(sqlite3 *const *machines, size_t n_machines, char ret[CASE_KEY_CHARS + 1], struct err *e)
{
    CLEANUP(buf_done) struct buf hashes = BUF_INIT(HASHES_BYTES);
    CLEANUP(buf_done) struct buf key = BUF_INIT(2 * CASE_KEY_CHARS);
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    for (size_t i = 0; i < n_machines; i++)
        if (read_hash(machines[i], &hashes, e))
            return -e->code;
    if (hashes.len > 0)
        qsort(hashes.p, hashes.len / HASH_CHARS, HASH_CHARS, compare_hashes);
    buf_printf(&hashes, " facts %d extractors %d", FACTS_VERSION, EXTRACTORS_VERSION);
    if (buf_check(&hashes, "case facts", e))
        return -e->code;
    if (EVP_Digest(hashes.p, hashes.len, md, &len, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_NOMEM, "case facts: out of memory");
    text_hex(&key, md, len);
    if (buf_check(&key, "case facts", e) || key.len != CASE_KEY_CHARS)
        return -ERR_NOMEM;
    memcpy(ret, key.p, CASE_KEY_CHARS + 1);
    return 0;
}
