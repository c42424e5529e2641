/* SPDX-License-Identifier: Apache-2.0
 *
 * How much is sent at once. A server that compares checksums forgets a piece that broke off, so on a bad line
 * pieces should be small; on a fast one each costs a round trip, so they should be large. */
#include "tus.h"

enum { LEAST = 256 * 1024, FIRST = 1024 * 1024, MOST = 32 * 1024 * 1024, SHORT_MS = 2000, LONG_MS = 20000 };

void piece_begin(struct tus *t)
{
    t->piece = FIRST;
}

void piece_took(struct tus *t, unsigned ms)
{
    if (ms < SHORT_MS && t->piece < MOST)
        t->piece *= 2;
    else if (ms > LONG_MS && t->piece > LEAST)
        t->piece /= 2;
}

void piece_broke(struct tus *t)
{
    if (t->piece > LEAST)
        t->piece /= 2;
}
