/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection as rows: what both sides said, and what follows from it about the client's certificate. */
#include <stdio.h>
#include <string.h>

#include "extract_wire.h"
#include "limits.h"
#include "x509.h"

enum { WORDS_BYTES = 4096, NAMES_MEMORY_BYTES = 4194304, ALERT_FATAL = 2 };

struct conclusion {
    const char *asked, *why, *client_certificate; /* client_certificate NULL: not asked */
};

static bool is_tls13(const struct wire_row *r)
{
    return r->flow->seen.server.version == TLS_1_3;
}

static int client_of(const struct wire_row *r)
{
    return r->flow->client < 0 ? 0 : r->flow->client;
}

static const char *side_name(const struct wire_row *r, int direction)
{
    if (direction < 0)
        return NULL;
    return direction == client_of(r) ? "client" : "server";
}

/* A ServerHello, then at once ChangeCipherSpec (RFC 5246 §7.3); in TLS 1.3 the pre-shared key was taken. */
static bool is_resumed(const struct wire_row *r)
{
    const struct tls_flow *f = r->flow;
    const struct tls_side *server = &f->sides[1 - client_of(r)];

    if (is_tls13(r))
        return f->seen.server.is_psk;
    return f->seen.server.is_seen && !f->seen.chains[1 - client_of(r)].is_seen && !f->seen.hello_done &&
           server->is_encrypted && !server->has_gap_in_clear;
}

static struct conclusion unknown(const char *why)
{
    return (struct conclusion){"unknown", why, "unknown"};
}

static const char *certificate_word(const struct wire_row *r)
{
    const struct tls_flow *f = r->flow;
    const struct tls_side *client = &f->sides[client_of(r)];
    const struct tls_chain *chain = &f->seen.chains[client_of(r)];

    if (chain->is_seen)
        return chain->n > 0 ? "sent" : "empty";
    if (f->no_cert.direction == client_of(r))
        return "empty"; /* SSL 3.0 says it by an alert */
    if (client->has_gap_in_clear || client->is_broken || f->is_starved || f->seen.key_exchange ||
        client->is_encrypted)
        return "unknown";
    return "unanswered";
}

/* What Schannel says of a whole handshake holds for TLS 1.3, too. */
static struct conclusion conclude_probe(const struct wire_row *r, struct conclusion otherwise)
{
    const struct tls_probe *p = r->probe;

    if (!p || !p->has_schannel || p->asked == PROBE_NOT_KNOWN)
        return otherwise;
    if (p->asked == PROBE_YES)
        return (struct conclusion){"yes", "Schannel", "empty"};
    return (struct conclusion){"no", "Schannel", NULL};
}

static struct conclusion conclude_wire(const struct wire_row *r)
{
    const struct tls_flow *f = r->flow;
    const struct tls_side *server = &f->sides[1 - client_of(r)];

    if (f->seen.request.is_seen)
        return (struct conclusion){"yes", "CertificateRequest", certificate_word(r)};
    if (is_tls13(r))
        return unknown("TLS 1.3");
    if (!f->seen.server.is_seen)
        return unknown(server->has_gap_in_clear ? "bytes missing"
                       : r->is_midway           ? "not recorded"
                                                : "no ServerHello");
    if (is_resumed(r))
        return unknown("resumed");
    if (server->has_gap_in_clear || server->is_broken || f->is_starved)
        return unknown("bytes missing");
    if (!f->seen.hello_done)
        return unknown("cut off");
    if (f->renegotiation_ms != TIME_NONE)
        return unknown("renegotiated");
    return (struct conclusion){"no", "ServerHelloDone without it", NULL};
}

static struct conclusion conclude(const struct wire_row *r)
{
    struct conclusion c = conclude_wire(r);

    if (strcmp(c.asked, "yes") == 0)
        return c;
    if (r->probe && r->probe->n_bytes == 0)
        c = unknown("not recorded");
    return conclude_probe(r, c);
}

/* --- columns --- */

