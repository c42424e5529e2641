/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "compiler.h"
#include "store.h"
#include "text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct option_row options[] = {
    {"--data", "DIR", "the server's data folder", true},
    {"--role", "upload|triage|admin", "what its holder may do", true},
    {"--case", "ID", "for this case only", false},
    {"--expires", "7d", "when it ends: a number with m, h or d; default never", false},
    {0},
};

/* "90m", "12h", "7d" from now. */
static int parse_expires(const char *text, int64_t *ret_ms, struct err *e)
{
    struct str s = str_from(text);
    int64_t unit = 0;
    uint64_t n = 0;
    char last = s.len ? s.p[s.len - 1] : 0;

    unit = last == 'm' ? 60 : last == 'h' ? 3600 : last == 'd' ? 86400 : 0;
    if (!unit || !str_to_u64((struct str){s.p, s.len - 1}, 100000, &n))
        return err_set(e, ERR_USAGE, "--expires %s: a number with m, h or d, such as 7d", text);
    *ret_ms = ((int64_t)time(NULL) + (int64_t)n * unit) * 1000;
    return 0;
}

static int create(const struct options *o, struct buf *ret, struct err *e)
{
    enum token_role role;
    int64_t expires = TIME_NONE;
    struct store *s = NULL;
    int r;

    if (!token_role_from(str_from(option(o, "--role")), &role))
        return err_set(e, ERR_USAGE, "--role %s: upload, triage or admin", option(o, "--role"));
    if (option(o, "--expires") && parse_expires(option(o, "--expires"), &expires, e) < 0)
        return -e->code;
    if (store_open(option(o, "--data"), &s, e) < 0)
        return -e->code;
    r = store_token_create(s, role, str_from(option(o, "--case")), expires, ret, e);
    store_close(s);
    return r;
}

static int run(const struct options *o)
{
    struct err e = {0};
    CLEANUP(buf_done) struct buf secret = BUF_INIT(256);
    int r;

    if (o->n_rest != 1 || strcmp(o->rest[0], "create") != 0)
        r = err_set(&e, ERR_USAGE, "token: create");
    else
        r = create(o, &secret, &e);
    if (r < 0)
        return command_fail(&e);
    puts(buf_c(&secret));
    return 0;
}

const struct command command_token = {"token", "create [options]", "make a token and print it, once", options,
                                      run};
