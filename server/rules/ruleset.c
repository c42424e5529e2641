/* SPDX-License-Identifier: Apache-2.0
 *
 * ruleset: rule files from a folder, or those built into the program (one blob: each file begins with "--
 * rule: "). */
#include "rule.h"

#include <dirent.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "limits.h"
#include "text.h"

extern const char rule_pack[];
extern const size_t rule_pack_len;

enum { RULES_MAX = 2000, RULE_FILE_BYTES = 262144, RULESET_BYTES = 64 << 20 };

struct files {
    struct rule_file *list;
    size_t n;
};

static int compare_files(const void *a, const void *b)
{
    const struct rule_file *x = a, *y = b;
    size_t n = x->name.len < y->name.len ? x->name.len : y->name.len;
    int r = memcmp(x->name.p, y->name.p, n);

    return r ? r : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

static void close_file(FILE **f)
{
    if (*f)
        fclose(*f);
}

static void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
}

static void free_digest(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static int read_file(const char *dir, const char *name, struct arena *a, struct str *ret, struct err *e)
{
    char *path = arena_printf(a, "%s/%s", dir, name);
    CLEANUP(close_file) FILE *f = path ? fopen(path, "rb") : NULL;
    CLEANUP(buf_done) struct buf b = BUF_INIT(RULE_FILE_BYTES);
    char part[4096];
    size_t n;

    if (!path)
        return err_set(e, ERR_NOMEM, "%s", name);
    if (!f)
        return err_errno(e, "%s", path);
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(&b, part, n);
    if (ferror(f))
        return err_errno(e, "%s", path);
    if (buf_check(&b, path, e) < 0)
        return -e->code;
    *ret = arena_keep(a, buf_str(&b));
    return ret->p ? 0 : err_set(e, ERR_NOMEM, "%s", path);
}

static int list_folder(const char *dir, struct arena *a, struct files *ret, struct err *e)
{
    CLEANUP(close_dir) DIR *d = opendir(dir);
    struct dirent *entry;

    if (!d)
        return err_errno(e, "%s", dir);
    while ((entry = readdir(d))) {
        struct str name = str_from(entry->d_name);
        if (!str_iends(name, STR(".sql")) || name.p[0] == '.')
            continue;
        if (ret->n == RULES_MAX)
            return err_set(e, ERR_LIMIT, "%s: more than %d rules", dir, RULES_MAX);
        struct rule_file *file = &ret->list[ret->n++];
        file->name = arena_keep(a, name);
        if (!file->name.p)
            return err_set(e, ERR_NOMEM, "%s", dir);
        int r = read_file(dir, entry->d_name, a, &file->text, e);
        if (r < 0)
            return r;
    }
    return 0;
}

/* The next place where a line begins with "-- rule: ", or the end. */
static size_t next_rule(struct str blob, size_t from)
{
    static const char mark[] = "\n-- rule: ";
    const char *at = from < blob.len ? memmem(blob.p + from, blob.len - from, mark, sizeof mark - 1) : NULL;

    return at ? (size_t)(at - blob.p) + 1 : blob.len;
}

static bool has_file(const struct files *files, size_t n, struct str name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(files->list[i].name, name))
            return true;
    return false;
}

/* What a folder gave already stands for the built-in rule of that name. */
static int split_blob(struct str blob, struct arena *a, struct files *ret, struct err *e)
{
    const size_t n_folder = ret->n;

    for (size_t from = 0; from < blob.len && ret->n < RULES_MAX;) {
        size_t to = next_rule(blob, from);
        struct str text = {blob.p + from, to - from}, rest, line = str_cut(text, '\n', &rest);
        struct str id = str_trim(str_skip(line, strlen("-- rule: ")));
        const char *name = arena_printf(a, "%.*s.sql", (int)id.len, id.p);
        if (!name)
            return err_set(e, ERR_NOMEM, "built-in rules");
        if (!has_file(ret, n_folder, str_from(name)))
            ret->list[ret->n++] = (struct rule_file){str_from(name), text};
        from = to;
    }
    return 0;
}

static int hash_files(const struct files *files, char ret[65], struct err *e)
{
    CLEANUP(free_digest) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    CLEANUP(buf_done) struct buf hex = BUF_INIT(128);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    bool good = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

    for (size_t i = 0; good && i < files->n; i++)
        good = EVP_DigestUpdate(ctx, files->list[i].name.p, files->list[i].name.len) &&
               EVP_DigestUpdate(ctx, "", 1) &&
               EVP_DigestUpdate(ctx, files->list[i].text.p, files->list[i].text.len) &&
               EVP_DigestUpdate(ctx, "", 1);
    if (!good || !EVP_DigestFinal_ex(ctx, digest, &len))
        return err_set(e, ERR_NOMEM, "rules: hash");
    text_hex(&hex, digest, len);
    snprintf(ret, 65, "%s", buf_c(&hex));
    return 0;
}

/* The first need of these rules, up to this one, that is the same. */
static const struct rule_need *first_need(const struct rule *rules, const struct rule_need *need)
{
    for (const struct rule *r = rules;; r++)
        for (size_t i = 0; i < r->n_needs; i++)
            if (r->needs[i].whole == need->whole && str_eq(r->needs[i].text, need->text))
                return &r->needs[i];
}

static const struct rule *first_with_needs(const struct rule *rules, const struct rule *rule)
{
    const struct rule *r = rules;

    while (r->role != rule->role || strcmp(r->needs_text, rule->needs_text) != 0)
        r++;
    return r;
}

