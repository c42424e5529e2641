/* SPDX-License-Identifier: Apache-2.0
 *
 * What an event says: which of its values goes into which column, by provider (schema/lib/events.def). */
#include "extract_events.h"

#include <string.h>

static const struct {
    const char *provider, *area;
    enum event_area kind;
} areas[] = {
    {"Schannel", "schannel", AREA_SCHANNEL},
    {"Microsoft-Windows-Schannel-Events", "schannel", AREA_SCHANNEL},
    {"Microsoft-Windows-CAPI2", "capi2", AREA_CAPI2},
    {"Microsoft-Windows-HttpEvent", "http", AREA_HTTP},
    {"Microsoft-Windows-HttpService", "http", AREA_HTTP},
    {"HTTP", "http", AREA_HTTP},
    {"Microsoft-Windows-Kerberos-Key-Distribution-Center", "kdc", AREA_KDC},
    {"KDC", "kdc", AREA_KDC},
    {"Kdcsvc", "kdc", AREA_KDC},
    {"Microsoft-Windows-Security-Kerberos", "kerberos", AREA_KERBEROS},
    {"Kerberos", "kerberos", AREA_KERBEROS},
    {"NETLOGON", "netlogon", AREA_NETLOGON},
    {"Microsoft-Windows-Time-Service", "time", AREA_TIME},
    {"W32Time", "time", AREA_TIME},
    {"Microsoft-Windows-Security-Auditing", "security", AREA_SECURITY},
    {"Microsoft-Windows-IIS-Configuration", "iis", AREA_IIS},
    {"Microsoft-Windows-IIS-W3SVC", "iis", AREA_IIS},
    {"Microsoft-Windows-IIS-W3SVC-WP", "iis", AREA_IIS},
    {"Microsoft-Windows-WAS", "iis", AREA_IIS},
};

/* The security log is about everything; these are about logons (causes §10, opt-in). */
static const int64_t security_ids[] = {4625, 4768, 4771, 4776};

enum column {
    COL_SIDE,
    COL_CODE,
    COL_ERROR,
    COL_STATE,
    COL_PROCESS,
    COL_SUBJECT,
    COL_ISSUER,
    COL_SERIAL,
    COL_THUMBPRINT,
    COL_ENDPOINT,
    COL_TARGET,
    COL_ACCOUNT,
    COL_PROTOCOL,
    COL_CERTIFICATE, /* DER in hexadecimal digits */
    COL_PACKET,      /* of the I/O error log: the status is its last four bytes */
    COL_CHAIN,       /* of event_chain */
    COL_DATA         /* a row of event_data */
};

static const struct {
    enum event_area kind;
    const char *name;
    enum column column;
} values[] = {
#define EVENT_VALUE(area, name, column) {AREA_##area, name, COL_##column},
#include "events.def"
#undef EVENT_VALUE
};

static bool find_area(const struct event *event, struct event_facts *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(areas); i++)
        if (str_ieq(event->provider, str_from(areas[i].provider))) {
            ret->area = areas[i].area;
            ret->kind = areas[i].kind;
            return true;
        }
    return false;
}

static bool is_of_concern(const struct event *event, struct event_facts *ret)
{
    if (event->id < 0 || !find_area(event, ret))
        return false;
    if (ret->kind != AREA_SECURITY)
        return true;
    for (size_t i = 0; i < ARRAY_LEN(security_ids); i++)
        if (event->id == security_ids[i])
            return true;
    return false;
}

bool event_hex(struct str s, int64_t *ret)
{
    int64_t v = 0;

    s = str_trim(s);
    if (str_istarts(s, STR("0x")))
        s = str_skip(s, 2);
    if (s.len == 0 || s.len > 16)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.p[i];
        int digit = c >= '0' && c <= '9'                 ? c - '0'
                    : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                         : -1;
        if (digit < 0)
            return false;
        v = (v << 4 | digit) & 0xffffffff;
    }
    *ret = v;
    return true;
}

struct str event_thumbprint(struct str file_ref, char ret[41])
{
    size_t n = 0;

    for (size_t i = 0; i < file_ref.len && n < 40; i++) {
        char c = file_ref.p[i], low = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
        if (c == ' ')
            continue;
        if (!((low >= '0' && low <= '9') || (low >= 'a' && low <= 'f')))
            break;
        ret[n++] = low;
    }
    ret[n] = 0;
    return n == 40 ? (struct str){ret, 40} : (struct str){0};
}

/* A URL without query; and where it holds a user or a password, what stands behind them. */
static struct str without_query(struct str url)
{
    struct str query, rest = str_cut(url, '?', &query);
    const char *slashes = rest.len ? memmem(rest.p, rest.len, "://", 3) : NULL;

    if (!slashes)
        return rest;
    struct str path, host = str_cut(str_skip(rest, (size_t)(slashes - rest.p) + 3), '/', &path);
    const char *at = host.len ? memrchr(host.p, '@', host.len) : NULL;
    return at ? str_skip(rest, (size_t)(at - rest.p) + 1) : rest;
}

/* "C:\Windows\System32\lsass.exe" and "lsass.exe" are one. */
static struct str file_name(struct str path)
{
    const char *slash = path.len ? memrchr(path.p, '\\', path.len) : NULL;

    return slash ? str_skip(path, (size_t)(slash - path.p) + 1) : path;
}

