/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_hello.h"

#include <string.h>

enum {
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    SERVER_HELLO = 2,
    SERVER_HELLO_DONE = 14,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    HANDSHAKE_BYTES_MAX = 262144
};

/* --- writing: lengths stand before what they count and are filled in behind it --- */

static void add_u8(struct buf *out, unsigned v)
{
    buf_add_char(out, (char)(v & 0xff));
}

static void add_u16(struct buf *out, unsigned v)
{
    add_u8(out, v >> 8);
    add_u8(out, v);
}

static size_t open_length(struct buf *out, size_t n_bytes)
{
    static const char ZERO[4] = {0};

    buf_add(out, ZERO, n_bytes);
    return out->len;
}

static void close_length(struct buf *out, size_t from, size_t n_bytes)
{
    size_t v = out->failed != 0 ? 0 : out->len - from;

    for (size_t i = 0; out->failed == 0 && i < n_bytes; i++, v >>= 8)
        out->p[from - 1 - i] = (char)(v & 0xff);
}

static void add_list(struct buf *out, const uint16_t *values, size_t n)
{
    size_t list = open_length(out, 2);

    for (size_t i = 0; i < n; i++)
        add_u16(out, values[i]);
    close_length(out, list, 2);
}

static size_t open_extension(struct buf *out, unsigned type)
{
    add_u16(out, type);
    return open_length(out, 2);
}

/* --- the ClientHello --- */

static void add_suites(struct buf *out, bool with_tls13)
{
    static const uint16_t TLS13[] = {0x1301, 0x1302, 0x1303};
    /* ECDHE with GCM, ChaCha20 and CBC, DHE, RSA: what any Windows since 2008 R2 has at least one of; the
     * last: RFC 5746 */
    static const uint16_t TLS12[] = {0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc023,
                                     0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014,
                                     0x009e, 0x009f, 0x0067, 0x006b, 0x0033, 0x0039, 0x009c,
                                     0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x000a, 0x00ff};
    size_t list = open_length(out, 2);

    for (size_t i = 0; with_tls13 && i < ARRAY_LEN(TLS13); i++)
        add_u16(out, TLS13[i]);
    for (size_t i = 0; i < ARRAY_LEN(TLS12); i++)
        add_u16(out, TLS12[i]);
    close_length(out, list, 2);
}

static void add_server_name(struct buf *out, struct str sni)
{
    size_t extension, list, name;

    if (sni.len == 0)
        return;
    extension = open_extension(out, 0);
    list = open_length(out, 2);
    add_u8(out, 0); /* host_name */
    name = open_length(out, 2);
    buf_add_str(out, sni);
    close_length(out, name, 2);
    close_length(out, list, 2);
    close_length(out, extension, 2);
}

static void add_common(struct buf *out)
{
    static const uint16_t GROUPS[] = {0x001d, 0x0017, 0x0018, 0x0019};
    static const uint16_t SIGNATURES[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401,
                                          0x0501, 0x0601, 0x0203, 0x0201, 0x0402, 0x0202};
    static const uint8_t POINT_FORMATS[] = {0, 11, 0, 2, 1, 0}, EXTENDED_MASTER_SECRET[] = {0, 23, 0, 0};
    size_t extension = open_extension(out, 10);

    add_list(out, GROUPS, ARRAY_LEN(GROUPS));
    close_length(out, extension, 2);
    buf_add(out, POINT_FORMATS, sizeof(POINT_FORMATS));
    extension = open_extension(out, 13);
    add_list(out, SIGNATURES, ARRAY_LEN(SIGNATURES));
    close_length(out, extension, 2);
    buf_add(out, EXTENDED_MASTER_SECRET, sizeof(EXTENDED_MASTER_SECRET));
}

