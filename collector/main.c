/* SPDX-License-Identifier: Apache-2.0
 *
 * certtriage-collect: options, plan, collect, send. */
#include <stdio.h>
#include <string.h>

#include "collect.h"
#include "elevate.h"
#include "licenses.h"
#include "limits.h"
#include "redact_bundle.h"
#include "repair.h"
#include "send.h"

static int say_error(const struct err *e)
{
    (void)fprintf(stderr, "certtriage-collect: %s\n", e->text);
    (void)fflush(stderr);
    return 2;
}

/* A second bundle with other names: the one that may be given away. */
static int give_pseudonyms(struct collection *c, struct err *e)
{
    const struct options *o = c->options;
    CLEANUP(buf_done) struct buf path = BUF_INIT(32768);
    struct str name = buf_str(&c->path);

    buf_add(&path, name.p, str_iends(name, STR(".zip")) ? name.len - 4 : name.len);
    buf_add_c(&path, "-pseudonyms.zip");
    if (buf_check(&path, "path of the bundle", e) != 0)
        return -e->code;
    if (o->output != NULL)
        os_out_remove(buf_c(&path));
    if (redact_bundle(buf_c(&c->path), buf_c(&path), o->pseudonyms, e) != 0)
        return -e->code;
    console_renamed(&c->console, buf_c(&path), o->pseudonyms);
    buf_done(&c->path);
    c->path = path;
    path = BUF_INIT(0);
    return 0;
}

/* Sends it, unless the system hangs. Returns the exit code. */
static int finish(struct collection *c, struct str token, struct err *e)
{
    const struct options *o = c->options;
    int code = collection_unread(c) > 0 ? 1 : 0;

    if ((o->upload == NULL && o->pseudonyms == NULL) || o->preview)
        return code;
    if (c->is_stuck) {
        console_warn(&c->console, "nothing was sent; later: certtriage-collect %s %s",
                     o->pseudonyms != NULL ? "redact" : "--upload-only", buf_c(&c->path));
        return 2;
    }
    if (o->pseudonyms != NULL && give_pseudonyms(c, e) != 0)
        return -e->code;
    if (o->upload == NULL)
        return code;
    return send_bundle(o, buf_c(&c->path), token, &c->console, e) != 0 ? -e->code : code;
}

/* Collects, or tells what would be collected; then sends. Returns the exit code. */
static int run(const struct options *o, struct err *e)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT(8192);
    CLEANUP(collection_done) struct collection c = {0};
    int r = o->started_in == NULL ? 0 : os_enter_folder(o->started_in, e);

    if (r == 0)
        r = send_token(o, &token, e);
    if (r == 0)
        r = collection_run(&c, o, e);
    if (r == 0)
        r = finish(&c, buf_str(&token), e);
    if (c.n_given_up > 0) /* a thread hangs, and may hold what an orderly end needs */
        os_end(r < 0 ? say_error(e) : r);
    return r;
}

static int upload_only(const struct options *o, struct err *e)
{
    CLEANUP(buf_done) struct buf token = BUF_INIT(8192);
    CLEANUP(console_done) struct console console;

    console_start(&console, o->quiet, o->json, false);
    if (send_token(o, &token, e) != 0)
        return -e->code;
    return send_bundle(o, o->upload_only, buf_str(&token), &console, e);
}

static int redact(const struct options *o, struct err *e)
{
    if (redact_bundle(o->files[0], o->files[1], o->pseudonyms, e) != 0)
        return -e->code;
    (void)printf("%s\n", o->files[1]);
    return 0;
}

/* After a double click: first what would be taken, then the question. */
static int run_asking(struct options *o, struct err *e)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(8192);
    CLEANUP(buf_done) struct buf url = BUF_INIT(8192);
    CLEANUP(buf_done) struct buf when = BUF_INIT(8192);

    o->preview = true;
    int code = run(o, e);
    o->preview = false;
    if (code < 0)
        return code;
    if (o->url == NULL && os_ask("Which address failed? (Enter: not known) ", &url) && url.len > 0)
        o->url = buf_c(&url);
    if (o->when == NULL && os_ask("When did it fail, such as 2026-01-31T08:15? (Enter: not known) ", &when) &&
        when.len > 0)
        o->when = buf_c(&when);
    if (!os_ask("Collect this now? [y/n] ", &answer) || answer.len == 0 || (answer.p[0] | 32) != 'y') {
        (void)fprintf(stderr, "nothing was collected\n");
        return 0;
    }
    code = run(o, e);
    if (code >= 0 && o->upload == NULL)
        (void)fprintf(stderr, "Nothing was sent. Give this file to whoever asked you to run the program.\n");
    return code;
}

static int interactive(struct options *o, struct err *e)
{
    CLEANUP(buf_done) struct buf answer = BUF_INIT(8192);
    struct elevation elevation = {0};
    int code;

    if (elevate_offer(o, &elevation)) {
        code = elevation.code;
    } else {
        code = run_asking(o, e);
        if (code < 0)
            code = say_error(e);
        (void)os_ask("Press Enter to close. ", &answer);
    }
    if (elevation.unsafe)
        os_end(code);
    return code;
}

static int dispatch(struct options *o, struct err *e)
{
    if (o->help)
        options_help(stdout);
    else if (o->version)
        (void)fputs("certtriage-collect " CERTTRIAGE_VERSION "\n", stdout);
    else if (o->licenses)
        return licenses_print(stdout, e);
    else if (o->command == COMMAND_REPAIR)
        return repair_bundle(o->files[0], o->files[1], e);
    else if (o->command == COMMAND_REDACT)
        return redact(o, e);
    else if (o->upload_only != NULL)
        return upload_only(o, e);
    else if (os_has_own_console() && !o->yes && !o->quiet && !o->json && !o->preview)
        return interactive(o, e);
    else
        return run(o, e);
    return 0;
}

/* The file beside the program first, then the command line. */
static int read_options(int argc, char **argv, struct arena *a, struct options *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf path = BUF_INIT(1 << 17);
    bool found = false, wants_file;

    if (os_arguments(argc, argv, &argc, &argv, e) != 0)
        return -e->code;
    wants_file = argc < 2 || argv[1][0] == '-';
    if (wants_file && os_beside("certtriage-collect.json", &path, e) != 0)
        return -e->code;
    if (wants_file && options_file(buf_c(&path), a, &argc, &argv, &found, e) != 0)
        return -e->code;
    if (options_parse(argc, argv, ret, e) != 0)
        return found ? err_wrap(e, "with %s", buf_c(&path)) : -e->code;
    return 0;
}

int main(int argc, char **argv)
{
    struct arena a = ARENA_INIT(1 << 20);
    struct options o = {0};
    struct err e = {0};
    int r = read_options(argc, argv, &a, &o, &e);

    if (r == 0)
        r = dispatch(&o, &e);
    if (r < 0)
        r = say_error(&e);
    arena_done(&a);
    return r;
}
