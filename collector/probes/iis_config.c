/* SPDX-License-Identifier: Apache-2.0
 *
 * applicationHost.config and what stands beside it; web.config of every folder that the configuration names.
 */
#include "probe.h"

#include <string.h>

#include "iis_model.h"
#include "limits.h"
#include "markup.h"
#include "text.h"

#define CONFIG_FOLDER "%SystemRoot%\\System32\\inetsrv\\config"
#define FRAMEWORK_FOLDER "%SystemRoot%\\Microsoft.NET\\Framework64\\v4.0.30319\\Config"

static struct manifest_item config_item(struct str source, struct str entry)
{
    return (struct manifest_item){
        .kind = KIND_IIS_CONFIG, .source = source, .entry = entry, .original = -1, .modified_ms = TIME_NONE};
}

static int take_config(struct probe_run *run, struct str folder, const char *name, struct buf *ret_file,
                       struct err *e)
{
    struct manifest_item head = config_item(take_join(run, "%.*s\\%s", (int)folder.len, folder.p, name),
                                            take_join(run, "iis/config/%s", name));

    return take_xml(run, &head, REDACT_CONFIG, ret_file, e);
}

/* The folder that redirection.config sends to; empty when it does not. */
static struct str redirected_to(struct probe_run *run, const struct buf *file)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(3 * file->len + 16);
    struct str enabled = STR("false"), path = STR("");
    struct markup x;
    struct markup_token t;

    text_add_decoded(&text, (struct bytes){(const uint8_t *)buf_c(file), file->len});
    markup_init(&x, buf_str(&text));
    while (markup_next(&x, &t) != MARKUP_END && t.kind != MARKUP_BROKEN)
        if (str_eq(t.name, STR("configurationRedirection")) && t.kind != MARKUP_CLOSE) {
            (void)markup_attribute_find(t.inner, STR("enabled"), &enabled);
            (void)markup_attribute_find(t.inner, STR("path"), &path);
        }
    if (!str_ieq(enabled, STR("true")))
        return STR("");
    return take_expand(run, arena_keep(&run->arena, path));
}

static bool is_share(struct str path)
{
    return str_starts(path, STR("\\\\"));
}

/* The file that IIS reads. On a share it is left out: it belongs to another machine, and asking for it may
 * hang. */
static int take_effective(struct probe_run *run, struct str local, struct str redirected, struct err *e)
{
    CLEANUP(buf_done) struct buf file = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);
    struct str folder = redirected.len > 0 ? redirected : local;
    struct bundle_end left = {OUTCOME_EXCLUDED, "the configuration is redirected to a share", 0, NULL};

    while (folder.len > 0 && folder.p[folder.len - 1] == '\\')
        folder.len--;
    if (is_share(folder)) {
        struct manifest_item head =
            config_item(take_join(run, "%.*s\\applicationHost.config", (int)folder.len, folder.p), STR(""));
        return bundle_item_note(run->bundle, &head, &left, e);
    }
    if (take_config(run, folder, "applicationHost.config", &file, e) != 0)
        return -e->code;
    struct manifest_item head =
        config_item(take_join(run, "%.*s\\applicationHost.config", (int)folder.len, folder.p),
                    STR("iis/config/applicationHost.config"));
    if (take_config_parts(run, &head, &file, e) != 0)
        return -e->code;
    return iis_model_read(run->model, (struct bytes){(const uint8_t *)buf_c(&file), file.len}, &run->arena,
                          e);
}

static bool is_xml(struct str name)
{
    return str_iends(name, STR(".xml"));
}

static int take_schemas(struct probe_run *run, struct str config, struct err *e)
{
    struct str folder = take_join(run, "%.*s\\schema", (int)config.len, config.p);
    struct take_file *files = NULL;
    struct err why = {0};
    size_t n = 0;

    if (take_list(run, folder, is_xml, &run->arena, &files, &n, &why) != 0) {
        struct manifest_item head = config_item(folder, STR(""));
        return take_failure(run, &head, &why, e);
    }
    for (size_t i = 0; i < n; i++) {
        struct str name = files[i].name;
        struct manifest_item head =
            config_item(take_join(run, "%.*s\\%.*s", (int)folder.len, folder.p, (int)name.len, name.p),
                        take_join(run, "iis/config/schema/%.*s", (int)name.len, name.p));
        if (!entry_name_is_legal(head.entry))
            head.entry = take_join(run, "iis/config/schema/schema-%zu.xml", i + 1);
        if (take_xml(run, &head, REDACT_CONFIG, NULL, e) != 0)
            return -e->code;
    }
    return 0;
}

/* The two levels above applicationHost.config. */
static int take_framework(struct probe_run *run, struct err *e)
{
    struct str folder = take_expand(run, STR(FRAMEWORK_FOLDER));
    struct manifest_item root = config_item(take_join(run, "%.*s\\web.config", (int)folder.len, folder.p),
                                            STR("iis/config/framework-web.config"));

    if (take_config(run, folder, "machine.config", NULL, e) != 0)
        return -e->code;
    return take_xml(run, &root, REDACT_CONFIG, NULL, e);
}

int probe_iis_config(struct probe_run *run, struct err *e)
{
    CLEANUP(buf_done) struct buf redirection = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);
    struct str folder = take_expand(run, STR(CONFIG_FOLDER));

    if (take_config(run, folder, "redirection.config", &redirection, e) != 0 ||
        take_effective(run, folder, redirected_to(run, &redirection), e) != 0 ||
        take_config(run, folder, "administration.config", NULL, e) != 0 || take_schemas(run, folder, e) != 0)
        return -e->code;
    return take_framework(run, e);
}
