/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include "str.h"

#include <inttypes.h>
#include <string.h>

struct unit {
    char letter;
    int64_t factor;
};

static bool with_unit(struct str text, const struct unit *units, int64_t *ret)
{
    uint64_t n = 0;

    for (; units->factor; units++) {
        struct str digits = text;
        if (units->letter && (text.len == 0 || text.p[text.len - 1] != units->letter))
            continue;
        if (units->letter)
            digits.len--;
        if (!str_to_u64(digits, (uint64_t)(INT64_MAX / 2 / units->factor), &n))
            return false;
        *ret = (int64_t)n * units->factor;
        return true;
    }
    return false;
}

int option_duration(const struct options *o, const char *name, int64_t *ret_ms, struct err *e)
{
    static const struct unit units[] = {{'s', 1000}, {'m', 60000}, {'h', 3600000}, {'d', 86400000}, {0}};
    const char *text = option(o, name);

    if (!text || with_unit(str_from(text), units, ret_ms))
        return 0;
    return err_set(e, ERR_USAGE, "%s %s: a number with s, m, h or d, such as 7d", name, text);
}

int option_size(const struct options *o, const char *name, int64_t *ret_bytes, struct err *e)
{
    static const struct unit units[] = {{'K', 1 << 10}, {'M', 1 << 20}, {'G', 1 << 30}, {0, 1}, {0}};
    const char *text = option(o, name);

    if (!text || with_unit(str_from(text), units, ret_bytes))
        return 0;
    return err_set(e, ERR_USAGE, "%s %s: a number of bytes, or with K, M or G, such as 512M", name, text);
}

int option_number(const struct options *o, const char *name, int64_t low, int64_t high, int64_t *ret,
                  struct err *e)
{
    const char *text = option(o, name);
    uint64_t n = 0;

    if (!text)
        return 0;
    if (!str_to_u64(str_from(text), (uint64_t)high, &n) || (int64_t)n < low)
        return err_set(e, ERR_USAGE, "%s %s: a whole number from %" PRId64 " to %" PRId64, name, text, low,
                       high);
    *ret = (int64_t)n;
    return 0;
}
