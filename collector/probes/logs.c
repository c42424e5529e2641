/* SPDX-License-Identifier: Apache-2.0
 *
 * Logs and traces of each site, from where the configuration says they are, newest first, within limits. */
#include "probe.h"

#include <stdio.h>

#include "iis_model.h"
#include "limits.h"
#include "log_file.h"

#define LOG_FOLDER "%SystemDrive%\\inetpub\\logs\\LogFiles"
#define FREB_FOLDER "%SystemDrive%\\inetpub\\logs\\FailedReqLogFiles"

/* One folder of files of one kind. */
struct log_source {
    enum kind kind;
    struct str folder, site;
    const char *entry; /* folder in the bundle */
    take_filter_fn fits;
    int64_t site_bytes; /* taken here */
};

static struct manifest_item item_of(const struct log_source *s)
{
    return (struct manifest_item){
        .kind = s->kind, .source = s->folder, .site = s->site, .original = -1, .modified_ms = TIME_NONE};
}

/* What may still be taken of one more file: 0 when a limit is reached. */
static int64_t room_for(const struct probe_run *run, const struct log_source *s)
{
    const struct probe_limits *l = &run->limits;
    int64_t room = l->log_file_bytes;

    if (room > l->log_site_bytes - s->site_bytes)
        room = l->log_site_bytes - s->site_bytes;
    if (room > l->log_total_bytes - run->log_bytes)
        room = l->log_total_bytes - run->log_bytes;
    return room < 65536 ? 0 : room; /* a shred proves nothing */
}

static int take_one(struct probe_run *run, struct log_source *s, const struct take_file *f, size_t n,
                    int64_t room, struct err *e)
{
    struct manifest_item item = item_of(s);
    int64_t before = run->log_bytes;

    item.source = take_join(run, "%.*s\\%.*s", (int)s->folder.len, s->folder.p, (int)f->name.len, f->name.p);
    item.entry = take_join(run, "logs/%s/%.*s", s->entry, (int)f->name.len, f->name.p);
    if (!entry_name_is_legal(item.entry))
        item.entry =
            take_join(run, "logs/%s/log-%zu%s", s->entry, n, s->kind == KIND_LOG_FREB ? ".xml" : ".log");
    if (s->kind == KIND_LOG_FREB) {
        run->log_bytes += f->info.size;
        s->site_bytes += f->info.size;
        return take_xml(run, &item, REDACT_FREB, NULL, e);
    }
    int r = log_file_take(run, &item, &f->info, room, e);
    s->site_bytes += run->log_bytes - before;
    return r;
}

static int note(struct probe_run *run, const struct log_source *s, const struct bundle_end *end,
                struct err *e)
{
    struct manifest_item item = item_of(s);

    return bundle_item_note(run->bundle, &item, end, e);
}

static void free_arena(struct arena *a)
{
    arena_done(a);
}

static int take_source(struct probe_run *run, struct log_source *s, struct err *e)
{
    CLEANUP(free_arena) struct arena a = ARENA_INIT(LIMIT_COLLECT_MODEL_BYTES * 4);
    struct manifest_item item = item_of(s);
    struct take_file *files = NULL;
    struct err why = {0};
    char left_out[96];
    size_t n = 0, i;
    int64_t room;

    if (take_list(run, s->folder, s->fits, &a, &files, &n, &why) != 0)
        return take_failure(run, &item, &why, e);
    if (n == 0)
        return note(run, s, &(struct bundle_end){OUTCOME_ABSENT, "no log in this folder", 0, NULL}, e);
    for (i = 0; i < n && i < (size_t)LIMIT_COLLECT_LOG_FILES && (room = room_for(run, s)) > 0; i++)
        if (take_one(run, s, &files[i], i + 1, room, e) != 0)
            return -e->code;
    if (i == n)
        return 0;
    (void)snprintf(left_out, sizeof(left_out), "%zu older files left out: the limit for logs is reached",
                   n - i);
    return note(run, s, &(struct bundle_end){OUTCOME_TRUNCATED, left_out, 0, "head"}, e);
}

/* --- IIS --- */

static struct str first_of(struct str a, struct str b, struct str c)
{
    return a.len > 0 ? a : b.len > 0 ? b : c;
}

/* u_ex170101.log, ex170101.log, u_extend1.log: the W3C format, in UTF-8 or not. */
static bool is_w3c(struct str name)
{
    return str_iends(name, STR(".log")) && (str_istarts(name, STR("u_ex")) || str_istarts(name, STR("ex")));
}

