/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles: the simple upload, one POST. */
#include "request.h"

#include "limits.h"
#include "names.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

/* The case: of the token, of the header, or a new one. */
static int choose_case(struct request *r, struct err *e)
{
    struct str asked = str_from(request_header(r, "X-Certtriage-Case"));
    uint8_t random[6];

    if (r->token.case_id[0]) {
        if (asked.len && !str_eq(asked, str_from(r->token.case_id)))
            return err_set(e, ERR_DENIED, "this token is for another case");
        asked = str_from(r->token.case_id);
    }
    if (asked.len && !case_id_is_legal(asked))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (asked.len)
        snprintf(r->case_text, sizeof r->case_text, "%.*s", (int)asked.len, asked.p);
    else if (getrandom(random, sizeof random, 0) == (ssize_t)sizeof random)
        snprintf(r->case_text, sizeof r->case_text, "case-%02x%02x%02x%02x%02x%02x", random[0], random[1],
                 random[2], random[3], random[4], random[5]);
    else
        return err_errno(e, "case id: random bytes");
    r->case_id = str_from(r->case_text);
    return 0;
}

static int check_length(const struct request *r, struct err *e)
{
    const char *declared = request_header(r, MHD_HTTP_HEADER_CONTENT_LENGTH);
    uint64_t length = 0;

    if (declared && !str_to_u64(str_from(declared), (uint64_t)LIMIT_BUNDLE_BYTES, &length))
        return err_set(e, ERR_LIMIT, "upload: larger than %lld bytes", (long long)LIMIT_BUNDLE_BYTES);
    return blobs_room(store_blobs(r->server->store), (int64_t)length, e);
}

static int begin_upload(struct request *r, struct err *e)
{
    if (check_length(r, e) < 0 || choose_case(r, e) < 0)
        return -e->code;
    return blob_spool_begin(store_blobs(r->server->store), LIMIT_BUNDLE_BYTES, &r->spool, e);
}

static int take_upload(struct request *r, struct str data, struct err *e)
{
    return blob_spool_write(r->spool, data.p, data.len, e);
}

static int finish(struct request *r, char sha256[65], struct err *e)
{
    const char *expected = request_header(r, "X-Certtriage-SHA256");
    struct blob_spool *spool = r->spool;

    if (blob_spool_hash(spool, sha256, e) < 0)
        return -e->code;
    if (expected && !str_ieq(str_from(expected), str_from(sha256)))
        return err_set(e, ERR_FORMAT,
                       "upload: what arrived has another SHA-256 than was announced; send it again");
    r->spool = NULL;
    return store_bundle_add(r->server->store, spool, sha256, r->case_id, (int64_t)time(NULL) * 1000, e);
}

static int end_upload(struct request *r, struct err *e)
{
    char sha256[65] = "";

    if (finish(r, sha256, e) < 0)
        return -e->code;
    r->server->options.wake(r->server->options.wake_ctx);
    return answer_json(
        r, MHD_HTTP_CREATED,
        json_pack("{s:s, s:s, s:s}", "bundle", sha256, "case", r->case_text, "state", "queued"), e);
}

static const struct route rows[] = {
    {.method = "POST",
     .path = "/api/v1/bundles",
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .begin = begin_upload,
     .take = take_upload,
     .end = end_upload},
};
const struct route_table routes_bundles = ROUTE_TABLE(rows);
