/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles by tus 1.0.0: made, written in pieces, asked for, ended. */
#include "tus.h"

#include "limits.h"
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

enum { OPEN_PER_TOKEN = 512, OPEN_IN_ALL = 4096 };

/* A piece under way. */
struct tus_piece {
    struct upload_turn *turn;
    struct tus_checksum checksum;
    bool is_creation;
};

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

void tus_piece_free(struct tus_piece *p)
{
    if (!p)
        return;
    tus_checksum_done(&p->checksum);
    upload_turn_end(p->turn);
    free(p);
}

static int check_version(struct request *r, struct err *e)
{
    const char *version = request_header(r, "Tus-Resumable");

    if (version && strcmp(version, TUS_VERSION) == 0)
        return 0;
    answer_header(r, "Tus-Version", TUS_VERSION);
    return err_set(e, ERR_PRECONDITION, "Tus-Resumable: " TUS_VERSION " is needed");
}

static void say_expires(struct request *r, const struct store_upload *u)
{
    time_t when = (time_t)(u->expires_ms / 1000);
    struct tm t;
    char text[64] = "";

    if (!u->is_done && gmtime_r(&when, &t) && strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &t))
        answer_header(r, "Upload-Expires", "%s", text);
}

static void say_receipt(struct request *r, const struct store_upload *u)
{
    answer_header(r, "X-Certtriage-Case", "%s", u->case_id);
    if (u->is_done)
        answer_header(r, "X-Certtriage-Bundle", "%s", u->sha256);
}

/* The upload of the path, when the token may know of it: an upload token knows its own. */
static int find(struct request *r, struct store_upload *ret, struct err *e)
{
    struct str id = request_param(r, "upload");
    char text[sizeof ret->id];
    struct err none = {0};

    if ((size_t)snprintf(text, sizeof text, "%.*s", (int)id.len, id.p) >= sizeof text ||
        store_upload_get(r->server->store, text, ret, &none) < 0)
        return none.code && none.code != ERR_MISSING
                   ? err_set(e, none.code, "%s", none.text)
                   : err_set(e, ERR_MISSING, "upload: no such upload; it may have expired");
    if (r->token.role == TOKEN_UPLOAD && strcmp(r->token.id, ret->token_id) != 0)
        return err_set(e, ERR_MISSING, "upload: no such upload; it may have expired");
    if (r->token.case_id[0] && strcmp(r->token.case_id, ret->case_id) != 0)
        return err_set(e, ERR_MISSING, "upload: no such upload; it may have expired");
    if (!ret->is_done && ret->expires_ms < now_ms())
        return err_set(e, ERR_GONE, "upload: it expired before it was complete; begin anew");
    return 0;
}

static int begin_piece(struct request *r, const char *id, struct tus_piece **ret, struct err *e)
{
    struct tus_piece *p = calloc(1, sizeof *p);

    if (!p)
        return err_set(e, ERR_NOMEM, "upload");
    *ret = p;
    if (tus_checksum_begin(r, &p->checksum, e) < 0)
        return -e->code;
    return upload_turn_take(r->server->uploads, id, &p->turn, e);
}

static bool is_offset_stream(const struct request *r)
{
    return str_ieq(str_trim(str_from(request_header(r, MHD_HTTP_HEADER_CONTENT_TYPE))),
                   STR("application/offset+octet-stream"));
}

static int check_piece(const struct request *r, int64_t offset, const struct store_upload *u, struct err *e)
{
    struct str declared = str_from(request_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH));
    uint64_t length = 0;

    if (declared.len && !str_to_u64(declared, (uint64_t)(u->length - offset), &length))
        return err_set(e, ERR_LIMIT, "upload: %" PRId64 " bytes are missing, this piece is longer",
                       u->length - offset);
    return blobs_room(store_blobs(r->server->store), (int64_t)length, e);
}

static int begin_patch(struct request *r, struct err *e)
{
    struct store_upload u;
    int64_t offset = 0, asked = 0;

    if (check_version(r, e) < 0 || find(r, &u, e) < 0)
        return -e->code;
    if (!is_offset_stream(r))
        return err_set(e, ERR_MEDIA, "Content-Type: application/offset+octet-stream is needed");
    if (tus_number(r, "Upload-Offset", &asked, e) < 0 || begin_piece(r, u.id, &r->piece, e) < 0 ||
        upload_turn_show(r->piece->turn, &u, &offset, e) < 0)
        return -e->code;
    if (asked != offset)
        return err_set(e, ERR_CONFLICT, "Upload-Offset: %" PRId64 ", but %" PRId64 " bytes are here", asked,
                       offset);
    if (check_piece(r, offset, &u, e) < 0)
        return -e->code;
    return upload_turn_mark(r->piece->turn, r->piece->checksum.context != NULL, e);
}

static int take_piece(struct request *r, struct str data, struct err *e)
{
    struct tus_piece *p = r->piece;

    if (!p)
        return 0;
    if (p->checksum.context && EVP_DigestUpdate(p->checksum.context, data.p, data.len) != 1)
        return err_set(e, ERR_IO, "Upload-Checksum: hashing");
    if (upload_turn_write(p->turn, data, e) >= 0)
        return 0;
    if (e->code == ERR_LIMIT) {
        struct err ignored = {0};
        (void)upload_turn_forget(p->turn, &ignored);
    }
    return -e->code;
}

