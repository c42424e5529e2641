/* SPDX-License-Identifier: Apache-2.0 */
#include "tls_flow.h"

#include <stdlib.h>
#include <string.h>

#include "text.h"

enum {
    RECORD_CIPHER_CHANGE = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_APPLICATION = 23,
    RECORD_HEARTBEAT = 24,
    RECORD_BYTES_MAX = 16384 + 2048,
    HEADER_BYTES = 5,
    MESSAGE_HEADER_BYTES = 4,
    HELLO_BYTES_MIN = 38,
    HELLO_BYTES_MAX = 65536,
    SSLV2_BYTES_MIN = 25,
    SSLV2_BYTES_MAX = 4096,
    ALERT_RECORD_BYTES = 7,
    ALERT_WARNING = 1,
    ALERT_FATAL = 2,
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_NO_CERTIFICATE = 41,
    MESSAGE_TYPE_MAX = 24,
    MESSAGE_ROOM = 4096
};

void tls_flow_init(struct tls_flow *f, struct tls_budget *budget)
{
    *f = (struct tls_flow){.client = -1,
                           .alert = {.direction = -1},
                           .no_cert = {.direction = -1},
                           .request_ms = TIME_NONE,
                           .hello_ms = TIME_NONE,
                           .answer_ms = TIME_NONE,
                           .renegotiation_ms = TIME_NONE,
                           .renegotiation_by = -1,
                           .budget = budget};
}

static void drop_message(struct tls_flow *f, struct tls_side *s)
{
    f->budget->used -= s->room;
    free(s->message.p);
    s->message = (struct tls_kept){0};
    s->room = 0;
}

void tls_flow_done(struct tls_flow *f)
{
    drop_message(f, &f->sides[0]);
    drop_message(f, &f->sides[1]);
    tls_handshake_done(&f->seen, f->budget);
}

void tls_midway(struct tls_flow *f)
{
    f->sides[0].is_midway = f->sides[1].is_midway = true;
}

bool tls_is_off(const struct tls_flow *f, int direction)
{
    return f->sides[direction].state == TLS_OFF;
}

bool tls_flow_is_told(const struct tls_flow *f)
{
    return f->seen.client.is_seen || f->seen.server.is_seen || f->seen.server.is_retry_seen ||
           f->seen.request.is_seen || f->seen.chains[0].is_seen || f->seen.chains[1].is_seen ||
           f->renegotiation_ms != TIME_NONE;
}

/* --- messages --- */

static void note_message(struct tls_flow *f, int direction, uint8_t type, int64_t time_ms)
{
    if (f->client < 0 && (type == TLS_SERVER_HELLO || type == TLS_CERTIFICATE_REQUEST))
        f->client = 1 - direction;
    if (type == TLS_CLIENT_HELLO) {
        f->client = f->client < 0 ? direction : f->client;
        if (f->hello_ms == TIME_NONE)
            f->hello_ms = time_ms;
    } else if (type == TLS_SERVER_HELLO) {
        if (f->answer_ms == TIME_NONE)
            f->answer_ms = time_ms;
    } else if (type == TLS_CERTIFICATE_REQUEST && f->request_ms == TIME_NONE) {
        f->request_ms = time_ms;
    }
}

static void take_message(struct tls_flow *f, int direction, uint8_t type, struct bytes body, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    int r = tls_read_message(&f->seen, direction, type, body, f->budget);

    if (r == -ERR_FORMAT) {
        s->is_broken = true;
    } else {
        f->is_starved |= r < 0;
        note_message(f, direction, type, time_ms);
    }
}

static size_t message_bytes(const struct tls_side *s)
{
    const uint8_t *p = s->message.p;

    return MESSAGE_HEADER_BYTES + ((size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3]);
}

/* The first encrypted message of a handshake is Finished; one more begins another handshake, and so does the
 * first one that is seen where the other side sends data already. (A client may send data before the server's
 * Finished, RFC 7918, but then its own was seen.) */
