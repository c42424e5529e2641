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

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define TOKEN_MARK "ctt_"

enum { ID_BYTES = 16, LABEL_BYTES = 200, USED_MS = 60 * 1000 };

static const char *const role_texts[] = {
    [TOKEN_UPLOAD] = "upload", [TOKEN_TRIAGE] = "triage", [TOKEN_ADMIN] = "admin"};

const char *token_role_text(enum token_role role)
{
    return role_texts[role];
}

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

static int make_secret(struct buf *ret, struct buf *ret_hash, struct err *e)
{
    uint8_t random[32];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_errno(e, "token: random bytes");
    buf_clear(ret);
    buf_add_c(ret, TOKEN_MARK);
    text_hex(ret, random, sizeof random);
    return buf_check(ret, "token", e) < 0 ? -e->code : hash_secret(buf_str(ret), ret_hash, e);
}

int store_token_create(struct store *s, enum token_role role, struct str case_id, struct str label,
                       int64_t expires_ms, struct buf *ret, char ret_id[17], struct err *e)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT(256);
    int64_t now = (int64_t)time(NULL) * 1000;
    struct str id;
    int r;

    if (case_id.len && !case_id_is_legal(case_id))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (label.len > LABEL_BYTES || !text_is_printable(label))
        return err_set(e, ERR_USAGE, "label: a line of text of up to %d bytes", LABEL_BYTES);
    if (make_secret(ret, &hash, e) < 0 || store_begin(s, e) < 0)
        return -e->code;
    id = (struct str){hash.p, ID_BYTES};
    if (ret_id)
        (void)snprintf(ret_id, ID_BYTES + 1, "%s", buf_c(&hash));
    r = store_run(s, e,
                  "INSERT INTO token(hash, id, role, case_id, label, expires, created) VALUES(?,?,?,?,?,?,?)",
                  "cscssii", buf_c(&hash), &id, role_texts[role], &case_id, &label,
                  expires_ms == TIME_NONE ? NULL : &expires_ms, &now);
    return store_end(s, r, e);
}

/* Found by the public half of its hash; the whole is compared in constant time. */
static bool is_token(sqlite3_stmt *st, const struct buf *hash, int64_t now_ms)
{
    const void *stored = sqlite3_column_text(st, 0);

    return (size_t)sqlite3_column_bytes(st, 0) == hash->len &&
           CRYPTO_memcmp(stored, hash->p, hash->len) == 0 &&
           (sqlite3_column_type(st, 1) == SQLITE_NULL || sqlite3_column_int64(st, 1) >= now_ms) &&
           sqlite3_column_type(st, 2) == SQLITE_NULL;
}

static int read_token(struct store *s, const struct buf *hash, int64_t now_ms, struct token *ret,
                      int64_t *ret_used_ms, struct err *e)
{
    CLEANUP(store_give_back) struct store_statement st = {0};
    struct str id = {hash->p, ID_BYTES};
    struct token t = {0};
    int r = store_prepare(
        s, &st, e, "SELECT hash, expires, revoked, role, case_id, coalesce(used, 0) FROM token WHERE id = ?",
        "s", &id);

    if (r < 0 || (r = store_step(s, st.row, e)) < 0)
        return r;
    if (r == 0 || !is_token(st.row, hash, now_ms) ||
        !token_role_from(str_from((const char *)sqlite3_column_text(st.row, 3)), &t.role))
        return err_set(e, ERR_UNAUTHORIZED, "token: not known, expired or taken back");
    (void)snprintf(t.id, sizeof t.id, "%s", buf_c(hash));
    (void)snprintf(t.case_id, sizeof t.case_id, "%s", (const char *)sqlite3_column_text(st.row, 4));
    *ret_used_ms = sqlite3_column_int64(st.row, 5);
    *ret = t;
    return 0;
}

/* A disk that cannot be written must not keep anybody out: then it is not noted. */
static void note_use(struct store *s, const char *id, int64_t now_ms)
{
    struct err ignored = {0};

    if (store_begin_lazy(s, &ignored) == 0)
        (void)store_end(
            s, store_run(s, &ignored, "UPDATE token SET used = ? WHERE id = ?", "ic", &now_ms, id), &ignored);
}

int store_token_check(struct store *s, struct str secret, int64_t now_ms, struct token *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT(256);
    int64_t used = 0;
    int r;

    if (secret.len > 256)
        return err_set(e, ERR_UNAUTHORIZED, "token: not known, expired or taken back");
    if (hash_secret(secret, &hash, e) < 0)
        return -e->code;
    (void)pthread_mutex_lock(&s->lock);
    r = read_token(s, &hash, now_ms, ret, &used, e);
    (void)pthread_mutex_unlock(&s->lock);
    if (r == 0 && now_ms - used >= USED_MS)
        note_use(s, ret->id, now_ms);
    return r;
}

static int64_t time_column(sqlite3_stmt *st, int column)
{
    return sqlite3_column_type(st, column) == SQLITE_NULL ? TIME_NONE : sqlite3_column_int64(st, column);
}

int store_token_list(struct store *s, int (*take)(void *ctx, const struct store_token *one), void *ctx,
                     struct err *e)
{
    struct store_statement st = {0};
    int r;

    (void)pthread_mutex_lock(&s->lock);
    r = store_prepare(s, &st, e,
                      "SELECT id, role, case_id, label, created, expires, used, revoked FROM token"
                      " ORDER BY created DESC, id LIMIT 10000",
                      "");
    while (r >= 0 && (r = store_step(s, st.row, e)) > 0) {
        struct store_token one = {.id = (const char *)sqlite3_column_text(st.row, 0),
                                  .role = (const char *)sqlite3_column_text(st.row, 1),
                                  .case_id = (const char *)sqlite3_column_text(st.row, 2),
                                  .label = (const char *)sqlite3_column_text(st.row, 3),
                                  .created_ms = time_column(st.row, 4),
                                  .expires_ms = time_column(st.row, 5),
                                  .used_ms = time_column(st.row, 6),
                                  .revoked_ms = time_column(st.row, 7)};
        if (take(ctx, &one) < 0)
            r = err_set(e, ERR_NOMEM, "list of tokens");
    }
    store_give_back(&st);
    (void)pthread_mutex_unlock(&s->lock);
    return r;
}

int store_token_revoke(struct store *s, struct str id, int64_t now_ms, struct err *e)
{
    int r = store_begin(s, e);

    if (r < 0)
        return r;
    r = store_run(s, e, "UPDATE token SET revoked = coalesce(revoked, ?) WHERE id = ?", "is", &now_ms, &id);
    if (r >= 0 && sqlite3_changes(s->db) == 0)
        r = err_set(e, ERR_MISSING, "token: no such token");
    return store_end(s, r, e);
}
