/* SPDX-License-Identifier: Apache-2.0
 *
 * The handshake probe: three connections an endpoint, each of its own item: a hello of our own with TLS 1.2
 * alone, one with TLS 1.3 as well, both up to the end of the server's flight; and a whole handshake by the
 * system, with one request when asked for. Nothing is connected to that nobody chose. */
#include <jansson.h>

#include "limits.h"
#include "tls_hello.h"
#include "tls_probe.h"

enum { QUIET_MS = 700, FLIGHT_BYTES = 262144, ANSWER_BYTES = 65536, BLOB_BYTES_MAX = 1 << 20 };

struct probe {
    struct probe_run *run;
    const struct tls_endpoint *to;
    struct tls_wire wire;
    struct err why; /* how the connection failed; code 0: it did not */
    const char *stage;
    struct json_t *issuers, *late_issuers, *peers;
    size_t n_blob_bytes;
};

static void free_probe(struct probe *p)
{
    tls_wire_done(&p->wire);
    json_decref(p->issuers);
    json_decref(p->late_issuers);
    json_decref(p->peers);
}

/* --- a hello of our own --- */

static int failed_flight(const struct tls_flight *flight, bool closed, struct err *why)
{
    if (flight->state == TLS_FLIGHT_ALERT)
        return err_set(why, ERR_IO, "the server answered with alert %u", flight->alert);
    if (flight->state == TLS_FLIGHT_NOT_TLS)
        return err_set(why, ERR_FORMAT, "the server does not answer in TLS");
    return closed ? err_set(why, ERR_IO, "the server closed the connection before its flight ended") : 0;
}

/* In TLS 1.3 nobody can read where the flight ends: the server is quiet then. */
static void drain(struct probe *p)
{
    struct err ignored = {0};
    char piece[16384];

    while (!p->wire.cut && tls_wire_recv_within(&p->wire, piece, sizeof(piece), QUIET_MS, &ignored) > 0)
        ;
}

static int read_flight(struct probe *p)
{
    CLEANUP(buf_done) struct buf server = BUF_INIT(FLIGHT_BYTES);
    struct tls_flight flight = {.state = TLS_FLIGHT_MORE};
    int64_t n = 1;

    while (flight.state == TLS_FLIGHT_MORE && n > 0) {
        char *room = buf_reserve(&server, 16384);
        n = room == NULL
                ? err_set(&p->why, ERR_LIMIT, "more than %d bytes of the server's flight", FLIGHT_BYTES)
                : tls_wire_recv(&p->wire, room, 16384, &p->why);
        if (n < 0)
            return (int)n;
        buf_wrote(&server, (size_t)n);
        if (tls_flight_read((struct bytes){(const uint8_t *)buf_c(&server), server.len}, &flight, &p->why) !=
            0)
            return -p->why.code;
    }
    if (flight.state == TLS_FLIGHT_ENCRYPTED)
        drain(p);
    return failed_flight(&flight, n == 0, &p->why);
}

static void say_hello(struct probe *p, bool with_tls13)
{
    CLEANUP(buf_done) struct buf hello = BUF_INIT(4096);
    uint8_t random[TLS_HELLO_RANDOM];

    p->stage = "handshake";
    if (os_random(random, sizeof(random), &p->why) != 0)
        return;
    tls_hello(&hello, with_tls13, p->to->sni, random);
    if (buf_check(&hello, "ClientHello", &p->why) != 0 ||
        tls_wire_send(&p->wire, hello.p, hello.len, &p->why) != 0)
        return;
    (void)read_flight(p);
}

/* --- the system's handshake --- */

static int send_through(void *ctx, const void *data, size_t len, struct err *e)
{
    struct probe *p = ctx;

    return tls_wire_send(&p->wire, data, len, e);
}

static int64_t receive_through(void *ctx, void *data, size_t room, struct err *e)
{
    struct probe *p = ctx;

    return tls_wire_recv(&p->wire, data, room, e);
}

static void take_blob(void *ctx, enum os_tls_blob what, struct bytes b)
{
    struct probe *p = ctx;
    struct json_t *list = what == OS_TLS_ISSUER ? p->issuers
                          : what == OS_TLS_PEER ? p->peers
                                                : p->late_issuers;

    if (b.len > BLOB_BYTES_MAX - p->n_blob_bytes)
        return;
    p->n_blob_bytes += b.len;
    (void)json_array_append_new(list, value_hex(b));
}

static json_t *asked_json(enum os_tls_asked asked)
{
    return asked == OS_TLS_ASKED_UNKNOWN ? json_null() : json_boolean(asked == OS_TLS_ASKED);
}

static json_t *list_json(bool known, struct json_t *list)
{
    return known ? json_incref(list) : json_null();
}

static json_t *schannel_json(const struct probe *p, const struct os_tls_report *r)
{
    if (!r->begun)
        return json_null();
    return json_pack("{s:I,s:o,s:o,s:o,s:o,s:o}", "status", (json_int_t)r->status, "protocol",
                     r->protocol[0] == 0 ? json_null() : json_string(r->protocol), "cipher",
                     r->cipher[0] == 0 ? json_null() : value_text(str_from(r->cipher)), "asked",
                     asked_json(r->asked), "issuers", list_json(r->has_issuers, p->issuers), "peerChain",
                     list_json(r->has_peers, p->peers));
}

static json_t *number_json(int v)
{
    return v < 0 ? json_null() : json_integer(v);
}

static json_t *http_json(const struct probe *p, const struct tls_http *h, const struct os_tls_report *r)
{
    char date[32];

    time_format(h->date_ms, date);
    return json_pack("{s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "method", "GET", "path", value_text(h->path),
                     "status", number_json(h->status), "substatus", number_json(h->substatus), "asked",
                     asked_json(r->asked_late), "issuers", list_json(r->has_late_issuers, p->late_issuers),
                     "osCode", p->why.os_code == 0 ? json_null() : json_integer(p->why.os_code), "date",
                     date[0] == 0 ? json_null() : json_string(date));
}