static void note_encrypted_handshake(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    bool is_later = s->n_encrypted_handshakes > 0 || s->n_application > 0 ||
                    (s->is_midway && f->sides[1 - direction].n_application > 0);

    s->n_encrypted_handshakes++;
    if (!is_later || f->renegotiation_ms != TIME_NONE)
        return;
    f->renegotiation_ms = time_ms;
    f->renegotiation_by = direction;
    f->renegotiation_after_data = f->sides[0].n_application > 0 || f->sides[1].n_application > 0;
}

/* What cannot be a message is a Finished whose ChangeCipherSpec is not in the capture. */
static void take_encrypted(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    s->is_broken |= !s->has_gap_in_clear && !s->is_midway;
    s->is_encrypted = true;
    drop_message(f, s);
    note_encrypted_handshake(f, direction, time_ms);
}

static void take_messages(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    while (s->message.len >= MESSAGE_HEADER_BYTES) {
        size_t n = message_bytes(s);
        if (s->message.p[0] > MESSAGE_TYPE_MAX || n > TLS_MESSAGE_BYTES) {
            take_encrypted(f, direction, time_ms);
            return;
        }
        if (n > s->message.len)
            return;
        struct bytes body = {s->message.p + MESSAGE_HEADER_BYTES, n - MESSAGE_HEADER_BYTES};
        take_message(f, direction, s->message.p[0], body, time_ms);
        s->message.len -= n;
        memmove(s->message.p, s->message.p + n, s->message.len);
    }
    if (s->message.len == 0)
        drop_message(f, s);
}

static bool grow_message(struct tls_flow *f, struct tls_side *s, size_t n)
{
    size_t room = s->room ? s->room : MESSAGE_ROOM;

    while (room < s->message.len + n)
        room *= 2;
    if (room == s->room)
        return true;
    if (room > 2 * (size_t)TLS_MESSAGE_BYTES || f->budget->used + room - s->room > f->budget->cap)
        return false;
    uint8_t *more = realloc(s->message.p, room);
    if (!more)
        return false;
    f->budget->used += room - s->room;
    s->message.p = more;
    s->room = room;
    return true;
}

static void take_handshake(struct tls_flow *f, int direction, struct bytes part, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    if (!grow_message(f, s, part.len)) {
        f->is_starved = true;
        s->has_gap_in_clear |= !s->is_encrypted;
        s->state = TLS_OFF;
        drop_message(f, s);
        return;
    }
    memcpy(s->message.p + s->message.len, part.p, part.len);
    s->message.len += part.len;
    take_messages(f, direction, time_ms);
}

/* --- records --- */

static void note_alert(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    struct tls_alert a = {direction, s->alert[0], s->alert[1], time_ms};

    if (a.level != ALERT_WARNING && a.level != ALERT_FATAL)
        return;
    if (a.description == ALERT_NO_CERTIFICATE && a.level == ALERT_WARNING)
        f->no_cert = a;
    if (a.description != ALERT_CLOSE_NOTIFY && f->alert.direction < 0)
        f->alert = a;
}

static void begin_record(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    s->n_records++;
    s->alert[0] = 0;
    if (s->type == RECORD_APPLICATION) {
        s->n_application++;
        s->is_encrypted = true;
    } else if (s->type == RECORD_HANDSHAKE && s->is_encrypted) {
        note_encrypted_handshake(f, direction, time_ms);
    } else if (s->type == RECORD_ALERT && s->length != sizeof s->alert) {
        f->n_encrypted_alerts[direction]++;
    }
}

static void end_record(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    if (s->type == RECORD_ALERT && s->length == sizeof s->alert)
        note_alert(f, direction, time_ms);
    if (s->type == RECORD_CIPHER_CHANGE && !f->seen.server.is_waiting_for_retry) {
        s->is_encrypted = true; /* before the second hello of TLS 1.3 it means nothing (RFC 8446 D.4) */
        drop_message(f, s);
    }
    s->n_window = 0;
}

static void take_content(struct tls_flow *f, int direction, struct bytes part, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    if (s->type == RECORD_HANDSHAKE && !s->is_encrypted)
        take_handshake(f, direction, part, time_ms);
    if (s->type == RECORD_ALERT && s->length == sizeof s->alert)
        memcpy(s->alert + s->length - s->left, part.p, part.len);
    s->left -= part.len;
    if (s->left == 0 && s->state == TLS_RECORDS)
        end_record(f, direction, time_ms);
}

