/* SPDX-License-Identifier: Apache-2.0 */
#include "collect.h"

#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "redact.h"
#include "uuid.h"

void collection_done(struct collection *c)
{
    struct err ignored = {0};

    if (c->n_given_up > 0)
        return; /* what a thread may still touch stays until os_end */
    watch_done(c);
    bundle_free(c->bundle);
    os_hash_free(c->sha256);
    (void)os_out_close(c->out, &ignored);
    os_close(c->os);
    buf_done(&c->path);
    buf_done(&c->uuid);
    buf_done(&c->guid);
    buf_done(&c->own_sid);
    console_done(&c->console);
}

/* --- open --- */

static int write_out(void *ctx, const void *data, size_t len, struct err *e)
{
    return os_out_write(ctx, data, len, e);
}

static int seek_out(void *ctx, int64_t offset, struct err *e)
{
    return os_out_seek(ctx, offset, e);
}

static int add_hash(void *ctx, const void *data, size_t len, struct err *e)
{
    return os_hash_add(ctx, data, len, e);
}

static int end_hash(void *ctx, uint8_t ret[32], struct err *e)
{
    return os_hash_end(ctx, ret, e);
}

static void note_item(void *ctx, const struct manifest_item *item)
{
    console_item(&((struct collection *)ctx)->console, item);
}

static const char *why_not(void *ctx, const struct manifest_item *head)
{
    const struct option_list *list = &((struct collection *)ctx)->options->exclude;

    for (size_t i = 0; i < list->n; i++)
        if (str_ieq(str_from(list->items[i]), str_from(kind_text(head->kind))) ||
            str_fits(head->source, str_from(list->items[i])))
            return "left out by choice (--exclude)";
    return NULL;
}

static void choose_path(struct collection *c)
{
    char time[32];

    if (c->options->output != NULL) {
        buf_add_c(&c->path, c->options->output);
        return;
    }
    buf_add_c(&c->path, "certtriage-");
    for (size_t i = 0; i < c->machine.name.len; i++) {
        char l = c->machine.name.p[i];
        bool plain = (l >= '0' && l <= '9') || ((l | 32) >= 'a' && (l | 32) <= 'z') || l == '-' || l == '_';
        buf_add_char(&c->path, plain ? l : '_');
    }
    time_format(os_clock_ms(), time);
    buf_printf(&c->path, "-%.4s%.2s%.2sT%.2s%.2s%.2sZ.zip", time, time + 5, time + 8, time + 11, time + 14,
               time + 17);
}

/* All that the manifest says of the machine is asked for before the probes run: later the system may be
 * hanging. */
static int open_machine(struct collection *c, struct err *e)
{
    struct err not_there = {0};

    if (os_open(c->options->image, &c->os, e) != 0 || os_machine(c->os, &c->machine, e) != 0)
        return -e->code;
    (void)os_reg_text(c->os, STR("HKLM\\SOFTWARE\\Microsoft\\Cryptography"), STR("MachineGuid"), &c->guid,
                      &not_there);
    for (size_t i = 0; i < c->guid.len; i++)
        if (c->guid.p[i] >= 'A' && c->guid.p[i] <= 'Z')
            c->guid.p[i] = (char)(c->guid.p[i] | 32);
    c->roles = c->options->roles != 0 ? c->options->roles : probes_detect_roles(c->os);
    return uuid_make(&c->uuid, e);
}

struct bundle_options collection_bundle(struct collection *c)
{
    return (struct bundle_options){.hash = {.ctx = c->sha256, .add = add_hash, .end = end_hash},
                                   .time_ms = c->machine.now_ms,
                                   .max_bytes = c->options->bundle_bytes,
                                   .note = c->own_part ? NULL : note_item,
                                   .why_not = why_not,
                                   .ctx = c,
                                   .gate = watch_gate(c)};
}

static int open_bundle(struct collection *c, struct err *e)
{
    struct bundle_options o = collection_bundle(c);

    if (c->options->preview)
        return bundle_new(&o, &c->bundle, e);
    choose_path(c);
    if (buf_check(&c->path, "path of the bundle", e) != 0 ||
        os_out_open(buf_c(&c->path), c->options->output != NULL, &c->out, e) != 0)
        return -e->code;
    o.sink = (struct zip_sink){c->out, write_out, seek_out};
    return bundle_new(&o, &c->bundle, e);
}

