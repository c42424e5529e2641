/* SPDX-License-Identifier: Apache-2.0 */
#include "w3c.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Ends the part that began at `from` before the blank at `at`; runs of blanks make no empty parts. */
static inline uint32_t end_part(uint32_t n, size_t from, size_t at, uint32_t *start, uint32_t *end)
{
    start[n] = (uint32_t)from;
    end[n] = (uint32_t)at;
    return n + (at > from);
}

static uint32_t split_rest(const char *p, size_t i, size_t len, size_t from, uint32_t n, uint32_t max,
                           uint32_t *start, uint32_t *end)
{
    for (; i < len && n <= max; i++) {
        if (p[i] != ' ')
            continue;
        n = end_part(n, from, i, start, end);
        from = i + 1;
    }
    return n <= max ? end_part(n, from, len, start, end) : n;
}

#ifdef __SSE2__
static inline unsigned blanks_of_16(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));
}

static inline uint64_t blanks_of_64(const char *p)
{
    return (uint64_t)blanks_of_16(p) | (uint64_t)blanks_of_16(p + 16) << 16 |
           (uint64_t)blanks_of_16(p + 32) << 32 | (uint64_t)blanks_of_16(p + 48) << 48;
}

uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    size_t i = 0, from = 0;
    uint32_t n = 0;

    for (; i + 64 <= len; i += 64) {
        for (uint64_t mask = blanks_of_64(p + i); mask && n <= max; mask &= mask - 1) {
            size_t at = i + (size_t)__builtin_ctzll(mask);
            n = end_part(n, from, at, start, end);
            from = at + 1;
        }
    }
    for (; i + 16 <= len; i += 16) {
        for (unsigned mask = blanks_of_16(p + i); mask && n <= max; mask &= mask - 1) {
            size_t at = i + (size_t)__builtin_ctz(mask);
            n = end_part(n, from, at, start, end);
            from = at + 1;
        }
    }
    return split_rest(p, i, len, from, n, max, start, end);
}
#else
uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    return split_rest(p, 0, len, 0, 0, max, start, end);
}
#endif

/* Behind the closing quote of the part that begins at p[i] == '"'; len when it is not closed. */
static size_t skip_quoted(const char *p, size_t i, size_t len)
{
    for (i++; i < len; i++) {
        if (p[i] != '"')
            continue;
        if (i + 1 < len && p[i + 1] == '"')
            i++;
        else
            return i;
    }
    return len;
}

uint32_t w3c_split_quoted(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    uint32_t n = 0;

    for (size_t i = 0; i < len && n <= max; i++) {
        if (p[i] == ' ')
            continue;
        size_t from = i;
        bool quoted = p[i] == '"';
        if (quoted) {
            from++;
            i = skip_quoted(p, i, len);
        } else {
            const char *blank = memchr(p + i, ' ', len - i);
            i = blank ? (size_t)(blank - p) : len;
        }
        start[n] = (uint32_t)from;
        end[n++] = (uint32_t)(i < from ? from : i);
    }
    return n;
}
