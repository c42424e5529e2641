/* SPDX-License-Identifier: Apache-2.0
 *
 * What a symptom looks like: its URLs, and how it went hour by hour. Both become one JSON text. */
#include "extract_logs.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"

void logs_urls_add(struct logs *l, struct log_urls *u, struct str url)
{
    uint64_t hash = log_hash(url, 0x751);
    uint32_t at = 0, least = 0;

    log_clients_add(&u->all, l->a, hash, URL_BITS);
    for (at = 0; at < u->n && u->slots[at].hash != hash; at++)
        if (u->slots[at].count < u->slots[least].count)
            least = at;
    if (at == u->n) {
        at = u->n < URL_SLOTS ? u->n++ : least;
        u->slots[at].hash = hash;
        u->slots[at].len = (uint8_t)log_copy(u->slots[at].text, URL_EXAMPLE_BYTES, url);
    }
    u->slots[at].count++;
}

static void add_json_text(struct buf *json, struct str s)
{
    buf_add_char(json, '"');
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < 0x20 || c == 0x7f)
            buf_printf(json, "\\u%04x", c);
        else if (c == '"' || c == '\\')
            buf_printf(json, "\\%c", c);
        else
            buf_add_char(json, (char)c);
    }
    buf_add_char(json, '"');
}

/* The slots in the order of their counts; of equals the one that came first. */
static uint32_t in_order(const struct log_urls *u, uint32_t ret[URL_SLOTS])
{
    for (uint32_t i = 0; i < u->n; i++) {
        uint32_t at = i;
        for (; at > 0 && u->slots[ret[at - 1]].count < u->slots[i].count; at--)
            ret[at] = ret[at - 1];
        ret[at] = i;
    }
    return u->n < URL_EXAMPLES ? u->n : URL_EXAMPLES;
}

void logs_put_urls(struct logs *l, const struct log_urls *u)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_TEXT_BYTES), url = BUF_INIT(URL_EXAMPLE_BYTES * 4);
    uint32_t order[URL_SLOTS] = {0}, n = in_order(u, order);

    buf_add_char(&json, '[');
    for (uint32_t i = 0; i < n; i++) {
        struct str text = {u->slots[order[i]].text, u->slots[order[i]].len};
        buf_clear(&url);
        text_add_utf8_lossy(&url, text);
        buf_add_c(&json, i ? "," : "");
        add_json_text(&json, buf_str(&url));
    }
    buf_add_char(&json, ']');
    sink_text(l->x->sink, "urls", buf_str(&json));
    sink_int(l->x->sink, "url_count", log_clients_count(&u->all));
}

static int compare_hours(const void *a, const void *b)
{
    const struct log_count *x = *(struct log_count *const *)a, *y = *(struct log_count *const *)b;
    return x->hour < y->hour ? -1 : x->hour > y->hour;
}

/* The last week of hours in which it was seen. */
void logs_put_trend(struct logs *l, uint32_t newest_count)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(LIMIT_TEXT_BYTES);
    struct log_count *hours[TREND_ROOM];
    size_t n = 0, from = 0;

    for (uint32_t at = newest_count; at != NOT_THERE && n < TREND_ROOM;) {
        hours[n] = log_list_at(&l->counts, at);
        if (!hours[n])
            break;
        at = hours[n++]->older;
    }
    qsort(hours, n, sizeof(hours[0]), compare_hours);
    from = n > TREND_HOURS ? n - TREND_HOURS : 0;
    buf_add_char(&json, '[');
    for (size_t i = from; i < n; i++)
        buf_printf(&json, "%s[%lld,%lld]", i > from ? "," : "", (long long)hours[i]->hour,
                   (long long)hours[i]->count);
    buf_add_char(&json, ']');
    sink_text(l->x->sink, "trend", buf_str(&json));
}
