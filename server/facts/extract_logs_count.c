/* SPDX-License-Identifier: Apache-2.0
 *
 * Every request is counted by site, configured place, status and hour. This is the path that each line of
 * each log takes. */
#include "extract_logs.h"

#include "limits.h"

enum { STEMS = 65536, HOUR_BITS = 4096, SPOT_BITS = 16 };

/* The last URL whose hash ends so: the rest of the hash, and in the low 16 bits its spot + 1 (0: none). Eight
 * bytes, so that the table stays in the processor's cache: each line of each log asks it. */
struct log_stem {
    uint64_t tag_and_spot;
};
_Static_assert(STEMS == 1 << SPOT_BITS, "tag and place in the table are the whole hash");

int logs_count_init(struct logs *l)
{
    l->stems = arena_array(l->a, STEMS, sizeof(l->stems[0]));
    if (!l->stems || log_map_init(&l->spot_map, l->a, LIMIT_LOG_PLACES) < 0 ||
        log_list_init(&l->spots, l->a, sizeof(struct log_spot), LIMIT_LOG_PLACES) < 0 ||
        log_map_init(&l->count_map, l->a, LIMIT_LOG_COUNTS) < 0 ||
        log_list_init(&l->counts, l->a, sizeof(struct log_count), LIMIT_LOG_COUNTS) < 0)
        return -ERR_NOMEM;
    return 0;
}

static uint32_t find_spot(struct logs *l, uint32_t site, struct str url)
{
    struct str name = l->sites[site].name;
    struct str place = name.p ? extract_place(l->x, name, url) : (struct str){0};
    bool is_new = false;
    uint32_t at = log_map_add(&l->spot_map, log_hash(place, site + 1), &is_new);
    struct log_spot *spot = at == NOT_THERE ? NULL : log_list_at(&l->spots, at);

    if (spot && is_new)
        *spot = (struct log_spot){.site = site, .place = place};
    return spot ? at : NOT_THERE;
}

/* A bit 7 for each byte of eight that is a slash. */
static inline uint64_t slashes_of_8(const char *p)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    uint64_t v = log_eight_bytes(p) ^ 0x2f2f2f2f2f2f2f2fu;

    return ~(((v & low) + low) | v | low);
}

/* As much of a URL as can matter: configured paths of this site have at most `depth` parts. Thousands of URLs
 * become a few, which stay in the processor's cache. */
static struct str part_that_matters(struct str url, uint32_t depth)
{
    size_t at = 0;

    for (; at + 8 <= url.len; at += 8)
        for (uint64_t found = slashes_of_8(url.p + at); found; found &= found - 1)
            if (depth-- == 0)
                return (struct str){url.p, at + (size_t)__builtin_ctzll(found) / 8};
    for (; at < url.len; at++)
        if (url.p[at] == '/' && depth-- == 0)
            break;
    return (struct str){url.p, at};
}

uint32_t logs_spot(struct logs *l, uint32_t site, struct str url)
{
    struct str part = part_that_matters(url, l->sites[site].depth);
    uint64_t hash = log_hash(part, site + 1), low = STEMS - 1;
    struct log_stem *stem = &l->stems[hash & low];

    if ((stem->tag_and_spot & ~low) == (hash & ~low) && (stem->tag_and_spot & low))
        return (uint32_t)(stem->tag_and_spot & low) - 1;
    uint32_t spot = find_spot(l, site, part);
    if (spot < low) /* LIMIT_LOG_PLACES is below it; NOT_THERE is not */
        stem->tag_and_spot = (hash & ~low) | (spot + 1);
    return spot;
}

static void chain_hour(struct logs *l, struct log_count *c, uint32_t at)
{
    struct log_symptom *s = c->symptom == NOT_THERE ? NULL : log_list_at(&l->symptoms, c->symptom);

    if (!s)
        return;
    c->older = s->newest_count;
    s->newest_count = at;
}

static void note_refusal(struct logs *l, const struct log_request *r)
{
    struct log_spot *spot = r->s.status == 403 ? log_list_at(&l->spots, r->spot) : NULL;

    if (spot)
        spot->refuses = true;
}

static struct log_count *find_count(struct logs *l, const struct log_request *r, int64_t hour, uint64_t hash)
{
    bool is_new = false;
    uint32_t at = log_map_add(&l->count_map, hash, &is_new);
    struct log_count *c = at == NOT_THERE ? NULL : log_list_at(&l->counts, at);

    if (c && is_new) {
        *c = (struct log_count){
            .spot = r->spot, .s = r->s, .hour = hour, .first = r->time_ms, .last = r->time_ms};
        c->symptom = logs_is_symptom(&r->s) ? logs_symptom(l, r->spot, &r->s, false) : NOT_THERE;
        c->older = NOT_THERE;
        chain_hour(l, c, at);
        note_refusal(l, r);
    }
    return c;
}

