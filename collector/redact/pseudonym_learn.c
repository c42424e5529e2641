/* SPDX-License-Identifier: Apache-2.0
 *
 * Where names stand: in fields that are listed, in URLs, in paths of profiles, behind "*.", in bindings, and
 * wherever something has the form of a SID or of an IPv4 address. */
#include "pseudonym_names.h"

#include <string.h>

enum field { FIELD_NONE, FIELD_HOSTS, FIELD_USER };

static const struct {
    const char *name;
    enum field field;
} fields[] = {
#define FIELD(name, field) {name, FIELD_##field},
#define KEEP(name)
#define WORD(word)
#include "pseudonym.def"
#undef FIELD
#undef KEEP
#undef WORD
};

static bool has(struct str s, char c)
{
    return s.len > 0 && memchr(s.p, c, s.len) != NULL;
}

static bool is_host_char(char c)
{
    return names_is_letter(c) || c == '.' || c == '-' || c == '_';
}

struct str names_host(struct str s)
{
    size_t n = 0;

    while (n < s.len && is_host_char(s.p[n]))
        n++;
    return (struct str){s.p, n};
}

/* From the first character of a word to the last: "$" and the like at the ends are no part of a name. */
static struct str trim(struct str s)
{
    while (s.len > 0 && !names_is_letter(s.p[0]))
        s = str_skip(s, 1);
    while (s.len > 0 && !names_is_letter(s.p[s.len - 1]))
        s.len--;
    return s;
}

/* One of our own: a bundle may be rewritten twice. */
static bool is_given(struct str s)
{
    uint64_t n;

    return str_starts(s, STR("name")) && str_to_u64(str_skip(s, 4), UINT32_MAX, &n);
}

/* Words that mean something where they stand: accounts of Windows, words of the bundle and of IIS. */
static bool is_ordinary(struct str s)
{
    static const char *const words[] = {
#define FIELD(name, field)
#define KEEP(name)
#define WORD(word) word,
#include "pseudonym.def"
#undef FIELD
#undef KEEP
#undef WORD
    };
    bool letter = false;

    for (size_t i = 0; i < s.len; i++)
        letter = letter || (names_is_letter(s.p[i]) && (s.p[i] < '0' || s.p[i] > '9'));
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (str_ieq(s, str_from(words[i])))
            return true;
    return !letter || s.len < 3 || s.len > NAME_BYTES || str_istarts(s, STR("0x")) || is_given(s);
}

static void learn_word(struct pseudonyms *p, struct str word)
{
    struct name *n = is_ordinary(word) ? NULL : names_get(p, word);

    names_give(p, n, FAMILY_NAME);
    if (n != NULL)
        names_set(p, n, n->pseudonym);
}

/* --- addresses and SIDs --- */

/* Of the four numbers that s begins with: their length; 0: something else stands there. */
static size_t quad(struct str s)
{
    size_t i = 0;

    for (int part = 0; part < 4; part++) {
        size_t from = i;
        unsigned v = 0;
        while (i < s.len && i - from < 4 && s.p[i] >= '0' && s.p[i] <= '9')
            v = v * 10 + (unsigned)(s.p[i++] - '0');
        if (i == from || v > 255 || (part < 3 && (i >= s.len || s.p[i++] != '.')))
            return 0;
    }
    return i < s.len && (names_is_letter(s.p[i]) ||
                         (s.p[i] == '.' && i + 1 < s.len && names_is_letter(s.p[i + 1])))
               ? 0
               : i;
}

/* This machine, masks, and what is no address: object identifiers, versions. And those that we give. */
static bool is_special(struct str a)
{
    static const char *const begins[] = {"127.",    "0.",   "255.",    "2.5.",
                                         "1.3.6.1", "1.2.", "198.18.", "198.19."};

    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts(a, str_from(begins[i])))
            return true;
    return str_iends(a, STR(".0.0"));
}

static void learn_ipv4(struct pseudonyms *p, struct str a)
{
    struct name *n = is_special(a) ? NULL : names_get(p, a);

    names_give(p, n, FAMILY_IPV4);
    if (n != NULL)
        names_set(p, n, n->pseudonym);
}

