/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_handshake.h"

#include <stdlib.h>
#include <string.h>

#include "be_cursor.h"

enum {
    RANDOM_BYTES = 32,
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_SIGNATURES = 13,
    EXTENSION_ALPN = 16,
    EXTENSION_PSK = 41,
    EXTENSION_VERSIONS = 43,
    EXTENSION_POST_HANDSHAKE_AUTH = 49,
    EXTENSION_RENEGOTIATION = 0xff01,
    SUITE_RENEGOTIATION = 0x00ff, /* RFC 5746 §3.3 */
    DRAFT_MAJOR = 0x7f,
    DRAFT_LIKE_FINAL = 22 /* drafts from this one on have the ServerHello of the RFC */
};

/* SHA-256 of "HelloRetryRequest": the random of a ServerHello that is one (RFC 8446 §4.1.3). */
static const uint8_t RETRY_RANDOM[RANDOM_BYTES] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};

/* One bit, 0 for a number that is no version (GREASE). Drafts of TLS 1.3 and experiments with it count as it.
 */
static unsigned version_bit(uint16_t number)
{
    switch (number) {
    case 0x0002:
        return TLS_SSL2;
    case 0x0300:
        return TLS_SSL3;
    case 0x0301:
        return TLS_1_0;
    case 0x0302:
        return TLS_1_1;
    case 0x0303:
        return TLS_1_2;
    case 0x0304:
        return TLS_1_3;
    default:
        return number >> 8 == DRAFT_MAJOR || number >> 8 == 0x7e || number >> 8 == 0xfb ? TLS_1_3 : 0;
    }
}

static unsigned versions_up_to(uint16_t number)
{
    unsigned highest = version_bit(number);

    return highest >= TLS_SSL3 ? highest : 0;
}

static int keep(struct tls_kept *to, struct bytes b, struct tls_budget *budget)
{
    if (to->p || b.len == 0)
        return 0;
    if (budget->used + b.len > budget->cap)
        return -ERR_LIMIT;
    to->p = malloc(b.len);
    if (!to->p)
        return -ERR_NOMEM;
    memcpy(to->p, b.p, b.len);
    to->len = b.len;
    budget->used += b.len;
    return 0;
}

static void drop(struct tls_kept *k, struct tls_budget *budget)
{
    budget->used -= k->len;
    free(k->p);
    *k = (struct tls_kept){0};
}

void tls_handshake_done(struct tls_handshake *h, struct tls_budget *budget)
{
    drop(&h->request.authorities, budget);
    drop(&h->chains[0].list, budget);
    drop(&h->chains[1].list, budget);
}

/* --- hellos --- */

static void read_server_name(struct be_cursor c, struct tls_client_hello *h)
{
    struct be_cursor list = be_from(be_part(&c, 2));

    while (list.left > 0 && !list.failed) {
        uint8_t type = be_u8(&list);
        struct bytes name = be_part(&list, 2);
        if (type == 0 && name.len > 0 && name.len < sizeof h->sni && !*h->sni)
            memcpy(h->sni, name.p, name.len); /* zeroed before: its end is there */
    }
}

/* Names joined by ' '; what does not fit is left out. */
static void read_alpn(struct be_cursor c, char *to, size_t room)
{
    struct be_cursor list = be_from(be_part(&c, 2));
    size_t n = 0;

    while (list.left > 0 && !list.failed) {
        struct bytes name = be_part(&list, 1);
        if (name.len == 0 || n + name.len + 2 > room)
            break;
        if (n > 0)
            to[n++] = ' ';
        memcpy(to + n, name.p, name.len);
        n += name.len;
    }
    to[n] = '\0';
}

static size_t read_signatures(struct be_cursor list, uint16_t *to)
{
    size_t n = 0;

    while (list.left >= 2 && n < TLS_SIGNATURES_MAX)
        to[n++] = be_u16(&list);
    return n;
}

