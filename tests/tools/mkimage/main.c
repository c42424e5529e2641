/* SPDX-License-Identifier: Apache-2.0
 *
 * mkimage [--wine DIR] [--overlay CHANGE_DIR]… MACHINE_DIR OUT_DIR: see tests/machines/README.md. */
#include "mkimage.h"

#include <stdio.h>
#include <string.h>

static int read_arguments(struct machine *m, int argc, char **argv, struct err *e)
{
    int at = 1;

    if (at + 1 < argc && strcmp(argv[at], "--wine") == 0) {
        m->wine = argv[at + 1];
        at += 2;
    }
    for (m->n_layers = 1; at + 1 < argc && strcmp(argv[at], "--overlay") == 0; at += 2) {
        if (m->n_layers == LAYERS_MAX)
            return err_set(e, ERR_LIMIT, "more than %d overlays", LAYERS_MAX - 1);
        m->layers[m->n_layers++] = argv[at + 1];
    }
    if (argc - at != 2)
        return err_set(e, ERR_USAGE, "mkimage [--wine DIR] [--overlay CHANGE_DIR]... MACHINE_DIR OUT_DIR");
    m->layers[0] = argv[at];
    m->out = argv[at + 1];
    return 0;
}

static int check_out(struct machine *m, struct err *e)
{
    const char **names;
    size_t n = 0;
    int r = dir_names(m->a, m->out, &names, &n, e);

    if (r == 0 && n > 0)
        return err_set(e, ERR_CONFLICT, "%s: is not empty", m->out);
    return r;
}

int main(int argc, char **argv)
{
    struct arena arena = ARENA_INIT(1 << 30);
    struct machine m = {.a = &arena};
    struct err e = {0};
    int r = read_arguments(&m, argc, argv, &e);

    r = r != 0 ? r : check_out(&m, &e);
    r = r != 0 ? r : machine_read(&m, &e);
    r = r != 0 ? r : machine_write(&m, &e);
    r = r != 0 ? r : layout_write(&m, &e);
    r = r != 0 ? r : registry_read(&m, &e);
    r = r != 0 ? r : stores_write(&m, &e);
    r = r != 0 ? r : hives_write(&m, &e);
    if (r == 0 && m.wine != NULL)
        r = wine_write(&m, m.wine, &e);
    r = r != 0 ? r : acl_write(&m, &e);
    r = r != 0 ? r : times_write(&m, &e);
    if (r != 0)
        (void)fprintf(stderr, "mkimage: %s\n", e.text);
    json_decref(m.json);
    arena_done(&arena);
    return r == 0 ? 0 : err_exit_code(r);
}
