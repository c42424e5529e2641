/* SPDX-License-Identifier: Apache-2.0
 *
 * Random trees of locations and web.configs: the effective sslFlags and what is locked equal those of a
 * second, deliberately naive evaluation, which walks lists of fragments again for each path and knows no
 * tree. */
#include "iis_effective.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "buf.h"

enum { ROUNDS = 3000, PATHS = 12, FRAGMENTS = 24 };

/* S, with an application S/a, and S/a/c in it; T. */
static const char *const paths[PATHS] = {"",      "S",     "S/a",     "S/b",     "S/a/c", "S/a/d",
                                         "S/b/c", "S/b/d", "S/a/c/e", "S/a/c/f", "T",     "T/a"};
static const char *const applications[] = {"S", "S/a", "S/a/c", "T"};
static const char *const flags[] = {"None", "Ssl", "SslNegotiateCert", "Ssl, SslRequireCert"};

/* One fragment: the file's path ("" is applicationHost.config), its target, what it says. */
struct piece {
    int file, target; /* into paths */
    int flag;         /* into flags; -1: an element without sslFlags */
    enum iis_mode mode;
    bool in_location, stops;
};

struct machine {
    struct piece pieces[FRAGMENTS];
    size_t n;
    enum iis_mode declared;
};

static unsigned long long seed;

static int pick(int n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (int)((seed >> 33) % (unsigned)n);
}

static bool is_within(const char *above, const char *path)
{
    size_t n = strlen(above);

    return n == 0 || (strncmp(above, path, n) == 0 && (path[n] == 0 || path[n] == '/'));
}

static bool has_twin(const struct machine *m, const struct piece *p)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->pieces[i].file == p->file && m->pieces[i].target == p->target)
            return true;
    return false;
}

static void make_machine(struct machine *m)
{
    memset(m, 0, sizeof *m);
    m->declared = pick(2) ? IIS_DENY : IIS_ALLOW;
    for (int tries = 4 + pick(FRAGMENTS - 4); tries > 0; tries--) {
        struct piece p = {.file = pick(3) ? 0 : pick(PATHS), .target = pick(PATHS), .flag = pick(5) - 1};
        if (!is_within(paths[p.file], paths[p.target]) || has_twin(m, &p))
            continue;
        p.in_location = p.file != p.target || pick(2);
        if (p.in_location) {
            p.mode = pick(4) ? IIS_INHERIT : pick(2) ? IIS_ALLOW : IIS_DENY;
            p.stops = pick(6) == 0;
        }
        m->pieces[m->n++] = p;
    }
}

static void write_piece(struct buf *out, const struct piece *p)
{
    const char *rest = paths[p->target] + strlen(paths[p->file]);
    static const char *const modes[] = {"", " overrideMode='Allow'", " overrideMode='Deny'"};

    if (p->in_location)
        buf_printf(out, "<location path='%s'%s%s>",
                   *rest == '/' ? rest + 1
                   : *rest      ? rest
                                : ".",
                   modes[p->mode], p->stops ? " inheritInChildApplications='false'" : "");
    buf_add_c(out, "<system.webServer><security><access");
    if (p->flag >= 0)
        buf_printf(out, " sslFlags='%s'", flags[p->flag]);
    buf_add_c(out, "/></security></system.webServer>");
    if (p->in_location)
        buf_add_c(out, "</location>");
}

/* ---- the naive evaluation ---- */

static const char *application_of(const char *path)
{
    const char *best = "";

    for (size_t i = 0; i < ARRAY_LEN(applications); i++)
        if (is_within(applications[i], path) && strlen(applications[i]) > strlen(best))
            best = applications[i];
    return best;
}

static bool counts(const struct piece *p, const char *path)
{
    const char *target = paths[p->target];

    if (!is_within(target, path))
        return false;
    return !p->stops || strcmp(target, path) == 0 ||
           strcmp(application_of(target), application_of(path)) == 0;
}

static bool naive_is_denied(const struct machine *m, const struct piece *p)
{
    size_t best_file = 0, best_target = 0;
    enum iis_mode mode = m->declared;

    for (size_t i = 0; i < m->n; i++) {
        const struct piece *q = &m->pieces[i];
        size_t file = strlen(paths[q->file]) + 1, target = strlen(paths[q->target]) + 1;
        bool is_above =
            is_within(paths[q->file], paths[p->file]) && strcmp(paths[q->file], paths[p->file]) != 0;
        if (!is_above || q->mode == IIS_INHERIT || !counts(q, paths[p->target]))
            continue;
        if (file > best_file || (file == best_file && target > best_target)) {
            mode = q->mode;
            best_file = file;
            best_target = target;
        }
    }
    return mode == IIS_DENY;
}