static void read_client_extension(uint16_t type, struct bytes body, struct tls_client_hello *h)
{
    struct be_cursor c = be_from(body), list;

    switch (type) {
    case EXTENSION_SERVER_NAME:
        read_server_name(c, h);
        break;
    case EXTENSION_ALPN:
        read_alpn(c, h->alpn, sizeof h->alpn);
        break;
    case EXTENSION_SIGNATURES:
        h->n_signatures = read_signatures(be_from(be_part(&c, 2)), h->signatures);
        break;
    case EXTENSION_VERSIONS:
        list = be_from(be_part(&c, 1));
        h->versions = 0;
        while (list.left >= 2)
            h->versions |= version_bit(be_u16(&list));
        break;
    case EXTENSION_POST_HANDSHAKE_AUTH:
        h->post_handshake_auth = true;
        break;
    case EXTENSION_RENEGOTIATION:
        h->secure_renegotiation = true;
        break;
    default:
        break;
    }
}

static int read_client_hello(struct tls_client_hello *ret, struct bytes body)
{
    struct be_cursor c = be_from(body);
    struct tls_client_hello h = {.is_seen = true, .versions = versions_up_to(be_u16(&c))};

    (void)be_take(&c, RANDOM_BYTES);
    struct bytes session = be_part(&c, 1), suites = be_part(&c, 2);
    (void)be_part(&c, 1); /* compression */
    if (c.failed || session.len > 32 || suites.len < 2 || suites.len % 2 != 0)
        return -ERR_FORMAT;
    for (size_t i = 0; i < suites.len; i += 2)
        h.secure_renegotiation |= suites.p[i] == 0 && suites.p[i + 1] == SUITE_RENEGOTIATION;
    struct be_cursor extensions = be_from(c.left > 0 ? be_part(&c, 2) : (struct bytes){0});
    while (extensions.left > 0 && !extensions.failed) {
        uint16_t type = be_u16(&extensions);
        struct bytes part = be_part(&extensions, 2);
        if (!extensions.failed)
            read_client_extension(type, part, &h);
    }
    *ret = h; /* the second one, after a HelloRetryRequest, says the same and more */
    return 0;
}

int tls_read_sslv2_hello(struct tls_handshake *h, struct bytes body)
{
    struct be_cursor c = be_from(body);
    uint8_t type = be_u8(&c);
    unsigned versions = versions_up_to(be_u16(&c));
    size_t n_suites = be_u16(&c), n_session = be_u16(&c), n_challenge = be_u16(&c);
    struct bytes suites = be_take(&c, n_suites);

    (void)be_take(&c, n_session);
    (void)be_take(&c, n_challenge);
    if (c.failed || type != TLS_CLIENT_HELLO || versions == 0 || suites.len % 3 != 0 || h->client.is_seen)
        return -ERR_FORMAT;
    h->client.is_seen = h->client.is_sslv2 = true;
    h->client.versions = versions;
    for (size_t i = 0; i < suites.len; i += 3)
        h->client.secure_renegotiation |=
            suites.p[i] == 0 && suites.p[i + 1] == 0 && suites.p[i + 2] == SUITE_RENEGOTIATION;
    return 0;
}

static void read_server_extension(uint16_t type, struct bytes body, struct tls_server_hello *h)
{
    struct be_cursor c = be_from(body);

    if (type == EXTENSION_VERSIONS && body.len == 2)
        h->version = version_bit(be_u16(&c));
    else if (type == EXTENSION_ALPN)
        read_alpn(c, h->alpn, sizeof h->alpn);
    else if (type == EXTENSION_PSK)
        h->is_psk = true;
    else if (type == EXTENSION_RENEGOTIATION)
        h->secure_renegotiation = true;
}

static int read_server_hello(struct tls_server_hello *ret, struct bytes body)
{
    struct be_cursor c = be_from(body);
    uint16_t number = be_u16(&c);
    struct tls_server_hello h = {.is_seen = true, .version = version_bit(number)};
    bool is_old_draft = number >> 8 == DRAFT_MAJOR && (number & 0xff) < DRAFT_LIKE_FINAL;
    struct bytes random = be_take(&c, RANDOM_BYTES);

    if (!is_old_draft)
        (void)be_part(&c, 1); /* session */
    h.cipher = be_u16(&c);
    if (!is_old_draft)
        (void)be_u8(&c); /* compression */
    if (c.failed || h.version < TLS_SSL3)
        return -ERR_FORMAT;
    struct be_cursor extensions = be_from(c.left > 0 ? be_part(&c, 2) : (struct bytes){0});
    while (extensions.left > 0 && !extensions.failed) {
        uint16_t type = be_u16(&extensions);
        struct bytes part = be_part(&extensions, 2);
        if (!extensions.failed)
            read_server_extension(type, part, &h);
    }
    h.is_waiting_for_retry = memcmp(random.p, RETRY_RANDOM, RANDOM_BYTES) == 0;
    h.is_retry_seen = h.is_waiting_for_retry || ret->is_retry_seen;
    *ret = h;
    return 0;
}