static void note_bundle(struct request *r, const struct store_upload *u)
{
    memcpy(r->case_text, u->case_id, sizeof r->case_text);
    r->case_id = str_from(r->case_text);
    request_audit(r, "bundle-uploaded", u->sha256);
    r->server->options.wake(r->server->options.wake_ctx);
}

/* The body is through: keeps it, and makes the whole a bundle when it is one. */
static int finish_piece(struct request *r, struct store_upload *u, int64_t *ret_offset, struct err *e)
{
    struct tus_piece *p = r->piece;
    struct err ignored = {0};
    bool is_new = false;

    if (tus_checksum_end(&p->checksum, e) < 0) {
        (void)upload_turn_forget(p->turn, &ignored);
        return -e->code;
    }
    if (upload_turn_keep(p->turn, ret_offset, e) < 0 || upload_turn_settle(p->turn, u, &is_new, e) < 0)
        return -e->code;
    if (is_new)
        note_bundle(r, u);
    return 0;
}

static int end_patch(struct request *r, struct err *e)
{
    struct store_upload u;
    int64_t offset = 0;

    if (finish_piece(r, &u, &offset, e) < 0)
        return -e->code;
    answer_header(r, "Upload-Offset", "%" PRId64, offset);
    say_expires(r, &u);
    say_receipt(r, &u);
    return answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

static int choose_case(const struct request *r, struct store_upload *u, struct err *e)
{
    if (r->token.case_id[0] && u->case_id[0] && strcmp(r->token.case_id, u->case_id) != 0)
        return err_set(e, ERR_DENIED, "this token is for another case");
    if (r->token.case_id[0])
        memcpy(u->case_id, r->token.case_id, sizeof u->case_id);
    if (u->case_id[0])
        return 0;
    return request_new_case(u->case_id, e);
}

static int check_count(struct request *r, struct err *e)
{
    int64_t own = 0, all = 0;

    if (store_uploads_count(r->server->store, r->token.id, &own, &all, e) < 0)
        return -e->code;
    if (own < OPEN_PER_TOKEN && all < OPEN_IN_ALL)
        return 0;
    answer_header(r, MHD_HTTP_HEADER_RETRY_AFTER, "60");
    return err_set(e, ERR_BUSY, "upload: too many are unfinished; end some, or wait until they expire");
}

static int describe_upload(const struct request *r, struct store_upload *u, struct err *e)
{
    uint8_t random[16];

    if (request_header(r, "Upload-Defer-Length"))
        return err_set(e, ERR_USAGE, "Upload-Defer-Length: the length must be known");
    if (request_header(r, "Upload-Concat")) /* a part would be taken for a bundle of its own */
        return err_set(e, ERR_USAGE, "Upload-Concat: parts are not joined here; send one upload, in pieces");
    if (tus_number(r, "Upload-Length", &u->length, e) < 0)
        return -e->code;
    if (u->length > LIMIT_BUNDLE_BYTES)
        return err_set(e, ERR_LIMIT, "Upload-Length: more than %" PRId64 " bytes", LIMIT_BUNDLE_BYTES);
    if (u->length == 0)
        return err_set(e, ERR_USAGE, "Upload-Length: an empty file is no bundle");
    if (tus_metadata(r, u, e) < 0 || choose_case(r, u, e) < 0)
        return -e->code;
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_errno(e, "upload: random bytes");
    for (size_t i = 0; i < sizeof random; i++)
        (void)snprintf(u->id + 2 * i, 3, "%02x", random[i]);
    u->created_ms = now_ms();
    u->expires_ms = u->created_ms + r->server->options.upload_expires_ms;
    memcpy(u->token_id, r->token.id, sizeof u->token_id);
    return 0;
}

static int make_upload(const struct request *r, const struct store_upload *u, struct err *e)
{
    struct blobs *blobs = store_blobs(r->server->store);
    struct blob_upload *file = NULL;
    struct err ignored = {0};

    if (blob_upload_open(blobs, u->id, true, &file, e) < 0)
        return -e->code;
    blob_upload_close(file);
    if (store_upload_create(r->server->store, u, e) >= 0)
        return 0;
    (void)blob_upload_remove(blobs, u->id, &ignored);
    return -e->code;
}

static int begin_creation(struct request *r, struct err *e)
{
    struct store_upload u = {.checked = -1};
    struct str declared = str_from(request_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH));
    bool has_body =
        (declared.len && !str_eq(declared, STR("0"))) || request_header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING);

    if (check_version(r, e) < 0 || describe_upload(r, &u, e) < 0)
        return -e->code;
    if (has_body && !is_offset_stream(r))
        return err_set(e, ERR_MEDIA, "Content-Type: application/offset+octet-stream is needed");
    if (blobs_room(store_blobs(r->server->store), u.length, e) < 0 || check_piece(r, 0, &u, e) < 0 ||
        check_count(r, e) < 0 || make_upload(r, &u, e) < 0)
        return -e->code;
    /* Relative, so that it is right behind a proxy that has us below a path of its own. */
    answer_header(r, MHD_HTTP_HEADER_LOCATION, "uploads/%s", u.id);
    say_expires(r, &u);
    if (begin_piece(r, u.id, &r->piece, e) < 0)
        return -e->code;
    return upload_turn_mark(r->piece->turn, r->piece->checksum.context != NULL, e);
}

