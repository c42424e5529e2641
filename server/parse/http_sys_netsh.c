/* SPDX-License-Identifier: Apache-2.0
 *
 * What `netsh http show sslcert` prints, in any language of the console: records apart by blank lines, their
 * lines always in one order. Labels and the words for on and off are translated; the names of protocols are
 * not. */
#include <ctype.h>
#include <string.h>

#include "http_sys.h"
#include "limits.h"

/* The lines that every version prints, in this order. */
enum {
    NETSH_ENDPOINT,
    NETSH_HASH,
    NETSH_APP,
    NETSH_STORE,
    NETSH_REVOCATION,
    NETSH_CACHED,
    NETSH_USAGE,
    NETSH_FRESHNESS,
    NETSH_TIMEOUT,
    NETSH_CTL,
    NETSH_CTL_STORE,
    NETSH_DS,
    NETSH_NEGOTIATE,
    NETSH_LINES, /* here the lines of later versions begin */
    NETSH_MOST_LINES = 32,
};

enum switch_state { SWITCH_OFF, SWITCH_ON, SWITCH_UNKNOWN };

struct netsh_line {
    struct str label, value;
};

struct netsh_record {
    struct netsh_record *next;
    struct netsh_line lines[NETSH_MOST_LINES];
    size_t n;
    int64_t line_number;
};

/* What this console says for enabled and disabled; p NULL: English only. */
struct netsh_words {
    struct str on, off;
};

/* Switches of later versions, by a part of the label. Names of protocols stand in a label of any language;
 * the others are known in English alone, and a record with one of them on is refused elsewhere. Bits:
 * HTTP_SERVICE_CONFIG_SSL_FLAG_… of http.h. */
static const struct {
    const char *in_label;
    int64_t flag;
} later_switches[] = {
    {"Reject Connections", 0x8},
    {"HTTP2", 0x10},
    {"QUIC", 0x20},
    {"TLS1.2", 0x1000},
    {"TLS1.3", 0x40},
    {"OCSP", 0x80},
    {"Token Binding", 0x100},
    {"Log Extended Events", 0x200},
    {"Legacy TLS", 0x400},
    {"Session Ticket", 0x800},
    {"Disable Session ID", 0x4000},
    {"Caching Client Hello", 0x8000},
};

/* "label : value"; a label may hold a colon of its own ("IP:port"), so blanks on both sides count. */
static bool cut_line(struct str line, struct netsh_line *ret)
{
    for (size_t i = 1; i < line.len; i++) {
        if (line.p[i] != ':' || line.p[i - 1] != ' ' || (i + 1 < line.len && line.p[i + 1] != ' '))
            continue;
        ret->label = str_trim((struct str){line.p, i});
        ret->value = str_trim(str_skip(line, i + 1));
        return true;
    }
    return false;
}

static bool has_word(struct str label, struct str word)
{
    for (size_t i = 0; i + word.len <= label.len; i++)
        if (str_ieq((struct str){label.p + i, word.len}, word))
            return true;
    return false;
}

static enum switch_state state_of(struct str value, const struct netsh_words *w)
{
    if (str_ieq(value, STR("Enabled")) || str_ieq(value, STR("Set")) || (w->on.p && str_eq(value, w->on)))
        return SWITCH_ON;
    if (str_ieq(value, STR("Disabled")) || str_ieq(value, STR("Not Set")) ||
        (w->off.p && str_eq(value, w->off)))
        return SWITCH_OFF;
    return SWITCH_UNKNOWN;
}

/* A translated console's words, from the two switches that hardly anybody touches: the usage check is on,
 * the cache alone is not. They count only when every record agrees, and the reject switch, which is off
 * where a server works at all, says so as well. False: they do not agree. */
static bool learn_words(const struct netsh_record *first, struct netsh_words *ret)
{
    struct netsh_words w = {first->lines[NETSH_USAGE].value, first->lines[NETSH_CACHED].value};

    for (const struct netsh_record *r = first; r; r = r->next) {
        if (!str_eq(r->lines[NETSH_USAGE].value, w.on) || !str_eq(r->lines[NETSH_CACHED].value, w.off))
            return false;
        if (r->n > NETSH_LINES && !str_eq(r->lines[NETSH_LINES].value, w.off))
            return false;
    }
    if (w.on.len == 0 || w.off.len == 0 || str_eq(w.on, w.off))
        return false;
    *ret = w;
    return true;
}

static struct str or_null(struct str s)
{
    return s.len == 0 || s.p[0] == '(' ? (struct str){0} : s;
}

static struct str lower_or_null(struct arena *a, struct str s)
{
    char *p = or_null(s).p ? arena_alloc(a, s.len + 1) : NULL;

    if (!p)
        return (struct str){0};
    for (size_t i = 0; i < s.len; i++)
        p[i] = (char)tolower((unsigned char)s.p[i]);
    return (struct str){p, s.len};
}

static int64_t number_or_0(struct str s)
{
    uint64_t v = 0;

    return str_to_u64(s, INT64_MAX, &v) ? (int64_t)v : 0;
}

static bool is_ipv4(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!isdigit((unsigned char)s.p[i]) && s.p[i] != '.')
            return false;
    return s.len > 0;
}

