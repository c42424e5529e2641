/* SPDX-License-Identifier: Apache-2.0
 *
 * serve: receives in libmicrohttpd's threads, judges in the threads of the job pool, ends on SIGINT or
 * SIGTERM when the jobs under way are done. A server that was killed finds its jobs in the store. */
#include "commands.h"

#include "compiler.h"
#include "http.h"
#include "log.h"
#include "notice.h"
#include "notify.h"
#include "pool.h"
#include "store_keep.h"
#include "values.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct option_row options[] = {
    {"--data", "DIR", "where everything is kept; made when it is not there", true},
    {"--listen", "ADDR:PORT", "where to listen; 127.0.0.1:8443", false},
    {"--tls-cert", "FILE", "PEM: the server's certificate, then its chain; read again on SIGHUP", false},
    {"--tls-key", "FILE", "PEM: its private key", false},
    {"--proxy", "ADDR", "whose X-Forwarded-For and -Proto are believed, such as 127.0.0.1; none", false},
    {"--cors-origin", "URL", "pages of this origin may ask, too, such as https://desk.example; none", false},
    {"--upload-expires", "72h", "how long an upload in pieces may take until it is removed; 72h", false},
    {"--min-free", "SIZE", "uploads are refused before less than this of the disk is free; 512M", false},
    {"--connections", "N", "open at once; one more is told to come again; 512", false},
    {"--address-connections", "N", "of them from one address; 256", false},
    {"--client-timeout", "30s", "a client's time for its headers, and for each 4 KiB behind them; 30s",
     false},
    {"--drain", "30s", "how long requests under way may go on after SIGTERM; 30s", false},
    {"--address-rate", "N", "requests a minute from one address; 0: any number; 6000", false},
    {"--token-rate", "N", "requests a minute of one token; 0: any number; 6000", false},
    {"--failure-rate", "N", "failed sign-ins a minute from one address; 0: any number; 30", false},
    {"--webhook", "URL", "told when a case has a new diagnosis or other findings", false},
    {"--webhook-secret", "FILE", "holds whsec_ and Base64: the key that signs what it is told", false},
    {"--log-format", "text|json", "key=value or JSON lines on standard error; text", false},
    {"--config", "FILE", "JSON: what is not said here or by the environment", false},
    {"--settings", NULL, "print all settings, how each is named and what is in force, and end", false},
    {"--retain-days", "N", "delete cases whose newest bundle is older; for ever unless said", false},
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {0},
};

enum { UPLOAD_EXPIRES_MS = 72 * 3600 * 1000, MIN_FREE_BYTES = 512 << 20 };
enum { NOTICE_MS = 5000 }; /* what a receiver may hold up the end of the server */

enum { LOOK_SECONDS = 5 }; /* how often the rules' folder is looked at, and what expired removed */

struct server {
    struct store *store;
    int held; /* -1: not yet; see store_hold */
    struct rules_now *rules;
    struct notices *notices; /* NULL: nobody is told */
    struct job_pool *pool;
    struct http_server *http;
    int64_t retain_days, next_retain; /* 0: for ever; seconds of the clock */
};

static void wake(void *ctx)
{
    const struct server *s = ctx;

    job_pool_wake(s->pool);
}

static void tell(void *ctx, const char *case_id, const json_t *before, const json_t *after)
{
    const struct server *s = ctx;

    notices_report(s->notices, case_id, before, after);
}

/* Reads the rules again; when they are others, every case is judged by them. */
static int reload_rules(struct server *s, const char *why, struct err *e)
{
    bool is_changed = false;
    int64_t run = 0;

    return job_pool_reload(s->pool, why, &is_changed, &run, e);
}

static int read_secret(const char *path, unsigned char *ret, size_t room, size_t *ret_len, struct err *e)
{
    char text[256] = "";
    FILE *f = fopen(path, "rb");
    size_t n;

    if (!f)
        return err_errno(e, "--webhook-secret %s", path);
    n = fread(text, 1, sizeof text, f);
    (void)fclose(f);
    return notice_secret_parse((struct str){text, n}, ret, room, ret_len, e);
}

static int start_notices(const struct options *o, struct notices **ret, struct err *e)
{
    unsigned char secret[128];
    struct notice_options notice = {.url = option(o, "--webhook")};
    const char *path = option(o, "--webhook-secret");

    if (!notice.url != !path)
        return err_set(e, ERR_USAGE, "--webhook and --webhook-secret belong together");
    if (!notice.url)
        return 0;
    notice.secret.p = (const char *)secret;
    if (read_secret(path, secret, sizeof secret, &notice.secret.len, e) < 0)
        return -e->code;
    return notices_start(&notice, ret, e);
}

static int read_days(struct server *s, const char *text, struct err *e)
{
    uint64_t days = 0;

    if (text && (!str_to_u64(str_from(text), 36500, &days) || days == 0))
        return err_set(e, ERR_USAGE, "--retain-days %s: 1 to 36500", text);
    s->retain_days = (int64_t)days;
    return 0;
}

static int start_jobs(struct server *s, const struct options *o, struct err *e)
{
    struct job_pool_options pool = {.tell = s->notices ? tell : NULL, .ctx = s};

    if (read_days(s, option(o, "--retain-days"), e) < 0 ||
        rules_now_open(option(o, "--rules"), &s->rules, e) < 0 ||
        store_open(option(o, "--data"), &s->store, e) < 0 || store_hold(s->store, &s->held, e) < 0)
        return -e->code;
    pool.store = s->store;
    pool.rules = s->rules;
    return job_pool_start(&pool, &s->pool, e);
}

