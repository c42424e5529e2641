/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-16 to UTF-8, and files by their byte order mark. */
#include "text.h"
#include "utf.h"

static uint32_t unit_at(const uint8_t *p, bool big)
{
    return big ? (uint32_t)(p[0] << 8 | p[1]) : (uint32_t)(p[1] << 8 | p[0]);
}

static void add_utf16(struct buf *out, const uint8_t *p, size_t len, bool big)
{
    for (size_t i = 0; i + 1 < len; i += 2) {
        uint32_t unit = unit_at(p + i, big);

        if (unit >= 0xd800 && unit <= 0xdbff && i + 3 < len) {
            uint32_t low = unit_at(p + i + 2, big);
            if (low >= 0xdc00 && low <= 0xdfff) {
                utf8_add(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
                i += 2;
                continue;
            }
        }
        utf8_add(out, unit >= 0xd800 && unit <= 0xdfff ? 0xfffd : unit);
    }
}

void text_add_utf16le(struct buf *out, const void *data, size_t len_bytes)
{
    add_utf16(out, data, len_bytes, false);
}

void text_add_utf16be(struct buf *out, const void *data, size_t len_bytes)
{
    add_utf16(out, data, len_bytes, true);
}

/* Text of Latin letters as UTF-16LE without a mark: every second byte is NUL. */
static bool looks_utf16le(struct bytes file)
{
    size_t n = file.len < 64 ? file.len & ~(size_t)1 : 64;

    for (size_t i = 0; i < n; i += 2)
        if (!file.p[i] || file.p[i + 1])
            return false;
    return n > 0;
}

void text_add_decoded(struct buf *out, struct bytes file)
{
    const uint8_t *p = file.p;

    if (file.len >= 3 && p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf)
        text_add_utf8_lossy(out, (struct str){(const char *)p + 3, file.len - 3});
    else if (file.len >= 2 && p[0] == 0xff && p[1] == 0xfe)
        text_add_utf16le(out, p + 2, file.len - 2);
    else if (file.len >= 2 && p[0] == 0xfe && p[1] == 0xff)
        text_add_utf16be(out, p + 2, file.len - 2);
    else if (looks_utf16le(file))
        text_add_utf16le(out, p, file.len);
    else
        text_add_utf8_lossy(out, (struct str){(const char *)p, file.len});
}

void text_add_as_utf16le(struct buf *out, struct str utf8)
{
    while (utf8.len > 0) {
        uint32_t code;
        size_t n = utf8_decode(utf8, &code);
        code = n == 0 ? 0xfffd : code;
        if (code >= 0x10000) {
            uint32_t high = 0xd800 + ((code - 0x10000) >> 10);
            buf_add(out, (const uint8_t[]){(uint8_t)high, (uint8_t)(high >> 8)}, 2);
            code = 0xdc00 + (code & 0x3ff);
        }
        buf_add(out, (const uint8_t[]){(uint8_t)code, (uint8_t)(code >> 8)}, 2);
        utf8 = str_skip(utf8, n == 0 ? 1 : n);
    }
}
