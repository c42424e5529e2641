/* SPDX-License-Identifier: Apache-2.0 */
#include "uuid.h"

#include "os.h"

int uuid_make(struct buf *out, struct err *e)
{
    uint8_t r[16];

    if (os_random(r, sizeof(r), e) != 0)
        return -e->code;
    r[6] = (uint8_t)((r[6] & 0x0f) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(r); i++)
        buf_printf(out, "%02x%s", r[i], i == 3 || i == 5 || i == 7 || i == 9 ? "-" : "");
    return buf_check(out, "identifier", e);
}