/* --- certificates --- */

static bool next_part(struct bytes *rest, size_t length_bytes, struct bytes *ret)
{
    struct be_cursor c = be_from(*rest);

    *ret = be_part(&c, length_bytes);
    if (c.failed)
        return false;
    *rest = (struct bytes){c.p, c.left};
    return true;
}

bool tls_next_certificate(struct bytes *rest, struct bytes *ret)
{
    return rest->len > 0 && next_part(rest, 3, ret);
}

bool tls_next_authority(struct bytes *rest, struct bytes *ret)
{
    return rest->len > 0 && next_part(rest, 2, ret);
}

static int read_chain(struct tls_chain *h, struct bytes body, struct tls_budget *budget)
{
    struct be_cursor c = be_from(body);
    struct bytes list = be_part(&c, 3), rest = list, one;

    if (h->is_seen)
        return 0; /* of a second handshake in the clear: the first one counts */
    if (c.failed)
        return -ERR_FORMAT;
    while (tls_next_certificate(&rest, &one))
        h->n++;
    h->is_seen = true;
    h->is_odd = rest.len > 0;
    return keep(&h->list, list, budget);
}

/* signature algorithms are there from TLS 1.2 on; `with` says whether they are to be read. */
static bool read_request_as(struct tls_request *h, struct bytes body, bool with, struct bytes *ret_list)
{
    struct be_cursor c = be_from(body);
    struct bytes types = be_part(&c, 1), signatures = with ? be_part(&c, 2) : (struct bytes){0};
    struct bytes rest, one;

    *ret_list = be_part(&c, 2);
    rest = *ret_list;
    if (c.failed || c.left > 0 || types.len == 0 || signatures.len % 2 != 0)
        return false;
    h->n_types = types.len < TLS_TYPES_MAX ? types.len : TLS_TYPES_MAX;
    memcpy(h->types, types.p, h->n_types);
    h->n_signatures = read_signatures(be_from(signatures), h->signatures);
    h->n_authorities = 0;
    while (tls_next_authority(&rest, &one))
        h->n_authorities++;
    h->is_odd = rest.len > 0;
    return true;
}

static int read_request(struct tls_handshake *h, struct bytes body, struct tls_budget *budget)
{
    bool is_old = h->server.version != 0 && h->server.version < TLS_1_2;
    struct tls_request r = {.is_seen = true};
    struct bytes list;

    if (h->request.is_seen)
        return 0;
    if (!read_request_as(&r, body, !is_old, &list) && !read_request_as(&r, body, is_old, &list)) {
        h->request.is_seen = h->request.is_odd = true; /* asked it has all the same */
        return 0;
    }
    h->request = r;
    return keep(&h->request.authorities, list, budget);
}

int tls_read_message(struct tls_handshake *h, int direction, uint8_t type, struct bytes body,
                     struct tls_budget *budget)
{
    switch (type) {
    case TLS_HELLO_REQUEST:
        h->is_hello_requested = true;
        return 0;
    case TLS_CLIENT_HELLO:
        return read_client_hello(&h->client, body);
    case TLS_SERVER_HELLO:
        return read_server_hello(&h->server, body);
    case TLS_CERTIFICATE:
        return read_chain(&h->chains[direction], body, budget);
    case TLS_CERTIFICATE_REQUEST:
        return read_request(h, body, budget);
    case TLS_HELLO_DONE:
        h->hello_done = true;
        return body.len == 0 ? 0 : -ERR_FORMAT;
    case TLS_CLIENT_KEY_EXCHANGE:
        h->key_exchange = true;
        return 0;
    case TLS_CERTIFICATE_VERIFY:
        h->certificate_verify = true;
        return 0;
    case TLS_SESSION_TICKET:
    case TLS_KEY_EXCHANGE:
    case TLS_FINISHED:
    case TLS_CERTIFICATE_STATUS:
        return 0;
    default:
        return -ERR_FORMAT;
    }
}
