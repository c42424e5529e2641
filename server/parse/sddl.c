/* SPDX-License-Identifier: Apache-2.0 */
#include "sddl.h"

#include <ctype.h>
#include <string.h>

#include "limits.h"

enum { SID_CHARS = 184, ACE_FIELDS = 6 };

struct row {
    char name[3];
    const char *sid;
};

/* Abbreviations whose SID is the same on every machine. Those of a domain (DA, DU, LA, …) stay as they are
 * written. */
static const struct row aliases[] = {
    {"SY", "S-1-5-18"},     {"BA", "S-1-5-32-544"}, {"BU", "S-1-5-32-545"}, {"BG", "S-1-5-32-546"},
    {"PU", "S-1-5-32-547"}, {"AO", "S-1-5-32-548"}, {"SO", "S-1-5-32-549"}, {"PO", "S-1-5-32-550"},
    {"BO", "S-1-5-32-551"}, {"RE", "S-1-5-32-552"}, {"RU", "S-1-5-32-554"}, {"RD", "S-1-5-32-555"},
    {"NO", "S-1-5-32-556"}, {"MU", "S-1-5-32-558"}, {"LU", "S-1-5-32-559"}, {"IS", "S-1-5-32-568"},
    {"CY", "S-1-5-32-569"}, {"ER", "S-1-5-32-573"}, {"CD", "S-1-5-32-574"}, {"RM", "S-1-5-32-580"},
    {"WD", "S-1-1-0"},      {"CO", "S-1-3-0"},      {"CG", "S-1-3-1"},      {"OW", "S-1-3-4"},
    {"NU", "S-1-5-2"},      {"IU", "S-1-5-4"},      {"SU", "S-1-5-6"},      {"AN", "S-1-5-7"},
    {"ED", "S-1-5-9"},      {"PS", "S-1-5-10"},     {"AU", "S-1-5-11"},     {"RC", "S-1-5-12"},
    {"LS", "S-1-5-19"},     {"NS", "S-1-5-20"},     {"AC", "S-1-15-2-1"},   {"WR", "S-1-5-33"},
    {"LW", "S-1-16-4096"},  {"ME", "S-1-16-8192"},  {"HI", "S-1-16-12288"}, {"SI", "S-1-16-16384"}};

static const char domain_aliases[] = "DA DU DG DC DD CA SA EA PA RS LA LG CN AP KA EK RO SS AS UD HA AA";

static const struct {
    char name[3];
    uint32_t mask;
} rights[] = {{"GA", SDDL_ALL}, {"GR", SDDL_READ}, {"GW", SDDL_WRITE}, {"GX", SDDL_EXECUTE},
              {"RC", 0x20000},  {"SD", 0x10000},   {"WD", 0x40000},    {"WO", 0x80000},
              {"FA", SDDL_ALL}, {"FR", SDDL_READ}, {"FW", SDDL_WRITE}, {"FX", SDDL_EXECUTE},
              {"CC", 1},        {"DC", 2},         {"LC", 4},          {"SW", 8},
              {"RP", 0x10},     {"WP", 0x20},      {"DT", 0x40},       {"LO", 0x80},
              {"CR", 0x100},    {"KA", 0xf003f},   {"KR", 0x20019},    {"KW", 0x20006},
              {"KX", 0x20019}};

struct cursor {
    struct str rest;
    size_t total;
    struct arena *arena;
};

static int wrong(const struct cursor *c, const char *what, struct err *e)
{
    return err_set(e, ERR_FORMAT, "security descriptor: character %zu: %s", c->total - c->rest.len + 1, what);
}

/* --- SIDs --- */

static size_t sid_length(struct str s)
{
    size_t n = 4;

    if (!str_istarts(s, STR("S-1-")))
        return 0;
    while (n < s.len && (isalnum((unsigned char)s.p[n]) || s.p[n] == '-')) {
        /* 'x' of a hexadecimal authority; a letter else ends it ("O:S-1-5-18G:BA") */
        if (!isxdigit((unsigned char)s.p[n]) && s.p[n] != '-' && s.p[n] != 'x' && s.p[n] != 'X')
            break;
        if (isalpha((unsigned char)s.p[n]) && n + 1 < s.len && s.p[n + 1] == ':')
            break; /* the next part of the descriptor: 'D:' */
        n++;
    }
    return n;
}

static bool is_domain_alias(struct str two)
{
    for (size_t i = 0; i + 1 < sizeof(domain_aliases); i += 3)
        if (str_ieq(two, (struct str){domain_aliases + i, 2}))
            return true;
    return false;
}

