/* SPDX-License-Identifier: Apache-2.0
 *
 * serve: receives in libmicrohttpd's threads, lints in one thread of its own, ends on SIGINT or SIGTERM when
 * the job under way is done. A server that was killed finds its jobs in the store. */
#include "commands.h"

#include "compiler.h"
#include "http.h"
#include "job.h"
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
    {"--rules", "DIR", "rules of this folder too; they go before built-in ones of their names", false},
    {0},
};

struct linter {
    struct store *store;
    struct ruleset *rules;
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

/* One job; false when there is none. */
static bool lint_next(struct linter *l)
{
    struct err e = {0}, why = {0};
    char case_id[65];
    int64_t job = 0;
    int r = store_job_next(l->store, case_id, &job, &e);

    if (r <= 0) {
        if (r < 0)
            fprintf(stderr, "level=error event=queue reason=\"%s\"\n", e.text);
        return false;
    }
    r = job_lint_case(l->store, l->rules, str_from(case_id), NULL, &why);
    fprintf(stderr, "level=%s event=linted case=%s job=%lld%s%s%s\n", r < 0 ? "error" : "info", case_id,
            (long long)job, r < 0 ? " reason=\"" : "", r < 0 ? why.text : "", r < 0 ? "\"" : "");
    if (store_job_end(l->store, job, r < 0 ? &why : NULL, &e) < 0)
        fprintf(stderr, "level=error event=queue reason=\"%s\"\n", e.text);
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
        int r = http_reload(h, &e);
        fprintf(stderr, "level=%s event=reload%s%s%s\n", r < 0 ? "error" : "info", r < 0 ? " reason=\"" : "",
                r < 0 ? e.text : "", r < 0 ? "\"" : "");
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
                                .wake = wake,
                                .wake_ctx = l};
    struct http_server *h = NULL;
    sigset_t set;

    block_signals(&set);
    if (start_linter(l, o, e) < 0)
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
    return -e->code;
}

static int run(const struct options *o)
{
    struct err e = {0};
    struct linter l = {0};
    int r = serve(o, &l, &e);

    store_close(l.store);
    ruleset_free(l.rules);
    return r < 0 ? command_fail(&e) : 0;
}

const struct command command_serve = {"serve", "--data DIR [options]", "receive bundles and lint them",
                                      options, run};
