/* SPDX-License-Identifier: Apache-2.0
 *
 * extract_logs: what the files extract_logs*.c share; of its tools extract_events*.c uses some. Memory is
 * constant in the length of the logs: every table has its row in limits.def, and a table that is full is told
 * as a problem of the bundle.
 */
#ifndef CERTTRIAGE_EXTRACT_LOGS_H
#define CERTTRIAGE_EXTRACT_LOGS_H

#include <string.h>

#include "extract.h"
#include "w3c.h"

#define NOT_THERE UINT32_MAX
enum { HOUR_MS = 3600000, WINDOW_MS = 60000 };

/* ---- tools (extract_logs_map.c) ---- */

/* Inline, since each line of each log is hashed several times. */
static inline uint64_t log_hash_mix(uint64_t hash, uint64_t value)
{
    hash ^= value;
    hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u; /* the high bytes reach the low bits, too */
    return hash ^ hash >> 32;
}

static inline uint64_t log_eight_bytes(const char *p)
{
    uint64_t v = 0;

    memcpy(&v, p, 8);
    return v;
}

/* Up to seven bytes, without a loop. */
static inline uint64_t log_few_bytes(const char *p, size_t len)
{
    uint32_t low = 0, high = 0;

    if (len < 4)
        return len == 0 ? 0
                        : (uint64_t)(uint8_t)p[0] | (uint64_t)(uint8_t)p[len / 2] << 8 |
                              (uint64_t)(uint8_t)p[len - 1] << 16;
    memcpy(&low, p, 4);
    memcpy(&high, p + len - 4, 4);
    return low | (uint64_t)high << 32;
}

static inline uint64_t log_hash(struct str s, uint64_t seed)
{
    uint64_t h = log_hash_mix(seed, s.len);

    if (s.len < 8)
        return log_hash_mix(h, log_few_bytes(s.p, s.len));
    for (size_t i = 0; i + 8 < s.len; i += 8)
        h = log_hash_mix(h, log_eight_bytes(s.p + i));
    return log_hash_mix(h, log_eight_bytes(s.p + s.len - 8)); /* the last eight, some of them again */
}

/* From a 64-bit hash to 0, 1, 2, … in the order of arrival. */
struct log_map {
    struct log_map_slot *slots;
    uint32_t mask, n, cap;
    int64_t refused; /* look-ups of new hashes when it was full */
};
int log_map_init(struct log_map *m, struct arena *a, int64_t cap);
uint32_t log_map_find(const struct log_map *m, uint64_t hash);            /* NOT_THERE */
uint32_t log_map_add(struct log_map *m, uint64_t hash, bool *ret_is_new); /* NOT_THERE: full */

/* An array that grows by chunks and never moves. */
struct log_list {
    struct arena *arena;
    void **chunks;
    size_t size;
    uint32_t cap;
};
int log_list_init(struct log_list *l, struct arena *a, size_t size, int64_t cap);
void *log_list_at(struct log_list *l, uint32_t i); /* NULL: no memory */

/* How many different clients: exact up to 16, then by a bitmap. */
enum { CLIENTS_EXACT = 16 };
struct log_clients {
    uint32_t n, n_bits; /* n: exact ones */
    uint32_t exact[CLIENTS_EXACT];
    uint8_t *bits;
};
void log_clients_add_new(struct log_clients *c, struct arena *a, uint32_t client, uint32_t n_bits);
static inline void log_clients_add(struct log_clients *c, struct arena *a, uint64_t client, uint32_t n_bits)
{
    uint32_t at = (uint32_t)(client >> 32); /* n_bits is a power of two */

    if (c->bits)
        c->bits[at % n_bits / 8] |= (uint8_t)(1u << (at % 8));
    else
        log_clients_add_new(c, a, at, n_bits);
}
int64_t log_clients_count(const struct log_clients *c);

/* ---- what is counted ---- */

struct log_site {
    int64_t id;      /* -1 not known */
    struct str name; /* p NULL not known */
    uint32_t depth;  /* parts of its longest configured path, below the site */
};
struct log_spot { /* a configured path of a site */
    uint32_t site;
    struct str place; /* p NULL not known */
    bool refuses;     /* a 403 was seen there */
};
struct log_status { /* -1: the column is absent */
    int64_t status, substatus, win32;
};