/* The few of the current hour are met again and again, and stand here at hand. */
static struct log_count *count_of(struct logs *l, const struct log_request *r)
{
    int64_t hour = r->time_ms - r->time_ms % HOUR_MS;
    uint64_t hash =
        log_hash_mix(log_hash_mix(0x10c, (uint64_t)hour ^ ((uint64_t)r->spot << 40)),
                     ((uint64_t)r->s.status << 48) ^ ((uint64_t)r->s.substatus << 34) ^ (uint64_t)r->s.win32);
    struct log_recent *recent = &l->recent[hash % LOG_RECENT];

    if (!recent->count || recent->hash != hash)
        *recent = (struct log_recent){.hash = hash, .count = find_count(l, r, hour, hash)};
    return recent->count;
}

/* Only of the requests that matter: most do not. */
static void read_taken(struct log_request *r)
{
    if (!w3c_number(r->line, W3C_TAKEN, &r->taken))
        r->taken = -1;
    r->start_ms = r->taken > 0 && r->taken < r->time_ms ? r->time_ms - r->taken : r->time_ms;
}

static void look_closely(struct logs *l, struct log_request *r, uint32_t symptom)
{
    read_taken(r);
    if (symptom != NOT_THERE)
        logs_symptom_add(l, symptom, r);
    else
        logs_answer(l, r);
}

/* The first success of an hour at a place that refuses others. */
static void sample_first_success(struct logs *l, struct log_request *r)
{
    const struct log_spot *spot = log_list_at(&l->spots, r->spot);

    if (!spot || !spot->refuses)
        return;
    read_taken(r);
    logs_sample_success(l, r);
}

void logs_count(struct logs *l, struct log_request *r)
{
    struct log_count *c = count_of(l, r);

    if (!c)
        return;
    c->count++;
    if (r->time_ms < c->first)
        c->first = r->time_ms;
    if (r->time_ms > c->last)
        c->last = r->time_ms;
    if (r->client.p)
        log_clients_add(&c->clients, l->a, r->client_hash, HOUR_BITS);
    if (c->symptom != NOT_THERE || (r->s.status < 400 && logs_pair_awaits(l, r->client_hash)))
        look_closely(l, r, c->symptom);
    else if (c->count == 1 && r->s.status < 400)
        sample_first_success(l, r);
}

void logs_put_place(struct logs *l, uint32_t spot)
{
    const struct log_spot *s = log_list_at(&l->spots, spot);

    if (!s)
        return;
    sink_text(l->x->sink, "site", l->sites[s->site].name);
    if (l->sites[s->site].id >= 0)
        sink_int(l->x->sink, "site_id", l->sites[s->site].id);
    sink_text(l->x->sink, "place", s->place);
}

void logs_put_status(struct logs *l, const struct log_status *s)
{
    sink_int(l->x->sink, "status", s->status);
    if (s->substatus >= 0)
        sink_int(l->x->sink, "substatus", s->substatus);
    if (s->win32 >= 0)
        sink_int(l->x->sink, "win32", s->win32);
}

static void note_peak(struct logs *l, const struct log_count *c)
{
    struct log_symptom *s = c->symptom == NOT_THERE ? NULL : log_list_at(&l->symptoms, c->symptom);

    if (!s || c->count <= s->peak_count)
        return;
    s->peak_count = c->count;
    s->peak_hour = c->hour;
}

void logs_put_counts(struct logs *l)
{
    for (uint32_t i = 0; i < l->count_map.n; i++) {
        const struct log_count *c = log_list_at(&l->counts, i);
        if (!c || c->count == 0)
            continue;
        note_peak(l, c);
        sink_begin(l->x->sink, "request_count");
        logs_put_place(l, c->spot);
        logs_put_status(l, &c->s);
        sink_int(l->x->sink, "hour", c->hour);
        sink_int(l->x->sink, "count", c->count);
        sink_int(l->x->sink, "clients", log_clients_count(&c->clients));
        sink_time(l->x->sink, "first", c->first);
        sink_time(l->x->sink, "last", c->last);
        sink_end(l->x->sink);
    }
    if (l->spot_map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: %lld requests are not counted, there are more than %lld different places",
                     (long long)l->spot_map.refused, (long long)LIMIT_LOG_PLACES);
    if (l->count_map.refused > 0)
        sink_problem(l->x->sink, (struct str){0}, 0,
                     "logs: %lld requests are not counted, there are more than %lld different places, "
                     "statuses and hours",
                     (long long)l->count_map.refused, (long long)LIMIT_LOG_COUNTS);
}