/* An unsigned number; Schannel writes decimal, others "0x…". */
static void read_code(struct str s, int64_t *ret)
{
    uint64_t v = 0;

    if (str_to_u64(s, UINT32_MAX, &v))
        *ret = (int64_t)v;
    else if (str_istarts(s, STR("0x")))
        (void)event_hex(s, ret);
}

/* IO_ERROR_LOG_PACKET
 * (https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/ns-wdm-_io_error_log_packet): 40 bytes, then
 * what the driver adds: http.sys the status. */
static void read_packet(struct str hex, int64_t *ret)
{
    uint8_t bytes[256];
    size_t len = 0;

    if (!text_unhex(hex, bytes, sizeof(bytes), &len) || len < 44)
        return;
    *ret = (int64_t)((uint32_t)bytes[40] | (uint32_t)bytes[41] << 8 | (uint32_t)bytes[42] << 16 |
                     (uint32_t)bytes[43] << 24);
}

static void set(struct str *column, struct str value)
{
    if (!column->p && value.len > 0)
        *column = value;
}

static void take_certificate(struct event_facts *f, struct str hex, uint8_t *scratch)
{
    size_t len = 0;

    if (!f->der.p && text_unhex(hex, scratch, CERT_SCRATCH_BYTES, &len) && len > 0)
        f->der = (struct bytes){scratch, len};
}

static void take_value(struct event_facts *f, enum column column, struct str value, uint8_t *scratch)
{
    struct str *const texts[] = {
        [COL_SIDE] = &f->side,        [COL_SUBJECT] = &f->subject,   [COL_ISSUER] = &f->issuer,
        [COL_SERIAL] = &f->serial,    [COL_ENDPOINT] = &f->endpoint, [COL_ACCOUNT] = &f->account,
        [COL_PROTOCOL] = &f->protocol};

    switch (column) {
    case COL_CODE:
        read_code(value, &f->code);
        break;
    case COL_ERROR:
        (void)event_hex(value, &f->error);
        break;
    case COL_STATE:
        read_code(value, &f->state);
        break;
    case COL_PACKET:
        read_packet(value, &f->error);
        break;
    case COL_PROCESS:
        set(&f->process, file_name(value));
        break;
    case COL_TARGET:
        set(&f->target, without_query(value));
        break;
    case COL_THUMBPRINT:
        if (!f->thumbprint.p)
            f->thumbprint = event_thumbprint(value, f->thumbprint_text);
        break;
    case COL_CERTIFICATE:
        take_certificate(f, value, scratch);
        break;
    case COL_CHAIN:
    case COL_DATA:
        break;
    default:
        set(texts[column], value);
    }
}

/* The row for a value; ARRAY_LEN(values): none. */
static size_t find_value(enum event_area kind, struct str name)
{
    size_t i = 0;

    while (i < ARRAY_LEN(values) && (values[i].kind != kind || !str_eq(name, str_from(values[i].name))))
        i++;
    return i;
}

struct str event_words(const struct event *event, size_t from, size_t to, struct str prefix, char *words,
                       size_t room)
{
    size_t len = 0;

    for (size_t i = from; i < to; i++) {
        const struct event_item *item = &event->items[i];
        struct str word = str_skip(item->name, prefix.len);
        if (!str_starts(item->name, prefix) || !str_starts(word, STR("CERT_")) ||
            !str_eq(item->value, STR("true")) || word.len + 1 > room - len)
            continue;
        if (len > 0)
            words[len++] = ' ';
        memcpy(words + len, word.p, word.len);
        len += word.len;
    }
    return len ? (struct str){words, len} : (struct str){0};
}

bool event_decode(const struct event *event, uint8_t *scratch, struct event_facts *ret)
{
    *ret = (struct event_facts){.code = -1, .error = -1, .state = -1};
    if (!is_of_concern(event, ret))
        return false;
    for (size_t i = 0; i < event->n_items; i++) {
        size_t at = find_value(ret->kind, event->items[i].name);
        if (at < ARRAY_LEN(values))
            take_value(ret, values[at].column, event->items[i].value, scratch);
    }
    if (ret->kind == AREA_CAPI2)
        ret->status = event_words(event, 0, event->n_items, STR("CertificateChain/TrustStatus/ErrorStatus@"),
                                  ret->words, sizeof(ret->words));
    return true;
}

/* Areas whose values are names, numbers and addresses, never headers, bodies or passwords. */
static bool is_plain(enum event_area kind)
{
    return kind == AREA_HTTP || kind == AREA_KDC || kind == AREA_KERBEROS || kind == AREA_NETLOGON ||
           kind == AREA_TIME || kind == AREA_IIS;
}

bool event_may_tell(const struct event_facts *f, const struct event_item *item, struct str *ret)
{
    size_t at = find_value(f->kind, item->name);
    bool is_listed = at < ARRAY_LEN(values) && values[at].column == COL_DATA;
    bool is_binary = str_istarts(item->name, STR("binary")) || str_istarts(item->name, STR("__bin"));

    if (item->value.len == 0 || (!is_listed && (!is_plain(f->kind) || is_binary || at < ARRAY_LEN(values))))
        return false;
    *ret = without_query(item->value);
    return true;
}

bool event_failed(const struct event *event, const struct event_facts *f)
{
    return (event->level >= 1 && event->level <= 3) || f->error > 0 || f->status.len > 0 ||
           (f->kind == AREA_SCHANNEL && (event->id == 36887 || event->id == 36888));
}