static bool is_trace(struct str name)
{
    return str_iends(name, STR(".xml")) && str_istarts(name, STR("fr"));
}

static bool is_httperr(struct str name)
{
    return str_iends(name, STR(".log")) && str_istarts(name, STR("httperr"));
}

/* The folder W3SVC<id> of a site below `directory`. */
static int take_site(struct probe_run *run, const struct iis_site *site, struct str directory,
                     struct log_source *s, struct err *e)
{
    struct str folder = take_expand(run, directory);
    uint64_t id;

    if (!str_to_u64(site->id, UINT32_MAX, &id))
        return 0; /* a site without a number has no folder; the server finds the broken configuration */
    while (folder.len > 0 && folder.p[folder.len - 1] == '\\')
        folder.len--;
    s->site = site->name;
    s->folder = take_join(run, "%.*s\\W3SVC%llu", (int)folder.len, folder.p, (unsigned long long)id);
    struct str entry =
        take_join(run, "%s/%llu", s->kind == KIND_LOG_FREB ? "freb" : "w3svc", (unsigned long long)id);
    if (entry.p == NULL || s->folder.p == NULL)
        return err_set(e, ERR_NOMEM, "logs: out of memory");
    s->entry = entry.p;
    return take_source(run, s, e);
}

/* One log of all sites, in the folder W3SVC; its lines name theirs. */
static int take_central(struct probe_run *run, struct err *e)
{
    struct str folder =
        take_expand(run, first_of(run->model->central_directory, STR(LOG_FOLDER), STR(LOG_FOLDER)));
    struct log_source s = {.kind = KIND_LOG_IIS, .fits = is_w3c, .entry = "w3svc/central"};

    while (folder.len > 0 && folder.p[folder.len - 1] == '\\')
        folder.len--;
    s.folder = take_join(run, "%.*s\\W3SVC", (int)folder.len, folder.p);
    return take_source(run, &s, e);
}

int probe_logs_iis(struct probe_run *run, struct err *e)
{
    const struct iis_model *m = run->model;
    bool is_central = str_istarts(m->central_mode, STR("Central"));

    if (str_ieq(m->central_mode, STR("CentralW3C")))
        return take_central(run, e);
    for (const struct iis_site *site = m->sites; site != NULL; site = site->next) {
        struct log_source s = {.kind = KIND_LOG_IIS, .fits = is_w3c};
        struct str format = first_of(site->log_format, m->log_format, STR("W3C"));
        struct bundle_end other = {OUTCOME_EXCLUDED, "its log is not in the W3C format", 0, NULL};
        int r;

        s.folder = first_of(site->log_directory, m->log_directory, STR(LOG_FOLDER));
        s.site = site->name;
        if (is_central)
            other.reason = "the central log of all sites is binary";
        if (!str_ieq(format, STR("W3C")) || is_central)
            r = note(run, &s, &other, e);
        else
            r = take_site(run, site, s.folder, &s, e);
        if (r != 0)
            return r;
    }
    return 0;
}

int probe_logs_freb(struct probe_run *run, struct err *e)
{
    const struct iis_model *m = run->model;

    for (const struct iis_site *site = m->sites; site != NULL; site = site->next) {
        struct log_source s = {.kind = KIND_LOG_FREB, .fits = is_trace};
        if (take_site(run, site, first_of(site->freb_directory, m->freb_directory, STR(FREB_FOLDER)), &s,
                      e) != 0)
            return -e->code;
    }
    return 0;
}

int probe_logs_httperr(struct probe_run *run, struct err *e)
{
    CLEANUP(buf_done) struct buf folder = BUF_INIT(LIMIT_TEXT_BYTES);
    struct log_source s = {.kind = KIND_LOG_HTTPERR, .fits = is_httperr, .entry = "httperr"};
    struct err not_set = {0};

    if (os_reg_text(run->os, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"),
                    STR("ErrorLoggingDir"), &folder, &not_set) != 0 ||
        folder.len == 0)
        buf_add_c(&folder, "%SystemRoot%\\System32\\LogFiles");
    while (folder.len > 0 && folder.p[folder.len - 1] == '\\')
        folder.len--;
    buf_add_c(&folder, "\\HTTPERR");
    s.folder = take_expand(run, arena_keep(&run->arena, buf_str(&folder)));
    return take_source(run, &s, e);
}
