/* SPDX-License-Identifier: Apache-2.0 */
#include "pseudonym.h"

#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "pseudonym_names.h"

enum { BUCKETS = 1 << 16, ADDRESSES_MAX = 2 << 16 };

struct pseudonyms {
    struct arena arena;
    struct name *buckets[BUCKETS];
    unsigned given[FAMILY_COUNT];
    struct str id;  /* of the map */
    size_t longest; /* of the names that stand in texts */
    int failed;
};

int pseudonyms_new(struct pseudonyms **ret, struct err *e)
{
    *ret = calloc(1, sizeof(**ret));
    if (*ret == NULL)
        return err_set(e, ERR_NOMEM, "pseudonyms: out of memory");
    (*ret)->arena = ARENA_INIT(4 * LIMIT_COLLECT_MODEL_BYTES);
    return 0;
}

void pseudonyms_free(struct pseudonyms *p)
{
    if (p != NULL)
        arena_done(&p->arena);
    free(p);
}

int pseudonyms_check(const struct pseudonyms *p, struct err *e)
{
    return p->failed == 0 ? 0 : err_set(e, p->failed, "pseudonyms: too many names");
}

/* --- the table --- */

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

bool names_is_letter(char c)
{
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || (uint8_t)c >= 0x80;
}

/* FNV-1a, so that a hash grows with its text. */
static uint32_t hash_on(uint32_t hash, char c)
{
    return (hash ^ (uint8_t)lower(c)) * 16777619u;
}

static uint32_t hash_of(struct str s)
{
    uint32_t hash = 2166136261u;

    for (size_t i = 0; i < s.len; i++)
        hash = hash_on(hash, s.p[i]);
    return hash;
}

static struct name *find(const struct pseudonyms *p, struct str text, uint32_t hash)
{
    struct name *n = p->buckets[(hash ^ hash >> 16) % BUCKETS];

    while (n != NULL && (n->text.len != text.len || !str_ieq(n->text, text)))
        n = n->next;
    return n;
}

const struct name *names_find(const struct pseudonyms *p, struct str text)
{
    return find(p, text, hash_of(text));
}

struct name *names_get(struct pseudonyms *p, struct str text)
{
    uint32_t hash = hash_of(text);
    struct name *n = find(p, text, hash), **bucket = &p->buckets[(hash ^ hash >> 16) % BUCKETS];
    char room[NAME_BYTES];

    if (n != NULL)
        return n;
    n = text.len > NAME_BYTES ? NULL : arena_alloc(&p->arena, sizeof(*n));
    for (size_t i = 0; n != NULL && i < text.len; i++)
        room[i] = lower(text.p[i]);
    if (n != NULL)
        *n = (struct name){.text = arena_keep(&p->arena, (struct str){room, text.len}), .next = *bucket};
    if (n == NULL || n->text.p == NULL) {
        p->failed = ERR_NOMEM;
        return NULL;
    }
    *bucket = n;
    return n;
}

void names_set(struct pseudonyms *p, struct name *n, struct str pseudonym)
{
    n->is_name = true;
    if (!n->stays && n->pseudonym.p == NULL)
        n->pseudonym = arena_keep(&p->arena, pseudonym);
    p->longest = n->text.len > p->longest ? n->text.len : p->longest;
}

/* RFC 2544 and RFC 3849 keep these addresses free for tests and documents. */
void names_give(struct pseudonyms *p, struct name *n, enum name_family family)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(64);
    unsigned i;

    if (n == NULL || n->stays || n->pseudonym.p != NULL)
        return;
    i = ++p->given[family];
    if (family == FAMILY_NAME)
        buf_printf(&text, "name%u", i);
    else if (family == FAMILY_IPV4)
        buf_printf(&text, "198.%u.%u.%u", 18 + (i >> 16), i >> 8 & 255, i & 255);
    else if (family == FAMILY_IPV6)
        buf_printf(&text, "2001:db8::%u:%u", i / 10000, i % 10000);
    else
        buf_printf(&text, "S-1-5-21-1-1-%u", i);
    if (family == FAMILY_IPV4 && i >= ADDRESSES_MAX)
        p->failed = ERR_LIMIT;
    n->pseudonym = arena_keep(&p->arena, buf_str(&text));
    if (n->pseudonym.p == NULL)
        p->failed = ERR_NOMEM;
}

