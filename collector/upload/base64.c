/* SPDX-License-Identifier: Apache-2.0 */
#include "base64.h"

void base64_add(struct buf *out, struct bytes data)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < data.len; i += 3) {
        size_t n = data.len - i;
        uint32_t three = (uint32_t)data.p[i] << 16 | (n > 1 ? (uint32_t)data.p[i + 1] << 8 : 0) |
                         (n > 2 ? (uint32_t)data.p[i + 2] : 0);

        buf_add_char(out, letters[three >> 18]);
        buf_add_char(out, letters[three >> 12 & 63]);
        buf_add_char(out, n > 1 ? letters[three >> 6 & 63] : '=');
        buf_add_char(out, n > 2 ? letters[three & 63] : '=');
    }
}
