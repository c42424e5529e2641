/* SPDX-License-Identifier: Apache-2.0
 *
 * Times without the C library's: they must not depend on a time zone, a locale or a platform. */
#include "text.h"

/* Days since 1970-01-01 of a civil date, proleptic Gregorian. Years are counted from March, so that the leap
 * day is the last of its year, and in eras of 400 years = 146,097 days. */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

struct civil {
    int64_t year;
    int month, day;
};

static struct civil civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    struct civil c = {.day = (int)(doy - (153 * mp + 2) / 5 + 1), .month = (int)(mp < 10 ? mp + 3 : mp - 9)};

    c.year = yoe + era * 400 + (c.month <= 2);
    return c;
}

int64_t time_from_civil(int year, int month, int day, int hour, int minute, int second)
{
    int64_t seconds = days_from_civil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;

    return seconds * 1000;
}

int64_t time_from_filetime(uint64_t filetime)
{
    const int64_t epoch_ms = 11644473600000; /* 1601 to 1970 */

    return filetime ? (int64_t)(filetime / 10000) - epoch_ms : TIME_NONE;
}

/* n digits, then one character. Returns what is behind them. */
static char *add_digits(char *to, int value, int n, char then)
{
    for (int i = n; i-- > 0; value /= 10)
        to[i] = (char)('0' + value % 10);
    to[n] = then;
    return to + n + 1;
}

void time_format(int64_t ms, char ret[32])
{
    ret[0] = 0;
    if (ms == TIME_NONE)
        return;
    int64_t days = ms / 86400000, rest = ms % 86400000;
    if (rest < 0) {
        rest += 86400000;
        days--;
    }
    struct civil c = civil_from_days(days);
    if (c.year < 0 || c.year > 9999)
        return; /* RFC 3339 has no such year */
    ret = add_digits(ret, (int)c.year, 4, '-');
    ret = add_digits(ret, c.month, 2, '-');
    ret = add_digits(ret, c.day, 2, 'T');
    ret = add_digits(ret, (int)(rest / 3600000), 2, ':');
    ret = add_digits(ret, (int)(rest / 60000 % 60), 2, ':');
    ret = add_digits(ret, (int)(rest / 1000 % 60), 2, '.');
    ret = add_digits(ret, (int)(rest % 1000), 3, 'Z');
    *ret = 0;
}

/* n digits at the cursor; -1 when they are not there. */
static int digits(struct str *s, size_t n)
{
    uint64_t value;

    if (s->len < n || !str_to_u64((struct str){s->p, n}, 9999, &value))
        return -1;
    *s = str_skip(*s, n);
    return (int)value;
}

static bool skip_any(struct str *s, const char *of)
{
    for (; s->len && *of; of++)
        if (s->p[0] == *of) {
            *s = str_skip(*s, 1);
            return true;
        }
    return false;
}

static int days_of_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : DAYS[month - 1];
}

static bool parse_date(struct str *s, int *year, int *month, int *day)
{
    *year = digits(s, 4);
    if (*year < 0 || !skip_any(s, "-"))
        return false;
    *month = digits(s, 2);
    if (*month < 1 || *month > 12 || !skip_any(s, "-"))
        return false;
    *day = digits(s, 2);
    return *day >= 1 && *day <= days_of_month(*year, *month);
}

/* "HH:MM:SS", with a fraction of any length, as milliseconds of the day; a leap second counts as the one
 * before. */
static bool parse_clock(struct str *s, int64_t *ret_ms)
{
    int hour = digits(s, 2);
    if (hour < 0 || hour > 23 || !skip_any(s, ":"))
        return false;
    int minute = digits(s, 2);
    if (minute < 0 || minute > 59 || !skip_any(s, ":"))
        return false;
    int second = digits(s, 2);
    if (second < 0 || second > 60)
        return false;
    int64_t fraction = 0, weight = 100;
    if (skip_any(s, ".")) {
        if (!s->len || s->p[0] < '0' || s->p[0] > '9')
            return false;
        for (; s->len && s->p[0] >= '0' && s->p[0] <= '9'; *s = str_skip(*s, 1), weight /= 10)
            fraction += (s->p[0] - '0') * weight;
    }
    *ret_ms = ((hour * 60 + minute) * 60 + (second == 60 ? 59 : second)) * (int64_t)1000 + fraction;
    return true;
}

/* "Z", or "+HH:MM"; in minutes east of UTC. */
static bool parse_offset(struct str *s, int *ret_minutes)
{
    if (skip_any(s, "Zz")) {
        *ret_minutes = 0;
        return true;
    }
    bool west = s->len && s->p[0] == '-';
    if (!skip_any(s, "+-"))
        return false;
    int hours = digits(s, 2);
    if (hours < 0 || hours > 23 || !skip_any(s, ":"))
        return false;
    int minutes = digits(s, 2);
    if (minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
    return true;
}

bool time_parse(struct str s, int64_t *ret_ms)
{
    int year, month, day, offset;
    int64_t ms;

    if (!parse_date(&s, &year, &month, &day) || !skip_any(&s, "Tt ") || !parse_clock(&s, &ms) ||
        !parse_offset(&s, &offset) || s.len)
        return false;
    *ret_ms = time_from_civil(year, month, day, 0, 0, 0) + ms - offset * (int64_t)60000;
    return true;
}
