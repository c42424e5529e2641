/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_logs.h"

#include <stdlib.h>
#include <string.h>

#include "gunzip.h"
#include "limits.h"

struct log_order {
    const struct entry *entry;
    uint32_t index;
    enum kind kind;
};

static bool kind_of_log(const struct entry *entry, enum kind *ret)
{
    bool known = true;

    if (entry->item)
        *ret = entry->item->kind;
    else
        known = kind_of_entry(entry->name, ret);
    return known && (*ret == KIND_LOG_IIS || *ret == KIND_LOG_HTTPERR || *ret == KIND_LOG_FREB);
}

/* Traces first, so that a log's lines find theirs. */
static int rank_of(enum kind kind)
{
    return kind == KIND_LOG_FREB ? 0 : kind == KIND_LOG_IIS ? 1 : 2;
}

/* By kind, then by name: IIS names its logs by the day (u_exYYMMDD.log), so a site's logs come in the order
 * of time. */
static int compare_order(const void *a, const void *b)
{
    const struct log_order *x = a, *y = b;

    if (x->kind != y->kind)
        return rank_of(x->kind) - rank_of(y->kind);
    return str_icmp(x->entry->name, y->entry->name);
}

static size_t logs_in_order(const struct extract_state *x, struct log_order *order)
{
    size_t n = 0;

    for (size_t i = 0; i < x->view->n_entries; i++) {
        const struct entry *entry = &x->view->entries[i];
        enum kind kind = KIND_COUNT;
        if (kind_of_log(entry, &kind))
            order[n++] = (struct log_order){.entry = entry, .index = (uint32_t)i, .kind = kind};
    }
    qsort(order, n, sizeof(*order), compare_order);
    return n;
}

static int init(struct logs *l, struct extract_state *x)
{
    *l = (struct logs){.x = x, .a = x->arena, .first_ms = TIME_NONE, .last_ms = TIME_NONE};
    if (logs_sites_init(l) < 0 || logs_count_init(l) < 0 ||
        log_map_init(&l->symptom_map, l->a, LIMIT_LOG_SYMPTOMS) < 0 ||
        log_list_init(&l->symptoms, l->a, sizeof(struct log_symptom), LIMIT_LOG_SYMPTOMS) < 0 ||
        log_map_init(&l->client_map, l->a, LIMIT_LOG_CLIENTS) < 0 ||
        log_list_init(&l->clients, l->a, sizeof(struct log_client), LIMIT_LOG_CLIENTS) < 0 ||
        logs_sample_init(l) < 0 || logs_trace_init(l) < 0 || logs_pair_init(l) < 0 ||
        logs_httperr_init(l) < 0 || logs_minute_init(l) < 0)
        return -ERR_NOMEM;
    return 0;
}

struct unpacking {
    struct gunzip *gunzip;
    struct err *e;
};

static int take_packed(void *ctx, struct bytes piece)
{
    struct unpacking *u = ctx;
    return gunzip_feed(u->gunzip, piece, u->e);
}

int logs_stream(struct logs *l, uint32_t entry, int (*take)(void *ctx, struct bytes piece), void *ctx,
                struct err *e)
{
    const struct bundle_view *view = l->x->view;
    struct unpacking u = {.gunzip = gunzip_new(take, ctx), .e = e};

    if (!u.gunzip)
        return err_set(e, ERR_NOMEM, "out of memory");
    int r = view->stream(view->ctx, &view->entries[entry], take_packed, &u, e);
    if (r == 0)
        r = gunzip_finish(u.gunzip, e);
    gunzip_free(u.gunzip);
    return r;
}

static int read_log(struct logs *l, const struct log_order *o)
{
    if (o->kind == KIND_LOG_IIS)
        return logs_iis(l, o->index);
    return o->kind == KIND_LOG_HTTPERR ? logs_httperr(l, o->index) : logs_freb(l, o->index);
}

static void put_all(struct logs *l)
{
    logs_put_sites(l);
    logs_put_counts(l);
    logs_put_symptoms(l);
    logs_put_samples(l);
    logs_put_pairs(l);
    logs_put_minutes(l);
    logs_put_httperr(l);
    logs_put_traces(l);
}

int extract_logs(struct extract_state *x, struct err *e)
{
    struct log_order *order = arena_array(x->arena, x->view->n_entries + 1, sizeof(*order));
    struct logs *l = arena_alloc(x->arena, sizeof(*l));
    size_t n = order ? logs_in_order(x, order) : 0;

    if (n == 0 && order)
        return sink_check(x->sink, e);
    if (!order || !l || init(l, x) < 0)
        return err_set(e, ERR_NOMEM, "logs: out of memory");
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && order[i - 1].kind == KIND_LOG_FREB && order[i].kind != KIND_LOG_FREB)
            logs_trace_sort(l);
        if (read_log(l, &order[i]) < 0)
            return err_set(e, ERR_NOMEM, "%.*s: out of memory", (int)order[i].entry->name.len,
                           order[i].entry->name.p);
    }
    put_all(l);
    return sink_check(x->sink, e);
}
