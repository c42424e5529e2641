/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases that are made, changed and deleted. */
#include "cases.h"

#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

int request_new_case(char ret[65], struct err *e)
{
    uint8_t random[6];

    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return err_errno(e, "case id: random bytes");
    (void)snprintf(ret, 65, "case-%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2], random[3],
                   random[4], random[5]);
    return 0;
}

static bool is_thumbprint(struct str text)
{
    uint8_t bytes[20];
    size_t n = 0;

    return text_unhex(text, bytes, sizeof bytes, &n) && n == sizeof bytes;
}

/* A member of a complaint: schema/manifest.schema.json has the same words. */
static int check_member(const char *key, struct str text, struct err *e)
{
    int64_t when;

    if (strcmp(key, "url") == 0)
        return str_istarts(text, STR("https://")) || str_istarts(text, STR("http://"))
                   ? 0
                   : err_set(e, ERR_USAGE, "complaint: url: https://host/path is needed");
    if (strcmp(key, "when") == 0)
        return time_parse(text, &when)
                   ? 0
                   : err_set(e, ERR_USAGE, "complaint: when: 2026-01-02T03:04:05Z is needed");
    if (strcmp(key, "thumbprint") == 0)
        return is_thumbprint(text) ? 0
                                   : err_set(e, ERR_USAGE, "complaint: thumbprint: 40 hex digits are needed");
    if (strcmp(key, "account") == 0 || strcmp(key, "seen") == 0)
        return 0;
    return err_set(e, ERR_USAGE, "complaint: url, when, account, thumbprint, seen; not '%s'", key);
}

static int check_complaint(json_t *complaint, struct err *e)
{
    const char *key;
    json_t *value;

    json_object_foreach(complaint, key, value)
    {
        struct str text = str_from(json_string_value(value));
        if (text.len == 0 || text.len > 4096)
            return err_set(e, ERR_USAGE, "complaint: %s: a text of 1 to 4096 bytes is needed", key);
        if (check_member(key, text, e) < 0)
            return -e->code;
    }
    return 0;
}

/* null and {} take it back. */
static int set_complaint(struct request *r, struct str id, json_t *complaint, struct err *e)
{
    char *text = NULL;
    int d;

    if (!json_is_null(complaint) && !json_is_object(complaint))
        return err_set(e, ERR_USAGE, "complaint: an object or null is needed");
    if (check_complaint(complaint, e) < 0)
        return -e->code;
    if (json_object_size(complaint) > 0 && !(text = json_dumps(complaint, JSON_COMPACT | JSON_SORT_KEYS)))
        return err_set(e, ERR_NOMEM, "complaint");
    d = store_case_complain(r->server->store, id, str_from(text), now_ms(), e);
    free(text);
    if (d == 0)
        r->server->options.wake(r->server->options.wake_ctx);
    return d;
}

static int check_keys(json_t *body, const char *const *known, struct err *e)
{
    const char *key;
    json_t *value;

    json_object_foreach(body, key, value)
    {
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0)
            i++;
        if (!known[i])
            return err_set(e, ERR_USAGE, "body: '%s' is none of what can be set", key);
    }
    return 0;
}

static int create(struct request *r, json_t *body, struct err *e)
{
    static const char *const known[] = {"case", "complaint", NULL};
    json_t *id = json_object_get(body, "case"), *complaint = json_object_get(body, "complaint");
    int d = check_keys(body, known, e);

    if (d == 0 && id && !json_is_string(id))
        d = err_set(e, ERR_USAGE, "case: a text is needed");
    if (d == 0)
        d = check_complaint(complaint, e);
    if (d == 0 && !id)
        d = request_new_case(r->case_text, e);
    else if (d == 0)
        (void)snprintf(r->case_text, sizeof r->case_text, "%s", json_string_value(id));
    if (d == 0 && id && strlen(json_string_value(id)) >= sizeof r->case_text)
        d = err_set(e, ERR_USAGE, "case id: 1 to 64 of letters, digits, '.', '_', '-'");
    if (d == 0)
        d = store_case_create(r->server->store, str_from(r->case_text), now_ms(), e);
    if (d == 0 && complaint)
        d = set_complaint(r, str_from(r->case_text), complaint, e);
    return d;
}

int create_case(struct request *r, struct err *e)
{
    json_t *body = NULL;
    int d = request_json(r, &body, e);

    if (d == 0)
        d = create(r, body, e);
    json_decref(body);
    if (d < 0)
        return d;
    r->case_id = str_from(r->case_text);
    answer_header(r, MHD_HTTP_HEADER_LOCATION, "cases/%s", r->case_text);
    return answer_case(r, MHD_HTTP_CREATED, r->case_id, e);
}

static int change(struct request *r, json_t *body, struct err *e)
{
    static const char *const known[] = {"closed", "complaint", NULL};
    json_t *closed = json_object_get(body, "closed"), *complaint = json_object_get(body, "complaint");
    int d = check_keys(body, known, e);

    if (d == 0 && closed && !json_is_boolean(closed))
        d = err_set(e, ERR_USAGE, "closed: true or false is needed");
    if (d == 0 && complaint)
        d = set_complaint(r, r->case_id, complaint, e);
    if (d == 0 && closed)
        d = store_case_close(r->server->store, r->case_id, json_is_true(closed), now_ms(), e);
    return d;
}

int change_case(struct request *r, struct err *e)
{
    json_t *body = NULL;
    int d = request_json(r, &body, e);

    if (d == 0)
        d = change(r, body, e);
    json_decref(body);
    return d < 0 ? d : answer_case(r, MHD_HTTP_OK, r->case_id, e);
}

int delete_case(struct request *r, struct err *e)
{
    if (store_case_delete(r->server->store, r->case_id, e) < 0)
        return -e->code;
    return answer_empty(r, MHD_HTTP_NO_CONTENT, e);
}