static bool is_header(const uint8_t *p)
{
    size_t length = (size_t)p[3] << 8 | p[4];

    return p[0] >= RECORD_CIPHER_CHANGE && p[0] <= RECORD_HEARTBEAT && p[1] == 3 && p[2] <= 4 && length > 0 &&
           length <= RECORD_BYTES_MAX;
}

/* Returns how many bytes of the piece it used. */
static size_t take_header(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    size_t n = HEADER_BYTES - s->n_window < piece.len ? HEADER_BYTES - s->n_window : piece.len;

    memcpy(s->window + s->n_window, piece.p, n);
    s->n_window += n;
    if (s->n_window < HEADER_BYTES)
        return n;
    if (!is_header(s->window)) {
        s->is_broken = true;
        s->state = TLS_OFF;
        return n;
    }
    s->type = s->window[0];
    s->length = s->left = (size_t)s->window[3] << 8 | s->window[4];
    begin_record(f, direction, time_ms);
    return n;
}

static size_t take_record(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    if (s->n_window < HEADER_BYTES)
        return take_header(f, direction, piece, time_ms);
    size_t n = s->left < piece.len ? s->left : piece.len;
    take_content(f, direction, (struct bytes){piece.p, n}, time_ms);
    return n;
}

/* --- the first record --- */

static size_t u24(const uint8_t *p)
{
    return (size_t)p[0] << 16 | (size_t)p[1] << 8 | p[2];
}

/* The beginning of a ClientHello or ServerHello, header and all: long enough to be one nowhere by chance. */
static bool is_hello(const uint8_t *w)
{
    size_t message = u24(w + 6), record = (size_t)w[3] << 8 | w[4];

    if (w[0] != RECORD_HANDSHAKE || !is_header(w) || w[9] != 3 || w[10] > 4 || message < HELLO_BYTES_MIN ||
        message > HELLO_BYTES_MAX || record < 6)
        return false;
    return w[5] == TLS_SERVER_HELLO || (w[5] == TLS_CLIENT_HELLO && record <= message + MESSAGE_HEADER_BYTES);
}

/* At the very beginning of a connection less will do. */
static bool is_first_record(const struct tls_side *s, const uint8_t *w)
{
    if (!is_header(w))
        return false;
    if (s->is_midway)
        return true;
    return (w[0] == RECORD_HANDSHAKE && (w[5] == TLS_CLIENT_HELLO || w[5] == TLS_SERVER_HELLO)) ||
           (w[0] == RECORD_ALERT && w[3] == 0 && w[4] == 2 && (w[5] == ALERT_WARNING || w[5] == ALERT_FATAL));
}

static size_t sslv2_bytes(const uint8_t *w)
{
    return ((size_t)w[0] & 0x7f) << 8 | w[1];
}

static bool is_sslv2(const uint8_t *w)
{
    return (w[0] & 0x80) && w[2] == TLS_CLIENT_HELLO && w[3] == 3 && w[4] <= 3 && w[5] == 0 &&
           w[6] % 3 == 0 && sslv2_bytes(w) >= SSLV2_BYTES_MIN && sslv2_bytes(w) <= SSLV2_BYTES_MAX;
}

/* A server that answers a hello with nothing but an alert, behind STARTTLS. */
static bool is_refusal(const struct tls_flow *f, const uint8_t *w)
{
    return f->seen.client.is_seen && w[0] == RECORD_ALERT && w[1] == 3 && w[2] <= 4 && w[3] == 0 &&
           w[4] == 2 && w[5] == ALERT_FATAL;
}

static void begin(struct tls_flow *f, int direction, enum tls_state state, const uint8_t *from, size_t n,
                  int64_t time_ms);

/* Does what the window holds begin TLS? The bytes at its front are looked at once there are enough of them.
 */
