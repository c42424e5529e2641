/* SPDX-License-Identifier: Apache-2.0 */
#include "w3c.h"

#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
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

#ifdef __x86_64__
#define WITH_AVX2 __attribute__((target("avx2,bmi,popcnt")))

/* A bit is a blank at p[bit]. */
WITH_AVX2 static inline uint64_t blanks_of_64(const char *p)
{
    const __m256i blank = _mm256_set1_epi8(' '), *at = (const __m256i *)(const void *)p;
    __m256i low = _mm256_cmpeq_epi8(_mm256_loadu_si256(at), blank);
    __m256i high = _mm256_cmpeq_epi8(_mm256_loadu_si256(at + 1), blank);

    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

/* The k-th blank from here, at the lowest bit; another bit where there is none, which the next one writes
 * over. */
WITH_AVX2 static inline uint64_t take_blank(uint64_t blanks, uint32_t base, uint32_t k, uint32_t *start,
                                            uint32_t *end)
{
    uint32_t at = base + (uint32_t)_tzcnt_u64(blanks);

    end[k] = at;
    start[k + 1] = at + 1;
    return _blsr_u64(blanks);
}

/* Eight, without asking whether there are so many: a wrong guess of the processor costs more. */
WITH_AVX2 static inline uint64_t take_eight(uint64_t blanks, uint32_t base, uint32_t *start, uint32_t *end)
{
    blanks = take_blank(blanks, base, 0, start, end);
    blanks = take_blank(blanks, base, 1, start, end);
    blanks = take_blank(blanks, base, 2, start, end);
    blanks = take_blank(blanks, base, 3, start, end);
    blanks = take_blank(blanks, base, 4, start, end);
    blanks = take_blank(blanks, base, 5, start, end);
    blanks = take_blank(blanks, base, 6, start, end);
    return take_blank(blanks, base, 7, start, end);
}

/* A line of at least 64 bytes. 0: it has runs of blanks, or one at an end; split_rest reads such. */
WITH_AVX2 static uint32_t split_fast(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    uint64_t before = 1, runs = p[len - 1] == ' ';
    uint32_t n = 0;

    start[0] = 0;
    for (size_t i = 0; i < len && n <= max; i += 64) {
        /* the last bytes by one look at 64, without those that were seen */
        uint64_t blanks =
            i + 64 <= len ? blanks_of_64(p + i) : blanks_of_64(p + len - 64) >> (64 - (len - i));
        uint32_t at = n;
        runs |= blanks & (blanks << 1 | before);
        before = blanks >> 63;
        n += (uint32_t)__builtin_popcountll(blanks);
        do {
            blanks = take_eight(blanks, (uint32_t)i, start + at, end + at);
            at += 8;
        } while (blanks);
    }
    end[n] = (uint32_t)len;
    return runs ? 0 : n + 1;
}

uint32_t w3c_split(const char *p, size_t len, uint32_t max, uint32_t *start, uint32_t *end)
{
    uint32_t n = len >= 64 && __builtin_cpu_supports("avx2") ? split_fast(p, len, max, start, end) : 0;

    return n ? n : split_rest(p, 0, len, 0, 0, max, start, end);
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
