/* SPDX-License-Identifier: Apache-2.0 */
#include "probe.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "limits.h"

struct bundle_end take_end(const struct err *why)
{
    struct bundle_end end = {.outcome = OUTCOME_ERROR, .reason = why->text, .os_code = why->os_code};

    if (why->code == ERR_MISSING)
        end.outcome = OUTCOME_ABSENT;
    else if (why->code == ERR_DENIED)
        end.outcome = OUTCOME_DENIED;
    else if (why->code == ERR_TIMEOUT)
        end.outcome = OUTCOME_TIMEOUT;
    else if (why->code == ERR_UNSUPPORTED)
        end.outcome = OUTCOME_EXCLUDED;
    else if (why->code == ERR_LIMIT)
        end.outcome = OUTCOME_TRUNCATED;
    return end;
}

int take_failure(struct probe_run *run, const struct manifest_item *head, const struct err *why,
                 struct err *e)
{
    struct manifest_item item = *head;
    struct bundle_end end = take_end(why);

    item.entry = (struct str){NULL, 0};
    end.cut = end.outcome == OUTCOME_TRUNCATED ? "tail" : NULL;
    return bundle_item_note(run->bundle, &item, &end, e);
}

int take_text(struct probe_run *run, const struct manifest_item *head, struct str text,
              const struct bundle_end *end, struct err *e)
{
    if (bundle_item_begin(run->bundle, head, e) != 0 || bundle_write(run->bundle, text.p, text.len, e) != 0)
        return -e->code;
    return bundle_item_end(run->bundle, end, e);
}

static bool is_among_users(const struct probe_run *run, struct str sid)
{
    for (const struct probe_user *u = run->users; u != NULL; u = u->next)
        if (str_ieq(u->sid, sid))
            return true;
    return false;
}

bool take_was_handed(const struct probe_run *run, struct str sid, enum kind kind)
{
    return (run->handed & 1u << kind) != 0 && str_ieq(run->handed_by, sid);
}

int take_missing_users(struct probe_run *run, enum kind kind, struct err *e)
{
    struct bundle_end helper = {OUTCOME_EXCLUDED, "begun by another account, whose settings count", 0, NULL};
    struct bundle_end gone = {OUTCOME_ERROR, "the registry of the user who began is not loaded", 0, NULL};
    struct manifest_item item = {.kind = kind,
                                 .source = STR("HKEY_USERS"),
                                 .location = kind == KIND_CERT_STORE ? STR("CurrentUser") : STR(""),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};

    if (run->users_error.code != 0 && take_failure(run, &item, &run->users_error, e) != 0)
        return -e->code;
    if (run->started_by.len == 0 || run->own_part || str_ieq(run->started_by, run->own_sid))
        return 0;
    item.user = run->own_sid;
    item.source = take_join(run, "HKU\\%.*s", (int)item.user.len, item.user.p);
    if (bundle_item_note(run->bundle, &item, &helper, e) != 0)
        return -e->code;
    if (run->users_error.code != 0 || is_among_users(run, run->started_by) ||
        take_was_handed(run, run->started_by, kind))
        return 0;
    item.user = run->started_by;
    item.source = take_join(run, "HKU\\%.*s", (int)item.user.len, item.user.p);
    return bundle_item_note(run->bundle, &item, &gone, e);
}

bool take_excluded(struct probe_run *run, const struct manifest_item *head, int *ret, struct err *e)
{
    const char *reason = bundle_excludes(run->bundle, head);
    struct bundle_end end = {OUTCOME_EXCLUDED, reason, 0, NULL};
    struct manifest_item item = *head;

    item.entry = (struct str){NULL, 0};
    if (reason != NULL)
        *ret = bundle_item_note(run->bundle, &item, &end, e);
    return reason != NULL;
}

/* --- files --- */

static void close_file(struct os_file **f)
{
    if (*f != NULL)
        os_file_close(*f);
}

int take_read(struct probe_run *run, struct str path, struct buf *ret, struct os_file_info *ret_info,
              struct err *e)
{
    CLEANUP(close_file) struct os_file *f = NULL;
    int64_t n = 1;

    if (os_stat(run->os, path, ret_info, e) != 0 || os_file_open(run->os, path, &f, e) != 0)
        return -e->code;
    while (n > 0 && (int64_t)ret->len < run->limits.file_bytes) {
        size_t room = (size_t)run->limits.file_bytes - ret->len;
        room = room > 65536 ? 65536 : room;
        char *p = buf_reserve(ret, room);
        n = p == NULL ? 0 : os_file_read(f, (int64_t)ret->len, p, room, e);
        if (n > 0)
            buf_wrote(ret, (size_t)n);
    }
    return n < 0 ? -e->code : buf_check(ret, "file", e);
}