static void learn_ipv6(struct pseudonyms *p, struct str a)
{
    struct name *n;

    a = str_cut(a, '%', &(struct str){0});
    if (a.len < 4 || !names_is_letter(a.p[0]) || str_istarts(a, STR("2001:db8::")))
        return; /* "::", "::1", "::ffff:…": the address of four numbers in the last is one of its own */
    n = names_get(p, a);
    names_give(p, n, FAMILY_IPV6);
    if (n != NULL)
        names_set(p, n, n->pseudonym);
}

/* "S-1-5-21-1-2-3" of a domain or machine; the number behind it stays. */
static void learn_sid(struct pseudonyms *p, struct str s)
{
    size_t n = 9;

    for (int part = 0; part < 3; part++) {
        size_t from = n;
        while (n < s.len && s.p[n] >= '0' && s.p[n] <= '9')
            n++;
        if (n == from || (part < 2 && (n >= s.len || s.p[n++] != '-')))
            return;
    }
    if (str_istarts(s, STR("S-1-5-21-1-1-")))
        return;
    struct name *sid = names_get(p, (struct str){s.p, n});
    names_give(p, sid, FAMILY_SID);
    if (sid != NULL)
        names_set(p, sid, sid->pseudonym);
}

/* --- hosts --- */

static bool is_kept(const struct pseudonyms *p, struct str domain)
{
    static const char *const known[] = {"microsoft.com", "windows.com", "windowsupdate.com", "w3.org",
                                        "xmlsoap.org",   "iis.net",     "oasis-open.org"};
    const struct name *n = names_find(p, domain);

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_ieq(domain, str_from(known[i])))
            return true;
    return n != NULL && n->in_certificate;
}

static bool is_below_wildcard(const struct pseudonyms *p, struct str host)
{
    CLEANUP(buf_done) struct buf wild = BUF_INIT(2 * NAME_BYTES);
    struct str rest;
    const struct name *n;

    (void)str_cut(host, '.', &rest);
    buf_add_c(&wild, "*.");
    buf_add_str(&wild, rest);
    n = names_find(p, buf_str(&wild));
    return n != NULL && n->in_certificate;
}

/* Label by label, so that what is below what stays so: contoso.com and www.contoso.com, CONTOSO and
 * contoso.com. What stands behind the last dot stays, and so does a domain that a certificate names. */
static void learn_name(struct pseudonyms *p, struct str host)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(4096);
    struct str rest = host;
    bool stays = is_kept(p, host) || is_below_wildcard(p, host);
    struct name *n = names_get(p, host);

    while (n != NULL && !stays && !is_kept(p, rest)) {
        struct str label = str_cut(rest, '.', &rest);
        struct name *l = rest.p == NULL || is_given(label) ? NULL : names_get(p, label);
        names_give(p, l, FAMILY_NAME);
        buf_add_str(&text, l == NULL || l->pseudonym.p == NULL ? label : l->pseudonym);
        buf_add_c(&text, rest.p == NULL ? "" : ".");
        if (rest.p == NULL)
            break;
    }
    buf_add_str(&text, rest);
    if (n != NULL) {
        n->stays = n->stays || stays || str_ieq(buf_str(&text), host);
        names_set(p, n, buf_str(&text));
    }
}

void pseudonyms_learn_host(struct pseudonyms *p, struct str host)
{
    host = str_trim(host);
    if (str_starts(host, STR("*.")))
        host = str_skip(host, 2);
    while (host.len > 0 && host.p[host.len - 1] == '.')
        host.len--;
    struct str part = names_host(host);
    if (host.len > 0 && host.p[0] == '[')
        learn_ipv6(p, str_cut(str_skip(host, 1), ']', &host));
    else if (quad(host) == host.len && host.len > 0)
        learn_ipv4(p, host);
    else if (part.len < host.len && has(host, ':'))
        learn_ipv6(p, host);
    else if (part.len == host.len && has(host, '.') && !is_ordinary(host))
        learn_name(p, host);
    else if (part.len == host.len && !is_kept(p, host))
        learn_word(p, host);
}

