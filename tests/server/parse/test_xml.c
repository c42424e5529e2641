/* SPDX-License-Identifier: Apache-2.0
 *
 * The XML reader: encodings, positions, limits. */
#include "xml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"
#include "limits.h"

struct outcome {
    struct arena arena;
    struct xml_element *root;
    struct xml_position where;
    struct err e;
    int result;
};

static void read_bytes(struct outcome *o, const void *p, size_t len)
{
    memset(o, 0, sizeof *o);
    o->arena = ARENA_INIT(16777216);
    o->result = xml_read((struct bytes){p, len}, &o->arena, &o->root, &o->where, &o->e);
}

static void read_text(struct outcome *o, const char *text)
{
    read_bytes(o, text, strlen(text));
}

static void elements_have_their_place(void **state)
{
    struct outcome o;

    (void)state;
    read_text(&o, "<?xml version='1.0'?>\n<a>\n  <b x='1'\n     y='2'/><!-- c -->text<c/>\n</a>");
    assert_int_equal(o.result, 0);
    const struct xml_element *b = xml_child(o.root, "b"), *c = xml_next(b, NULL);
    assert_int_equal(b->line, 3);
    assert_int_equal(b->col, 3);
    assert_true(str_eq(xml_get(b, "y"), STR("2")));
    assert_null(xml_get(b, "z").p);
    assert_true(xml_is(c, "c"));
    assert_int_equal(c->line, 4);
    assert_null(xml_next(c, NULL));
    assert_ptr_equal(c->parent, o.root);
    arena_done(&o.arena);
}

/* The text as UTF-16, with a mark or without. */
static size_t widen(const char *text, bool big, bool mark, uint8_t *out)
{
    size_t n = 0;

    if (mark) {
        out[n++] = big ? 0xfe : 0xff;
        out[n++] = big ? 0xff : 0xfe;
    }
    for (; *text; text++) {
        out[n + !big] = 0;
        out[n + big] = (uint8_t)*text;
        n += 2;
    }
    return n;
}

static void encodings_are_read_whatever_the_declaration_says(void **state)
{
    static const char text[] = "<?xml version='1.0' encoding='utf-8'?>\n<a x='v'/>";

    (void)state;
    for (int form = 0; form < 4; form++) {
        uint8_t wide[256];
        struct outcome o;
        read_bytes(&o, wide, widen(text, form & 1, form & 2, wide));
        if (o.result < 0)
            fail_msg("form %d: %s", form, o.e.text);
        assert_true(str_eq(xml_get(o.root, "x"), STR("v")));
        assert_int_equal(o.root->line, 2);
        arena_done(&o.arena);
    }
    static const char *const narrow[] = {"\xef\xbb\xbf<a x='\xc3\xa4'/>",
                                         "<?xml version='1.0' encoding='utf-16'?><a x='\xc3\xa4'/>",
                                         "<?xml version='1.0' encoding='iso-8859-1'?><a x='\xe4'/>"};
    for (size_t i = 0; i < ARRAY_LEN(narrow); i++) {
        struct outcome o;
        read_text(&o, narrow[i]);
        if (o.result < 0)
            fail_msg("%s: %s", narrow[i], o.e.text);
        assert_true(str_eq(xml_get(o.root, "x"), STR("\xc3\xa4")));
        arena_done(&o.arena);
    }
    struct outcome o;
    read_text(&o, "<?xml version='1.0' encoding='windows-1252'?><a x='\xe4'/>");
    assert_int_equal(o.result, 0);
    assert_true(str_eq(xml_get(o.root, "x"), STR("\xef\xbf\xbd")));
    arena_done(&o.arena);
}

static void what_is_not_well_formed_says_where(void **state)
{
    static const struct {
        const char *text;
        uint32_t line;
    } cases[] = {{"", 1},
                 {"<a>\n<b>\n</a>", 3},
                 {"<a/>\n<b/>", 2},
                 {"\n<?xml version='1.0'?><a/>", 2},
                 {"<a x='1' x='2'/>", 1},
                 {"<a x=1/>", 1},
                 {"<a>&nothing;</a>", 1},
                 {"<a>\xff</a>", 1},
                 {"plain", 1}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct outcome o;
        read_text(&o, cases[i].text);
        if (o.result != -ERR_FORMAT || o.where.line != cases[i].line)
            fail_msg("'%s': %d at line %u: %s", cases[i].text, o.result, o.where.line, o.e.text);
        assert_null(o.root);
        arena_done(&o.arena);
    }
}

static void nesting_has_an_end(void **state)
{
    CLEANUP(buf_done) struct buf deep = BUF_INIT(1048576);
    struct outcome o;

    (void)state;
    for (int64_t i = 0; i <= LIMIT_XML_DEPTH; i++)
        buf_add_c(&deep, "<a>");
    read_text(&o, buf_c(&deep));
    assert_int_equal(o.result, -ERR_LIMIT);
    arena_done(&o.arena);
}

static void entities_neither_explode_nor_read_files(void **state)
{
    struct outcome o;
    CLEANUP(buf_done) struct buf bomb = BUF_INIT(1048576);

    (void)state;
    buf_add_c(&bomb,
              "<!DOCTYPE a [<!ENTITY e0 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>");
    for (int i = 1; i < 12; i++)
        buf_printf(&bomb, "<!ENTITY e%d '&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;&e%d;'>", i, i - 1, i - 1, i - 1,
                   i - 1, i - 1, i - 1, i - 1, i - 1);
    buf_add_c(&bomb, "]><a x='&e11;'/>");
    read_text(&o, buf_c(&bomb));
    assert_int_equal(o.result, -ERR_LIMIT);
    arena_done(&o.arena);
    read_text(&o, "<!DOCTYPE a [<!ENTITY f SYSTEM 'file:///etc/hostname'>]><a>&f;<b/></a>");
    if (o.result == 0)
        assert_true(xml_is(o.root->child, "b"));
    arena_done(&o.arena);
    read_text(&o, "<!DOCTYPE a [<!ENTITY x '&y;'><!ENTITY y '&x;'>]><a z='&x;'/>");
    assert_true(o.result < 0);
    arena_done(&o.arena);
}

static void a_small_arena_is_a_limit(void **state)
{
    struct arena a = ARENA_INIT(256);
    struct xml_element *root = NULL;
    struct xml_position where;
    struct err e = {0};
    static const char text[] = "<a><b/><b/><b/><b/><b/><b/><b/><b/><b/><b/></a>";

    (void)state;
    assert_int_equal(xml_read((struct bytes){(const uint8_t *)text, sizeof text - 1}, &a, &root, &where, &e),
                     -ERR_LIMIT);
    assert_null(root);
    arena_done(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_have_their_place),
        cmocka_unit_test(encodings_are_read_whatever_the_declaration_says),
        cmocka_unit_test(what_is_not_well_formed_says_where),
        cmocka_unit_test(nesting_has_an_end),
        cmocka_unit_test(entities_neither_explode_nor_read_files),
        cmocka_unit_test(a_small_arena_is_a_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
