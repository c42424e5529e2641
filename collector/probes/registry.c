/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include "reg_text.h"

const struct reg_row reg_rows[] = {
#define REG(file, key, depth, names) {REG_FILE_##file, depth, key, names},
#include "registry.def"
#undef REG
};
const size_t n_reg_rows = ARRAY_LEN(reg_rows);

/* What stands for the whole item in the manifest. */
static const struct {
    enum kind kind;
    const char *entry, *source;
} files[] = {
    [REG_FILE_HTTP] = {KIND_REG_HTTP, "registry/http.reg",
                       "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"},
    [REG_FILE_SCHANNEL] = {KIND_REG_SCHANNEL, "registry/schannel.reg",
                           "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL"},
    [REG_FILE_SYSTEM] = {KIND_REG_SYSTEM, "registry/system.reg",
                         "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion"},
    [REG_FILE_MACHINE] = {KIND_REG_CLIENT, "registry/client-machine.reg",
                          "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings"},
    [REG_FILE_USER] = {KIND_REG_CLIENT, NULL, NULL},
};

static int add_rows(struct reg_text *t, enum reg_file file, struct str user, struct err *e)
{
    for (size_t i = 0; i < n_reg_rows; i++) {
        struct str key = str_from(reg_rows[i].key);
        if (reg_rows[i].file != file)
            continue;
        if (file == REG_FILE_USER)
            key = take_join(t->run, "HKU\\%.*s\\%s", (int)user.len, user.p, reg_rows[i].key);
        if (reg_text_add(t, key, reg_rows[i].depth, reg_rows[i].names[0] == 0 ? NULL : reg_rows[i].names,
                         e) != 0)
            return -e->code;
    }
    return 0;
}

static int take_file(struct probe_run *run, enum reg_file file, const struct manifest_item *head,
                     struct err *e)
{
    CLEANUP(reg_text_done) struct reg_text t;
    struct bundle_end end = BUNDLE_OK;

    reg_text_start(&t, run);
    if (bundle_item_begin(run->bundle, head, e) != 0 || add_rows(&t, file, head->user, e) != 0 ||
        reg_text_flush(&t, e) != 0)
        return -e->code;
    if (t.n_failed > 0)
        end = take_end(&t.failed);
    /* A key below that is gone when we come to it is no proof for the item. */
    if (end.outcome == OUTCOME_ABSENT || end.outcome == OUTCOME_EXCLUDED)
        end.outcome = OUTCOME_ERROR;
    return bundle_item_end(run->bundle, &end, e);
}

static int take_machine_file(struct probe_run *run, enum reg_file file, struct err *e)
{
    struct manifest_item head = {.kind = files[file].kind,
                                 .source = str_from(files[file].source),
                                 .entry = str_from(files[file].entry),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};

    return take_file(run, file, &head, e);
}

int probe_registry_server(struct probe_run *run, struct err *e)
{
    return take_machine_file(run, REG_FILE_HTTP, e);
}

int probe_registry_machine(struct probe_run *run, struct err *e)
{
    return take_machine_file(run, REG_FILE_SCHANNEL, e) != 0 ? -e->code
                                                             : take_machine_file(run, REG_FILE_SYSTEM, e);
}

int probe_registry_client(struct probe_run *run, struct err *e)
{
    if ((!run->own_part && take_machine_file(run, REG_FILE_MACHINE, e) != 0) ||
        take_missing_users(run, KIND_REG_CLIENT, e) != 0)
        return -e->code;
    for (const struct probe_user *u = run->users; u != NULL; u = u->next) {
        struct manifest_item head = {
            .kind = KIND_REG_CLIENT,
            .source = take_join(run, "HKU\\%.*s", (int)u->sid.len, u->sid.p),
            .entry = take_join(run, "registry/client-%.*s.reg", (int)u->sid.len, u->sid.p),
            .user = u->sid,
            .original = -1,
            .modified_ms = TIME_NONE};
        if (!take_was_handed(run, u->sid, KIND_REG_CLIENT) && take_file(run, REG_FILE_USER, &head, e) != 0)
            return -e->code;
    }
    return 0;
}