static bool fill_endpoint(struct str endpoint, struct http_sys_binding *b)
{
    b->endpoint = endpoint;
    b->tree = "ip";
    if (!http_sys_endpoint(endpoint, b)) {
        b->tree = "ccs";
        return http_sys_endpoint(endpoint, b);
    }
    if (is_ipv4(b->ip) || b->ip.len == 0 || b->ip.p[0] == '[')
        return true;
    b->tree = "sni";
    b->host = b->ip;
    b->ip = (struct str){0};
    return true;
}

/* The switches from NETSH_LINES on. A translated "not set" is known by standing in every one of them. */
static bool fill_later(const struct netsh_record *r, const struct netsh_words *w, int64_t *flags)
{
    const struct str usual = r->n > NETSH_LINES + 3 ? r->lines[NETSH_LINES + 1].value : (struct str){0};

    for (size_t i = NETSH_LINES; i < r->n; i++) {
        const struct netsh_line *line = &r->lines[i];
        enum switch_state state = state_of(line->value, w);
        size_t k = 0;
        while (k < ARRAY_LEN(later_switches) && !has_word(line->label, str_from(later_switches[k].in_label)))
            k++;
        if (state == SWITCH_UNKNOWN && !(usual.p && str_eq(line->value, usual)))
            return false;
        if (state != SWITCH_ON)
            continue;
        if (k == ARRAY_LEN(later_switches))
            return false;
        *flags |= later_switches[k].flag;
    }
    return true;
}

static bool fill_record(const struct netsh_record *r, const struct netsh_words *w, struct arena *a,
                        struct http_sys_binding *b)
{
    const struct netsh_line *v = r->lines;
    enum switch_state revocation = state_of(v[NETSH_REVOCATION].value, w),
                      cached = state_of(v[NETSH_CACHED].value, w), usage = state_of(v[NETSH_USAGE].value, w),
                      ds = state_of(v[NETSH_DS].value, w), negotiate = state_of(v[NETSH_NEGOTIATE].value, w);

    if (!fill_endpoint(v[NETSH_ENDPOINT].value, b))
        return false;
    if (revocation == SWITCH_UNKNOWN || cached == SWITCH_UNKNOWN || usage == SWITCH_UNKNOWN ||
        ds == SWITCH_UNKNOWN || negotiate == SWITCH_UNKNOWN)
        return false;
    b->check_mode = (revocation == SWITCH_ON ? 0 : 1) | (cached == SWITCH_ON ? 2 : 0) |
                    (usage == SWITCH_ON ? 0 : 0x10000);
    b->flags = (ds == SWITCH_ON ? 1 : 0) | (negotiate == SWITCH_ON ? 2 : 0);
    b->thumbprint = lower_or_null(a, v[NETSH_HASH].value);
    b->app_id = lower_or_null(a, v[NETSH_APP].value);
    b->store = or_null(v[NETSH_STORE].value);
    b->freshness_time = number_or_0(v[NETSH_FRESHNESS].value);
    b->url_retrieval_timeout = number_or_0(v[NETSH_TIMEOUT].value);
    b->ctl_identifier = or_null(v[NETSH_CTL].value);
    b->ctl_store = or_null(v[NETSH_CTL_STORE].value);
    return fill_later(r, w, &b->flags);
}

/* One record from *rest on, which moves behind it. False: the end. Lines from "Extended Properties:" on are
 * of no use here. */
static bool next_record(struct str *rest, int64_t *line_number, struct netsh_record *r)
{
    bool is_over = false;

    *r = (struct netsh_record){0};
    while (rest->p) {
        struct str line = str_trim(str_cut(*rest, '\n', rest));
        (*line_number)++;
        if (line.len == 0 && r->n > 0)
            return true;
        if (line.len == 0 || is_over || r->n == NETSH_MOST_LINES)
            continue;
        if (!cut_line(line, &r->lines[r->n])) {
            is_over = r->n >= NETSH_LINES;
            continue;
        }
        if (r->n++ == 0)
            r->line_number = *line_number;
    }
    return r->n > 0;
}

static int read_records(struct str text, struct arena *a, struct netsh_record **ret_first, struct err *e)
{
    struct netsh_record **last = ret_first, one;
    int64_t line_number = 0;

    *ret_first = NULL;
    while (next_record(&text, &line_number, &one)) {
        if (one.n < NETSH_LINES)
            continue;
        *last = arena_alloc(a, sizeof one);
        if (!*last)
            return err_set(e, ERR_NOMEM, "netsh text: out of memory");
        **last = one;
        last = &(*last)->next;
    }
    return 0;
}

int http_sys_from_netsh(struct str text, struct arena *a, http_sys_take_fn take, void *ctx,
                        bool *ret_is_translated, struct err *e)
{
    struct netsh_words words = {0};
    struct str kept = arena_keep(a, text);
    struct netsh_record *first;
    int bad = 0;

    *ret_is_translated = false;
    if (!kept.p)
        return err_set(e, ERR_NOMEM, "netsh text: out of memory");
    if (read_records(kept, a, &first, e))
        return -e->code;
    if (first && state_of(first->lines[NETSH_USAGE].value, &words) == SWITCH_UNKNOWN)
        *ret_is_translated = learn_words(first, &words);
    for (const struct netsh_record *r = first; r; r = r->next) {
        struct http_sys_binding b = {.modified_ms = TIME_NONE, .line = r->line_number};
        if (fill_record(r, &words, a, &b))
            take(&b, ctx);
        else
            bad++;
    }
    return bad;
}
