/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_wire.h"

#include <jansson.h>

enum { CONNECT_MS = 5000, CONNECTION_MS = 20000, CHUNKS_MAX = 1000, BYTES_MAX = 262144 };

int tls_wire_open(struct tls_wire *w, struct probe_run *run, const struct tls_endpoint *to, struct err *e)
{
    *w = (struct tls_wire){.run = run,
                           .to = to,
                           .started_ms = os_clock_ms(),
                           .bytes = BUF_INIT(BYTES_MAX),
                           .chunks = BUF_INIT(CHUNKS_MAX * 64),
                           .ended_ms = TIME_NONE};
    w->deadline_ms = w->started_ms + CONNECTION_MS;
    return os_net_connect(run->os, to->connect, to->port, CONNECT_MS, &w->net, &w->ends, e);
}

static void note_chunk(struct tls_wire *w, const char *from, const void *data, size_t len)
{
    size_t room = BYTES_MAX - w->bytes.len;

    if (w->cut || len == 0)
        return;
    w->cut = w->n_chunks == CHUNKS_MAX || len > room;
    if (w->n_chunks == CHUNKS_MAX || room == 0)
        return;
    len = len > room ? room : len;
    buf_add(&w->bytes, data, len);
    buf_printf(&w->chunks, "%s{\"at\":%lld,\"from\":\"%s\",\"bytes\":%zu}", w->n_chunks == 0 ? "" : ",",
               (long long)(os_clock_ms() - w->started_ms), from, len);
    w->n_chunks++;
}

static void note_end(struct tls_wire *w, const char *by, const char *how)
{
    if (w->ended_by != NULL)
        return;
    w->ended_by = by;
    w->ended_how = how;
    w->ended_ms = os_clock_ms();
}

static void note_reset(struct tls_wire *w, const struct err *e)
{
    enum { CONNECTION_RESET = 10054, CONNECTION_ABORTED = 10053 };

    if (e->os_code == CONNECTION_RESET || e->os_code == CONNECTION_ABORTED)
        note_end(w, "server", "reset");
}

static int time_left(const struct tls_wire *w)
{
    int64_t left = w->deadline_ms - os_clock_ms();

    return left < 1 ? 1 : left > CONNECTION_MS ? CONNECTION_MS : (int)left;
}

int tls_wire_send(struct tls_wire *w, const void *data, size_t len, struct err *e)
{
    int r = os_net_send(w->net, data, len, time_left(w), e);

    if (r == 0)
        note_chunk(w, "client", data, len);
    else
        note_reset(w, e);
    return r;
}

int64_t tls_wire_recv_within(struct tls_wire *w, void *data, size_t room, int timeout_ms, struct err *e)
{
    int left = time_left(w);
    int64_t n = os_net_recv(w->net, data, room, timeout_ms < left ? timeout_ms : left, e);

    if (n > 0)
        note_chunk(w, "server", data, (size_t)n);
    else if (n == 0)
        note_end(w, "server", "close");
    else
        note_reset(w, e);
    return n;
}

int64_t tls_wire_recv(struct tls_wire *w, void *data, size_t room, struct err *e)
{
    return tls_wire_recv_within(w, data, room, CONNECTION_MS, e);
}

void tls_wire_close(struct tls_wire *w)
{
    if (w->net != NULL)
        note_end(w, "client", "close");
    os_net_close(w->net);
    w->net = NULL;
}

void tls_wire_done(struct tls_wire *w)
{
    os_net_close(w->net);
    buf_done(&w->bytes);
    buf_done(&w->chunks);
}

/* --- JSON --- */

static json_t *text_or_null(const char *c_string)
{
    return c_string == NULL || c_string[0] == 0 ? json_null() : value_text(str_from(c_string));
}

static json_t *str_or_null(struct str s)
{
    return s.len == 0 ? json_null() : value_text(s);
}

static json_t *offered(const char *how, bool tls13)
{
    if (how[0] != 'h')
        return json_null();
    return tls13 ? json_pack("[s,s]", "TLS 1.2", "TLS 1.3") : json_pack("[s]", "TLS 1.2");
}

static json_t *chunks_of(const struct tls_wire *w)
{
    CLEANUP(buf_done) struct buf list = BUF_INIT(w->chunks.len + 16);

    buf_add_char(&list, '[');
    buf_add_str(&list, buf_str(&w->chunks));
    buf_add_char(&list, ']');
    return json_loadb(buf_c(&list), list.len, 0, NULL);
}

static json_t *end_of(const struct tls_wire *w)
{
    if (w->ended_by == NULL)
        return json_null();
    return json_pack("{s:I,s:s,s:s}", "at", (json_int_t)(w->ended_ms - w->started_ms), "by", w->ended_by,
                     "how", w->ended_how);
}

static void add_outcome(json_t *o, const struct err *why, const char *stage)
{
    struct bundle_end end = why->code == 0 ? BUNDLE_OK : take_end(why);

    if (end.outcome != OUTCOME_OK && end.outcome != OUTCOME_TIMEOUT && end.outcome != OUTCOME_DENIED)
        end.outcome = OUTCOME_ERROR;
    (void)json_object_set_new(o, "outcome", json_string(outcome_text(end.outcome)));
    (void)json_object_set_new(o, "stage", why->code == 0 ? json_null() : text_or_null(stage));
    (void)json_object_set_new(o, "osCode", why->os_code == 0 ? json_null() : json_integer(why->os_code));
    (void)json_object_set_new(o, "text", why->code == 0 ? json_null() : text_or_null(why->text));
}

json_t *tls_wire_json(const struct tls_wire *w, const char *how, bool tls13, const struct err *why,
                      const char *stage)
{
    const struct tls_endpoint *to = w->to;
    char started[32];

    time_format(w->started_ms, started);
    json_t *o = json_pack("{s:o,s:o,s:i,s:o,s:o,s:o,s:o,s:s,s:o,s:o,s:s,s:o,s:b,s:o,s:n,s:n}", "host",
                          value_text(to->host), "address", text_or_null(w->ends.address), "port",
                          (int)to->port, "localAddress", text_or_null(w->ends.local_address), "localPort",
                          w->ends.local_port == 0 ? json_null() : json_integer(w->ends.local_port), "site",
                          str_or_null(to->site), "binding", str_or_null(to->binding), "how", how, "sni",
                          str_or_null(to->sni), "offered", offered(how, tls13), "started", started, "chunks",
                          chunks_of(w), "cut", (int)w->cut, "end", end_of(w), "schannel", "http");
    if (o != NULL)
        add_outcome(o, why, stage);
    return o;
}