static void put_versions(struct sink *s, const char *column, unsigned versions)
{
    char text[96];
    size_t n = 0;

    for (unsigned bit = TLS_SSL2; bit <= TLS_1_3; bit *= 2) {
        const char *name = versions & bit ? tls_version_name(bit) : NULL;
        if (!name)
            continue;
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", n > 0 ? ", " : "", name);
    }
    if (n > 0)
        sink_text(s, column, (struct str){text, n});
}

static void put_signatures(struct sink *s, const char *column, const uint16_t *list, size_t n)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(WORDS_BYTES);
    char room[8];

    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%s%s", i > 0 ? " " : "", tls_signature_name(list[i], room));
    if (n > 0)
        sink_text(s, column, buf_str(&text));
}

static void put_line(struct sink *s, const char *column, const char *text)
{
    if (*text)
        sink_c(s, column, text);
}

static void put_client_hello(struct sink *s, const struct wire_row *r)
{
    const struct tls_client_hello *h = &r->flow->seen.client;
    const struct tls_probe *p = r->probe;

    sink_int(s, "client_hello", h->is_seen);
    put_versions(s, "offered", h->is_seen ? h->versions : p ? p->offered : 0);
    if (h->is_seen)
        put_line(s, "sni", h->sni);
    else if (p)
        sink_text(s, "sni", p->sni);
    if (!h->is_seen)
        return;
    put_line(s, "alpn_offered", h->alpn);
    put_signatures(s, "signatures_offered", h->signatures, h->n_signatures);
    sink_int(s, "post_handshake_auth", h->post_handshake_auth);
    sink_int(s, "client_secure_renegotiation", h->secure_renegotiation);
}

static void put_server_hello(struct sink *s, const struct wire_row *r)
{
    const struct tls_server_hello *h = &r->flow->seen.server;
    const struct tls_probe *p = r->probe;
    char number[8];

    sink_int(s, "server_hello", h->is_seen);
    if (!h->is_seen && p && p->has_schannel) {
        sink_c(s, "version", tls_version_name(p->protocol));
        sink_text(s, "cipher", p->cipher);
    }
    if (!h->is_seen)
        return;
    sink_c(s, "version", tls_version_name(h->version));
    if (!h->is_waiting_for_retry || h->cipher != 0) {
        (void)snprintf(number, sizeof number, "0x%04x", (unsigned)h->cipher);
        sink_c(s, "cipher", tls_cipher_name(h->cipher) ? tls_cipher_name(h->cipher) : number);
    }
    put_line(s, "alpn", h->alpn);
    sink_int(s, "server_secure_renegotiation", h->secure_renegotiation);
    sink_int(s, "retry", h->is_retry_seen);
    sink_int(s, "resumed", is_resumed(r));
}

static void put_request(struct sink *s, const struct tls_request *q)
{
    char text[TLS_TYPES_MAX * 20] = "", room[8];
    size_t n = 0;

    if (!q->is_seen)
        return;
    for (size_t i = 0; i < q->n_types; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%s", i > 0 ? " " : "",
                              tls_certificate_type_name(q->types[i], room));
    put_line(s, "certificate_types", text);
    put_signatures(s, "signature_algorithms", q->signatures, q->n_signatures);
}

static const char *who_hid(const struct wire_row *r)
{
    const int64_t *n = r->flow->n_encrypted_alerts;

    if (is_tls13(r) || (n[0] == 0 && n[1] == 0))
        return NULL;
    return n[0] > 0 && n[1] > 0 ? "both" : side_name(r, n[0] > 0 ? 0 : 1);
}

static bool is_complete(const struct wire_row *r)
{
    const struct tls_side *s = r->flow->sides;

    if (r->probe && r->probe->has_schannel && r->probe->asked != PROBE_NOT_KNOWN && r->probe->status == 0)
        return true;
    if (is_tls13(r))
        return s[0].n_application > 0 && s[1].n_application > 0;
    return s[0].n_encrypted_handshakes > 0 && s[1].n_encrypted_handshakes > 0;
}

