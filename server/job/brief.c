/* SPDX-License-Identifier: Apache-2.0 */
#include "brief.h"

#include "compiler.h"
#include "json_text.h"

#include <string.h>

/* A JSON string; most are written as they are. NULL: value is none. */
static json_t *read_text(struct str value)
{
    struct str inner;

    if (value.len < 2 || *value.p != '"')
        return NULL;
    inner = (struct str){value.p + 1, value.len - 2};
    return memchr(inner.p, '\\', inner.len) ? json_loadb(value.p, value.len, JSON_DECODE_ANY, NULL)
                                            : json_stringn(inner.p, inner.len);
}

static bool is_listed(struct str name)
{
    const struct str names[] = {STR("fingerprint"), STR("rule"),    STR("severity"), STR("machine"),
                                STR("site"),        STR("subject"), STR("title")};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static json_t *one_finding(struct str finding)
{
    json_t *one = json_object();
    struct str name, value;
    size_t at = 0;

    while (json_text_pair(finding, &at, &name, &value)) {
        json_t *text = is_listed(name) ? read_text(value) : NULL;
        if (text && json_object_setn_new(one, name.p, name.len, text) < 0) {
            json_decref(one);
            return NULL;
        }
    }
    return one;
}

int brief_findings(struct str report, json_t **ret, struct err *e)
{
    struct str list = json_text_member(report, STR("findings")), finding;
    json_t *all = json_array();
    size_t at = 0;
    int r = all ? 0 : -1;

    while (r == 0 && json_text_next(list, &at, &finding))
        r = json_array_append_new(all, one_finding(finding));
    if (r < 0) {
        json_decref(all);
        return err_set(e, ERR_NOMEM, "report: out of memory");
    }
    *ret = all;
    return 0;
}

static struct str first_of(struct str object, struct str name)
{
    struct str one = {NULL, 0};
    size_t at = 0;

    return json_text_next(json_text_member(object, name), &at, &one) ? one : (struct str){NULL, 0};
}

json_t *brief_cause(struct str report)
{
    return read_text(
        json_text_member(first_of(first_of(report, STR("diagnoses")), STR("causes")), STR("title")));
}
