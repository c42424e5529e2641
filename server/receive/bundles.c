/* SPDX-License-Identifier: Apache-2.0
 *
 * Bundles: the simple upload, one POST; those of a case, and what changed from one to the next. */
#include "request.h"

#include "diff.h"
#include "job.h"
#include "limits.h"
#include "names.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* The case: of the token, of the header, or a new one. */
static int choose_case(struct request *r, struct err *e)
{
    struct str asked = str_from(request_header(r, "X-Certtriage-Case"));
    if (r->token.case_id[0]) {
        if (asked.len && !str_eq(asked, str_from(r->token.case_id)))
            return err_set(e, ERR_DENIED, "this token is for another case");
        asked = str_from(r->token.case_id);
    }
    if (asked.len && !case_id_is_legal(asked))
        return err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (asked.len)
        snprintf(r->case_text, sizeof r->case_text, "%.*s", (int)asked.len, asked.p);
    else if (request_new_case(r->case_text, e) < 0)
        return -e->code;
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
    request_audit(r, NULL, sha256);
    return answer_json(
        r, MHD_HTTP_CREATED,
        json_pack("{s:s, s:s, s:s}", "bundle", sha256, "case", r->case_text, "state", "queued"), e);
}

static json_t *bundle_json(const struct request *r, const struct store_bundle *one)
{
    char received[32], gone[32];
    struct stat info = {0};
    struct err missing = {0};
    int fd = -1;
    bool is_here = one->gone_ms == TIME_NONE &&
                   blob_open(store_blobs(r->server->store), one->sha256, &fd, &missing) == 0;

    time_format(one->received_ms, received);
    time_format(one->gone_ms, gone);
    if (is_here && fstat(fd, &info) < 0)
        is_here = false;
    if (fd >= 0)
        (void)close(fd);
    return json_pack("{s:s, s:s, s:s*, s:o*}", "bundle", one->sha256, "received", received, "gone",
                     gone[0] ? gone : NULL, "size", is_here ? json_integer((json_int_t)info.st_size) : NULL);
}

struct bundle_list {
    const struct request *r;
    json_t *bundles;
};

static int add_bundle(void *ctx, const struct store_bundle *one)
{
    const struct bundle_list *list = ctx;

    return json_array_append_new(list->bundles, bundle_json(list->r, one)) < 0 ? -ERR_NOMEM : 0;
}

static int list_bundles(struct request *r, struct err *e)
{
    CLEANUP(buf_done) struct buf complaint = BUF_INIT(1 << 20);
    struct bundle_list list = {r, json_array()};

    if (store_case_complaint(r->server->store, r->case_id, &complaint, e) < 0 || /* is there such a case? */
        store_bundle_list(r->server->store, r->case_id, add_bundle, &list, e) < 0) {
        json_decref(list.bundles);
        return -e->code;
    }
    return answer_json(r, MHD_HTTP_OK, json_pack("{s:o}", "bundles", list.bundles), e);
}

struct search {
    struct str sha256;
    bool is_found;
};

static int compare(void *ctx, const char *sha256)
{
    struct search *search = ctx;

    search->is_found |= str_eq(search->sha256, str_from(sha256));
    return 0;
}

/* A bundle of this case, by its whole SHA-256. */
static int find_bundle(struct request *r, struct str sha256, char ret[65], struct err *e)
{
    struct search search = {.sha256 = sha256};

    if (store_case_bundles(r->server->store, r->case_id, compare, &search, e) < 0)
        return -e->code;
    if (!search.is_found)
        return err_set(e, ERR_MISSING, "case %.*s: no such bundle", (int)r->case_id.len, r->case_id.p);
    (void)snprintf(ret, 65, "%.*s", (int)sha256.len, sha256.p);
    return 0;
}

static int download(struct request *r, struct err *e)
{
    char sha256[65];
    struct stat info;
    int fd = -1;

    if (find_bundle(r, request_param(r, "bundle"), sha256, e) < 0)
        return -e->code;
    if (blob_open(store_blobs(r->server->store), sha256, &fd, e) < 0)
        return e->code == ERR_MISSING ? err_set(e, ERR_GONE, "bundle %.12s: its bytes were deleted", sha256)
                                      : -e->code;
    if (fstat(fd, &info) < 0) {
        (void)close(fd);
        return err_errno(e, "bundle %.12s", sha256);
    }
    answer_header(r, "Content-Disposition", "attachment; filename=\"%.*s-%.12s.zip\"", (int)r->case_id.len,
                  r->case_id.p, sha256);
    return answer_file(r, "application/zip", fd, (uint64_t)info.st_size, sha256, e);
}

/* Of stored facts only: a request unpacks nothing. */
static int show_diff(struct request *r, struct err *e)
{
    char before[65], after[65];
    sqlite3 *a = NULL, *b = NULL;
    json_t *diff = NULL;
    int d;

    if (find_bundle(r, request_argument(r, "from"), before, e) < 0 ||
        find_bundle(r, request_param(r, "bundle"), after, e) < 0)
        return -e->code;
    d = job_stored_facts(r->server->store, before, &a, e);
    if (d == 0)
        d = job_stored_facts(r->server->store, after, &b, e);
    if (d == 0)
        d = diff_facts(a, b, &diff, e);
    (void)sqlite3_close(a);
    (void)sqlite3_close(b);
    return d < 0 ? d : answer_json(r, MHD_HTTP_OK, diff, e);
}

static const struct route rows[] = {
    {.method = "POST",
     .path = "/api/v1/bundles",
     .role = TOKEN_UPLOAD,
     .any_case = true,
     .audit = "bundle-uploaded",
     .begin = begin_upload,
     .take = take_upload,
     .end = end_upload},
    {.method = "GET", .path = "/api/v1/cases/{case}/bundles", .role = TOKEN_TRIAGE, .end = list_bundles},
    {.method = "GET",
     .path = "/api/v1/cases/{case}/bundles/{bundle}",
     .role = TOKEN_TRIAGE,
     .audit = "bundle-downloaded",
     .end = download},
    {.method = "GET",
     .path = "/api/v1/cases/{case}/bundles/{bundle}/diff",
     .role = TOKEN_TRIAGE,
     .end = show_diff},
};
const struct route_table routes_bundles = ROUTE_TABLE(rows);
