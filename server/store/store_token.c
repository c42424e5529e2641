/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens: 32 random bytes as hex behind a mark that makes a leaked one easy to find. Kept as SHA-256: a token
 * has 256 bits of its own, so no salt and no slow hash; looking the hash up compares nothing secret byte by
 * byte. */
#include "store.h"

#include "compiler.h"
#include "names.h"
#include "store_db.h"
#include "text.h"

#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define TOKEN_MARK "ctt_"

static const char *const role_texts[] = {
    [TOKEN_UPLOAD] = "upload", [TOKEN_TRIAGE] = "triage", [TOKEN_ADMIN] = "admin"};

bool token_role_from(struct str s, enum token_role *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(role_texts); i++) {
        if (str_eq(s, str_from(role_texts[i]))) {
            *ret = (enum token_role)i;
            return true;
        }
    }
    return false;
}

static int hash_secret(struct str secret, struct buf *ret, struct err *e)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;

    if (EVP_Digest(secret.len ? secret.p : "", secret.len, digest, &n, EVP_sha256(), NULL) != 1)
        return err_set(e, ERR_IO, "token: hashing");
    text_hex(ret, digest, n);
    return buf_check(ret, "token", e);
}

int store_token_create(struct store *s, enum token_role role, struct str case_id, int64_t expires_ms,
                       struct buf *ret, struct err *e)
{
    uint8_t random[32];
    CLEANUP(buf_done) struct buf hash = BUF_INIT(256);
    int64_t now = (int64_t)time(NULL) * 1000;
    int r;

    if (case_id.len && !case_id_is_legal(case_id))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_errno(e, "token: random bytes");
    buf_clear(ret);
    buf_add_c(ret, TOKEN_MARK);
    text_hex(ret, random, sizeof random);
    if (buf_check(ret, "token", e) < 0 || hash_secret(buf_str(ret), &hash, e) < 0 || store_begin(s, e) < 0)
        return -e->code;
    r = store_run(s, e, "INSERT INTO token(hash, role, case_id, expires, created) VALUES(?,?,?,?,?)", "ccsii",
                  buf_c(&hash), role_texts[role], &case_id, expires_ms == TIME_NONE ? NULL : &expires_ms,
                  &now);
    return store_end(s, r, e);
}

static int read_token(struct store *s, const char *hash, int64_t now_ms, struct token *ret, struct err *e)
{
    CLEANUP(store_finalize) sqlite3_stmt *st = NULL;
    struct token t = {0};
    int r = store_prepare(s, &st, e,
                          "SELECT role, case_id FROM token WHERE hash = ? AND coalesce(expires, ?) >= ?",
                          "cii", hash, &now_ms, &now_ms);

    if (r == 0)
        r = store_step(s, st, e);
    if (r < 0)
        return r;
    if (r == 0 || !token_role_from(str_from((const char *)sqlite3_column_text(st, 0)), &t.role))
        return err_set(e, ERR_UNAUTHORIZED, "token: not known, or expired");
    strncpy(t.case_id, (const char *)sqlite3_column_text(st, 1), sizeof t.case_id - 1);
    *ret = t;
    return 0;
}

int store_token_check(struct store *s, struct str secret, int64_t now_ms, struct token *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT(256);
    int r;

    if (secret.len > 256)
        return err_set(e, ERR_UNAUTHORIZED, "token: not known, or expired");
    if (hash_secret(secret, &hash, e) < 0)
        return -e->code;
    (void)pthread_mutex_lock(&s->lock);
    r = read_token(s, buf_c(&hash), now_ms, ret, e);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}
