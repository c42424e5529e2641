/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <jansson.h>

#include "limits.h"
#include "text.h"

static int append(const char *data, size_t len, void *ctx)
{
    buf_add(ctx, data, len);
    return 0;
}

void value_take(struct buf *out, struct json_t *value)
{
    if (value == NULL || json_dump_callback(value, append, out, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        out->failed = out->failed == 0 ? ERR_NOMEM : out->failed;
    json_decref(value);
}

struct json_t *value_text(struct str s)
{
    CLEANUP(buf_done) struct buf clean = BUF_INIT(3 * LIMIT_TEXT_BYTES);

    if (s.p == NULL)
        return json_null();
    text_add_utf8_lossy(&clean, s);
    return json_stringn(buf_c(&clean), clean.len);
}

struct json_t *value_hex(struct bytes b)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(2 * LIMIT_TEXT_BYTES);

    if (b.p == NULL)
        return json_null();
    text_hex(&hex, b.p, b.len);
    return json_stringn(buf_c(&hex), hex.len);
}

struct json_t *value_outcome(struct json_t *object, const struct bundle_end *end)
{
    (void)json_object_set_new(object, "outcome", json_string(outcome_text(end->outcome)));
    (void)json_object_set_new(object, "reason",
                              end->reason == NULL ? json_null() : value_text(str_from(end->reason)));
    return object;
}
