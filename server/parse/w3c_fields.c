/* SPDX-License-Identifier: Apache-2.0 */
#include "w3c.h"

static const struct {
    const char *text;
    enum w3c_field field;
    bool local_time;
} names[] = {
#define X(name, text) {text, W3C_##name, false},
    W3C_FIELD_LIST(X)
#undef X
    /* Advanced Logging's words for the same */
    {"date-UTC", W3C_DATE, false},
    {"time-UTC", W3C_TIME, false},
    {"date-local", W3C_DATE, true},
    {"time-local", W3C_TIME, true},
    {"cs(Host)", W3C_HOST, false},
    {"TimeTakenMS", W3C_TAKEN, false},
};

/* What IIS and http.sys write when nobody chose otherwise. */
static const char *const defaults_iis[] = {
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) "
    "sc-status "
    "sc-substatus sc-win32-status time-taken",
    "date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status "
    "sc-substatus sc-win32-status time-taken",
    "date time s-sitename s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "sc-status "
    "sc-substatus sc-win32-status",
    "date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs-version "
    "cs(User-Agent) cs(Cookie) cs(Referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes "
    "time-taken",
};
static const char *const defaults_httperr[] = {
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason "
    "s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason "
    "s-queuename "
    "transport",
};

struct str w3c_fields_default(enum w3c_flavour flavour, size_t i)
{
    if (flavour == W3C_IIS)
        return i < ARRAY_LEN(defaults_iis) ? str_from(defaults_iis[i]) : (struct str){0};
    return i < ARRAY_LEN(defaults_httperr) ? str_from(defaults_httperr[i]) : (struct str){0};
}

static void take_name(struct str name, uint32_t at, int16_t column[W3C_FIELD_COUNT], bool *local_time)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_ieq(name, str_from(names[i].text)) || column[names[i].field] >= 0)
            continue;
        column[names[i].field] = (int16_t)at;
        *local_time = *local_time || names[i].local_time;
        return;
    }
}

uint32_t w3c_fields_read(struct str text, int16_t column[W3C_FIELD_COUNT], bool *ret_local_time)
{
    uint32_t n = 0;

    *ret_local_time = false;
    for (size_t i = 0; i < W3C_FIELD_COUNT; i++)
        column[i] = -1;
    while (text.p) {
        struct str name = str_trim(str_cut(text, ' ', &text));
        if (name.len == 0)
            continue;
        if (n == W3C_COLUMNS_MAX)
            return 0;
        take_name(name, n++, column, ret_local_time);
    }
    return n;
}

static bool read_day(struct str digits, int64_t *ret)
{
    uint64_t v = 0;

    if (!str_to_u64(digits, 999999, &v))
        return false;
    int year = 2000 + (int)(v / 10000), month = (int)(v / 100 % 100), day = (int)(v % 100);
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *ret = time_from_civil(year, month, day, 0, 0, 0);
    return true;
}

int64_t w3c_day_of_name(struct str name)
{
    int64_t day = TIME_NONE;

    for (size_t i = 0; i + 8 <= name.len; i++) {
        struct str rest = str_skip(name, i);
        if (str_istarts(rest, STR("ex")) && read_day((struct str){rest.p + 2, 6}, &day))
            return day;
    }
    return day;
}