/* --- rewriting --- */

/* The longest name that begins at `at`; it ends where a word does. */
static const struct name *match(const struct pseudonyms *p, struct str s, size_t at)
{
    const struct name *best = NULL;
    uint32_t hash = hash_of((struct str){NULL, 0});

    for (size_t i = at; i < s.len && i - at < p->longest; i++) {
        if ((uint8_t)s.p[i] < ' ' || memchr("\"<>,;=&|", s.p[i], 8) != NULL)
            break;
        hash = hash_on(hash, s.p[i]);
        if (names_is_letter(s.p[i]) && i + 1 < s.len && names_is_letter(s.p[i + 1]))
            continue;
        const struct name *n = find(p, (struct str){s.p + at, i + 1 - at}, hash);
        if (n != NULL && n->is_name)
            best = n;
    }
    return best;
}

/* Names of elements, attributes and members are structure, whatever else is called so. */
static bool is_structure(struct str s, size_t at, size_t end)
{
    char before = at > 0 ? s.p[at - 1] : ' ', behind = end < s.len ? s.p[end] : ' ';

    return before == '<' || (before == '/' && at > 1 && s.p[at - 2] == '<') ||
           (before == ' ' && behind == '=' && end + 1 < s.len && s.p[end + 1] == '"') ||
           (before == '"' && behind == '"' && end + 1 < s.len && s.p[end + 1] == ':');
}

/* Between quotes, between tags, or of JSON between braces. */
static size_t value_length(struct str s, char before)
{
    size_t n = 0, depth = 0;

    if (s.len > 0 && s.p[0] == '{') {
        do
            depth += (s.p[n] == '{') - (size_t)(s.p[n] == '}');
        while (++n < s.len && depth > 0);
        return n;
    }
    while (n < s.len && s.p[n] != (before == '>' ? '<' : before) && s.p[n] != '\n')
        n += s.p[n] == '\\' && before == '"' ? 2 : 1;
    return n;
}

/* How much of s, which begins with a word, is the name and the value of a field that stays. */
static size_t kept_length(struct str s)
{
    static const char *const fields[] = {
#define FIELD(name, field)
#define KEEP(name) name,
#define WORD(word)
#include "pseudonym.def"
#undef FIELD
#undef KEEP
#undef WORD
    };
    size_t word = 0, n;
    bool stays = false, apart = false;

    while (word < s.len && names_is_letter(s.p[word]))
        word++;
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        stays = stays || str_eq((struct str){s.p, word}, str_from(fields[i]));
    for (n = word; stays && n < s.len && n < word + 6 && strchr("\"'=:> \\", s.p[n]) != NULL; n++)
        apart = apart || s.p[n] == '=' || s.p[n] == ':' || s.p[n] == '>';
    return apart && n < s.len ? n + value_length(str_skip(s, n), s.p[n - 1]) : 0;
}

/* The next name that is to be replaced from *at on; *at becomes where it begins. NULL: none is left. */
static const struct name *next_name(const struct pseudonyms *p, struct str s, size_t *at)
{
    for (size_t i = *at; i < s.len; i++) {
        if (!names_is_letter(s.p[i]) || (i > 0 && names_is_letter(s.p[i - 1])))
            continue;
        size_t skipped = kept_length(str_skip(s, i));
        i += skipped;
        if (skipped > 0)
            continue;
        const struct name *n = match(p, s, i);
        if (n == NULL)
            continue;
        if (n->pseudonym.p != NULL && !is_structure(s, i, i + n->text.len)) {
            *at = i;
            return n;
        }
        i += n->text.len - 1;
    }
    return NULL;
}

void pseudonyms_apply(const struct pseudonyms *p, struct str text, struct buf *out)
{
    size_t at = 0, from = 0;
    const struct name *n;

    while ((n = next_name(p, text, &at)) != NULL) {
        buf_add(out, text.p + from, at - from);
        buf_add_str(out, n->pseudonym);
        at += n->text.len;
        from = at;
    }
    buf_add_str(out, str_skip(text, from));
}