/* "host", "host:port", "[address]:port", "address:port:host", "https=host:port" */
static void learn_endpoint(struct pseudonyms *p, struct str s)
{
    struct str rest = s, part;
    size_t colons = 0;

    for (size_t i = 0; i < s.len; i++)
        colons += s.p[i] == ':' ? (i > 0 && s.p[i - 1] == ':' ? 3 : 1) : 0;
    if (colons > 2 && s.p[0] != '[') {
        learn_ipv6(p, s);
        return;
    }
    if (s.len > 0 && s.p[0] == '[')
        pseudonyms_learn_host(p, (struct str){s.p, str_cut(s, ']', &rest).len + 1});
    while (rest.p != NULL) {
        part = str_cut(rest, ':', &rest);
        if (has(part, '='))
            (void)str_cut(part, '=', &part);
        pseudonyms_learn_host(p, part);
    }
}

/* One of them, or one URL. */
static void learn_one(struct pseudonyms *p, struct str s)
{
    struct str rest = s;

    while (rest.len > 0 && !str_starts(rest, STR("://")))
        rest = str_skip(rest, 1);
    rest = rest.len > 0 ? str_skip(rest, 3) : s;
    s = str_cut(rest, '/', &rest);
    while (has(s, '@'))
        (void)str_cut(s, '@', &s);
    learn_endpoint(p, s);
}

static void learn_hosts(struct pseudonyms *p, struct str s)
{
    for (size_t from = 0, i = 0; i <= s.len; i++)
        if (i == s.len || strchr(";, ", s.p[i]) != NULL) {
            if (i > from)
                learn_one(p, (struct str){s.p + from, i - from});
            from = i + 1;
        }
}

void pseudonyms_learn_user(struct pseudonyms *p, struct str user)
{
    static const char *const authorities[] = {"IIS AppPool", "NT AUTHORITY", "NT SERVICE", "BUILTIN"};
    struct str name, domain = str_cut(user, '\\', &name);

    if (name.p == NULL) {
        name = str_cut(user, '@', &domain);
        name = str_istarts(name, STR("S-1-")) ? STR("") : name;
    }
    for (size_t i = 0; i < ARRAY_LEN(authorities); i++)
        if (str_ieq(domain, str_from(authorities[i])))
            return;
    if (domain.p != NULL)
        pseudonyms_learn_host(p, domain);
    learn_word(p, trim(name));
}

/* --- texts --- */

/* What ends a value in XML, JSON and registry text. */
struct str names_value(struct str s)
{
    size_t n = 0;

    while (n < s.len && (uint8_t)s.p[n] >= ' ' && strchr("\"'<>&", s.p[n]) == NULL)
        n++;
    return (struct str){s.p, n};
}

static void learn_field(struct pseudonyms *p, struct str s, size_t word)
{
    enum field field = FIELD_NONE;
    size_t n = word;
    bool apart = false;

    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (str_eq((struct str){s.p, word}, str_from(fields[i].name)))
            field = fields[i].field;
    while (field != FIELD_NONE && n < s.len && n < word + 4 && strchr("\"'=:> ", s.p[n]) != NULL) {
        apart = apart || (s.p[n] != ' ' && s.p[n] != '"' && s.p[n] != '\'');
        n++;
    }
    if (!apart)
        return;
    if (field == FIELD_HOSTS)
        learn_hosts(p, names_value(str_skip(s, n)));
    else
        pseudonyms_learn_user(p, names_value(str_skip(s, n)));
}

/* Behind "://": the host of a URL. */
static void learn_url(struct pseudonyms *p, struct str s)
{
    struct str host = names_host(s);

    if (s.len > host.len && s.p[host.len] == '@') /* [redacted]@ has gone; a name alone stays */
        host = names_host(str_skip(s, host.len + 1));
    if (s.len > 0 && s.p[0] == '[')
        host = (struct str){s.p, str_cut(s, ']', &(struct str){0}).len};
    pseudonyms_learn_host(p, host);
}

/* "C:\Users\name\…", where a backslash may stand twice; "\\server\share" */
static void learn_path(struct pseudonyms *p, struct str s)
{
    static const char *const folders[] = {"\\Users\\", "\\\\Users\\\\"};

    for (size_t i = 0; i < ARRAY_LEN(folders); i++)
        if (str_istarts(s, str_from(folders[i]))) {
            struct str name = str_skip(s, strlen(folders[i]));
            size_t n = 0;
            while (n < name.len && (uint8_t)name.p[n] >= ' ' && strchr("\\/\"<>:|", name.p[n]) == NULL)
                n++;
            learn_word(p, trim((struct str){name.p, n}));
        }
}

