/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <string.h>

#include "os.h"
#include "process.h"
#include "progress.h"
#include "resume.h"
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

/* What the upload's calls need. */
struct sending {
    const struct options *options;
    struct console *console;
    struct os_in *in;
    struct os_hash *sha256;
    struct resume resume;
    struct progress progress;
};

static int64_t read_in(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    const struct sending *s = ctx;

    return os_in_read(s->in, offset, data, room, e);
}

static int hash_part(void *ctx, int64_t offset, int64_t len, uint8_t ret[UPLOAD_SHA256_BYTES], struct err *e)
{
    const struct sending *s = ctx;
    char piece[65536];

    while (len > 0) {
        size_t room = len < (int64_t)sizeof(piece) ? (size_t)len : sizeof(piece);
        int64_t n = os_in_read(s->in, offset, piece, room, e);
        if (n < 0 || (n > 0 && os_hash_add(s->sha256, piece, (size_t)n, e) != 0))
            return -e->code;
        if (n == 0)
            return err_set(e, ERR_IO, "the file has become shorter");
        offset += n;
        len -= n;
    }
    return os_hash_end(s->sha256, ret, e);
}

/* A folder that cannot be written to costs only that a restart begins from the beginning. */
static void keep(void *ctx, const char *place)
{
    struct sending *s = ctx;
    struct err why = {0};

    if (resume_keep(&s->resume, place, &why) == 0)
        return;
    progress_end_line(&s->progress);
    console_say(s->console, "%s: after a restart the upload begins from the beginning", why.text);
}

static bool wait_ms(void *ctx, unsigned ms)
{
    enum { STEP_MS = 100 };

    (void)ctx;
    for (; ms > STEP_MS && !os_interrupted(); ms -= STEP_MS)
        os_sleep_ms(STEP_MS);
    if (!os_interrupted())
        os_sleep_ms(ms);
    return !os_interrupted();
}

static bool show(void *ctx, int64_t sent)
{
    struct sending *s = ctx;

    progress_show(&s->progress, sent);
    return !os_interrupted();
}

/* Whoever cannot answer may go on later: nothing is thrown away unasked. */
static bool forget(void *ctx)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(8192);
    struct sending *s = ctx;

    progress_end_line(&s->progress);
    return !s->options->yes && !s->options->json && !s->options->quiet &&
           os_ask("Go on with the upload another time? n removes what was sent from the server. [y/n] ",
                  &answer) &&
           answer.len > 0 && (answer.p[0] | 32) == 'n';
}

static void say(void *ctx, const char *line)
{
    struct sending *s = ctx;

    progress_end_line(&s->progress);
    console_say(s->console, "upload: %s", line);
}

static unsigned ticks(void *ctx)
{
    (void)ctx;
    return os_ticks_ms();
}

static uint32_t random_number(void *ctx)
{
    uint32_t n = 0;
    struct err ignored = {0};

    (void)ctx;
    (void)os_random(&n, sizeof(n), &ignored);
    return n;
}

static const struct upload_calls calls = {.read = read_in,
                                          .hash = hash_part,
                                          .keep = keep,
                                          .wait = wait_ms,
                                          .progress = show,
                                          .forget = forget,
                                          .say = say,
                                          .ticks = ticks,
                                          .random = random_number};

/* For people at the server: a name that it would not take is left out. */
static const char *name_of(const char *path)
{
    enum { NAME_BYTES = 200 };
    const char *name = path;

    for (const char *p = path; *p != 0; p++)
        if (*p == '/' || *p == '\\' || *p == ':')
            name = p + 1;
    return strlen(name) <= NAME_BYTES && text_is_utf8(str_from(name)) ? name : NULL;
}

static int send_hashed(struct sending *s, struct str token, struct err *e)
{
    CLEANUP(buf_done) struct buf proxy = BUF_INIT(4096);
    CLEANUP(buf_done) struct buf place = BUF_INIT(UPLOAD_PLACE_BYTES);
    struct upload u = {.url = s->resume.server,
                       .token = token,
                       .case_id = s->options->case_id,
                       .filename = name_of(s->resume.bundle),
                       .sha256 = s->resume.sha256,
                       .size = s->resume.size,
                       .patience_ms = s->options->retry_ms,
                       .calls = &calls,
                       .ctx = s};
    struct upload_receipt receipt = {0};
    struct err none = {0};

    u.proxy = os_proxy(u.url, &proxy, &none) == 0 ? buf_c(&proxy) : NULL;
    resume_read(&s->resume, &place);
    u.place = buf_c(&place);
    int r = upload_send(&u, &receipt, e);
    if (r == 0)
        progress_complete(&s->progress);
    progress_end_line(&s->progress);
    if (r == 0)
        console_sent(s->console, u.sha256, receipt.case_id, receipt.is_compared);
    return r;
}

static void free_hash(struct os_hash **h)
{
    os_hash_free(*h);
}

static int send_file(struct sending *s, struct str token, struct err *e)
{
    CLEANUP(free_hash) struct os_hash *sha256 = NULL;
    CLEANUP(buf_done) struct buf hash = BUF_INIT(128);
    uint8_t digest[UPLOAD_SHA256_BYTES];

    if (os_hash_new(OS_SHA256, &sha256, e) != 0)
        return -e->code;
    s->sha256 = sha256;
    console_say(s->console, "sending %s (%lld KiB) to %s", s->resume.bundle,
                (long long)(s->resume.size + 1023) / 1024, s->resume.server);
    if (hash_part(s, 0, s->resume.size, digest, e) != 0)
        return -e->code;
    text_hex(&hash, digest, sizeof(digest));
    s->resume.sha256 = buf_c(&hash);
    progress_begin(&s->progress, s->console, s->resume.size);
    return send_hashed(s, token, e);
}

/* The end of the line says how to go on, so it must not be what is cut off. */
static int not_sent(const char *path, struct err *e)
{
    enum { WORDS_BYTES = 80, REASON_BYTES = 160 };
    struct err why = *e;
    size_t taken = strlen(path) + WORDS_BYTES, room = sizeof(why.text) > taken ? sizeof(why.text) - taken : 0;

    return err_set(e, why.code, "upload: %.*s. The bundle stays; to send it later: --upload-only %s",
                   (int)(room > REASON_BYTES ? room : REASON_BYTES), why.text, path);
}

int send_bundle(const struct options *o, const char *path, struct str token, struct console *console,
                struct err *e)
{
    struct sending s = {.options = o,
                        .console = console,
                        .resume = {.bundle = path, .server = o->upload, .case_id = o->case_id}};

    if (os_in_open(path, &s.in, &s.resume.size, e) != 0)
        return err_wrap(e, "upload");
    os_note_interrupt(true);
    int r = send_file(&s, token, e);
    os_note_interrupt(false);
    os_in_close(s.in);
    if (r != 0)
        console_not_sent(console, path, e->text);
    return r == 0 ? 0 : not_sent(path, e);
}