static void put_course(struct sink *s, const struct wire_row *r)
{
    const struct tls_flow *f = r->flow;

    sink_int(s, "completed", is_complete(r));
    if (f->alert.direction >= 0) {
        sink_c(s, "alert_by", side_name(r, f->alert.direction));
        sink_int(s, "alert", f->alert.description);
        sink_int(s, "alert_fatal", f->alert.level == ALERT_FATAL);
    }
    sink_c(s, "alert_hidden", who_hid(r));
    if (f->seen.server.is_seen && !is_tls13(r)) {
        sink_int(s, "renegotiated", f->renegotiation_ms != TIME_NONE);
        if (f->renegotiation_ms != TIME_NONE) {
            sink_c(s, "renegotiated_by", side_name(r, f->renegotiation_by));
            sink_int(s, "renegotiated_after_data", f->renegotiation_after_data);
            sink_time(s, "renegotiated_at", f->renegotiation_ms);
        }
    }
    sink_c(s, "end_by", side_name(r, r->end_by));
    sink_c(s, "end_how", r->end_how);
    if (r->end_how)
        sink_time(s, "end_at", r->end_ms);
    sink_c(s, "unanswered_by", side_name(r, r->unanswered_by));
    sink_int(s, "lost", r->lost);
    sink_int(s, "midway", r->is_midway);
}

/* Of a side that never came to TLS all are others'. */
static int64_t bytes_before(const struct tls_flow *f)
{
    int64_t n = 0;

    for (size_t i = 0; i < 2; i++)
        n += f->sides[i].n_records > 0 ? f->sides[i].n_sought : 0;
    return n;
}

static void put_place(struct sink *s, const struct wire_row *r)
{
    int client = client_of(r);

    sink_text(s, "entry", r->entry);
    sink_int(s, "connection", r->connection);
    sink_c(s, "source", r->probe ? "probe" : "capture");
    sink_time(s, "time", r->time_ms);
    sink_text(s, "client_address", r->addresses[client]);
    sink_text(s, "server_address", r->addresses[1 - client]);
    if (r->ports[client] > 0)
        sink_int(s, "client_port", r->ports[client]);
    if (r->ports[1 - client] > 0)
        sink_int(s, "server_port", r->ports[1 - client]);
    if (r->local >= 0)
        sink_int(s, "local", r->local);
    if (!r->probe)
        sink_int(s, "bytes_before", bytes_before(r->flow));
}

static void put_probe(struct sink *s, const struct tls_probe *p)
{
    if (!p)
        return;
    sink_text(s, "how", p->how);
    sink_text(s, "host", p->host);
    sink_text(s, "site", p->site);
    sink_text(s, "binding", p->binding);
    sink_text(s, "outcome", p->outcome);
    sink_text(s, "stage", p->stage);
    sink_text(s, "text", p->text);
    if (p->os_code >= 0)
        sink_int(s, "os_code", p->os_code);
    if (p->http_status >= 0)
        sink_int(s, "status", p->http_status);
    if (p->http_substatus >= 0)
        sink_int(s, "substatus", p->http_substatus);
    if (p->has_http && p->http_asked != PROBE_NOT_KNOWN)
        sink_int(s, "asked_late", p->http_asked);
}

/* --- names of issuers --- */

/* Schannel's list as it would stand on the wire, so that the same list is one list. */
static bool encode_names(const struct probe_list *l, struct buf *out)
{
    for (size_t i = 0; i < l->n; i++) {
        buf_add_char(out, (char)(l->p[i].len >> 8 & 0xff));
        buf_add_char(out, (char)(l->p[i].len & 0xff));
        buf_add(out, l->p[i].p, l->p[i].len);
    }
    return l->p != NULL && !out->failed;
}

static void put_names(struct wire *w, const char *list, struct bytes rest)
{
    struct arena a = ARENA_INIT(NAMES_MEMORY_BYTES);
    struct bytes name;
    struct sink *s = w->x->sink;

    for (int64_t i = 0; tls_next_authority(&rest, &name); i++) {
        sink_begin(s, "handshake_authority");
        sink_c(s, "list", list);
        sink_int(s, "position", i);
        sink_text(s, "subject", x509_name_text(name, &a));
        sink_hex(s, "subject_der", name);
        sink_end(s);
    }
    arena_done(&a);
}