static void learn_share(struct pseudonyms *p, struct str s)
{
    struct str host = names_host(s);

    if (host.len > 0 && host.len < s.len && s.p[host.len] == '\\')
        pseudonyms_learn_host(p, host);
}

/* "Domains\contoso.com\www]": zones of Internet Explorer. The second is looked for as a label of the first.
 */
static void learn_zone(struct pseudonyms *p, struct str s)
{
    CLEANUP(buf_done) struct buf whole = BUF_INIT(1024);
    struct str domain = names_host(s), label = names_host(str_skip(s, domain.len + 1));
    struct name *n;

    pseudonyms_learn_host(p, domain);
    if (domain.len >= s.len || s.p[domain.len] != '\\' || label.len == 0)
        return;
    buf_add_str(&whole, label);
    buf_add_char(&whole, '.');
    buf_add_str(&whole, domain);
    pseudonyms_learn_host(p, buf_str(&whole));
    n = names_get(p, buf_str(&whole));
    if (n != NULL && !n->stays)
        learn_word(p, label);
}

static void learn_here(struct pseudonyms *p, struct str s, char before)
{
    size_t n = 0;

    if (str_starts(s, STR("://")))
        learn_url(p, str_skip(s, 3));
    else if (str_starts(s, STR("*.")))
        pseudonyms_learn_host(p, names_host(str_skip(s, str_starts(s, STR("*.]")) ? 3 : 2)));
    else if (s.p[0] == '\\')
        learn_path(p, s);
    if (str_starts(s, STR("\"\\\\\\\\")))
        learn_share(p, str_skip(s, 5));
    else if (str_starts(s, STR("\"\\\\")))
        learn_share(p, str_skip(s, 3));
    else if (str_istarts(s, STR("BindingInfo\\")))
        learn_endpoint(p, str_cut(str_skip(s, 12), ']', &(struct str){0}));
    else if (str_istarts(s, STR("Domains\\")))
        learn_zone(p, str_skip(s, 8));
    if (names_is_letter(before) || !names_is_letter(s.p[0]))
        return;
    if (str_istarts(s, STR("S-1-5-21-")))
        learn_sid(p, s);
    else if (before != '.' && before != '-' && (n = quad(s)) > 0)
        learn_ipv4(p, (struct str){s.p, n});
    while (n < s.len && (names_is_letter(s.p[n]) || s.p[n] == '-'))
        n++;
    learn_field(p, s, n);
}

void pseudonyms_learn(struct pseudonyms *p, struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (names_is_letter(text.p[i]) || strchr(":*\\\"", text.p[i]) != NULL)
            learn_here(p, str_skip(text, i), i > 0 ? text.p[i - 1] : ' ');
}

/* --- logs --- */

static enum field column_of(struct str name)
{
    static const char *const hosts[] = {"c-ip", "s-ip", "s-computername", "cs-host"};

    for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
        if (str_ieq(name, str_from(hosts[i])))
            return FIELD_HOSTS;
    return str_ieq(name, STR("cs-username")) ? FIELD_USER : FIELD_NONE;
}

static void learn_line(struct pseudonyms *p, struct str line, uint64_t *columns)
{
    bool fields_follow = str_istarts(line, STR("#Fields:"));
    struct str rest = fields_follow ? str_trim(str_skip(line, 8)) : line;

    if (fields_follow)
        *columns = 0;
    for (unsigned i = 0; i < 32 && rest.p != NULL; i++) {
        struct str value = str_cut(rest, ' ', &rest);
        uint64_t field = *columns >> 2 * i & 3;
        if (fields_follow)
            *columns |= (uint64_t)column_of(value) << 2 * i;
        else if (field == FIELD_HOSTS && value.len > 1)
            learn_endpoint(p, value);
        else if (field == FIELD_USER && value.len > 1)
            pseudonyms_learn_user(p, value);
        if (!fields_follow && value.len > 8 && str_istarts(value, STR("http")))
            pseudonyms_learn(p, value); /* a request to a proxy */
    }
}

void pseudonyms_learn_log(struct pseudonyms *p, struct str lines, uint64_t *columns)
{
    while (lines.len > 0)
        learn_line(p, str_trim(str_cut(lines, '\n', &lines)), columns);
}