/* --- manifest --- */

/* The time as the contract writes it, where it can be understood; people leave the seconds out. */
static void complaint_when(const char *when, char ret[32])
{
    enum { MINUTES = 16 }; /* "2026-01-31T08:15" */
    CLEANUP(buf_done) struct buf longer = BUF_INIT(256);
    int64_t ms = TIME_NONE;

    if (when != NULL && !time_parse(str_from(when), &ms) && strlen(when) > MINUTES) {
        buf_printf(&longer, "%.*s:00%s", MINUTES, when, when + MINUTES);
        if (!time_parse(buf_str(&longer), &ms))
            ms = TIME_NONE;
    }
    time_format(ms, ret);
}

static struct manifest_machine machine_of(const struct collection *c)
{
    return (struct manifest_machine){.name = c->machine.name,
                                     .domain = c->machine.domain,
                                     .guid = buf_str(&c->guid),
                                     .roles = c->roles,
                                     .collected_ms = c->machine.now_ms,
                                     .booted_ms = c->machine.booted_ms,
                                     .elevated = c->machine.elevated,
                                     .registry_view = STR("64")};
}

/* Everything but the items. Its texts live as long as `url` and `when`. */
static struct manifest manifest_of(const struct collection *c, struct buf *url, char when[32])
{
    const struct options *o = c->options;

    complaint_when(o->when, when);
    if (o->url != NULL)
        redact_url(url, str_from(o->url));
    return (struct manifest){.version = MANIFEST_VERSION,
                             .bundle = buf_str(&c->uuid),
                             .case_id = str_from(o->case_id),
                             .tool_version = STR(CERTTRIAGE_VERSION),
                             .backend = str_from(os_backend(c->os)),
                             .machine = machine_of(c),
                             .complaint = {.url = buf_str(url),
                                           .when = str_from(when[0] != 0 ? when : o->when),
                                           .account = str_from(o->account),
                                           .thumbprint = str_from(o->thumbprint_clean)},
                             .redacted = !o->raw};
}

/* The first entry is a manifest without items: whose bundle it is, should the run be killed. */
static int write_start(struct collection *c, struct err *e)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT(LIMIT_TEXT_BYTES);
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_MANIFEST_BYTES);
    char when[32];
    struct manifest m = manifest_of(c, &url, when);

    if (manifest_write(&m, &json, e) != 0)
        return -e->code;
    return bundle_entry(c->bundle, STR("start.json"), json.p, json.len, NULL, e);
}

static int write_log(struct collection *c, struct err *e)
{
    struct manifest_item head = {.kind = KIND_COLLECTOR_LOG,
                                 .source = STR("certtriage-collect"),
                                 .entry = STR("log/collect.log"),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};
    struct os_peak peak = os_peak();

    if (peak.own) /* of a live Windows: an image's bundle is the same each time */
        console_note(&c->console, "peak memory: %lld KiB, committed of its own %lld KiB",
                     (long long)(peak.held / 1024), (long long)(peak.own / 1024));
    CLEANUP(buf_done) struct buf text = c->console.log;
    c->console.log = BUF_INIT(8192); /* the line about the log itself */
    c->console.why = NULL;
    if (bundle_item_begin(c->bundle, &head, e) != 0 ||
        bundle_write(c->bundle, buf_c(&text), text.len, e) != 0)
        return -e->code;
    return bundle_item_end(c->bundle, &BUNDLE_OK, e);
}

static int write_manifest(struct collection *c, struct err *e)
{
    CLEANUP(buf_done) struct buf url = BUF_INIT(LIMIT_TEXT_BYTES);
    char when[32];
    struct manifest m = manifest_of(c, &url, when);

    if (write_log(c, e) != 0 || bundle_finish(c->bundle, &m, e) != 0 ||
        (c->out != NULL && os_out_sync(c->out, e) != 0))
        return -e->code;
    return 0;
}

/* --- the run --- */

