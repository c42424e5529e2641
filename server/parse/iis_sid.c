/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_sid.h"

#include <openssl/evp.h>

#include "buf.h"
#include "limits.h"

/* Lower case of the alphabets that pools are named in; what has no case stays. */
static uint32_t lower(uint32_t c)
{
    bool latin = (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7);
    bool greek = c >= 0x391 && c <= 0x3ab && c != 0x3a2;

    if (latin || greek || (c >= 0x410 && c <= 0x42f))
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40f)
        return c + 0x50;
    if ((c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177))
        return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
        return c + (c & 1);
    return c == 0x178 ? 0xff : c;
}

static void add_unit(struct buf *out, uint32_t unit)
{
    buf_add_char(out, (char)(unit & 0xff));
    buf_add_char(out, (char)(unit >> 8 & 0xff));
}

/* s is UTF-8 (it came through the XML parser); what is not ends the text. */
static void add_lower_utf16(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.len;) {
        unsigned char lead = (unsigned char)s.p[i++];
        int more = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
        uint32_t c = more == 0 ? lead : lead & (0x3fu >> more);
        for (; more > 0 && i < s.len; more--)
            c = c << 6 | ((unsigned char)s.p[i++] & 0x3fu);
        c = lower(c);
        if (c < 0x10000) {
            add_unit(out, c);
        } else {
            add_unit(out, 0xd800 + ((c - 0x10000) >> 10));
            add_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
}

struct str iis_sid_of_pool(struct str pool, struct arena *a)
{
    CLEANUP(buf_done) struct buf name = BUF_INIT(2 * LIMIT_TEXT_BYTES);
    unsigned char h[EVP_MAX_MD_SIZE];
    uint32_t part[5];

    add_lower_utf16(&name, pool);
    if (name.failed || !EVP_Digest(buf_c(&name), name.len, h, NULL, EVP_sha1(), NULL))
        return (struct str){NULL, 0};
    for (size_t i = 0; i < 5; i++)
        part[i] = (uint32_t)h[4 * i] | (uint32_t)h[4 * i + 1] << 8 | (uint32_t)h[4 * i + 2] << 16 |
                  (uint32_t)h[4 * i + 3] << 24;
    return str_from(arena_printf(a, "S-1-5-82-%u-%u-%u-%u-%u", part[0], part[1], part[2], part[3], part[4]));
}
