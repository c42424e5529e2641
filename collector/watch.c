/* SPDX-License-Identifier: Apache-2.0
 *
 * The probes run in a thread of their own. Only what passes the gate reaches the bundle, and the gate is
 * taken away from a thread that is over its time: whatever it does when its call comes back, it does it to
 * itself. The one that hangs may hold the heap's lock. So threads are made beforehand, and from then on the
 * watching thread calls nothing that needs the system's memory (process.h); our own has a heap of its own. */
#include "collect.h"

#include <stdlib.h>

#include "probes.h"

/* What a thread works on; left to it when it is given up. */
struct job {
    struct collection *c;
    struct probe_run run;
    size_t first;
    struct iis_model *model; /* of the thread before */
    int result;
    struct err why;
};

static void enter(void *ctx)
{
    os_gate_enter(((struct collection *)ctx)->gate);
}

static void leave(void *ctx, bool finished)
{
    struct collection *c = ctx;

    if (finished) {
        atomic_store(&c->ended_ms, os_ticks_ms());
        (void)atomic_fetch_add(&c->n_ended, 1);
    }
    os_gate_leave(c->gate);
}

struct bundle_gate watch_gate(struct collection *c)
{
    return (struct bundle_gate){c, enter, leave};
}

int watch_new(struct collection *c, struct err *e)
{
    if (os_gate_new(&c->gate, e) != 0)
        return -e->code;
    for (size_t i = 0; i < SPARE_THREADS; i++)
        if (os_thread_new(&c->threads[i], e) != 0)
            return -e->code;
    return 0;
}

void watch_done(struct collection *c)
{
    for (size_t i = 0; i < SPARE_THREADS; i++)
        os_thread_free(c->threads[i]);
    if (c->n_given_up == 0)
        os_gate_free(c->gate);
}

/* A probe begins: told through the gate, so that nobody who was given up moves the mark. */
static void next_probe(void *ctx, size_t probe, const char *why)
{
    struct collection *c = ctx;

    os_gate_enter(c->gate);
    atomic_store(&c->probe, probe);
    atomic_store(&c->ended_ms, os_ticks_ms());
    c->console.why = why;
    os_gate_leave(c->gate);
}

/* What was asked for; the thread's own is to be filled in. */
static struct probe_run run_of(struct collection *c)
{
    const struct options *o = c->options;

    return (struct probe_run){.bundle = c->bundle,
                              .roles = c->roles,
                              .account = str_from(o->account),
                              .url = str_from(o->url),
                              .raw = o->raw,
                              .preview = o->preview,
                              .offline = o->offline,
                              .probe = o->probe,
                              .probe_http = o->probe_http,
                              .connect = str_from(o->connect),
                              .online_revocation = o->online_revocation,
                              .own_sid = buf_str(&c->own_sid),
                              .started_by = str_from(o->started_by),
                              .own_part = c->own_part,
                              .handed_by = str_from(o->started_by),
                              .handed = c->handed,
                              .security_log = o->security_log,
                              .evtx = o->evtx,
                              .limits = o->limits,
                              .next = next_probe,
                              .ctx = c};
}

static void work(void *ctx)
{
    struct job *job = ctx;
    struct collection *c = job->c;
    struct os *os = NULL;

    /* Not the one that a hanging thread may be changing. */
    job->result = os_open(c->options->image, &os, &job->why);
    if (job->result != 0)
        return;
    job->run = run_of(c);
    job->run.os = os;
    job->run.model = job->model;
    job->result = probes_run(&job->run, job->first, &job->why);
    os_close(os);
}

/* What the watching thread itself notes of probes that nobody runs any more. */
static int give_up(struct collection *c, size_t from, size_t to, const struct bundle_end *end, struct err *e)
{
    struct probe_run run = run_of(c);

    for (size_t i = from; i < to; i++)
        if (probes_give_up(&run, i, end, e) != 0)
            return -e->code;
    return 0;
}

enum verdict { ENDED, ITEM_STUCK, TIME_IS_UP };

static enum verdict watch(struct collection *c, struct os_thread *t, unsigned began_ms)
{
    enum { LOOK_MS = 50, TELL_MS = 10000 };
    unsigned told = 0;

    while (!os_thread_wait(t, LOOK_MS)) {
        unsigned now = os_ticks_ms(), item = now - atomic_load(&c->ended_ms);
        if (item >= 0x80000000u) /* finished between the two looks at the clock */
            item = 0;
        if (now - began_ms > c->options->total_ms)
            return TIME_IS_UP;
        if (item > c->options->item_ms)
            return ITEM_STUCK;
        if (item / TELL_MS > told && !c->console.quiet) {
            (void)fprintf(stderr, "          still waiting: %s (%u s)\n",
                          c->console.why == NULL ? "" : c->console.why, item / 1000);
            (void)fflush(stderr);
        }
        told = item / TELL_MS;
    }
    return ENDED;
}

/* Takes the bundle away from the thread, and says what became of what it was at. */
static int take_over(struct collection *c, enum verdict why, struct err *e)
{
    struct bundle_end end = {.outcome = OUTCOME_TIMEOUT, .cut = "tail"};
    size_t probe;

    os_gate_give(c->gate, NULL);
    c->n_given_up++;
    probe = atomic_load(&c->probe);
    end.reason = why == TIME_IS_UP ? "the time for the whole run is up" : "the system did not answer in time";
    (void)bundle_take_over(c->bundle, &end, e);
    end.cut = NULL;
    return e->code != 0 ? -e->code : give_up(c, probe, probe + 1, &end, e);
}

static int end_early(struct collection *c, enum verdict why, struct err *e)
{
    struct bundle_end end = {.outcome = OUTCOME_TIMEOUT,
                             .reason = why == TIME_IS_UP ? "the time for the whole run is up"
                                                         : "the system answers no more"};

    c->is_stuck = true;
    return give_up(c, atomic_load(&c->probe) + 1, probes_count(), &end, e);
}

static int finish_job(struct job *job, struct err *e)
{
    int r = job->result;

    if (r != 0)
        *e = job->why;
    probes_done(&job->run);
    free(job);
    return r;
}

int watch_run(struct collection *c, struct err *e)
{
    unsigned began = os_ticks_ms();
    struct iis_model *model = NULL;
    size_t first = 0;

    for (size_t i = 0; i < SPARE_THREADS; i++) {
        struct job *job = calloc(1, sizeof(*job));
        size_t before = atomic_load(&c->n_ended);

        if (job == NULL)
            return err_set(e, ERR_NOMEM, "out of memory");
        *job = (struct job){.c = c, .first = first, .model = model};
        atomic_store(&c->ended_ms, os_ticks_ms());
        os_gate_give(c->gate, c->threads[i]);
        os_thread_run(c->threads[i], work, job);
        enum verdict verdict = watch(c, c->threads[i], began);
        if (verdict == ENDED) {
            os_gate_give(c->gate, NULL);
            return finish_job(job, e);
        }
        bool idle = i > 0 && atomic_load(&c->n_ended) == before;
        if (take_over(c, verdict, e) != 0)
            return -e->code;
        /* Nothing finished since the thread before was given up: whatever that one holds, all need it. */
        if (verdict == TIME_IS_UP || idle || i + 1 == SPARE_THREADS)
            return end_early(c, verdict, e);
        first = atomic_load(&c->probe) + 1;
        model =
            first > 1 ? job->run.model : NULL; /* the first probe reads it, and may be changing it still */
    }
    return 0;
}
