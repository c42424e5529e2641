/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include "iis_model.h"
#include "limits.h"

static const struct {
    const char *id;
    unsigned roles;
    int (*run)(struct probe_run *run, struct err *e);
} probes[] = {
#define PROBE(id, roles, function, why) {#id, roles, function},
#include "probes.def"
#undef PROBE
};

unsigned probes_detect_roles(struct os *os)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct os_file_info info;
    struct err ignored = {0};

    if (os_reg_text(os, STR("HKLM\\SOFTWARE\\Microsoft\\InetStp"), STR("MajorVersion"), &text, &ignored) == 0)
        return ROLE_SERVER;
    buf_clear(&text);
    if (os_expand(os, STR("%SystemRoot%\\System32\\inetsrv\\config\\applicationHost.config"), &text,
                  &ignored) == 0 &&
        os_stat(os, buf_str(&text), &info, &ignored) != -ERR_MISSING)
        return ROLE_SERVER;
    return ROLE_CLIENT;
}

static int keep_user(void *ctx, struct str sid, struct str profile_path)
{
    struct probe_run *run = ctx;
    struct probe_user **at = &run->users, *user = arena_alloc(&run->arena, sizeof(*user));

    while (*at != NULL)
        at = &(*at)->next;
    if (user == NULL)
        return -ERR_NOMEM;
    user->sid = arena_keep(&run->arena, sid);
    user->profile = arena_keep(&run->arena, profile_path);
    *at = user;
    return 0;
}

int probes_run(struct probe_run *run, struct err *e)
{
    run->arena = ARENA_INIT(LIMIT_COLLECT_MODEL_BYTES);
    run->model = arena_alloc(&run->arena, sizeof(*run->model));
    if (run->model == NULL)
        return err_set(e, ERR_NOMEM, "probes: out of memory");
    (void)os_users(run->os, keep_user, run, &run->users_error);
    for (size_t i = 0; i < ARRAY_LEN(probes); i++)
        if ((probes[i].roles & run->roles) != 0 && probes[i].run(run, e) != 0)
            return err_wrap(e, "%s", probes[i].id);
    return 0;
}

void probes_done(struct probe_run *run)
{
    arena_done(&run->arena);
}