static void add_key_shares(struct buf *out)
{
    /* SEC 2, 2.4.2: the base point of secp256r1, uncompressed. RFC 7748 4.1: that of X25519 is 9. */
    static const uint8_t P256[65] = {
        0x04, 0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8, 0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2,
        0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0, 0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f,
        0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f, 0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce,
        0x33, 0x57, 0x6b, 0x31, 0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
    static const uint8_t X25519[32] = {9};
    size_t extension = open_extension(out, 51), list = open_length(out, 2);

    add_u16(out, 0x001d);
    add_u16(out, sizeof(X25519));
    buf_add(out, X25519, sizeof(X25519));
    add_u16(out, 0x0017);
    add_u16(out, sizeof(P256));
    buf_add(out, P256, sizeof(P256));
    close_length(out, list, 2);
    close_length(out, extension, 2);
}

static void add_tls13(struct buf *out)
{
    static const uint8_t VERSIONS[] = {0, 43, 0, 5, 4, 3, 4, 3, 3}, PSK_MODES[] = {0, 45, 0, 2, 1, 1};

    buf_add(out, VERSIONS, sizeof(VERSIONS));
    buf_add(out, PSK_MODES, sizeof(PSK_MODES));
    add_key_shares(out);
}

void tls_hello(struct buf *out, bool with_tls13, struct str sni, const uint8_t random[TLS_HELLO_RANDOM])
{
    static const uint8_t RECORD[] = {RECORD_HANDSHAKE, 3, 1}, NO_COMPRESSION[] = {1, 0};
    size_t record, message, extensions;

    buf_add(out, RECORD, sizeof(RECORD));
    record = open_length(out, 2);
    add_u8(out, 1); /* client_hello */
    message = open_length(out, 3);
    add_u16(out, 0x0303);
    buf_add(out, random, 32);
    add_u8(out, with_tls13 ? 32 : 0); /* a session id that means nothing: RFC 8446 D.4 */
    buf_add(out, random + 32, with_tls13 ? 32 : 0);
    add_suites(out, with_tls13);
    buf_add(out, NO_COMPRESSION, sizeof(NO_COMPRESSION));
    extensions = open_length(out, 2);
    add_server_name(out, sni);
    add_common(out);
    if (with_tls13)
        add_tls13(out);
    close_length(out, extensions, 2);
    close_length(out, message, 3);
    close_length(out, record, 2);
}

/* --- the server's flight --- */

static unsigned u16_at(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* RFC 8446 4.2.1: a ServerHello of TLS 1.3 says so in supported_versions, and in nothing else. */
static bool is_tls13(struct bytes hello)
{
    size_t at = 34; /* version, random */

    if (hello.len < at + 1 || hello.len - at - 1 < hello.p[at])
        return false;
    at += 1 + (size_t)hello.p[at] + 3 + 2; /* session id, suite, compression, length of the extensions */
    while (at + 4 <= hello.len) {
        unsigned type = u16_at(hello.p + at), len = u16_at(hello.p + at + 2);
        if (hello.len - at - 4 < len)
            return false;
        if (type == EXTENSION_SUPPORTED_VERSIONS)
            return len == 2 && u16_at(hello.p + at + 4) >= 0x0304;
        at += 4 + len;
    }
    return false;
}

static enum tls_flight_state read_messages(struct bytes all)
{
    size_t at = 0;

    while (all.len - at >= 4) {
        size_t len = (size_t)all.p[at + 1] << 16 | (size_t)all.p[at + 2] << 8 | all.p[at + 3];
        struct bytes body = {all.p + at + 4, len};
        if (all.len - at - 4 < len)
            return TLS_FLIGHT_MORE;
        if (all.p[at] == SERVER_HELLO_DONE)
            return TLS_FLIGHT_DONE;
        if (all.p[at] == SERVER_HELLO && is_tls13(body))
            return TLS_FLIGHT_ENCRYPTED;
        at += 4 + len;
    }
    return TLS_FLIGHT_MORE;
}

int tls_flight_read(struct bytes server, struct tls_flight *ret, struct err *e)
{
    CLEANUP(buf_done) struct buf messages = BUF_INIT(HANDSHAKE_BYTES_MAX);
    size_t at = 0;

    *ret = (struct tls_flight){.state = TLS_FLIGHT_MORE};
    while (ret->state == TLS_FLIGHT_MORE && server.len - at >= 5) {
        const uint8_t *r = server.p + at;
        size_t len = u16_at(r + 3), there = server.len - at - 5;

        if (r[0] < 20 || r[0] > 24 || r[1] != 3) {
            ret->state = TLS_FLIGHT_NOT_TLS;
            break;
        }
        if (there < len)
            break;
        if (r[0] == RECORD_ALERT && len == 2) {
            *ret = (struct tls_flight){TLS_FLIGHT_ALERT, r[6]};
        } else if (r[0] == RECORD_HANDSHAKE) {
            buf_add(&messages, r + 5, len);
            if (buf_check(&messages, "the server's handshake", e) != 0)
                return -e->code;
            ret->state = read_messages((struct bytes){(const uint8_t *)buf_c(&messages), messages.len});
        }
        at += 5 + len;
    }
    return 0;
}
