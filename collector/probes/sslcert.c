/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <stdio.h>

#include <jansson.h>

#include "limits.h"

/* A GUID as it is written: the first three parts are little-endian. */
static json_t *guid_of(const uint8_t g[16])
{
    char text[48];

    (void)snprintf(text, sizeof(text),
                   "{%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x}", g[3], g[2], g[1],
                   g[0], g[5], g[4], g[7], g[6], g[8], g[9], g[10], g[11], g[12], g[13], g[14], g[15]);
    return json_string(text);
}

static int take_record(void *ctx, const struct os_sslcert *r)
{
    struct buf *out = ctx;

    buf_add_c(out, out->len == 0 ? "" : ",");
    value_take(out, json_pack("{s:s,s:o,s:o,s:o,s:o,s:I,s:I,s:I,s:o,s:o,s:I}", "tree", r->tree, "endpoint",
                              value_text(r->endpoint), "certHash", value_hex(r->cert_hash), "appId",
                              guid_of(r->app_id), "store", value_text(r->store), "checkMode",
                              (json_int_t)r->check_mode, "freshnessTime", (json_int_t)r->freshness_time,
                              "urlRetrievalTimeout", (json_int_t)r->url_retrieval_timeout, "ctlIdentifier",
                              value_text(r->ctl_identifier), "ctlStore", value_text(r->ctl_store), "flags",
                              (json_int_t)r->flags));
    return 0;
}

/* The addresses that are listened on; null: not known. */
static void add_listen(struct probe_run *run, struct buf *out)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_TEXT_BYTES);
    struct err why = {0};
    json_t *list = json_null();

    if (os_http_listen(run->os, &text, &why) == 0) {
        struct str rest = buf_str(&text);
        list = json_array();
        while (rest.len > 0)
            (void)json_array_append_new(list, value_text(str_cut(rest, ' ', &rest)));
    }
    buf_add_c(out, "\"listen\":");
    value_take(out, list);
}

int probe_sslcert(struct probe_run *run, struct err *e)
{
    CLEANUP(buf_done) struct buf records = BUF_INIT(LIMIT_COLLECT_JSON_BYTES);
    CLEANUP(buf_done) struct buf json = BUF_INIT(2 * LIMIT_COLLECT_JSON_BYTES);
    struct manifest_item head = {.kind = KIND_HTTP_SSLCERT,
                                 .source = STR("HttpQueryServiceConfiguration"),
                                 .entry = STR("http/sslcert.json"),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};
    struct err why = {0};

    if (os_http_sslcerts(run->os, take_record, &records, &why) != 0)
        return take_failure(run, &head, &why, e);
    buf_add_c(&json, "{\"bindings\":[");
    buf_add_str(&json, buf_str(&records));
    buf_add_c(&json, "],");
    add_listen(run, &json);
    buf_add_c(&json, "}\n");
    if (buf_check(&records, "http/sslcert.json", e) != 0 || buf_check(&json, "http/sslcert.json", e) != 0)
        return -e->code;
    return take_text(run, &head, buf_str(&json), &BUNDLE_OK, e);
}