/* Many rules need the same, and what was collected of it is asked once. */
static void number_needs(struct ruleset *set, struct rule *rule)
{
    const struct rule *same = first_with_needs(set->rules, rule);

    rule->needs_id = same == rule ? set->n_needs_texts++ : same->needs_id;
    for (size_t i = 0; i < rule->n_needs; i++) {
        const struct rule_need *first = first_need(set->rules, &rule->needs[i]);
        rule->needs[i].id = first == &rule->needs[i] ? set->n_needs++ : first->id;
    }
}

static void number_applies(struct ruleset *set, struct rule *rule)
{
    const struct rule *r = set->rules;

    if (!rule->applies)
        return;
    while (!r->applies || strcmp(r->applies, rule->applies) != 0)
        r++;
    rule->applies_id = r == rule ? set->n_applies++ : r->applies_id;
}

static int parse_all(const struct files *files, struct ruleset *set, struct err *e)
{
    set->rules = arena_array(&set->arena, files->n + 1, sizeof *set->rules);
    if (!set->rules)
        return err_set(e, ERR_NOMEM, "rules");
    for (size_t i = 0; i < files->n; i++) {
        int r = rule_parse(files->list[i].name, files->list[i].text, &set->arena, &set->rules[i], e);
        if (r < 0)
            return r;
        if (i && str_eq(set->rules[i].id, set->rules[i - 1].id))
            return err_set(e, ERR_FORMAT, "%.*s:1: two rules with this id", (int)set->rules[i].file.len,
                           set->rules[i].file.p);
        number_needs(set, &set->rules[i]);
        number_applies(set, &set->rules[i]);
        set->n_rules++;
    }
    return 0;
}

static int list_all(const char *dir, bool with_built_in, struct arena *a, struct files *ret, struct err *e)
{
    ret->list = arena_array(a, RULES_MAX, sizeof *ret->list);
    int r = !ret->list ? err_set(e, ERR_NOMEM, "rules") : dir ? list_folder(dir, a, ret, e) : 0;

    return r == 0 && with_built_in ? split_blob((struct str){rule_pack, rule_pack_len}, a, ret, e) : r;
}

static int take_files(struct files *files, struct ruleset *set, struct err *e)
{
    int r;

    qsort(files->list, files->n, sizeof *files->list, compare_files);
    set->files = files->list;
    r = hash_files(files, set->version, e);
    return r < 0 ? r : parse_all(files, set, e);
}

static int load(const char *dir, bool with_built_in, struct ruleset *set, struct err *e)
{
    struct files files = {0};
    int r = list_all(dir, with_built_in, &set->arena, &files, e);

    if (r < 0)
        return r;
    if (files.n == 0)
        return err_set(e, ERR_MISSING, "%s: no rules (*.sql) there", dir ? dir : "built-in rules");
    return take_files(&files, set, e);
}

static int ruleset_new(struct ruleset **ret, struct err *e)
{
    *ret = calloc(1, sizeof **ret);
    if (!*ret)
        return err_set(e, ERR_NOMEM, "rules");
    (*ret)->arena = ARENA_INIT(RULESET_BYTES);
    return 0;
}

int ruleset_load(const char *dir, bool with_built_in, struct ruleset **ret, struct err *e)
{
    struct ruleset *set;
    int r = ruleset_new(&set, e);

    if (r < 0)
        return r;
    r = load(dir, with_built_in, set, e);
    if (r < 0)
        ruleset_free(set);
    else
        *ret = set;
    return r;
}

static void add_piece(struct buf *to, struct str piece)
{
    const uint32_t n = (uint32_t)piece.len;

    buf_add(to, (const char *)&n, sizeof n);
    buf_add_str(to, piece);
}

int ruleset_write(const struct ruleset *set, struct buf *to, struct err *e)
{
    for (size_t i = 0; i < set->n_rules; i++) {
        add_piece(to, set->files[i].name);
        add_piece(to, set->files[i].text);
    }
    return buf_check(to, "rules", e);
}

static bool next_piece(struct str *rest, struct str *ret)
{
    uint32_t n;

    if (rest->len < sizeof n)
        return false;
    memcpy(&n, rest->p, sizeof n);
    *rest = str_skip(*rest, sizeof n);
    if (n > rest->len)
        return false;
    *ret = (struct str){rest->p, n};
    *rest = str_skip(*rest, n);
    return true;
}

static int read_files(struct str bytes, struct ruleset *set, struct err *e)
{
    struct files files = {.list = arena_array(&set->arena, RULES_MAX, sizeof *files.list)};
    struct str rest = arena_keep(&set->arena, bytes);

    if (!files.list || !rest.p)
        return err_set(e, ERR_NOMEM, "rules");
    for (; rest.len && files.n < RULES_MAX; files.n++)
        if (!next_piece(&rest, &files.list[files.n].name) || !next_piece(&rest, &files.list[files.n].text))
            return err_set(e, ERR_FORMAT, "rules: cut short");
    return take_files(&files, set, e);
}

int ruleset_read(struct str bytes, struct ruleset **ret, struct err *e)
{
    struct ruleset *set;
    int r = ruleset_new(&set, e);

    if (r < 0)
        return r;
    r = read_files(bytes, set, e);
    if (r < 0)
        ruleset_free(set);
    else
        *ret = set;
    return r;
}

void ruleset_free(struct ruleset *set)
{
    if (!set)
        return;
    arena_done(&set->arena);
    free(set);
}

const char *ruleset_version(const struct ruleset *set)
{
    return set->version;
}

size_t ruleset_count(const struct ruleset *set)
{
    return set->n_rules;
}

const struct rule *ruleset_find(const struct ruleset *set, struct str id)
{
    for (size_t i = 0; i < set->n_rules; i++)
        if (str_eq(set->rules[i].id, id))
            return &set->rules[i];
    return NULL;
}
