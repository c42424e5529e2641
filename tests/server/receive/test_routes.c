/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of the routes; with the argument --list they are printed for test_openapi.sh. */
#include "request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int find(struct request *r, const char *method, const char *path)
{
    struct err e = {0};
    CLEANUP(buf_done) struct buf allowed = BUF_INIT(256);

    memset(r, 0, sizeof *r);
    r->method = method;
    (void)snprintf(r->path, sizeof r->path, "%s", path);
    return route_find(r, &allowed, &e);
}

static void parameters_are_cut_out_of_the_path(void **state)
{
    struct request r;

    (void)state;
    assert_int_equal(find(&r, "GET", "/api/v1/cases/A-1/report.json"), 0);
    assert_true(str_eq(r.case_id, STR("A-1")));
    assert_true(str_eq(request_param(&r, "format"), STR(".json")));
    assert_int_equal(find(&r, "GET", "/api/v1/cases/A-1/report"), 0);
    assert_int_equal(request_param(&r, "format").len, 0);
    assert_int_equal(request_param(&r, "other").len, 0);
    assert_int_equal(find(&r, "GET", "/"), 0);
}

static void what_is_no_route_is_told(void **state)
{
    struct request r;

    (void)state;
    assert_int_equal(find(&r, "GET", "/api/v1/cases/"), -ERR_MISSING);
    assert_int_equal(find(&r, "GET", "/api/v1/cases/../x"), -ERR_MISSING);
    assert_int_equal(find(&r, "GET", "/api/v1/cases/A1/"), -ERR_MISSING);
    assert_int_equal(find(&r, "GET", "api/v1/cases"), -ERR_MISSING);
    assert_int_equal(find(&r, "GET", ""), -ERR_MISSING);
    assert_int_equal(find(&r, "PUT", "/api/v1/cases"), -ERR_METHOD);
    assert_int_equal(find(&r, "HEAD", "/api/v1/cases"), 0);
}

/* What changes something may not be public, and what names a case is compared with the token's. */
static void rows_are_safe(void **state)
{
    const struct route *route;

    (void)state;
    for (size_t i = 0; (route = route_at(i)); i++) {
        bool reads = strcmp(route->method, "GET") == 0 || strcmp(route->method, "OPTIONS") == 0;
        assert_non_null(route->end);
        assert_true(route->path[0] == '/');
        if (route->is_public && !reads)
            assert_string_equal(route->path, "/api/v1/session");
        if (strstr(route->path, "{case}"))
            assert_false(route->any_case);
        if (route->role == TOKEN_UPLOAD && !route->is_public)
            assert_true(strstr(route->path, "/uploads") || strstr(route->path, "/bundles") ||
                        strcmp(route->path, "/api/v1/session") == 0);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_cut_out_of_the_path),
        cmocka_unit_test(what_is_no_route_is_told),
        cmocka_unit_test(rows_are_safe),
    };
    const struct route *route;

    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; (route = route_at(i)); i++)
            printf("%s %s\n", route->method, route->path);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
