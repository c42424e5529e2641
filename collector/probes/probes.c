/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include "iis_model.h"
#include "limits.h"

static const struct {
    const char *id, *why;
    unsigned roles;
    uint32_t kinds; /* bits */
    int (*run)(struct probe_run *run, struct err *e);
} probes[] = {
#define K(kind) (1u << KIND_##kind)
#define PROBE(id, roles, kinds, function, why) {#id, why, roles, kinds, function},
#include "probes.def"
#undef PROBE
#undef K
};

struct probe_limits probe_limits_default(void)
{
    return (struct probe_limits){LIMIT_COLLECT_FILE_BYTES, LIMIT_COLLECT_LOG_FILE_BYTES,
                                 LIMIT_COLLECT_LOG_SITE_BYTES, LIMIT_COLLECT_LOG_TOTAL_BYTES};
}

size_t probes_count(void)
{
    return ARRAY_LEN(probes);
}

static bool has_value(struct os *os, const char *key, const char *name, const char *value)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct err ignored = {0};

    return os_reg_text(os, str_from(key), str_from(name), &text, &ignored) == 0 &&
           (value == NULL || str_ieq(buf_str(&text), str_from(value)));
}

static bool has_iis(struct os *os)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(4096);
    struct os_file_info info;
    struct err ignored = {0};

    if (has_value(os, "HKLM\\SOFTWARE\\Microsoft\\InetStp", "MajorVersion", NULL))
        return true;
    return os_expand(os, STR("%SystemRoot%\\System32\\inetsrv\\config\\applicationHost.config"), &path,
                     &ignored) == 0 &&
           os_stat(os, buf_str(&path), &info, &ignored) != -ERR_MISSING;
}

unsigned probes_detect_roles(struct os *os)
{
    unsigned roles = 0;

    if (has_iis(os))
        roles |= ROLE_SERVER;
    if (has_value(os, "HKLM\\SOFTWARE\\Microsoft\\IIS Extensions\\Application Request Routing", "Version",
                  NULL))
        roles |= ROLE_PROXY;
    if (has_value(os, "HKLM\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions", "ProductType", "LanmanNT"))
        roles |= ROLE_DC;
    return roles == 0 ? ROLE_CLIENT : roles;
}

/* Who goes on elevated for somebody else is not whom the case is about. */
static bool is_helper(const struct probe_run *run, struct str sid)
{
    return run->started_by.len > 0 && !str_ieq(sid, run->started_by) && str_ieq(sid, run->own_sid);
}

static int keep_user(void *ctx, struct str sid, struct str profile_path)
{
    struct probe_run *run = ctx;
    struct probe_user **at = &run->users, *user = arena_alloc(&run->arena, sizeof(*user));

    if (is_helper(run, sid) || (run->own_part && !str_ieq(sid, run->own_sid)))
        return 0;
    while (*at != NULL)
        at = &(*at)->next;
    if (user == NULL)
        return -ERR_NOMEM;
    user->sid = arena_keep(&run->arena, sid);
    user->profile = arena_keep(&run->arena, profile_path);
    *at = user;
    return 0;
}

/* What nobody asked for is no part of the run. */
static bool is_chosen(const struct probe_run *run, size_t probe)
{
    if (run->own_part && probes[probe].run != probe_registry_client && probes[probe].run != probe_stores)
        return false;
    if (probes[probe].run == probe_event_files && !run->evtx)
        return false;
    if (probes[probe].run == probe_revocation && !run->online_revocation)
        return false;
    if (probes[probe].run == probe_tls && !run->probe && run->connect.len == 0)
        return false;
    return (probes[probe].roles & run->roles) != 0;
}

/* One item a kind, called after the probe. */
static struct manifest_item item_of(size_t probe, enum kind kind)
{
    return (struct manifest_item){
        .kind = kind, .source = str_from(probes[probe].id), .original = -1, .modified_ms = TIME_NONE};
}

int probes_give_up(struct probe_run *run, size_t probe, const struct bundle_end *end, struct err *e)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        struct manifest_item item = item_of(probe, (enum kind)k);
        if (is_chosen(run, probe) && (probes[probe].kinds & 1u << k) != 0 &&
            bundle_item_note(run->bundle, &item, end, e) != 0)
            return -e->code;
    }
    return 0;
}

/* Nothing of it is wanted: nothing is looked at, and that is told. The configuration is read all the same,
 * since it says where everything else is; its items are left out one by one. */
static bool is_unwanted(struct probe_run *run, size_t probe)
{
    for (int k = 0; k < KIND_COUNT; k++) {
        struct manifest_item item = item_of(probe, (enum kind)k);
        if ((probes[probe].kinds & 1u << k) != 0 &&
            (k == KIND_IIS_CONFIG || bundle_excludes(run->bundle, &item) == NULL))
            return false;
    }
    return true;
}

static int run_one(struct probe_run *run, size_t i, struct err *e)
{
    struct bundle_end left = {OUTCOME_EXCLUDED, "left out by choice", 0, NULL};

    if (!is_chosen(run, i))
        return 0;
    if (run->next != NULL)
        run->next(run->ctx, i, probes[i].why);
    return is_unwanted(run, i) ? probes_give_up(run, i, &left, e) : probes[i].run(run, e);
}

int probes_run(struct probe_run *run, size_t first, struct err *e)
{
    run->arena = ARENA_INIT(LIMIT_COLLECT_MODEL_BYTES);
    if (run->model == NULL) /* else that of the thread before */
        run->model = arena_alloc(&run->arena, sizeof(*run->model));
    if (run->model == NULL)
        return err_set(e, ERR_NOMEM, "probes: out of memory");
    (void)os_users(run->os, keep_user, run, &run->users_error);
    for (size_t i = first; i < ARRAY_LEN(probes); i++)
        if (run_one(run, i, e) != 0)
            return err_wrap(e, "%s", probes[i].id);
    return 0;
}

void probes_done(struct probe_run *run)
{
    arena_done(&run->arena);
}