static int end_creation(struct request *r, struct err *e)
{
    struct store_upload u;
    int64_t offset = 0;

    if (finish_piece(r, &u, &offset, e) < 0)
        return -e->code;
    answer_header(r, "Upload-Offset", "%" PRId64, offset);
    say_receipt(r, &u);
    return answer_empty(r, MHD_HTTP_CREATED, e);
}

/* Asking takes the turn, too: whoever asks where to go on has lost the connection on which it was. */
static int settle_and_show(struct request *r, struct store_upload *u, int64_t *ret_offset, struct err *e)
{
    struct upload_turn *turn = NULL;
    bool is_new = false;
    int d = find(r, u, e);

    if (d == 0)
        d = upload_turn_take(r->server->uploads, u->id, &turn, e);
    if (d == 0)
        d = upload_turn_show(turn, u, ret_offset, e);
    if (d == 0)
        d = upload_turn_settle(turn, u, &is_new, e);
    upload_turn_end(turn);
    if (is_new && d == 0)
        note_bundle(r, u);
    return d;
}

static int show_offset(struct request *r, struct err *e)
{
    struct store_upload u;
    int64_t offset = 0;

    if (check_version(r, e) < 0 || settle_and_show(r, &u, &offset, e) < 0)
        return -e->code;
    answer_header(r, "Upload-Offset", "%" PRId64, offset);
    answer_header(r, "Upload-Length", "%" PRId64, u.length);
    say_expires(r, &u);
    say_receipt(r, &u);
    return answer_empty(r, MHD_HTTP_OK, e);
}

static int show_receipt(struct request *r, struct err *e)
{
    struct store_upload u;
    struct str id = request_param(r, "upload");
    char expires[32];
    int64_t offset = 0;

    if (find(r, &u, e) < 0)
        return -e->code;
    time_format(u.expires_ms, expires);
    offset = u.is_done ? u.length : 0;
    r->is_secret = true;
    return answer_json(r, MHD_HTTP_OK,
                       json_pack("{s:s%, s:s, s:s, s:I, s:s, s:s*, s:s*}", "upload", id.p, id.len, "case",
                                 u.case_id, "filename", u.filename, "length", (json_int_t)u.length, "state",
                                 u.is_done ? "stored" : "receiving", "bundle", u.is_done ? u.sha256 : NULL,
                                 "expires", offset ? NULL : expires),
                       e);
}

static int terminate(struct request *r, struct err *e)
{
    struct upload_turn *turn = NULL;
    struct store_upload u;
    int d = check_version(r, e);

    if (d == 0)
        d = find(r, &u, e);
    if (d == 0)
        d = upload_turn_take(r->server->uploads, u.id, &turn, e);
    if (d == 0)
        d = upload_turn_remove(turn, e);
    upload_turn_end(turn);
    request_audit(r, "upload-ended", u.id);
    return d < 0 ? d : answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

static int describe_server(struct request *r, struct err *e)
{
    r->is_preflight = true;
    answer_header(r, MHD_HTTP_HEADER_ALLOW, "%s",
                  str_eq(str_from(r->path), STR("/api/v1/uploads")) ? "POST, OPTIONS"
                                                                    : "GET, HEAD, PATCH, DELETE, OPTIONS");
    answer_header(r, "Tus-Version", TUS_VERSION);
    answer_header(r, "Tus-Extension", TUS_EXTENSIONS);
    answer_header(r, "Tus-Max-Size", "%" PRId64, LIMIT_BUNDLE_BYTES);
    answer_header(r, "Tus-Checksum-Algorithm", TUS_ALGORITHMS);
    return answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}

#define ALL "/api/v1/uploads"
#define ONE ALL "/{upload}"
static const struct route rows[] = {
    {.method = "OPTIONS", .path = ALL, .is_public = true, .is_tus = true, .end = describe_server},
    {.method = "OPTIONS", .path = ONE, .is_public = true, .is_tus = true, .end = describe_server},
    {.method = "POST",
     .path = ALL,
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .is_tus = true,
     .begin = begin_creation,
     .take = take_piece,
     .end = end_creation},
    {.method = "HEAD",
     .path = ONE,
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .is_tus = true,
     .end = show_offset},
    {.method = "GET", .path = ONE, .role = TOKEN_UPLOAD, .any_case = true, .end = show_receipt},
    {.method = "PATCH",
     .path = ONE,
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .is_tus = true,
     .begin = begin_patch,
     .take = take_piece,
     .end = end_patch},
    {.method = "DELETE",
     .path = ONE,
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .is_tus = true,
     .end = terminate},
};
const struct route_table routes_uploads = ROUTE_TABLE(rows);
