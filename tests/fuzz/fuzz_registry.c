/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_registry: bytes as registry text, and the http.sys records in it.
 *
 * seeds: *.reg */
#include <stdint.h>

#include "http_sys.h"
#include "registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore_problem(int64_t line, const char *what, void *ctx)
{
    (void)line;
    (void)what;
    (void)ctx;
}

static void ignore_binding(const struct http_sys_binding *b, void *ctx)
{
    (void)b;
    (void)ctx;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a = ARENA_INIT(64 << 20);
    struct err e = {0};
    bool is_translated;
    struct registry *r;

    if (registry_new(&a, &r, &e) == 0) {
        (void)registry_parse(r, (struct bytes){data, size}, STR("x.reg"), ignore_problem, NULL, &e);
        (void)http_sys_from_registry(r, &a, ignore_binding, NULL, &e);
        (void)registry_proof(r, STR("HKLM\\SYSTEM\\CurrentControlSet\\A"), STR("HKLM\\SYSTEM"));
    }
    (void)http_sys_from_json((struct bytes){data, size}, &a, ignore_binding, NULL, &e);
    (void)http_sys_from_netsh((struct str){(const char *)data, size}, &a, ignore_binding, NULL,
                              &is_translated, &e);
    arena_done(&a);
    return 0;
}
