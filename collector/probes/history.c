/* SPDX-License-Identifier: Apache-2.0
 *
 * What IIS' configuration history service kept (inetpub\history): all folders with their files and times, and
 * the configuration itself of the newest few. */
#include "probe.h"

#include <stdlib.h>

#include <jansson.h>

#include "iis_model.h"
#include "limits.h"

#define HISTORY_FOLDER "%SystemDrive%\\inetpub\\history"

enum { FOLDERS = 1000, WHOLE = 3 }; /* listed; of which configuration is taken */

struct history {
    struct probe_run *run;
    struct take_file *folders;
    size_t n;
};

/* CFGHISTORY_0000000012; the schema has folders of its own, which come along. */
static int keep_folder(void *ctx, struct str name, const struct os_file_info *info)
{
    struct history *h = ctx;

    if (!info->is_dir || !str_istarts(name, STR("CFGHISTORY_")) || h->n >= FOLDERS)
        return 0;
    h->folders[h->n] = (struct take_file){arena_keep(&h->run->arena, name), *info};
    return h->folders[h->n++].name.p == NULL ? -ERR_NOMEM : 0;
}

/* The number grows. */
static int later(const void *a, const void *b)
{
    return str_icmp(((const struct take_file *)b)->name, ((const struct take_file *)a)->name);
}

static json_t *file_json(const struct take_file *f)
{
    char time[32];

    time_format(f->info.modified_ms, time);
    return json_pack("{s:o,s:I,s:s}", "name", value_text(f->name), "size", (json_int_t)f->info.size,
                     "modified", time);
}

static json_t *folder_json(const struct history *h, struct str root, const struct take_file *folder)
{
    struct str path =
        take_join(h->run, "%.*s\\%.*s", (int)root.len, root.p, (int)folder->name.len, folder->name.p);
    json_t *files = json_array();
    struct take_file *list = NULL;
    struct err why = {0};
    struct bundle_end end = BUNDLE_OK;
    size_t n = 0;

    if (take_list(h->run, path, NULL, &h->run->arena, &list, &n, &why) != 0)
        end = take_end(&why);
    for (size_t i = 0; i < n; i++)
        (void)json_array_append_new(files, file_json(&list[i]));
    return value_outcome(json_pack("{s:o,s:o}", "name", value_text(folder->name), "files", files), &end);
}

static int take_list_of_all(const struct history *h, const struct manifest_item *head, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_COLLECT_JSON_BYTES);
    struct bundle_end end = BUNDLE_OK;

    if (h->n == FOLDERS)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "more folders than are listed", 0, "head"};
    buf_add_c(&json, "{\"folders\":[");
    for (size_t i = 0; i < h->n; i++) {
        buf_add_c(&json, i > 0 ? "," : "");
        value_take(&json, folder_json(h, head->source, &h->folders[i]));
    }
    buf_add_c(&json, "]}\n");
    return buf_check(&json, "iis/history.json", e) != 0 ? -e->code
                                                        : take_text(h->run, head, buf_str(&json), &end, e);
}

static int take_newest(const struct history *h, struct str root, struct err *e)
{
    for (size_t i = 0; i < h->n && i < WHOLE; i++) {
        struct str name = h->folders[i].name;
        struct manifest_item head = {
            .kind = KIND_IIS_HISTORY,
            .source = take_join(h->run, "%.*s\\%.*s\\applicationHost.config", (int)root.len, root.p,
                                (int)name.len, name.p),
            .entry = take_join(h->run, "iis/history/%.*s/applicationHost.config", (int)name.len, name.p),
            .original = -1,
            .modified_ms = TIME_NONE};
        if (!entry_name_is_legal(head.entry))
            continue; /* no folder of the service's */
        if (take_xml(h->run, &head, REDACT_CONFIG, NULL, e) != 0)
            return -e->code;
    }
    return 0;
}

int probe_history(struct probe_run *run, struct err *e)
{
    struct history h = {.run = run};
    struct str root = run->model->history_directory;
    struct err why = {0};
    int r;

    root = take_expand(run, root.len > 0 ? root : STR(HISTORY_FOLDER));
    struct manifest_item head = {.kind = KIND_IIS_HISTORY,
                                 .source = root,
                                 .entry = STR("iis/history.json"),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};
    if (take_excluded(run, &head, &r, e))
        return r;
    h.folders = arena_array(&run->arena, FOLDERS, sizeof(*h.folders));
    if (h.folders == NULL)
        return err_set(e, ERR_NOMEM, "history: out of memory");
    if (os_dir_list(run->os, root, keep_folder, &h, &why) != 0) {
        if (why.code == 0)
            return err_set(e, ERR_NOMEM, "history: out of memory");
        return take_failure(run, &head, &why, e);
    }
    qsort(h.folders, h.n, sizeof(*h.folders), later);
    return take_list_of_all(&h, &head, e) != 0 ? -e->code : take_newest(&h, root, e);
}