/* What shapes the bundle; nothing that could be a secret or a name. */
static void note_options(struct collection *c)
{
    const struct options *o = c->options;

    console_note(&c->console, "options:%s%s%s%s%s%s%s; %zu excluded", o->raw ? " raw" : "",
                 o->security_log ? " security-log" : "", o->evtx ? " evtx" : "", o->probe ? " probe" : "",
                 o->connect != NULL ? " connect" : "", o->probe_http ? " probe-http" : "",
                 o->offline ? " offline" : "", o->exclude.n);
    console_note(&c->console,
                 "limits: log file %lld, site %lld, logs %lld, bundle %lld MiB; item %u s, all %u s",
                 (long long)o->limits.log_file_bytes >> 20, (long long)o->limits.log_site_bytes >> 20,
                 (long long)o->limits.log_total_bytes >> 20, (long long)o->bundle_bytes >> 20,
                 o->item_ms / 1000, o->total_ms / 1000);
}

static void say_what_begins(struct collection *c)
{
    CLEANUP(buf_done) struct buf roles = BUF_INIT(256);

    console_note(&c->console, "certtriage-collect " CERTTRIAGE_VERSION ", %s, %s", os_backend(c->os),
                 c->machine.elevated ? "elevated" : "not elevated");
    note_options(c);
    roles_add(&roles, c->roles);
    console_say(&c->console, "%.*s: %s", (int)c->machine.name.len, c->machine.name.p, buf_c(&roles));
    if (!c->options->quiet) /* where it is written is nothing for the log within */
        (void)fprintf(stderr, "%s%s\n", c->options->preview ? "what would be taken" : "writing ",
                      buf_c(&c->path));
    if (c->options->started_by != NULL)
        console_say(&c->console, "begun by %s", c->options->started_by);
    if (c->options->pseudonyms != NULL)
        console_say(
            &c->console,
            "pseudonyms: a second bundle (…-pseudonyms.zip) gets other names for users, hosts and addresses. "
            "As they are stay certificates and the hosts that they name, application pools and key "
            "containers; bytes of handshakes and event logs as files are left out of it");
    if (!c->machine.elevated)
        console_warn(
            &c->console,
            "not elevated: configuration of IIS, private keys' rights, logs and other users' settings "
            "will mostly be missing; run it as administrator to have them");
}

/* After a thread was given up the verification could hang where that one hangs. */
static int verify(struct collection *c, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 17);
    struct os_out *out = c->out;

    c->out = NULL;
    if (out == NULL)
        return 0;
    if (os_out_close(out, e) != 0)
        return -e->code;
    if (c->is_stuck)
        return 0;
    return os_long_path(buf_c(&c->path), &path, e) != 0
               ? -e->code
               : bundle_verify(buf_c(&path), bundle_sums(c->bundle), e);
}

static int write_bundle(struct collection *c, struct err *e)
{
    if (write_start(c, e) != 0 || handed_take(c, e) != 0 || watch_run(c, e) != 0 || write_manifest(c, e) != 0)
        return -e->code;
    return 0;
}

int collection_begin(struct collection *c, const struct options *o, struct err *e)
{
    c->options = o;
    c->path = BUF_INIT(32768);
    c->uuid = BUF_INIT(64);
    c->guid = BUF_INIT(256);
    c->own_sid = BUF_INIT(1024);
    if (o->image == NULL)
        os_own_sid(&c->own_sid);
    console_start(&c->console, o->quiet, o->json, o->preview);
    if (watch_new(c, e) != 0 || open_machine(c, e) != 0)
        return -e->code;
    return os_hash_new(OS_SHA256, &c->sha256, e);
}

int collection_run(struct collection *c, const struct options *o, struct err *e)
{
    size_t counts[OUTCOME_COUNT];

    if (collection_begin(c, o, e) != 0 || open_bundle(c, e) != 0)
        return -e->code;
    say_what_begins(c);
    os_low_priority();
    if (write_bundle(c, e) != 0)
        return c->options->preview
                   ? -e->code
                   : err_wrap(e, "%s (what was finished: certtriage-collect repair)", buf_c(&c->path));
    if (verify(c, e) != 0)
        return -e->code;
    for (int i = 0; i < OUTCOME_COUNT; i++)
        counts[i] = bundle_count(c->bundle, (enum outcome)i);
    console_end(&c->console, buf_c(&c->path), o->preview ? c->console.bytes : bundle_size(c->bundle), counts);
    return 0;
}

size_t collection_unread(const struct collection *c)
{
    return bundle_count(c->bundle, OUTCOME_DENIED) + bundle_count(c->bundle, OUTCOME_TIMEOUT) +
           bundle_count(c->bundle, OUTCOME_ERROR);
}