static int take_sid(struct cursor *c, struct str *ret, struct err *e)
{
    size_t n = sid_length(c->rest);
    struct str two = {c->rest.p, c->rest.len < 2 ? c->rest.len : 2};

    if (n > SID_CHARS)
        return wrong(c, "a SID that is too long", e);
    if (n == 0) {
        for (size_t i = 0; i < ARRAY_LEN(aliases) && two.len == 2; i++) {
            if (str_ieq(two, str_from(aliases[i].name))) {
                *ret = str_from(aliases[i].sid);
                c->rest = str_skip(c->rest, 2);
                return 0;
            }
        }
        if (!is_domain_alias(two))
            return wrong(c, "neither a SID nor an abbreviation of one", e);
        n = 2;
    }
    *ret = arena_keep(c->arena, (struct str){c->rest.p, n});
    c->rest = str_skip(c->rest, n);
    return ret->p ? 0 : err_set(e, ERR_NOMEM, "security descriptor: out of memory");
}

/* --- access entries --- */

static uint32_t map_generic(uint32_t mask)
{
    static const uint32_t generic[] = {0x80000000, 0x40000000, 0x20000000, 0x10000000};
    static const uint32_t meant[] = {SDDL_READ, SDDL_WRITE, SDDL_EXECUTE, SDDL_ALL};

    for (size_t i = 0; i < ARRAY_LEN(generic); i++)
        if (mask & generic[i])
            mask = (mask & ~generic[i]) | meant[i];
    return mask;
}

static bool number_mask(struct str s, uint32_t *ret)
{
    uint64_t v = 0;
    bool is_hex = s.len > 2 && s.p[0] == '0' && (s.p[1] == 'x' || s.p[1] == 'X');
    unsigned base = is_hex ? 16 : s.p[0] == '0' ? 8 : 10;

    for (size_t i = is_hex ? 2 : 0; i < s.len; i++) {
        unsigned char c = (unsigned char)tolower((unsigned char)s.p[i]);
        unsigned digit = isdigit(c) ? c - 48u : isxdigit(c) ? c - 87u : 99u; /* '0', 'a' - 10 */
        if (digit >= base)
            return false;
        v = v * base + digit;
        if (v > UINT32_MAX)
            return false;
    }
    *ret = (uint32_t)v;
    return true;
}

static bool read_mask(struct str s, uint32_t *ret)
{
    uint32_t mask = 0;

    if (s.len == 0) {
        *ret = 0;
        return true;
    }
    if (isdigit((unsigned char)s.p[0])) {
        if (!number_mask(s, &mask))
            return false;
        *ret = map_generic(mask);
        return true;
    }
    for (; s.len >= 2; s = str_skip(s, 2)) {
        size_t i = 0;
        while (i < ARRAY_LEN(rights) && !str_ieq((struct str){s.p, 2}, str_from(rights[i].name)))
            i++;
        if (i == ARRAY_LEN(rights))
            return false;
        mask |= rights[i].mask;
    }
    *ret = mask;
    return s.len == 0;
}

static bool has_flag(struct str flags, struct str flag)
{
    for (; flags.len >= 2; flags = str_skip(flags, 2))
        if (str_istarts(flags, flag))
            return true;
    return false;
}

/* The text between '(' and its ')', which may hold further pairs in a conditional entry. */
static bool take_parentheses(struct cursor *c, struct str *ret)
{
    size_t depth = 0;

    for (size_t i = 0; i < c->rest.len; i++) {
        if (c->rest.p[i] == '(')
            depth++;
        else if (c->rest.p[i] == ')' && --depth == 0) {
            *ret = (struct str){c->rest.p + 1, i - 1};
            c->rest = str_skip(c->rest, i + 1);
            return true;
        }
    }
    return false;
}

/* 1 when *ret is an entry that counts, 0 when it is of a kind that is left out. */
static int read_ace(struct cursor *c, struct str inner, struct sddl_ace *ret, struct err *e)
{
    struct str fields[ACE_FIELDS], rest = inner;
    struct cursor sid = {.arena = c->arena, .total = c->total};

    for (int i = 0; i < ACE_FIELDS; i++) {
        if (!rest.p)
            return wrong(c, "an access entry with fewer than six parts", e);
        fields[i] = str_trim(str_cut(rest, ';', &rest));
    }
    if (!str_ieq(fields[0], STR("A")) && !str_ieq(fields[0], STR("D")))
        return 0;
    ret->is_deny = str_ieq(fields[0], STR("D"));
    ret->inherit_only = has_flag(fields[1], STR("IO"));
    ret->inherited = has_flag(fields[1], STR("ID"));
    if (!read_mask(fields[2], &ret->mask))
        return wrong(c, "rights that are not known", e);
    sid.rest = fields[5];
    return take_sid(&sid, &ret->sid, e) ? -e->code : 1;
}

static size_t count_entries(struct str s)
{
    size_t n = 1;

    for (size_t i = 0; i < s.len && n < (size_t)LIMIT_ACL_ENTRIES; i++)
        n += s.p[i] == '(';
    return n;
}