static json_t *ask(struct probe *p, struct os_tls *tls, struct os_tls_report *report)
{
    CLEANUP(buf_done) struct buf request = BUF_INIT(8192);
    CLEANUP(buf_done) struct buf answer = BUF_INIT(2 * ANSWER_BYTES);
    struct tls_http h = {.path = tls_http_path(p->run, p->to)};

    p->stage = "request";
    tls_http_request(&request, p->to, h.path);
    if (buf_check(&request, "request", &p->why) == 0)
        (void)os_tls_request(tls, buf_str(&request), ANSWER_BYTES, &answer, report, &p->why);
    tls_http_read(buf_str(&answer), &h);
    if (h.status >= 0)
        p->why = (struct err){0}; /* how the connection ended behind an answer does not matter */
    if (h.status >= 0 && report->asked_late == OS_TLS_ASKED_UNKNOWN)
        report->asked_late = OS_TLS_NOT_ASKED;
    return http_json(p, &h, report);
}

static void shake_hands(struct probe *p, json_t **ret_schannel, json_t **ret_http)
{
    const struct os_tls_io io = {.ctx = p, .send = send_through, .recv = receive_through, .blob = take_blob};
    struct str name = p->to->sni.len > 0 ? p->to->sni : p->to->host;
    struct os_tls_report report;
    struct os_tls *tls = NULL;

    p->stage = "handshake";
    if (os_tls_open(p->run->os, name, &io, &tls, &report, &p->why) == 0 && p->run->probe_http)
        *ret_http = ask(p, tls, &report);
    *ret_schannel = schannel_json(p, &report);
    os_tls_close(tls);
}

/* --- one connection --- */

static struct manifest_item item_of(struct probe_run *run, const struct tls_endpoint *to)
{
    return (struct manifest_item){.kind = KIND_TLS_PROBE,
                                  .source =
                                      take_join(run, "%.*s:%u", (int)to->host.len, to->host.p, to->port),
                                  .site = to->site,
                                  .original = -1,
                                  .modified_ms = TIME_NONE};
}

static int write_connection(struct probe *p, json_t *o, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(8 << 20);
    unsigned n = ++p->run->n_connections;
    struct manifest_item head = item_of(p->run, p->to);
    struct str bin = take_join(p->run, "tls/%u.bin", n);

    head.entry = take_join(p->run, "tls/%u.json", n);
    value_take(&json, o);
    buf_add_char(&json, '\n');
    if (buf_check(&json, "handshake probe", e) != 0 || buf_check(&p->wire.bytes, "handshake probe", e) != 0)
        return -e->code;
    if (p->wire.bytes.len > 0 &&
        bundle_entry(p->run->bundle, bin, p->wire.bytes.p, p->wire.bytes.len, NULL, e) != 0)
        return -e->code;
    return take_text(p->run, &head, buf_str(&json), &BUNDLE_OK, e);
}

enum how { HOW_TLS12, HOW_TLS13, HOW_SCHANNEL };

static int connect_once(struct probe_run *run, const struct tls_endpoint *to, enum how how, struct err *e)
{
    CLEANUP(free_probe)
    struct probe p = {
        .run = run, .to = to, .issuers = json_array(), .late_issuers = json_array(), .peers = json_array()};
    json_t *schannel = NULL, *http = NULL, *o;

    if (tls_wire_open(&p.wire, run, to, &p.why) != 0)
        p.stage = p.wire.ends.stage;
    else if (how == HOW_SCHANNEL)
        shake_hands(&p, &schannel, &http);
    else
        say_hello(&p, how == HOW_TLS13);
    tls_wire_close(&p.wire);
    o = tls_wire_json(&p.wire, how == HOW_SCHANNEL ? "schannel" : "hello", how == HOW_TLS13, &p.why, p.stage);
    if (schannel != NULL)
        (void)json_object_set_new(o, "schannel", schannel);
    if (http != NULL)
        (void)json_object_set_new(o, "http", http);
    return write_connection(&p, o, e);
}

/* One that is left out is told once, one that is only told as often as it would be connected to. */
static int probe_endpoint(struct probe_run *run, const struct tls_endpoint *to, const char *why_not,
                          struct err *e)
{
    struct bundle_end left = {OUTCOME_EXCLUDED, why_not, 0, NULL};
    struct manifest_item head = item_of(run, to);
    int r = 0;

    if (why_not != NULL)
        return bundle_item_note(run->bundle, &head, &left, e);
    if (take_excluded(run, &head, &r, e))
        return r;
    for (int how = HOW_TLS12; r == 0 && how <= HOW_SCHANNEL; how++)
        r = run->preview ? bundle_item_note(run->bundle, &head, &BUNDLE_OK, e)
                         : connect_once(run, to, (enum how)how, e);
    return r;
}

int probe_tls(struct probe_run *run, struct err *e)
{
    bool is_image = str_eq(str_from(os_backend(run->os)), STR("image"));
    const char *why_not = is_image       ? "an image has no network"
                          : run->offline ? "nothing is sent: --offline"
                                         : NULL;
    struct tls_endpoint *list = NULL;
    size_t n = 0;

    if (tls_endpoints(run, &list, e) != 0)
        return -e->code;
    for (const struct tls_endpoint *to = list; to != NULL; to = to->next) {
        if (why_not == NULL && ++n > (size_t)LIMIT_COLLECT_ENDPOINTS)
            why_not = "more endpoints than are connected to";
        if (probe_endpoint(run, to, why_not, e) != 0)
            return -e->code;
    }
    return 0;
}
