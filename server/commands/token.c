/* SPDX-License-Identifier: Apache-2.0
 *
 * token: made, listed and taken back beside a server that may be running. */
#include "commands.h"

#include "compiler.h"
#include "store.h"
#include "text.h"
#include "values.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct option_row options[] = {
    {"--data", "DIR", "the server's data folder", true},
    {"--role", "upload|triage|admin", "create: what its holder may do", false},
    {"--case", "ID", "create: for this case only", false},
    {"--label", "TEXT", "create: who gets it", false},
    {"--expires", "7d", "create: when it ends: a number with s, m, h or d; default never", false},
    {0},
};

static int64_t now_ms(void)
{
    return (int64_t)time(NULL) * 1000;
}

static int create(const struct options *o, struct store *s, struct err *e)
{
    CLEANUP(buf_done) struct buf secret = BUF_INIT(256);
    enum token_role role;
    int64_t lasts = 0, expires = TIME_NONE;
    int r;

    if (!token_role_from(str_from(option(o, "--role")), &role))
        return err_set(e, ERR_USAGE, "--role %s: upload, triage or admin",
                       option(o, "--role") ? option(o, "--role") : "(missing)");
    if (option_duration(o, "--expires", &lasts, e) < 0)
        return -e->code;
    if (option(o, "--expires"))
        expires = now_ms() + lasts;
    r = store_token_create(s, role, str_from(option(o, "--case")), str_from(option(o, "--label")), expires,
                           &secret, NULL, e);
    if (r == 0)
        puts(buf_c(&secret));
    return r;
}

static int print_one(void *ctx, const struct store_token *t)
{
    char created[32], expires[32], used[32];

    (void)ctx;
    time_format(t->created_ms, created);
    time_format(t->expires_ms, expires);
    time_format(t->used_ms, used);
    printf("%s  %-6s  %-16s  %-24s  %-24s  %-24s  %s\n", t->id, t->role, t->case_id[0] ? t->case_id : "-",
           created,
           t->revoked_ms != TIME_NONE ? "taken back"
           : expires[0]               ? expires
                                      : "never",
           used[0] ? used : "never", t->label);
    return 0;
}

static int list(struct store *s, struct err *e)
{
    printf("%-16s  %-6s  %-16s  %-24s  %-24s  %-24s  %s\n", "id", "role", "case", "created", "expires",
           "last used", "label");
    return store_token_list(s, print_one, NULL, e);
}

static int dispatch(const struct options *o, struct store *s, struct err *e)
{
    const char *verb = o->n_rest > 0 ? o->rest[0] : "";

    if (strcmp(verb, "create") == 0 && o->n_rest == 1)
        return create(o, s, e);
    if (strcmp(verb, "list") == 0 && o->n_rest == 1)
        return list(s, e);
    if (strcmp(verb, "revoke") == 0 && o->n_rest == 2)
        return store_token_revoke(s, str_from(o->rest[1]), now_ms(), e);
    return err_set(e, ERR_USAGE, "token: create, list, or revoke ID");
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct store *s = NULL;
    bool is_first = o->n_rest > 0 && strcmp(o->rest[0], "create") == 0; /* may be before serve */
    int r = (is_first ? store_open : store_open_existing)(option(o, "--data"), &s, &e);

    if (r == 0)
        r = dispatch(o, s, &e);
    store_close(s);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_token = {"token", "create|list|revoke ID [options]",
                                      "make a token and print it, once; list them; take one back", options,
                                      run};
