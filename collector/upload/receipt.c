/* SPDX-License-Identifier: Apache-2.0
 *
 * What the server says that it has, against what was sent. */
#include <stdio.h>

#include <jansson.h>

#include "names.h"
#include "tus.h"

static void end_json(json_t **j)
{
    json_decref(*j);
}

static int compare(struct tus *t, const char *bundle, const char *case_id, struct err *e)
{
    if (!str_ieq(str_from(bundle), str_from(t->upload->sha256)))
        return err_set(e, ERR_CHECKSUM, "%s: it received other bytes than were sent (its SHA-256 differs)",
                       t->upload->url);
    bool legal = case_id != NULL && case_id_is_legal(str_from(case_id));
    (void)snprintf(t->receipt.case_id, sizeof(t->receipt.case_id), "%s", legal ? case_id : "");
    t->receipt.is_compared = true;
    return 0;
}

int receipt_from_headers(struct tus *t, struct err *e)
{
    const char *bundle = http_header(&t->http, "X-Certtriage-Bundle");

    return bundle[0] == 0 ? 0 : compare(t, bundle, http_header(&t->http, "X-Certtriage-Case"), e);
}

int receipt_from_json(struct tus *t, struct err *e)
{
    const struct buf *answer = &t->http.body;
    CLEANUP(end_json) json_t *root = json_loadb(buf_c(answer), answer->len, 0, NULL);
    const char *bundle = json_string_value(json_object_get(root, "bundle"));

    if (bundle == NULL)
        return err_set(e, ERR_FORMAT, "%s: its answer names no bundle", t->upload->url);
    return compare(t, bundle, json_string_value(json_object_get(root, "case")), e);
}
