/* SPDX-License-Identifier: Apache-2.0
 *
 * Configurations that no server has: each ends in a problem that is named, within seconds, and nothing is
 * claimed. */
#include "iis_world.h"

#include <time.h>

#define AH_ENTRY "iis/config/applicationHost.config"

enum { SECONDS_MAX = 60 }; /* also under a sanitizer on a busy machine */

/* head, `n` times the piece (in which %d is the number), tail. */
static void make(struct buf *out, const char *head, int n, const char *before, const char *after,
                 const char *tail)
{
    buf_add_c(out, head);
    for (int i = 0; i < n; i++)
        buf_printf(out, "%s%d%s", before, i, after);
    buf_add_c(out, tail);
    assert_int_equal(out->failed, 0);
}

static void run(struct iis_world *w, const struct buf *apphost)
{
    time_t start = time(NULL);

    world_open(w);
    world_add(w, AH_ENTRY, NULL, NULL, (struct bytes){(const uint8_t *)apphost->p, apphost->len});
    world_run(w);
    assert_true(time(NULL) - start < SECONDS_MAX);
}

static void expect_problem(struct iis_world *w)
{
    assert_string_equal(world_ask(w, "SELECT count(*) > 0 FROM bundle_problem"), "1");
    assert_string_equal(world_ask(w, "SELECT count(*) FROM effective_config"), "0");
    world_close(w);
}

static void too_many_sites(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration><system.applicationHost><sites>", 25000, "<site id='1' name='S", "'/>",
         "</sites></system.applicationHost></configuration>");
    run(&w, &text);
    expect_problem(&w);
}

static void too_many_locations(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration>" HOST, 25000, "<location path='Site/d", "'>" ACCESS("Ssl") "</location>",
         "</configuration>");
    run(&w, &text);
    expect_problem(&w);
}

static void the_same_section_over_and_over(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration>" HOST, 50000, "<location path='Site' overrideMode='Deny' n='",
         "'>" ACCESS("Ssl") "</location>", "</configuration>");
    run(&w, &text);
    assert_string_equal(world_ask(&w, "SELECT path, kind FROM config_error"), "Site|duplicate");
    world_close(&w);
}

static void too_many_sections(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration>" HOST "<system.webServer><security>", 250000, "<access n='", "'/>",
         "</security></system.webServer></configuration>");
    run(&w, &text);
    expect_problem(&w);
}

static void too_large_for_the_memory(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration>" HOST, 1500000, "<a", "/>", "</configuration>");
    run(&w, &text);
    expect_problem(&w);
}

static void a_path_of_a_thousand_parts(void **state)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct iis_world w;

    (void)state;
    make(&text, "<configuration>" HOST "<location path='Site", 1000, "/", "",
         "'>" ACCESS("Ssl") "</location></configuration>");
    run(&w, &text);
    assert_string_equal(world_ask(&w, "SELECT matched, used FROM config_fragment"), "0|0");
    assert_string_equal(world_ask(&w, "SELECT count(DISTINCT path) FROM effective_config"), "6");
    world_close(&w);
}

/* Other parts of the job are told, and nothing is touched that is not there. */
static void no_memory_for_the_state(void **state)
{
    struct iis_world w;

    (void)state;
    world_open(&w);
    w.arena = ARENA_INIT(64);
    world_add(&w, AH_ENTRY, NULL, NULL, text_bytes(APPHOST("")));
    assert_int_equal(extract_iis(&w.state, &w.e), -ERR_NOMEM);
    world_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(too_many_sites),
        cmocka_unit_test(too_many_locations),
        cmocka_unit_test(the_same_section_over_and_over),
        cmocka_unit_test(too_many_sections),
        cmocka_unit_test(too_large_for_the_memory),
        cmocka_unit_test(a_path_of_a_thousand_parts),
        cmocka_unit_test(no_memory_for_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
