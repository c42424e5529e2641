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

struct split {
    uint32_t *start, *end;
    size_t from; /* where the current part began */
    uint32_t n, max;
};

/* A bit is a blank at p[i + bit]. */
static inline void take_blanks(struct split *s, uint64_t blanks, size_t i)
{
    for (; blanks && s->n <= s->max; blanks &= blanks - 1) {
        size_t at = i + (size_t)__builtin_ctzll(blanks);
        s->n = end_part(s->n, s->from, at, s->start, s->end);
        s->from = at + 1;
    }
}

uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    struct split s = {.start = start, .end = end, .max = max};
    size_t i = 0;

    if (len < 64)
        return split_rest(p, 0, len, 0, 0, max, start, end);
    for (; i + 64 <= len; i += 64)
        take_blanks(&s, blanks_of_64(p + i), i);
    /* the rest by one look at the last 64 bytes, without those that were seen */
    if (i < len)
        take_blanks(&s, blanks_of_64(p + len - 64) >> (64 - (len - i)), i);
    return s.n <= max ? end_part(s.n, s.from, len, start, end) : s.n;
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
