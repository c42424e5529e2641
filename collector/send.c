/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <string.h>

#include "os.h"
#include "text.h"
#include "upload.h"

static int read_token(const char *path, struct buf *ret, struct err *e)
{
    enum { BYTES = 4096 };
    struct os_in *in = NULL;
    int64_t size = 0, n = 0;

    if (os_in_open(path, &in, &size, e) != 0)
        return err_wrap(e, "--token-file");
    char *p = buf_reserve(ret, BYTES);
    n = p == NULL ? err_set(e, ERR_NOMEM, "out of memory") : os_in_read(in, 0, p, BYTES, e);
    os_in_close(in);
    if (n < 0)
        return err_wrap(e, "--token-file");
    const char *end = memchr(p, '\n', (size_t)n);
    buf_wrote(ret, end == NULL ? (size_t)n : (size_t)(end - p));
    return str_trim(buf_str(ret)).len == 0
               ? err_set(e, ERR_USAGE, "--token-file: %s: no token on its first line", path)
               : 0;
}

int send_token(const struct options *o, struct buf *ret, struct err *e)
{
    if (o->token_file != NULL)
        return read_token(o->token_file, ret, e);
    buf_add_c(ret, o->token == NULL ? "" : o->token);
    return buf_check(ret, "token", e);
}

static int64_t read_in(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    return os_in_read(ctx, offset, data, room, e);
}

/* SHA-256 of the whole file as hex digits. */
static int hash_file(struct os_in *in, struct os_hash *sha256, struct buf *ret, struct err *e)
{
    char piece[65536];
    uint8_t digest[OS_SHA256_BYTES];
    int64_t n, at = 0;

    while ((n = os_in_read(in, at, piece, sizeof(piece), e)) > 0) {
        if (os_hash_add(sha256, piece, (size_t)n, e) != 0)
            return -e->code;
        at += n;
    }
    if (n < 0 || os_hash_end(sha256, digest, e) != 0)
        return -e->code;
    text_hex(ret, digest, sizeof(digest));
    return buf_check(ret, "hash", e);
}

static void free_hash(struct os_hash **h)
{
    os_hash_free(*h);
}

static int send_file(const struct options *o, struct os_in *in, int64_t size, struct str token,
                     struct console *console, struct err *e)
{
    CLEANUP(free_hash) struct os_hash *sha256 = NULL;
    CLEANUP(buf_done) struct buf hash = BUF_INIT(128);
    CLEANUP(buf_done) struct buf proxy = BUF_INIT(4096);
    struct upload u = {.url = o->upload, .case_id = o->case_id, .size = size, .ctx = in, .token = token};
    char case_id[UPLOAD_CASE_BYTES];
    struct err none = {0};

    if (os_hash_new(OS_SHA256, &sha256, e) != 0 || hash_file(in, sha256, &hash, e) != 0)
        return -e->code;
    (void)os_proxy(&proxy, &none);
    u.sha256 = buf_c(&hash);
    u.proxy = proxy.len > 0 ? buf_c(&proxy) : NULL;
    u.read = read_in;
    if (upload_send(&u, case_id, e) != 0)
        return -e->code;
    console_sent(console, buf_c(&hash), case_id);
    return 0;
}

int send_bundle(const struct options *o, const char *path, struct str token, struct console *console,
                struct err *e)
{
    struct os_in *in = NULL;
    int64_t size;

    if (os_in_open(path, &in, &size, e) != 0)
        return -e->code;
    int r = send_file(o, in, size, token, console, e);
    os_in_close(in);
    return r == 0 ? 0 : err_wrap(e, "upload (the bundle stays in %s)", path);
}