/* SIGHUP: certificate and rules are read again. */
static void reload_all(struct server *s)
{
    struct err e = {0};

    log_outcome("reload", http_reload(s->http, &e), &e);
    e = (struct err){0};
    log_outcome("reload-rules", reload_rules(s, "SIGHUP", &e), &e);
}

/* What is too old goes, once an hour. */
static void retain(struct server *s)
{
    struct err e = {0};
    int64_t now = (int64_t)time(NULL), n = 0;

    if (now < s->next_retain)
        return;
    s->next_retain = now + 3600;
    if (store_retain(s->store, s->retain_days, now * 1000, &n, &e) < 0)
        log_outcome("retention", -e.code, &e);
    else if (n > 0)
        log_event(LOG_LEVEL_INFO, "retention", (const struct log_field[]){LOG_NUMBER("deleted", n), LOG_END});
}

static void look_at_rules(struct server *s)
{
    struct err e = {0};

    if (rules_now_is_stale(s->rules))
        log_outcome("reload-rules", reload_rules(s, "the rules' folder has changed", &e), &e);
}

/* The signals are blocked before any thread starts, so that all threads inherit that, and fetched here. */
static void wait_for_signal(const sigset_t *set, struct server *s)
{
    static const struct timespec look = {.tv_sec = LOOK_SECONDS};

    for (;;) {
        int number = sigtimedwait(set, NULL, &look);
        if (number == SIGHUP)
            reload_all(s);
        else if (number > 0)
            return;
        else if (errno == EAGAIN) {
            look_at_rules(s);
            retain(s);
            http_tick(s->http);
        }
    }
}

static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
}

static int read_limits(const struct options *o, struct http_options *http, struct err *e)
{
    struct connection_limits *c = &http->connections;

    *c = (struct connection_limits){
        .total = 512, .per_address = 256, .patience_ms = 30000, .proxy = option(o, "--proxy")};
    http->address_requests = http->token_requests = 6000;
    http->failed_sign_ins = 30;
    http->drain_ms = 30000;
    if (option_number(o, "--connections", 1, 100000, &c->total, e) < 0 ||
        option_number(o, "--address-connections", 1, 100000, &c->per_address, e) < 0 ||
        option_duration(o, "--client-timeout", &c->patience_ms, e) < 0 ||
        option_duration(o, "--drain", &http->drain_ms, e) < 0 ||
        option_number(o, "--address-rate", 0, 1000000, &http->address_requests, e) < 0 ||
        option_number(o, "--token-rate", 0, 1000000, &http->token_requests, e) < 0 ||
        option_number(o, "--failure-rate", 0, 1000000, &http->failed_sign_ins, e) < 0)
        return -e->code;
    c->arrivals = 2 * http->address_requests; /* nobody needs more connections than requests */
    return c->patience_ms > 0 ? 0 : err_set(e, ERR_USAGE, "--client-timeout: at least 1s");
}

static int serve(const struct options *o, struct server *s, struct err *e)
{
    struct http_options http = {.listen = option(o, "--listen") ? option(o, "--listen") : "127.0.0.1:8443",
                                .tls_cert = option(o, "--tls-cert"),
                                .tls_key = option(o, "--tls-key"),
                                .cors_origin = option(o, "--cors-origin"),
                                .upload_expires_ms = UPLOAD_EXPIRES_MS,
                                .min_free_bytes = MIN_FREE_BYTES,
                                .wake = wake,
                                .wake_ctx = s};
    sigset_t set;

    block_signals(&set);
    if (option_duration(o, "--upload-expires", &http.upload_expires_ms, e) < 0 ||
        option_size(o, "--min-free", &http.min_free_bytes, e) < 0 || read_limits(o, &http, e) < 0)
        return -e->code;
    if (option(o, "--log-format") && !log_format_from(str_from(option(o, "--log-format"))))
        return err_set(e, ERR_USAGE, "--log-format %s: text or json", option(o, "--log-format"));
    if (start_notices(o, &s->notices, e) < 0 || start_jobs(s, o, e) < 0)
        return -e->code;
    http.rules = s->rules;
    http.pool = s->pool;
    if (http_start(s->store, &http, &s->http, e) == 0) {
        const char *colon = strrchr(http.listen, ':');
        printf("listening on http%s://%.*s:%u\n", http.tls_cert ? "s" : "", (int)(colon - http.listen),
               http.listen, http_port(s->http));
        (void)fflush(stdout);
        notify_manager("READY=1");
        wait_for_signal(&set, s);
        notify_manager("STOPPING=1");
        http_stop(s->http);
    }
    return -e->code;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct server s = {.held = -1};
    int r = 0;

    if (option(o, "--settings")) {
        options_print_settings(o);
        return 0;
    }
    r = serve(o, &s, &e);
    job_pool_stop(s.pool);
    notices_stop(s.notices, NOTICE_MS);
    store_close(s.store);
    if (s.held >= 0)
        (void)close(s.held);
    rules_now_close(s.rules);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_serve = {"serve", "--data DIR [options]", "receive bundles and lint them",
                                      options, run};