static const char *naive_value(const struct machine *m, const char *path, bool *ret_broken)
{
    const struct piece *winner = NULL;

    *ret_broken = false;
    for (size_t i = 0; i < m->n; i++) {
        const struct piece *p = &m->pieces[i];
        if (!counts(p, path))
            continue;
        if (p->file != 0 && naive_is_denied(m, p)) {
            *ret_broken = true;
            continue;
        }
        size_t target = strlen(paths[p->target]), file = strlen(paths[p->file]);
        if (p->flag >= 0 && (!winner || target > strlen(paths[winner->target]) ||
                             (target == strlen(paths[winner->target]) && file > strlen(paths[winner->file]))))
            winner = p;
    }
    return winner ? flags[winner->flag] : "None";
}

/* ---- the real one ---- */

static struct xml_element *parse(struct arena *a, const struct buf *text)
{
    struct xml_element *root = NULL;
    struct xml_position where;
    struct err e = {0};

    if (xml_read((struct bytes){(const uint8_t *)text->p, text->len}, a, &root, &where, &e) < 0)
        fail_msg("%s: %s", e.text, text->p);
    return root;
}

static void place_file(struct iis_tree *t, const struct machine *m, int file, struct arena *a)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(65536);
    struct iis_file *f = arena_alloc(a, sizeof *f);
    struct err e = {0};
    size_t n = 0;

    buf_add_c(&text, "<configuration>");
    for (size_t i = 0; i < m->n; i++)
        if (m->pieces[i].file == file) {
            write_piece(&text, &m->pieces[i]);
            n++;
        }
    buf_add_c(&text, "</configuration>");
    if (n == 0)
        return;
    *f = (struct iis_file){.entry = str_from(paths[file]), .is_apphost = file == 0};
    assert_int_equal(iis_node_make(t, t->root, str_from(paths[file]), &f->node, &e), 0);
    assert_int_equal(iis_place(t, f, parse(a, &text), &e), 0);
}

static void build(struct iis_tree *t, const struct machine *m, struct arena *a)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(65536);
    struct iis_node *node;
    struct err e = {0};

    buf_printf(
        &text,
        "<configuration><configSections><sectionGroup name='system.webServer'><sectionGroup name='security'>"
        "<section name='access' "
        "overrideModeDefault='%s'/></sectionGroup></sectionGroup></configSections></configuration>",
        m->declared == IIS_DENY ? "Deny" : "Allow");
    assert_int_equal(iis_tree_init(t, parse(a, &text), a, &e), 0);
    t->sites_are_known = true;
    for (size_t i = 0; i < ARRAY_LEN(applications); i++) {
        assert_int_equal(iis_node_make(t, t->root, str_from(applications[i]), &node, &e), 0);
        node->is_application = true;
        node->is_site = node->depth == 1;
    }
    for (size_t depth = 0; depth < 8; depth++)
        for (int file = 0; file < PATHS; file++)
            if (strlen(paths[file]) == depth)
                place_file(t, m, file, a);
}

static void the_effective_value_equals_a_naive_evaluation(void **state)
{
    size_t broken = 0, sound = 0;

    (void)state;
    for (seed = 1; seed < ROUNDS;) {
        unsigned long long round = seed;
        struct arena a = ARENA_INIT(8388608);
        struct machine m;
        struct iis_tree t;
        make_machine(&m);
        build(&t, &m, &a);
        for (int i = 1; i < PATHS; i++) {
            struct iis_node *node;
            struct iis_values values;
            bool is_broken;
            const char *expected = naive_value(&m, paths[i], &is_broken);
            assert_int_equal(iis_node_make(&t, t.root, str_from(paths[i]), &node, &(struct err){0}), 0);
            iis_effective(&t, node, &values);
            struct str value = values.of[0][0].value;
            if (values.is_broken != is_broken || (!is_broken && !str_eq(value, str_from(expected))))
                fail_msg("round %llu, %s: %.*s %d instead of %s %d", round, paths[i], (int)value.len, value.p,
                         values.is_broken, expected, is_broken);
            broken += is_broken;
            sound += !is_broken;
        }
        arena_done(&a);
        seed = round + 1;
    }
    assert_true(broken > 1000 && sound > 1000); /* both kinds are met */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_effective_value_equals_a_naive_evaluation)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