/* One line, read. */
struct log_request {
    const struct w3c_line *line;
    uint32_t entry; /* index in the view */
    uint32_t site, spot;
    struct log_status s;
    int64_t time_ms, start_ms, taken; /* taken -1 not known */
    struct str client, url;
    uint64_t client_hash; /* of client and site */
};

struct log_count {
    uint32_t spot, symptom; /* NOT_THERE: not a symptom */
    uint32_t older;         /* hour of the same symptom; NOT_THERE */
    struct log_status s;
    int64_t hour, count, first, last;
    struct log_clients clients;
};

enum { LOG_RECENT = 256, LOG_STATUSES = 64 };
struct log_status_text { /* "200 0 64" */
    uint64_t text;
    uint32_t len; /* 0: none */
    struct log_status s;
};
struct log_recent {
    uint64_t hash;
    struct log_count *count; /* NULL: none */
};

enum { SAMPLE_FIRST = 100, SAMPLE_LAST = 80, SAMPLE_PEAK = 40 };
struct log_sample { /* of one symptom: slots of the pool of rows */
    uint16_t first[SAMPLE_FIRST], last[SAMPLE_LAST], peak[SAMPLE_PEAK], hour[SAMPLE_PEAK];
    uint16_t n_first, n_last, n_peak, n_hour, last_at, n_watched;
    int64_t peak_count, hour_count, hour_at;
};

/* The URLs that a symptom was seen at most: a few slots, whose least one makes room for a new URL (space
 * saving). Counts are only for the order. */
enum { TREND_HOURS = 168, TREND_ROOM = 2000 };
enum { URL_SLOTS = 8, URL_EXAMPLES = 5, URL_EXAMPLE_BYTES = 200, URL_BITS = 4096 };
struct log_urls {
    struct {
        uint64_t hash;
        int64_t count;
        uint8_t len;
        char text[URL_EXAMPLE_BYTES];
    } slots[URL_SLOTS];
    uint32_t n;
    struct log_clients all; /* how many different ones */
};

struct log_symptom {
    uint32_t spot;
    struct log_status s;
    bool is_answer; /* a success behind a failure: sampled, not a symptom */
    bool clients_full;
    int64_t count, answered, preflights, peak_hour, peak_count, first, last;
    uint32_t n_clients;
    struct log_clients clients;
    struct log_urls urls;
    uint32_t newest_count; /* of its hours, then log_count.older; NOT_THERE */
    struct log_sample sample;
};

enum { CLIENT_BYTES = 56, AGENT_BYTES = 320 };
struct log_client { /* of one symptom */
    uint32_t symptom;
    uint64_t client_hash, agent_hash;
    uint8_t client_len;
    uint16_t agent_len;
    bool one_agent;
    char client[CLIENT_BYTES], agent[AGENT_BYTES];
    int64_t count, answered, preflights, first, last;
    double gaps, gaps_squared; /* ms */
    /* the gap that most have (majority vote), and how many were near it */
    int64_t usual_gap, usual_votes, n_usual;
};

struct log_trace { /* a failed-request trace that waits for its log line */
    uint32_t entry;
    int64_t site_id, status, substatus; /* -1 not known */
    int64_t end_ms;
    uint64_t url_hash;
    char client[CLIENT_BYTES];
    size_t client_len;
    /* the line that fits best so far */
    bool is_found;
    uint32_t log_entry, spot;
    int64_t line, time_ms, taken, distance;
    struct log_status s;
};

struct log_traces {
    struct log_trace *list; /* by their end, once sorted */
    uint32_t n;
    int64_t refused, first_ms, last_ms;
    uint64_t statuses[1024 / 64]; /* bits */
};

struct log_pairs;
struct log_pool;
struct log_httperr;
struct log_minutes;

struct logs {
    struct extract_state *x;
    struct arena *a;
    struct log_site *sites;
    uint32_t n_sites, sites_room;
    struct log_map site_names; /* of lines, and whose site each is */
    struct log_list sites_named;
    int64_t sites_refused; /* requests whose site has no place among them */
    struct log_map spot_map;
    struct log_list spots;
    struct log_stem *stems; /* cache of URL stem to spot */
    struct log_map count_map;
    struct log_list counts;
    struct log_recent recent[LOG_RECENT];
    struct log_status_text statuses[LOG_STATUSES];
    struct log_map symptom_map;
    struct log_list symptoms;
    struct log_map client_map;
    struct log_list clients;
    struct log_traces traces;
    struct log_pool *pool;
    struct log_pairs *pairs;
    struct log_httperr *httperr;
    struct log_minutes *minutes; /* NULL: no events */
    int64_t first_ms, last_ms;   /* of all IIS logs */
    bool no_memory;
    /* the current file */
    uint32_t entry, site;
    int64_t bad_lines;
    struct str fields; /* of the file before, of the same site */
};