/* What goes into the bundle: the file itself with --raw, else its redaction. */
static int shape(struct probe_run *run, enum redact_format format, const struct buf *file, struct buf *ret,
                 struct err *e)
{
    struct bytes bytes = {(const uint8_t *)buf_c(file), file->len};

    if (!run->raw)
        return redact_xml(format, bytes, ret, e);
    buf_add(ret, bytes.p, bytes.len);
    return buf_check(ret, "file", e);
}

int take_xml(struct probe_run *run, const struct manifest_item *head, enum redact_format format,
             struct buf *ret_file, struct err *e)
{
    CLEANUP(buf_done) struct buf own = BUF_INIT(LIMIT_COLLECT_FILE_BYTES + 1);
    CLEANUP(buf_done) struct buf text = BUF_INIT(8 * LIMIT_COLLECT_FILE_BYTES);
    struct buf *file = ret_file == NULL ? &own : ret_file;
    struct manifest_item item = *head;
    struct bundle_end end = BUNDLE_OK;
    struct os_file_info info;
    struct err why = {0};
    int r;

    /* Configuration is read all the same where a caller wants to know what it says. */
    if (ret_file == NULL && take_excluded(run, head, &r, e))
        return r;
    if (take_read(run, head->source, file, &info, &why) != 0)
        return take_failure(run, head, &why, e);
    if (shape(run, format, file, &text, &why) != 0)
        return why.code == ERR_NOMEM ? err_set(e, ERR_NOMEM, "%s", why.text)
                                     : take_failure(run, head, &why, e);
    if (info.size > run->limits.file_bytes)
        end = (struct bundle_end){OUTCOME_TRUNCATED, "larger than the collector takes", 0, "tail"};
    item.original = info.size;
    item.modified_ms = info.modified_ms;
    return take_text(run, &item, buf_str(&text), &end, e);
}

struct str take_expand(struct probe_run *run, struct str text)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(65536);
    struct err ignored = {0};

    if (os_expand(run->os, text, &out, &ignored) != 0)
        return text; /* the variable stays visible, and opening the path says why */
    return arena_keep(&run->arena, buf_str(&out));
}

struct str take_join(struct probe_run *run, const char *format, ...)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(65536);
    char *p;
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    p = n < 0 ? NULL : buf_reserve(&out, (size_t)n + 1);
    if (p == NULL)
        return (struct str){NULL, 0};
    va_start(args, format);
    (void)vsnprintf(p, (size_t)n + 1, format, args);
    va_end(args);
    return arena_keep(&run->arena, (struct str){p, (size_t)n});
}

/* --- folders --- */

enum { LIST_FILES = 200000 }; /* a folder that nobody ever emptied */

struct listing {
    take_filter_fn fits;
    struct arena *arena;
    struct take_file *files;
    size_t n, room;
};

static int list_one(void *ctx, struct str name, const struct os_file_info *info)
{
    struct listing *l = ctx;

    if (info->is_dir || (l->fits != NULL && !l->fits(name)) || l->n >= LIST_FILES)
        return 0;
    if (l->n == l->room) {
        size_t room = l->room == 0 ? 64 : 2 * l->room;
        struct take_file *files = arena_array(l->arena, room, sizeof(*files));
        if (files == NULL)
            return -ERR_NOMEM;
        for (size_t i = 0; i < l->n; i++)
            files[i] = l->files[i];
        l->files = files;
        l->room = room;
    }
    l->files[l->n] = (struct take_file){arena_keep(l->arena, name), *info};
    return l->files[l->n++].name.p == NULL && name.len > 0 ? -ERR_NOMEM : 0;
}

/* Newest first; the same time: the later name, which for logs is the later day. */
static int newer(const void *a, const void *b)
{
    const struct take_file *x = a, *y = b;

    if (x->info.modified_ms != y->info.modified_ms)
        return x->info.modified_ms > y->info.modified_ms ? -1 : 1;
    return str_icmp(y->name, x->name);
}

int take_list(struct probe_run *run, struct str folder, take_filter_fn fits, struct arena *a,
              struct take_file **ret, size_t *ret_count, struct err *e)
{
    struct listing l = {.fits = fits, .arena = a};
    int r = os_dir_list(run->os, folder, list_one, &l, e);

    if (r != 0)
        return e->code != 0 ? -e->code
                            : err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)folder.len, folder.p);
    if (l.n > 0)
        qsort(l.files, l.n, sizeof(*l.files), newer);
    *ret = l.files;
    *ret_count = l.n;
    return 0;
}
