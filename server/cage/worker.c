/* SPDX-License-Identifier: Apache-2.0
 *
 * The worker: one job, from a descriptor to rows, in the cage. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ahead.h"
#include "cage.h"
#include "cage_confine.h"
#include "extract.h"
#include "limits.h"
#include "unpack.h"
#include "worker_talk.h"

static int read_entry(void *ctx, const struct entry *entry, struct arena *a, struct bytes *ret, struct err *e)
{
    if (entry->is_lost)
        return err_set(e, ERR_FORMAT, "its entry cannot be used");
    return unpack_read(ctx, entry->index, a, ret, e);
}

static int stream_entry(void *ctx, const struct entry *entry, int (*take)(void *take_ctx, struct bytes piece),
                        void *take_ctx, struct err *e)
{
    if (entry->is_lost)
        return err_set(e, ERR_FORMAT, "its entry cannot be used");
    return unpack_stream(ctx, entry->index, take, take_ctx, e);
}

static int begin_entry(void *ctx, const struct entry *entry, struct err *e)
{
    if (entry->is_lost)
        return err_set(e, ERR_FORMAT, "its entry cannot be used");
    return unpack_begin(ctx, entry->index, e);
}

static int next_piece(void *ctx, struct bytes *ret, struct err *e)
{
    return unpack_next(ctx, ret, e);
}

static void end_entry(void *ctx)
{
    unpack_end(ctx);
}

static int make_view(struct unpack *u, struct arena *a, struct bundle_view *ret, struct err *e)
{
    size_t n = unpack_count(u), n_problems = unpack_problem_count(u);
    struct entry *entries = arena_array(a, n, sizeof *entries);
    struct bundle_problem *problems = arena_array(a, n_problems, sizeof *problems);

    if (!entries || !problems)
        return err_set(e, ERR_NOMEM, "out of memory");
    for (size_t i = 0; i < n; i++) {
        const struct unpack_entry *from = unpack_entry(u, i);
        entries[i] =
            (struct entry){.name = from->name, .size = from->size, .time_ms = from->time_ms, .index = i};
    }
    for (size_t i = 0; i < n_problems; i++) {
        const struct unpack_problem *from = unpack_problem(u, i);
        problems[i] = (struct bundle_problem){from->entry, from->text};
    }
    *ret = (struct bundle_view){.entries = entries,
                                .n_entries = n,
                                .problems = problems,
                                .n_problems = n_problems,
                                .ctx = u,
                                .read = read_entry,
                                .stream = stream_entry,
                                .begin = begin_entry,
                                .next = next_piece,
                                .end = end_entry};
    return 0;
}

static void unpack_closep(struct unpack **u)
{
    unpack_close(*u);
}

/* The thread that inflates for the job "extract"; the process ends with it. */
static struct ahead *ahead;

static int start_ahead(void *ctx, struct err *e)
{
    (void)ctx;
    return ahead_start(&ahead, e);
}

/* The job "extract". The registry says what the other extractors need to know of the machine; the
 * configuration says which paths the logs' requests belong to. */
static int extract(int fd, struct sink *sink, struct arena *a, struct err *e)
{
    CLEANUP(unpack_closep) struct unpack *u = NULL;
    struct bundle_view view;
    int r;

    if ((r = unpack_open(fd, ahead, a, &u, e)) || (r = make_view(u, a, &view, e)))
        return r;
    struct extract_state x = {.arena = a, .view = &view, .sink = sink, .collected_ms = TIME_NONE};
    if ((r = extract_bundle(&x, &view, e)) || (r = extract_registry(&x, e)) || (r = extract_iis(&x, e)) ||
        (r = extract_events(&x, e)) || (r = extract_wire(&x, e)) || (r = extract_certificates(&x, e)) ||
        (r = extract_logs(&x, e)))
        return r;
    return 0;
}

static const struct job {
    const char *what;
    int (*run)(int fd, struct sink *sink, struct arena *a, struct err *e);
    int (*start)(void *ctx, struct err *e); /* threads; NULL: none */
} JOBS[] = {
    {"extract", extract, start_ahead},
    {"case", extract_case, NULL},
};

/* To the parent: the code, and the text that goes with it. */
static void tell(const struct err *e)
{
    char text[ERR_TEXT_BYTES + 32];
    int n = snprintf(text, sizeof text, "%d %s", e->code, e->text);

    if (n > 0 && write(CAGE_ERROR_FD, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1) < 0)
        return; /* the exit code is left */
}

static int run_job(const struct job *job, struct err *e)
{
    struct arena arena = ARENA_INIT(LIMIT_WORKER_MEMORY_BYTES / 2);
    struct err close_error = {0};
    struct sink *sink;
    int r = sink_open_fd(CAGE_ROWS_FD, &sink, e);

    if (r)
        return r;
    r = job->run(CAGE_INPUT_FD, sink, &arena, e);
    int closed = sink_close(sink, &close_error); /* rows that are good stay good after an error */
    if (!r && closed)
        *e = close_error;
    return r ? r : closed; /* the process ends here: the arena goes with it */
}

static int confined_job(const char *what, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(JOBS); i++) {
        if (strcmp(JOBS[i].what, what) != 0)
            continue;
        int r = cage_confine(&(const struct cage_bounds){.memory_bytes = LIMIT_WORKER_MEMORY_BYTES,
                                                         .seconds = LIMIT_WORKER_SECONDS,
                                                         .start = JOBS[i].start},
                             e);
        return r ? r : run_job(&JOBS[i], e);
    }
    return err_set(e, ERR_USAGE, "no job %s", what);
}

int cage_worker_main(int argc, char **argv)
{
    const char *what = argc > 0 ? argv[argc - 1] : "";
    struct err e = {0};
    int r = strcmp(what, CAGE_JUDGE) == 0   ? worker_judge(&e)
            : strcmp(what, CAGE_QUERY) == 0 ? worker_query(&e)
                                            : confined_job(what, &e);

    if (r)
        tell(&e);
    _exit(r ? 2 : 0); /* no destructors: they may do what the filter forbids */
}
