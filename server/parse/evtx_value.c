/* SPDX-License-Identifier: Apache-2.0 */
#include "evtx_internal.h"

#include <inttypes.h>
#include <string.h>

static uint64_t number(struct bytes v)
{
    uint64_t n = 0;

    for (size_t i = v.len < 8 ? v.len : 8; i > 0; i--)
        n = n << 8 | v.p[i - 1];
    return n;
}

static int64_t signed_number(struct bytes v)
{
    uint64_t n = number(v);
    unsigned bits = (unsigned)(v.len < 8 ? v.len : 8) * 8;

    if (bits > 0 && bits < 64 && n >> (bits - 1))
        n |= ~(uint64_t)0 << bits;
    return (int64_t)n;
}

static void add_signed(struct bytes v, struct buf *out)
{
    buf_printf(out, "%" PRId64, signed_number(v));
}

static void add_unsigned(struct bytes v, struct buf *out)
{
    buf_printf(out, "%" PRIu64, number(v));
}

static void add_hex_number(struct bytes v, struct buf *out)
{
    buf_printf(out, "0x%" PRIx64, number(v));
}

static void add_bool(struct bytes v, struct buf *out)
{
    buf_add_c(out, number(v) ? "true" : "false");
}

static void add_binary(struct bytes v, struct buf *out)
{
    text_hex(out, v.p, v.len);
}

static void add_utf16(struct bytes v, struct buf *out)
{
    size_t len = v.len;

    while (len >= 2 && v.p[len - 1] == 0 && v.p[len - 2] == 0)
        len -= 2;
    text_add_utf16le(out, v.p, len);
}

static void add_ansi(struct bytes v, struct buf *out)
{
    const uint8_t *nul = v.len ? memchr(v.p, 0, v.len) : NULL;

    text_add_utf8_lossy(out, (struct str){(const char *)v.p, nul ? (size_t)(nul - v.p) : v.len});
}

static void add_guid(struct bytes v, struct buf *out)
{
    const uint8_t *p = v.p;

    if (v.len < 16)
        return;
    buf_printf(out, "{%08" PRIX32 "-%04X-%04X-%02X%02X-", (uint32_t)number((struct bytes){p, 4}),
               (unsigned)(p[5] << 8 | p[4]), (unsigned)(p[7] << 8 | p[6]), p[8], p[9]);
    for (size_t i = 10; i < 16; i++)
        buf_printf(out, "%02X", p[i]);
    buf_add_char(out, '}');
}

static void add_filetime(struct bytes v, struct buf *out)
{
    char text[32];

    if (v.len < 8 || number(v) > (uint64_t)INT64_MAX)
        return;
    time_format(time_from_filetime(number(v)), text);
    buf_add_c(out, text);
}

static void add_systemtime(struct bytes v, struct buf *out)
{
    static const size_t at[] = {0, 2, 6, 8, 10, 12, 14}; /* the day of the week stands at 4 */
    unsigned n[7];

    if (v.len < 16)
        return;
    for (size_t i = 0; i < ARRAY_LEN(at); i++)
        n[i] = (unsigned)(v.p[at[i] + 1] << 8 | v.p[at[i]]);
    buf_printf(out, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", n[0], n[1], n[2], n[3], n[4], n[5], n[6]);
}

static void add_sid(struct bytes v, struct buf *out)
{
    uint64_t authority = 0;

    if (v.len < 8 || v.len < 8 + (size_t)v.p[1] * 4)
        return;
    for (size_t i = 2; i < 8; i++)
        authority = authority << 8 | v.p[i];
    buf_printf(out, "S-%u-%" PRIu64, v.p[0], authority);
    for (size_t i = 0; i < v.p[1]; i++)
        buf_printf(out, "-%" PRIu64, number((struct bytes){v.p + 8 + i * 4, 4}));
}

void evtx_value_text(uint8_t type, struct bytes value, struct buf *out)
{
    static void (*const adders[])(struct bytes v, struct buf * out) = {
        [0x01] = add_utf16,  [0x02] = add_ansi,       [0x03] = add_signed,    [0x04] = add_unsigned,
        [0x05] = add_signed, [0x06] = add_unsigned,   [0x07] = add_signed,    [0x08] = add_unsigned,
        [0x09] = add_signed, [0x0a] = add_unsigned,   [0x0d] = add_bool,      [0x0e] = add_binary,
        [0x0f] = add_guid,   [0x10] = add_hex_number, [0x11] = add_filetime,  [0x12] = add_systemtime,
        [0x13] = add_sid,    [0x14] = add_hex_number, [0x15] = add_hex_number};

    if (type == EVTX_NULL || value.len == 0)
        return;
    if (type < ARRAY_LEN(adders) && adders[type])
        adders[type](value, out);
    else
        add_binary(value, out);
}
