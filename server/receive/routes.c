/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be asked of the server: the tables of the files that answer, documented in schema/openapi.yaml. */
#include "request.h"

#include "names.h"

#include <string.h>

/* The first row that fits counts: "reports" goes before "report{format}". */
static const struct route_table *const tables[] = {
    &routes_pages,   &routes_session, &routes_health,  &routes_cases,   &routes_judged,
    &routes_reports, &routes_bundles, &routes_rules,   &routes_uploads, &routes_tokens,
    &routes_audit,   &routes_runs,    &routes_keeping, &routes_metrics,
};

const struct route *route_at(size_t i)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++) {
        if (i < tables[t]->n)
            return &tables[t]->rows[i];
        i -= tables[t]->n;
    }
    return NULL;
}

static bool take_param(struct request *r, size_t *n, struct str name, struct str value)
{
    if (*n == REQUEST_PARAMS)
        return false;
    if (str_eq(name, STR("case"))) {
        if (!case_id_is_legal(value))
            return false;
        r->case_id = value;
    }
    r->params[*n].name = name;
    r->params[(*n)++].value = value;
    return true;
}

/* One part between two '/': a fixed text, and behind it maybe a {parameter}. */
static bool part_fits(struct request *r, size_t *n, struct str template, struct str part)
{
    struct str name = {0}, fixed = str_cut(template, '{', &name);

    if (!name.p)
        return str_eq(template, part);
    if (!str_starts(part, fixed))
        return false;
    part = str_skip(part, fixed.len);
    /* A parameter that is a whole part is never empty; one behind a text may be. */
    if (part.len == 0 && fixed.len == 0)
        return false;
    return take_param(r, n, str_cut(name, '}', &fixed), part);
}

static bool path_fits(struct request *r, const char *template_path)
{
    struct str template = str_from(template_path), path = str_from(r->path);
    size_t n = 0;

    memset(r->params, 0, sizeof r->params);
    r->case_id = (struct str){0};
    while (template.p && path.p) {
        struct str t = str_cut(template, '/', &template), p = str_cut(path, '/', &path);
        if (!part_fits(r, &n, t, p))
            return false;
    }
    return !template.p && !path.p;
}

/* libmicrohttpd leaves the body of an answer to HEAD out. */
static bool method_fits(const char *method, const struct route *route)
{
    return strcmp(route->method, method) == 0 ||
           (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

static bool allows(const struct buf *allowed, const char *method)
{
    return memmem(buf_c(allowed), allowed->len, method, strlen(method)) != NULL;
}

static void allow(struct buf *allowed, const char *method)
{
    if (allows(allowed, method))
        return;
    buf_printf(allowed, "%s%s", allowed->len ? ", " : "", method);
    if (strcmp(method, "GET") == 0)
        allow(allowed, "HEAD");
}

int route_find(struct request *r, struct buf *allowed, struct err *e)
{
    const struct route *route;

    for (size_t i = 0; (route = route_at(i)); i++) {
        if (!path_fits(r, route->path))
            continue;
        if (method_fits(r->method, route)) {
            r->route = route;
            return 0;
        }
        allow(allowed, route->method);
    }
    if (allowed->len == 0)
        return err_set(e, ERR_MISSING, "no such path; schema/openapi.yaml lists them");
    allow(allowed, "OPTIONS");
    return err_set(e, ERR_METHOD, "%s: this path knows %s", r->method, buf_c(allowed));
}

struct str request_param(const struct request *r, const char *name)
{
    for (size_t i = 0; i < REQUEST_PARAMS; i++)
        if (str_eq(r->params[i].name, str_from(name)))
            return r->params[i].value;
    return (struct str){0};
}