struct names {
    int64_t count; /* -1: not known */
    char list[41]; /* "": none */
    struct bytes encoded;
    bool is_new;
};

static struct names find_names(struct wire *w, const struct wire_row *r, struct buf *scratch)
{
    const struct tls_request *q = &r->flow->seen.request;
    const struct tls_probe *p = r->probe;
    struct names n = {.count = -1};

    if (q->is_seen && !(q->is_odd && q->n_authorities == 0)) {
        n.count = (int64_t)q->n_authorities;
        n.encoded = (struct bytes){q->authorities.p, q->authorities.len};
    } else if (p && (encode_names(&p->issuers, scratch) || encode_names(&p->http_issuers, scratch))) {
        n.count = (int64_t)(p->issuers.p ? p->issuers.n : p->http_issuers.n);
        n.encoded = (struct bytes){(const uint8_t *)scratch->p, scratch->len};
    }
    if (n.count > 0 && n.encoded.len > 0)
        n.is_new = wire_is_new_list(w, n.encoded, n.list);
    return n;
}

/* --- certificates --- */

static void put_certificate(struct sink *s, const struct wire_row *r, const char *side, int64_t position,
                            const char *thumbprint)
{
    sink_begin(s, "handshake_certificate");
    sink_text(s, "entry", r->entry);
    sink_int(s, "connection", r->connection);
    sink_c(s, "side", side);
    sink_int(s, "position", position);
    sink_c(s, "thumbprint", thumbprint);
    sink_end(s);
}

/* Rows of one side's chain; the thumbprint of its own certificate into `own`. */
static void put_chain(struct wire *w, const struct wire_row *r, int direction, char own[41])
{
    const struct tls_chain *chain = &r->flow->seen.chains[direction];
    struct bytes rest = {chain->list.p, chain->list.len}, der;
    bool is_client = direction == client_of(r);
    char thumbprint[41];

    for (int64_t i = 0; tls_next_certificate(&rest, &der); i++) {
        (void)wire_keep_certificate(w, der, is_client && i == 0, thumbprint);
        if (i == 0)
            memcpy(own, thumbprint, sizeof thumbprint);
        put_certificate(w->x->sink, r, is_client ? "client" : "server", i, thumbprint);
    }
}

static void put_peer_chain(struct wire *w, const struct wire_row *r, char own[41])
{
    const struct probe_list *l = &r->probe->peer_chain;
    char thumbprint[41];

    for (size_t i = 0; i < l->n; i++) {
        (void)wire_keep_certificate(w, l->p[i], false, thumbprint);
        if (i == 0)
            memcpy(own, thumbprint, sizeof thumbprint);
        put_certificate(w->x->sink, r, "server", (int64_t)i, thumbprint);
    }
}

void wire_put(struct wire *w, const struct wire_row *r)
{
    CLEANUP(buf_done) struct buf scratch = BUF_INIT(LIMIT_WHOLE_ENTRY_BYTES);
    struct sink *s = w->x->sink;
    struct conclusion c = conclude(r);
    struct names names = find_names(w, r, &scratch);
    char client[41] = "", server[41] = "";

    put_chain(w, r, client_of(r), client);
    put_chain(w, r, 1 - client_of(r), server);
    if (!*server && r->probe)
        put_peer_chain(w, r, server);
    sink_begin(s, "handshake");
    put_place(s, r);
    put_probe(s, r->probe);
    put_client_hello(s, r);
    put_server_hello(s, r);
    sink_c(s, "asked", c.asked);
    sink_c(s, "asked_why", c.why);
    put_request(s, &r->flow->seen.request);
    if (names.count >= 0)
        sink_int(s, "authorities", names.count);
    put_line(s, "authority_list", names.list);
    sink_c(s, "client_certificate", c.client_certificate);
    put_line(s, "client_thumbprint", client);
    put_line(s, "server_thumbprint", server);
    put_course(s, r);
    sink_end(s);
    if (names.is_new)
        put_names(w, names.list, names.encoded);
}
