/* SPDX-License-Identifier: Apache-2.0
 *
 * certtriage-collect: options, open, plan, probes, manifest, verify, upload. */
#include <stdio.h>
#include <string.h>

#include "limits.h"
#include "options.h"
#include "probes.h"
#include "redact.h"
#include "upload.h"

extern const char collect_licenses[];

/* One run. Whatever is open is closed by end_run. */
struct collection {
    const struct options *options;
    struct os *os;
    struct os_machine machine;
    struct buf path; /* of the bundle */
    struct os_out *out;
    struct os_hash *sha256;
    struct bundle *bundle;
    struct probe_run run;
    struct buf log;   /* log/collect.log */
    struct buf token; /* for --upload */
    size_t n_entries;
};

static void end_run(struct collection *c)
{
    struct err ignored = {0};

    probes_done(&c->run);
    bundle_free(c->bundle);
    os_hash_free(c->sha256);
    (void)os_out_close(c->out, &ignored);
    if (c->os != NULL)
        os_close(c->os);
    buf_done(&c->path);
    buf_done(&c->log);
    buf_done(&c->token);
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

/* One line an item, on the terminal and in the bundle's own log. */
static void note_item(void *ctx, const struct manifest_item *item)
{
    struct collection *c = ctx;
    CLEANUP(buf_done) struct buf line = BUF_INIT(8192);

    buf_printf(&line, "%-9s %-12s ", outcome_text(item->outcome), kind_text(item->kind));
    text_add_printable(&line, item->source);
    if (item->reason.len > 0 && item->outcome != OUTCOME_ABSENT) {
        bool repeats = str_starts(item->reason, item->source) && item->reason.len > item->source.len + 2;
        buf_add_c(&line, "  ");
        text_add_printable(&line, repeats ? str_skip(item->reason, item->source.len + 2) : item->reason);
    }
    (void)fprintf(stderr, "%s\n", buf_c(&line));
    (void)fflush(stderr); /* os_arguments may have given it a buffer */
    buf_add_str(&c->log, buf_str(&line));
    buf_add_char(&c->log, '\n');
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

/* The token is read first: a run whose upload cannot work should say so at once. */
static int read_token(struct collection *c, struct err *e)
{
    struct os_in *in = NULL;
    int64_t size = 0, n = 0;

    if (c->options->token_file == NULL)
        return 0;
    if (os_in_open(c->options->token_file, &in, &size, e) != 0)
        return err_wrap(e, "--token-file");
    char *p = buf_reserve(&c->token, 4096);
    n = p == NULL ? err_set(e, ERR_NOMEM, "out of memory") : os_in_read(in, 0, p, 4096, e);
    os_in_close(in);
    if (n < 0)
        return err_wrap(e, "--token-file");
    const char *end = memchr(p, '\n', (size_t)n);
    buf_wrote(&c->token, end == NULL ? (size_t)n : (size_t)(end - p));
    return str_trim(buf_str(&c->token)).len == 0
               ? err_set(e, ERR_USAGE, "--token-file: %s: no token on its first line", c->options->token_file)
               : 0;
}

static int open_machine(struct collection *c, struct err *e)
{
    if (read_token(c, e) != 0 || os_open(c->options->image, &c->os, e) != 0)
        return -e->code;
    return os_machine(c->os, &c->machine, e);
}

static int open_bundle(struct collection *c, struct err *e)
{
    struct zip_sink sink = {.write = write_out, .seek = seek_out};
    struct bundle_hash hash = {.add = add_hash, .end = end_hash};

    choose_path(c);
    if (buf_check(&c->path, "path of the bundle", e) != 0 ||
        os_out_open(buf_c(&c->path), c->options->output != NULL, &c->out, e) != 0 ||
        os_hash_new(OS_SHA256, &c->sha256, e) != 0)
        return -e->code;
    sink.ctx = c->out;
    hash.ctx = c->sha256;
    return bundle_new(&sink, &hash, c->machine.now_ms, note_item, c, &c->bundle, e);
}

/* --- plan and probes --- */

static int run_probes(struct collection *c, struct err *e)
{
    c->run = (struct probe_run){.os = c->os,
                                .bundle = c->bundle,
                                .roles = c->options->roles,
                                .account = str_from(c->options->account),
                                .raw = c->options->raw};
    if (c->run.roles == 0)
        c->run.roles = probes_detect_roles(c->os);
    (void)fprintf(stderr, "%.*s: %s%s, writing %s\n", (int)c->machine.name.len, c->machine.name.p,
                  (c->run.roles & ROLE_SERVER) != 0 ? "server" : "client",
                  c->run.roles == (ROLE_SERVER | ROLE_CLIENT) ? " and client" : "", buf_c(&c->path));
    if (!c->machine.elevated)
        (void)fprintf(stderr, "not elevated: much of what decides can only be read by an administrator\n");
    return probes_run(&c->run, e);
}

/* --- manifest --- */

static int make_uuid(struct buf *out, struct err *e)
{
    uint8_t r[16];

    if (os_random(r, sizeof(r), e) != 0)
        return -e->code;
    r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(r); i++)
        buf_printf(out, "%02x%s", r[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
    return buf_check(out, "bundle id", e);
}

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

static struct manifest_machine machine_of(struct collection *c, struct buf *guid)
{
    struct err not_there = {0};

    (void)os_reg_text(c->os, STR("HKLM\\SOFTWARE\\Microsoft\\Cryptography"), STR("MachineGuid"), guid,
                      &not_there);
    for (size_t i = 0; i < guid->len; i++)
        if (guid->p[i] >= 'A' && guid->p[i] <= 'Z')
            guid->p[i] = (char)(guid->p[i] | 32);
    return (struct manifest_machine){.name = c->machine.name,
                                     .domain = c->machine.domain,
                                     .guid = buf_str(guid),
                                     .roles = c->run.roles,
                                     .collected_ms = c->machine.now_ms,
                                     .booted_ms = c->machine.booted_ms,
                                     .elevated = c->machine.elevated,
                                     .registry_view = STR("64")};
}

static int write_log(struct collection *c, struct err *e)
{
    struct manifest_item head = {.kind = KIND_COLLECTOR_LOG,
                                 .source = STR("certtriage-collect"),
                                 .entry = STR("log/collect.log"),
                                 .original = -1,
                                 .modified_ms = TIME_NONE};
    CLEANUP(buf_done) struct buf text = c->log;

    c->log = BUF_INIT(8192); /* the line about the log itself */
    if (bundle_item_begin(c->bundle, &head, e) != 0 ||
        bundle_write(c->bundle, buf_c(&text), text.len, e) != 0)
        return -e->code;
    return bundle_item_end(c->bundle, &BUNDLE_OK, e);
}

static int write_manifest(struct collection *c, struct err *e)
{
    const struct options *o = c->options;
    CLEANUP(buf_done) struct buf uuid = BUF_INIT(64);
    CLEANUP(buf_done) struct buf guid = BUF_INIT(256);
    CLEANUP(buf_done) struct buf url = BUF_INIT(LIMIT_TEXT_BYTES);
    char when[32];

    if (write_log(c, e) != 0 || make_uuid(&uuid, e) != 0)
        return -e->code;
    complaint_when(o->when, when);
    if (o->url != NULL)
        redact_url(&url, str_from(o->url));
    struct manifest m = {.version = MANIFEST_VERSION,
                         .bundle = buf_str(&uuid),
                         .case_id = str_from(o->case_id),
                         .tool_version = STR(CERTTRIAGE_VERSION),
                         .backend = str_from(os_backend(c->os)),
                         .machine = machine_of(c, &guid),
                         .complaint = {.url = buf_str(&url),
                                       .when = str_from(when[0] != 0 ? when : o->when),
                                       .account = str_from(o->account),
                                       .thumbprint = str_from(o->thumbprint_clean)},
                         .redacted = !o->raw};
    if (bundle_finish(c->bundle, &m, e) != 0 || os_out_sync(c->out, e) != 0)
        return -e->code;
    c->n_entries = bundle_entries(c->bundle);
    return 0;
}

/* --- verify --- */

static int verify(struct collection *c, struct err *e)
{
    struct os_out *out = c->out;

    c->out = NULL;
    if (os_out_close(out, e) != 0)
        return -e->code;
    return bundle_verify(buf_c(&c->path), c->n_entries, e);
}

/* --- upload --- */

static int64_t read_in(void *ctx, int64_t offset, void *data, size_t room, struct err *e)
{
    return os_in_read(ctx, offset, data, room, e);
}

/* SHA-256 of the whole file as hex digits. */
static int hash_file(struct collection *c, struct os_in *in, struct buf *ret, struct err *e)
{
    char piece[65536];
    uint8_t digest[OS_SHA256_BYTES];
    int64_t n, at = 0;

    while ((n = os_in_read(in, at, piece, sizeof(piece), e)) > 0) {
        if (os_hash_add(c->sha256, piece, (size_t)n, e) != 0)
            return -e->code;
        at += n;
    }
    if (n < 0 || os_hash_end(c->sha256, digest, e) != 0)
        return -e->code;
    text_hex(ret, digest, sizeof(digest));
    return buf_check(ret, "hash", e);
}

static int send_file(struct collection *c, struct os_in *in, int64_t size, struct err *e)
{
    CLEANUP(buf_done) struct buf hash = BUF_INIT(128);
    CLEANUP(buf_done) struct buf proxy = BUF_INIT(4096);
    struct upload u = {.url = c->options->upload, .case_id = c->options->case_id, .size = size, .ctx = in};
    char case_id[UPLOAD_CASE_BYTES];
    struct err none = {0};

    if (hash_file(c, in, &hash, e) != 0)
        return -e->code;
    (void)os_proxy(&proxy, &none);
    u.token = buf_str(&c->token);
    u.sha256 = buf_c(&hash);
    u.proxy = proxy.len > 0 ? buf_c(&proxy) : NULL;
    u.read = read_in;
    if (upload_send(&u, case_id, e) != 0)
        return -e->code;
    (void)printf("uploaded %s to case %s\n", buf_c(&hash), case_id);
    return 0;
}

static int upload(struct collection *c, struct err *e)
{
    struct os_in *in = NULL;
    int64_t size;

    if (c->options->upload == NULL)
        return 0;
    if (os_in_open(buf_c(&c->path), &in, &size, e) != 0)
        return -e->code;
    int r = send_file(c, in, size, e);
    os_in_close(in);
    return r == 0 ? 0 : err_wrap(e, "upload (the bundle stays in %s)", buf_c(&c->path));
}

/* --- the run --- */

static int summarise(const struct collection *c)
{
    const struct bundle *b = c->bundle;
    size_t unread =
        bundle_count(b, OUTCOME_DENIED) + bundle_count(b, OUTCOME_TIMEOUT) + bundle_count(b, OUTCOME_ERROR);

    (void)fprintf(stderr, "%s: %lld KiB;", buf_c(&c->path), (long long)(bundle_size(b) + 1023) / 1024);
    for (int o = 0; o < OUTCOME_COUNT; o++)
        if (bundle_count(b, (enum outcome)o) > 0)
            (void)fprintf(stderr, " %zu %s", bundle_count(b, (enum outcome)o), outcome_text((enum outcome)o));
    (void)fprintf(stderr, "\n");
    (void)printf("%s\n", buf_c(&c->path));
    return unread > 0 ? 1 : 0;
}

static int collect(const struct options *o, struct err *e)
{
    CLEANUP(end_run)
    struct collection c = {.options = o,
                           .path = BUF_INIT(32768),
                           .log = BUF_INIT(LIMIT_COLLECT_JSON_BYTES),
                           .token = BUF_INIT(8192)};
    int exit_code;

    if (open_machine(&c, e) != 0 || open_bundle(&c, e) != 0)
        return -e->code;
    if (run_probes(&c, e) != 0 || write_manifest(&c, e) != 0)
        return err_wrap(e, "%s (what was finished can be recovered)", buf_c(&c.path));
    if (verify(&c, e) != 0)
        return -e->code;
    exit_code = summarise(&c);
    return upload(&c, e) != 0 ? -e->code : exit_code;
}

int main(int argc, char **argv)
{
    struct options o;
    struct err e = {0};
    int r;

    if (os_arguments(argc, argv, &argc, &argv, &e) != 0 || options_parse(argc, argv, &o, &e) != 0) {
        (void)fprintf(stderr, "certtriage-collect: %s\n", e.text);
        return 2;
    }
    if (o.help || o.version || o.licenses) {
        if (o.help)
            options_help(stdout);
        else
            (void)fputs(o.version ? "certtriage-collect " CERTTRIAGE_VERSION "\n" : collect_licenses, stdout);
        return 0;
    }
    r = collect(&o, &e);
    if (r < 0)
        (void)fprintf(stderr, "certtriage-collect: %s\n", e.text);
    return r < 0 ? 2 : r;
}
