/* SPDX-License-Identifier: Apache-2.0
 *
 * serve: receives in libmicrohttpd's threads, lints in one thread of its own, ends on SIGINT or SIGTERM when
 * the job under way is done. A server that was killed finds its jobs in the store. */
#include "commands.h"

#include "compiler.h"
#include "http.h"
#include "job.h"
#include "log.h"
#include "notice.h"
#include "notify.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct option_row options[] = {
    {"--data", "DIR", "where everything is kept; made when it is not there", true},
    {"--listen", "ADDR:PORT", "where to listen; 127.0.0.1:8443", false},
    {"--tls-cert", "FILE", "PEM: the server's certificate, then its chain; read again on SIGHUP", false},
    {"--tls-key", "FILE", "PEM: its private key", false},
    {"--cors-origin", "URL", "pages of this origin may ask, too, such as https://desk.example; none", false},
    {"--webhook", "URL", "told when a case has a new diagnosis or other findings", false},
    {"--webhook-secret", "FILE", "holds whsec_ and Base64: the key that signs what it is told", false},
    {"--log-format", "text|json", "key=value or JSON lines on standard error; text", false},
    {"--config", "FILE", "JSON: what is not said here or by the environment", false},
    {"--settings", NULL, "print all settings, how each is named and what is in force, and end", false},
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {0},
};

enum { NOTICE_MS = 5000 }; /* what a receiver may hold up the end of the server */

struct linter {
    struct store *store;
    struct ruleset *rules;
    struct notices *notices; /* NULL: nobody is told */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken, ending;
};

static void wake(void *ctx)
{
    struct linter *l = ctx;

    (void)pthread_mutex_lock(&l->lock);
    l->woken = true;
    (void)pthread_cond_signal(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
}

/* Waits for work; false when it is time to end. */
static bool wait_for_work(struct linter *l)
{
    bool go_on;

    (void)pthread_mutex_lock(&l->lock);
    while (!l->woken && !l->ending)
        (void)pthread_cond_wait(&l->changed, &l->lock);
    l->woken = false;
    go_on = !l->ending;
    (void)pthread_mutex_unlock(&l->lock);
    return go_on;
}

static bool is_ending(struct linter *l)
{
    bool ending;

    (void)pthread_mutex_lock(&l->lock);
    ending = l->ending;
    (void)pthread_mutex_unlock(&l->lock);
    return ending;
}

static json_t *last_report(struct store *s, const char *case_id)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(256 << 20);
    struct err none = {0};

    return store_report_get(s, str_from(case_id), &json, &none) < 0 ? NULL
                                                                    : json_loadb(json.p, json.len, 0, NULL);
}

static int lint_and_tell(const struct linter *l, const char *case_id, struct err *why)
{
    json_t *before = l->notices ? last_report(l->store, case_id) : NULL, *after = NULL;
    int r = job_lint_case(l->store, l->rules, str_from(case_id), &after, why);

    if (r == 0)
        notices_report(l->notices, case_id, before, after);
    json_decref(before);
    json_decref(after);
    return r;
}

/* One job; false when there is none. */
static bool lint_next(struct linter *l)
{
    struct err e = {0}, why = {0};
    char case_id[65];
    int64_t job = 0;
    int r = store_job_next(l->store, case_id, &job, &e);

    if (r <= 0) {
        if (r < 0)
            log_outcome("queue", r, &e);
        return false;
    }
    r = lint_and_tell(l, case_id, &why);
    log_event(r < 0 ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO, "linted",
              (const struct log_field[]){LOG_TEXT("case", case_id), LOG_NUMBER("job", job),
                                         LOG_TEXT("reason", r < 0 ? why.text : ""), LOG_END});
    if ((r = store_job_end(l->store, job, r < 0 ? &why : NULL, &e)) < 0)
        log_outcome("queue", r, &e);
    return true;
}

static void *lint_loop(void *ctx)
{
    struct linter *l = ctx;

    do {
        while (!is_ending(l) && lint_next(l))
            continue;
    } while (wait_for_work(l));
    return NULL;
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

static int start_linter(struct linter *l, const struct options *o, struct err *e)
{
    if (ruleset_load(option(o, "--rules"), true, &l->rules, e) < 0 ||
        store_open(option(o, "--data"), &l->store, e) < 0 || store_job_requeue(l->store, e) < 0)
        return -e->code;
    if (pthread_mutex_init(&l->lock, NULL) != 0 || pthread_cond_init(&l->changed, NULL) != 0 ||
        pthread_create(&l->thread, NULL, lint_loop, l) != 0)
        return err_set(e, ERR_NOMEM, "serve: starting the linting thread");
    return 0;
}

static void stop_linter(struct linter *l)
{
    (void)pthread_mutex_lock(&l->lock);
    l->ending = true;
    (void)pthread_cond_signal(&l->changed);
    (void)pthread_mutex_unlock(&l->lock);
    (void)pthread_join(l->thread, NULL);
}

/* The signals are blocked before any thread starts, so that all threads inherit that, and fetched here.
 * SIGHUP reads the certificate again; the others end. */
static void wait_for_signal(const sigset_t *set, const struct http_server *h)
{
    int number = SIGHUP;

    while (sigwait(set, &number) != 0 || number == SIGHUP) {
        struct err e = {0};
        if (number != SIGHUP)
            continue;
        log_outcome("reload", http_reload(h, &e), &e);
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

static int serve(const struct options *o, struct linter *l, struct err *e)
{
    struct http_options http = {.listen = option(o, "--listen") ? option(o, "--listen") : "127.0.0.1:8443",
                                .tls_cert = option(o, "--tls-cert"),
                                .tls_key = option(o, "--tls-key"),
                                .cors_origin = option(o, "--cors-origin"),
                                .wake = wake,
                                .wake_ctx = l};
    struct http_server *h = NULL;
    sigset_t set;

    block_signals(&set);
    if (option(o, "--log-format") && !log_format_from(str_from(option(o, "--log-format"))))
        return err_set(e, ERR_USAGE, "--log-format %s: text or json", option(o, "--log-format"));
    if (start_notices(o, &l->notices, e) < 0 || start_linter(l, o, e) < 0)
        return -e->code;
    http.rules = l->rules;
    if (http_start(l->store, &http, &h, e) == 0) {
        const char *colon = strrchr(http.listen, ':');
        printf("listening on http%s://%.*s:%u\n", http.tls_cert ? "s" : "", (int)(colon - http.listen),
               http.listen, http_port(h));
        (void)fflush(stdout);
        notify_manager("READY=1");
        wait_for_signal(&set, h);
        notify_manager("STOPPING=1");
        http_stop(h);
    }
    stop_linter(l);
    notices_stop(l->notices, NOTICE_MS);
    return -e->code;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct linter l = {0};
    int r = 0;

    if (option(o, "--settings")) {
        options_print_settings(o);
        return 0;
    }
    r = serve(o, &l, &e);
    store_close(l.store);
    ruleset_free(l.rules);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_serve = {"serve", "--data DIR [options]", "receive bundles and lint them",
                                      options, run};