/* extract_logs_iis.c */
int logs_sites_init(struct logs *l);
int logs_iis(struct logs *l, uint32_t entry);
/* Index in l->sites; by id, or by a name where there is no id. NOT_THERE: no memory. */
uint32_t logs_site(struct logs *l, int64_t id, struct str name);
void logs_put_sites(struct logs *l);
/* is_broken: what was read is not the whole file. */
void logs_put_file(struct logs *l, uint32_t entry, const struct w3c *w, const char *kind, struct str site,
                   bool is_broken);
void logs_say_skipped(struct logs *l, struct str name, const struct w3c *w);
/* extract_logs_count.c */
int logs_count_init(struct logs *l);
void logs_count(struct logs *l, struct log_request *r); /* fills in start_ms and taken where they matter */
uint32_t logs_spot(struct logs *l, uint32_t site, struct str url);
void logs_put_counts(struct logs *l);
void logs_put_place(struct logs *l, uint32_t spot); /* columns site, site_id, place */
void logs_put_status(struct logs *l, const struct log_status *s);
/* extract_logs_symptom.c */
bool logs_is_symptom(const struct log_status *s);
uint32_t logs_symptom(struct logs *l, uint32_t spot, const struct log_status *s, bool is_answer);
void logs_symptom_add(struct logs *l, uint32_t symptom, const struct log_request *r);
void logs_put_symptoms(struct logs *l);
/* extract_logs_minute.c: requests in minutes of which events tell */
int logs_minute_init(struct logs *l);
void logs_minute(struct logs *l, uint32_t symptom, const struct log_request *r);
void logs_put_minutes(struct logs *l);
/* extract_logs_urls.c */
void logs_urls_add(struct logs *l, struct log_urls *u, struct str url);
void logs_put_urls(struct logs *l, const struct log_urls *u);
void logs_put_trend(struct logs *l, uint32_t newest_count);
/* extract_logs_sample.c */
int logs_sample_init(struct logs *l);
void logs_sample(struct logs *l, struct log_symptom *s, const struct log_request *r);
void logs_put_samples(struct logs *l);
/* extract_logs_pair.c */
int logs_pair_init(struct logs *l);
bool logs_is_failure(const struct log_status *s); /* that a 403.7 may hide */
void logs_pair(struct logs *l, const struct log_request *r, uint32_t symptom, uint32_t client);
bool logs_pair_awaits(const struct logs *l, uint64_t client_hash);
/* A success that shows that certificates work: behind a refusal, or where others are refused. */
void logs_sample_success(struct logs *l, const struct log_request *r);
void logs_answer(struct logs *l, const struct log_request *r);
void logs_put_pairs(struct logs *l);
/* extract_logs_httperr.c, extract_logs_freb.c */
int logs_httperr_init(struct logs *l);
int logs_httperr(struct logs *l, uint32_t entry);
void logs_put_httperr(struct logs *l);
int logs_freb(struct logs *l, uint32_t entry);
/* extract_logs_trace.c: traces are noted, then sorted, then each line is shown to them */
int logs_trace_init(struct logs *l);
void logs_trace_note(struct logs *l, const struct log_trace *trace, struct str url, struct str client);
void logs_trace_sort(struct logs *l);
void logs_trace_match(struct logs *l, const struct log_request *r);
void logs_put_traces(struct logs *l);
enum { TRACE_SLACK_MS = 2000 };
static inline bool logs_trace_wants(const struct logs *l, const struct log_request *r)
{
    const struct log_traces *t = &l->traces;
    return t->n && r->time_ms >= t->first_ms && r->time_ms <= t->last_ms &&
           (t->statuses[(uint64_t)r->s.status % 1024 / 64] >> (r->s.status % 64) & 1);
}

/* Streams an entry, unpacked where it is gzip'd. As bundle_view.stream. */
int logs_stream(struct logs *l, uint32_t entry, int (*take)(void *ctx, struct bytes piece), void *ctx,
                struct err *e);

/* Copies what fits; returns the length. */
size_t log_copy(char *to, size_t room, struct str s);

#endif
