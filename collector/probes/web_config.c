/* SPDX-License-Identifier: Apache-2.0
 *
 * web.config of every folder that the configuration names, then of the folders below those where there is
 * one: a directory needs no entry anywhere to have settings of its own. */
#include "probe.h"

#include "iis_model.h"
#include "limits.h"

struct walk {
    struct probe_run *run;
    size_t n_configs, n_folders;
    bool is_full; /* a limit ended the search */
};

/* Folders below one, while it is listed. */
struct below {
    struct walk *walk;
    struct str *names;
    size_t n, room;
};

static struct str without_end(struct str folder)
{
    while (folder.len > 0 && folder.p[folder.len - 1] == '\\')
        folder.len--;
    return folder;
}

static int take_config(struct walk *w, struct str physical, struct str path, struct str site, struct err *e)
{
    struct manifest_item head = {.kind = KIND_WEB_CONFIG,
                                 .source =
                                     take_join(w->run, "%.*s\\web.config", (int)physical.len, physical.p),
                                 .entry = take_join(w->run, "iis/web/%zu/web.config", ++w->n_configs),
                                 .site = site,
                                 .path = path,
                                 .original = -1,
                                 .modified_ms = TIME_NONE};

    CLEANUP(buf_done) struct buf file = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);

    if (take_xml(w->run, &head, REDACT_CONFIG, &file, e) != 0)
        return -e->code;
    return take_config_parts(w->run, &head, &file, e);
}

static int keep_folder(void *ctx, struct str name, const struct os_file_info *info)
{
    struct below *b = ctx;

    if (!info->is_dir)
        return 0;
    if (b->walk->n_folders + b->n >= (size_t)LIMIT_COLLECT_WEB_FOLDERS) {
        b->walk->is_full = true;
        return 1;
    }
    if (b->n == b->room) {
        size_t room = b->room == 0 ? 16 : 2 * b->room;
        struct str *names = arena_array(&b->walk->run->arena, room, sizeof(*names));
        if (names == NULL)
            return -ERR_NOMEM;
        for (size_t i = 0; i < b->n; i++)
            names[i] = b->names[i];
        b->names = names;
        b->room = room;
    }
    b->names[b->n++] = arena_keep(&b->walk->run->arena, name);
    return 0;
}

static bool is_known(const struct iis_model *m, struct str path)
{
    for (const struct iis_folder *f = m->folders; f != NULL; f = f->next)
        if (str_ieq(f->path, path))
            return true;
    return false;
}

static int look_below(struct walk *w, struct str physical, struct str path, struct str site, int depth,
                      struct err *e);

/* One folder found: its web.config when there is one, then what is below it. One that the configuration names
 * is looked into on its own account. */
static int look_into(struct walk *w, struct str physical, struct str path, struct str site, int depth,
                     struct err *e)
{
    struct str file = take_join(w->run, "%.*s\\web.config", (int)physical.len, physical.p);
    struct os_file_info info;
    struct err why = {0};

    if (is_known(w->run->model, path))
        return 0;
    if (os_stat(w->run->os, file, &info, &why) != -ERR_MISSING &&
        take_config(w, physical, path, site, e) != 0)
        return -e->code;
    return look_below(w, physical, path, site, depth + 1, e);
}

/* A folder that cannot be listed is no item: nobody said that there is anything in it. */
static int look_below(struct walk *w, struct str physical, struct str path, struct str site, int depth,
                      struct err *e)
{
    struct below b = {.walk = w};
    struct err ignored = {0};

    if (depth >= LIMIT_COLLECT_WEB_DEPTH || w->is_full)
        return 0;
    (void)os_dir_list(w->run->os, physical, keep_folder, &b, &ignored);
    w->n_folders += b.n;
    for (size_t i = 0; i < b.n; i++) {
        struct str folder =
            take_join(w->run, "%.*s\\%.*s", (int)physical.len, physical.p, (int)b.names[i].len, b.names[i].p);
        struct str below =
            take_join(w->run, "%.*s/%.*s", (int)path.len, path.p, (int)b.names[i].len, b.names[i].p);
        if (folder.p == NULL || below.p == NULL)
            w->is_full = true;
        else if (look_into(w, folder, below, site, depth, e) != 0)
            return -e->code;
    }
    return 0;
}

static int note_full(struct probe_run *run, struct err *e)
{
    struct manifest_item head = {.kind = KIND_WEB_CONFIG,
                                 .source = STR("folders below virtual directories"),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};
    struct bundle_end end = {OUTCOME_TRUNCATED, "more folders than are looked into", 0, "tail"};

    return bundle_item_note(run->bundle, &head, &end, e);
}

int probe_web_config(struct probe_run *run, struct err *e)
{
    struct walk w = {.run = run};
    const struct iis_folder *f;

    for (f = run->model->folders; f != NULL; f = f->next)
        if (take_config(&w, without_end(take_expand(run, f->physical)), f->path, f->site, e) != 0)
            return -e->code;
    for (f = run->model->folders; f != NULL; f = f->next)
        if (look_below(&w, without_end(take_expand(run, f->physical)), f->path, f->site, 0, e) != 0)
            return -e->code;
    return w.is_full ? note_full(run, e) : 0;
}