void pseudonyms_mask(const struct pseudonyms *p, struct buf *data, size_t width)
{
    size_t n_chars = data->len / width, at = 0;
    CLEANUP(buf_done) struct buf narrow = BUF_INIT(n_chars + 1);
    const struct name *n;

    for (size_t i = 0; i < n_chars; i++)
        buf_add_char(&narrow, width == 2 && data->p[2 * i + 1] != 0 ? ' ' : data->p[width * i]);
    if (narrow.failed != 0)
        data->failed = narrow.failed;
    for (; narrow.failed == 0 && (n = next_name(p, buf_str(&narrow), &at)) != NULL; at += n->text.len)
        for (size_t i = at; i < at + n->text.len; i++)
            if (names_is_letter(data->p[width * i]))
                data->p[width * i] = 'x';
}

/* "name TAB …": PART of a name alone, which stands in no text by itself; KEPT as it is. */
static const struct str part = {"part", 4}, kept = {"kept", 4}, itself = {"map", 3};

void pseudonyms_call(struct pseudonyms *p, struct str id)
{
    if (p->id.len == 0)
        p->id = arena_keep(&p->arena, id);
}

struct str pseudonyms_id(const struct pseudonyms *p)
{
    return p->id;
}

void pseudonyms_map(const struct pseudonyms *p, struct buf *out)
{
    buf_printf(out, "%.*s\t\t%.*s\r\n", (int)p->id.len, p->id.p, (int)itself.len, itself.p);
    for (size_t i = 0; i < BUCKETS; i++)
        for (const struct name *n = p->buckets[i]; n != NULL; n = n->next) {
            bool stays = n->pseudonym.p == NULL;
            struct str first = stays ? n->text : n->pseudonym, third = stays        ? kept
                                                                       : n->is_name ? (struct str){"", 0}
                                                                                    : part;
            buf_printf(out, "%.*s\t%.*s\t%.*s\r\n", (int)first.len, first.p, (int)n->text.len, n->text.p,
                       (int)third.len, third.p);
        }
}

/* How many of its family were given when this one was. */
static unsigned number_in(struct str pseudonym, enum name_family *ret)
{
    static const char *const begins[] = {"name", "198.", "2001:db8::", "S-1-5-21-1-1-"};
    uint64_t v, n = 0;
    int f = 0;

    while (f < FAMILY_COUNT && !str_istarts(pseudonym, str_from(begins[f])))
        f++;
    *ret = (enum name_family)f;
    if (f == FAMILY_COUNT)
        return 0;
    struct str rest = str_skip(pseudonym, strlen(begins[f]));
    bool v6 = f == FAMILY_IPV6;
    while (rest.p != NULL && str_to_u64(str_cut(rest, v6 ? ':' : '.', &rest), UINT32_MAX, &v))
        n = n * (v6 ? 10000 : 256) + v;
    return (unsigned)(f == FAMILY_IPV4 ? n - (18u << 16) : n);
}

void pseudonyms_read(struct pseudonyms *p, struct str map)
{
    while (map.len > 0) {
        struct str name, third, line = str_trim(str_cut(map, '\n', &map)),
                                pseudonym = str_cut(line, '\t', &name);
        enum name_family family;
        name = str_cut(name, '\t', &third);
        if (name.len == 0 && str_eq(third, itself)) {
            pseudonyms_call(p, pseudonym);
            continue;
        }
        struct name *n = name.len == 0 ? NULL : names_get(p, name);
        unsigned number = number_in(pseudonym, &family);
        if (n == NULL)
            continue;
        if (str_eq(third, kept)) {
            n->in_certificate = true;
            continue;
        }
        n->pseudonym = arena_keep(&p->arena, pseudonym);
        if (!str_eq(third, part))
            names_set(p, n, pseudonym);
        if (family != FAMILY_COUNT && number > p->given[family])
            p->given[family] = number;
    }
}