static bool begins_here(struct tls_flow *f, int direction, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    uint8_t w[TLS_WINDOW_BYTES];
    size_t n = s->n_window, from = 0;
    bool is_at_start = s->n_sought == (int64_t)n;
    enum tls_state next = TLS_SEEK;

    if (n == 7 && is_at_start && is_sslv2(s->window))
        next = TLS_SSLV2;
    else if ((n == 6 && is_at_start && is_first_record(s, s->window)) ||
             (n == TLS_WINDOW_BYTES && is_hello(s->window)))
        next = TLS_RECORDS;
    else if (n >= ALERT_RECORD_BYTES && is_refusal(f, s->window + n - ALERT_RECORD_BYTES)) {
        next = TLS_RECORDS;
        from = n - ALERT_RECORD_BYTES;
    }
    if (next == TLS_SEEK)
        return false;
    memcpy(w, s->window + from, n - from);
    s->n_sought -= (int64_t)(n - from);
    s->left = next == TLS_SSLV2 ? 2 + sslv2_bytes(w) : 0;
    begin(f, direction, next, w, n - from, time_ms);
    return true;
}

/* A byte at a time, for the first bytes of a connection only. */
static size_t seek(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    for (size_t i = 0; i < piece.len; i++) {
        if (s->n_window == TLS_WINDOW_BYTES) {
            memmove(s->window, s->window + 1, TLS_WINDOW_BYTES - 1);
            s->n_window--;
        }
        s->window[s->n_window++] = piece.p[i];
        s->n_sought++;
        if (begins_here(f, direction, time_ms))
            return i + 1;
        if (s->n_sought > TLS_SEEK_BYTES) {
            s->state = TLS_OFF;
            return piece.len;
        }
    }
    return piece.len;
}

/* Two bytes of length, then the hello. */
static size_t take_sslv2(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];
    size_t n = s->left < piece.len ? s->left : piece.len;

    if (!grow_message(f, s, n)) {
        f->is_starved = true;
        s->state = TLS_OFF;
        return piece.len;
    }
    memcpy(s->message.p + s->message.len, piece.p, n);
    s->message.len += n;
    s->left -= n;
    if (s->left > 0)
        return n;
    if (tls_read_sslv2_hello(&f->seen, (struct bytes){s->message.p + 2, s->message.len - 2}) == 0)
        note_message(f, direction, TLS_CLIENT_HELLO, time_ms);
    else
        s->is_broken = true;
    drop_message(f, s);
    s->n_window = 0;
    s->state = TLS_RECORDS;
    return n;
}

static size_t step(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    switch (f->sides[direction].state) {
    case TLS_SEEK:
        return seek(f, direction, piece, time_ms);
    case TLS_RECORDS:
        return take_record(f, direction, piece, time_ms);
    case TLS_SSLV2:
        return take_sslv2(f, direction, piece, time_ms);
    default:
        return piece.len;
    }
}

/* The bytes of the window are read again, now for what they are. */
static void begin(struct tls_flow *f, int direction, enum tls_state state, const uint8_t *from, size_t n,
                  int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    s->state = state;
    s->n_window = 0;
    for (size_t at = 0; at < n;)
        at += step(f, direction, (struct bytes){from + at, n - at}, time_ms);
}

static void look_for_record(struct tls_side *s, struct bytes piece)
{
    if (piece.len < HEADER_BYTES || !is_header(piece.p))
        return;
    s->state = TLS_RECORDS;
    s->n_window = 0;
}

void tls_feed(struct tls_flow *f, int direction, struct bytes piece, int64_t time_ms)
{
    struct tls_side *s = &f->sides[direction];

    s->last_ms = time_ms;
    if (s->state == TLS_LOST)
        look_for_record(s, piece);
    while (piece.len > 0 && s->state != TLS_OFF && s->state != TLS_LOST) {
        size_t n = step(f, direction, piece, time_ms);
        piece.p += n;
        piece.len -= n;
    }
}

/* Within an encrypted record nothing is lost by it. */
void tls_gap(struct tls_flow *f, int direction, uint32_t n_bytes)
{
    struct tls_side *s = &f->sides[direction];
    bool is_within = s->state == TLS_RECORDS && s->n_window == HEADER_BYTES && n_bytes <= s->left &&
                     (s->is_encrypted || s->type == RECORD_APPLICATION);

    if (s->state == TLS_OFF)
        return;
    if (is_within) {
        s->left -= n_bytes;
        if (s->left == 0)
            s->n_window = 0;
        return;
    }
    if (!s->is_encrypted)
        s->has_gap_in_clear = true;
    drop_message(f, s);
    s->state = TLS_LOST;
}