static int read_dacl(struct cursor *c, struct sddl *d, struct err *e)
{
    size_t room = count_entries(c->rest);
    struct sddl_ace *aces = arena_array(c->arena, room, sizeof(*aces));

    if (!aces)
        return err_set(e, ERR_NOMEM, "security descriptor: out of memory");
    d->is_unknown = false;
    d->has_dacl = true;
    if (str_istarts(c->rest, STR("NO_ACCESS_CONTROL"))) {
        d->has_dacl = false;
        c->rest = str_skip(c->rest, 17);
        return 0;
    }
    while (c->rest.len > 0 && isalpha((unsigned char)c->rest.p[0]) &&
           !(c->rest.len > 1 && c->rest.p[1] == ':'))
        c->rest = str_skip(c->rest, 1); /* flags: P, AI, AR */
    d->aces = aces;
    while (c->rest.len > 0 && c->rest.p[0] == '(') {
        struct str inner;
        int r;
        if (d->n_aces == room)
            return err_set(e, ERR_LIMIT, "security descriptor: more than %lld entries",
                           (long long)LIMIT_ACL_ENTRIES);
        if (!take_parentheses(c, &inner))
            return wrong(c, "a parenthesis is not closed", e);
        r = read_ace(c, inner, &aces[d->n_aces], e);
        if (r < 0)
            return r;
        d->n_aces += r > 0;
        d->n_left_out += r == 0;
    }
    return 0;
}

int sddl_parse(struct str text, struct arena *a, struct sddl *ret, struct err *e)
{
    struct cursor c = {.rest = str_trim(text), .total = text.len, .arena = a};
    struct sddl d = {.is_unknown = true};
    int r = 0;

    while (r == 0 && c.rest.len > 0) {
        char part = c.rest.p[0];
        if (c.rest.len < 2 || c.rest.p[1] != ':')
            return wrong(&c, "neither O:, G:, D: nor S:", e);
        c.rest = str_skip(c.rest, 2);
        if (part == 'O')
            r = take_sid(&c, &d.owner, e);
        else if (part == 'G')
            r = take_sid(&c, &d.group, e);
        else if (part == 'D' && d.is_unknown)
            r = read_dacl(&c, &d, e);
        else if (part == 'S')
            break; /* auditing grants nothing, and is the last part */
        else
            return wrong(&c, "neither O:, G:, D: nor S:", e);
    }
    if (r)
        return r;
    *ret = d;
    return 0;
}

/* --- may it? --- */

static bool holds(const struct sddl_token *t, struct str sid)
{
    for (size_t i = 0; i < t->n_sids; i++)
        if (str_ieq(t->sids[i], sid))
            return true;
    return false;
}

/* Could an account whose groups are not known be a member? Not of what is itself one account or one logon. */
static bool may_hold(const struct sddl_token *t, struct str sid)
{
    static const char *const single[] = {"S-1-5-18", "S-1-5-19", "S-1-5-20", "S-1-3-0", "S-1-3-1", "S-1-5-7"};

    if (holds(t, sid))
        return true;
    for (size_t i = 0; i < t->n_possible; i++)
        if (str_ieq(t->possible[i], sid))
            return true;
    if (t->groups_known || str_istarts(sid, STR("S-1-5-82-")) || str_istarts(sid, STR("S-1-5-80-")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(single); i++)
        if (str_ieq(sid, str_from(single[i])))
            return false;
    return true;
}

/* One walk. `generous`: memberships that are only possible count for what is allowed, else for what is
 * denied. */
static bool walk(const struct sddl *d, const struct sddl_token *t, bool generous,
                 const struct sddl_ace **ret_by)
{
    uint32_t wanted = SDDL_READ;

    *ret_by = NULL;
    for (size_t i = 0; i < d->n_aces && wanted; i++) {
        const struct sddl_ace *a = &d->aces[i];
        bool counts = a->is_deny == generous ? holds(t, a->sid) : may_hold(t, a->sid);
        if (a->inherit_only || !counts || !(a->mask & wanted))
            continue;
        *ret_by = a;
        if (a->is_deny)
            return false;
        wanted &= ~a->mask;
    }
    if (wanted)
        *ret_by = NULL; /* nobody decided: it is just not granted */
    return wanted == 0;
}

enum sddl_answer sddl_can_read(const struct sddl *d, const struct sddl_token *t,
                               const struct sddl_ace **ret_by)
{
    const struct sddl_ace *by_best, *by_worst;
    bool best, worst;

    *ret_by = NULL;
    if (d->is_unknown)
        return SDDL_UNKNOWN;
    if (!d->has_dacl)
        return SDDL_YES;
    best = walk(d, t, true, &by_best);
    worst = walk(d, t, false, &by_worst);
    if (best != worst)
        return SDDL_UNKNOWN;
    *ret_by = by_worst ? by_worst : by_best;
    return best ? SDDL_YES : SDDL_NO;
}
