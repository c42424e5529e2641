/* SPDX-License-Identifier: Apache-2.0 */
#include "iis_collection.h"

#include "iis_place.h"
#include "limits.h"

#define IN_SECURITY "system.webServer/security/"
#define FILTERING IN_SECURITY "requestFiltering"

const struct iis_collection iis_collections[IIS_COLLECTION_COUNT] = {
    {IIS_MAPPING, "oneToOneMappings", "add", false, {{"certificate", NULL, true}}, {"userName", "enabled"}},
    {IIS_MAPPING,
     "manyToOneMappings",
     "add",
     false,
     {{"name", NULL, false}},
     {"name", "enabled", "permissionMode", "userName"}},
    {IN_SECURITY "authentication/windowsAuthentication",
     "providers",
     "add",
     false,
     {{"value", NULL, false}},
     {"value"}},
    {IN_SECURITY "authorization",
     "",
     "add",
     false,
     {{"users", NULL, false}, {"roles", NULL, false}, {"verbs", NULL, true}},
     {"accessType", "users", "roles", "verbs"}},
    {IN_SECURITY "ipSecurity",
     "",
     "add",
     false,
     {{"ipAddress", NULL, false}, {"subnetMask", "255.255.255.255", false}, {"domainName", NULL, false}},
     {"ipAddress", "subnetMask", "domainName", "allowed"}},
    {FILTERING,
     "requestLimits/headerLimits",
     "add",
     false,
     {{"header", NULL, false}},
     {"header", "sizeLimit"}},
    {FILTERING,
     "fileExtensions",
     "add",
     false,
     {{"fileExtension", NULL, false}},
     {"fileExtension", "allowed"}},
    {FILTERING, "verbs", "add", false, {{"verb", NULL, true}}, {"verb", "allowed"}},
    {FILTERING, "hiddenSegments", "add", false, {{"segment", NULL, false}}, {"segment"}},
    {"system.webServer/httpErrors",
     "",
     "error",
     false,
     {{"statusCode", NULL, false}, {"subStatusCode", "-1", false}},
     {"statusCode", "subStatusCode", "responseMode"}},
    {"system.webServer/handlers",
     "",
     "add",
     true,
     {{"name", NULL, true}},
     {"name", "path", "verb", "modules", "requireAccess"}},
    {"system.webServer/modules", "", "add", false, {{"name", NULL, true}}, {"name", "preCondition"}},
    {"system.webServer/globalModules", "", "add", false, {{"name", NULL, true}}, {"name"}},
    {"system.webServer/staticContent", "", "mimeMap", false, {{"fileExtension", NULL, false}}, {NULL}},
    {"system.webServer/defaultDocument", "files", "add", true, {{"value", NULL, false}}, {NULL}},
    {"system.webServer/httpProtocol", "customHeaders", "add", false, {{"name", NULL, false}}, {"name"}},
    {"system.webServer/tracing/traceFailedRequests",
     "",
     "add",
     false,
     {{"path", NULL, false}},
     {"path", "failureDefinitions.statusCodes", "failureDefinitions.timeTaken", "traceAreas/add.provider",
      "traceAreas/add.areas", "traceAreas/add.verbosity"}},
    {"system.webServer/rewrite/rules",
     "",
     "rule",
     false,
     {{"name", NULL, true}},
     {"name", "enabled", "action.type", "action.url"}},
    {"system.webServer/rewrite/globalRules",
     "",
     "rule",
     false,
     {{"name", NULL, true}},
     {"name", "enabled", "action.type", "action.url"}},
};

const struct xml_element *iis_list_of(const struct xml_element *section, const struct iis_collection *c)
{
    const struct xml_element *at = section;
    struct str rest = str_from(c->name);

    while (at && rest.len)
        at = xml_find(at, str_cut(rest, '/', &rest));
    return at;
}

static bool is_word(const struct xml_element *element, const struct iis_collection *c)
{
    return xml_is(element, c->add) || xml_is(element, "remove") || xml_is(element, "clear");
}

static bool touches(const struct iis_fragment *f, const struct iis_collection *c)
{
    const struct xml_element *list = iis_list_of(f->element, c);
    const struct xml_element *item = list ? list->child : NULL;

    while (item && !is_word(item, c))
        item = item->next;
    return item != NULL;
}

uint32_t iis_collections_touched(const struct iis_fragment *f)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < IIS_COLLECTION_COUNT; i++)
        if (str_eq(f->declaration->section, str_from(iis_collections[i].section)) &&
            touches(f, &iis_collections[i]))
            bits |= (uint32_t)1 << i;
    return bits;
}

/* ---- keys ---- */

static struct str key_of(const struct xml_element *item, const struct iis_key *key)
{
    struct str value = xml_get(item, key->name);

    return value.p ? value : str_from(key->initial ? key->initial : "");
}

static unsigned char folded(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

/* 0: the item has no key that is known (redacted), and equals none. */
static uint32_t hash_of(const struct xml_element *item, const struct iis_collection *c)
{
    uint32_t h = 2166136261u;

    for (size_t k = 0; k < IIS_KEYS_MAX && c->keys[k].name; k++) {
        struct str value = key_of(item, &c->keys[k]);
        if (iis_is_hidden(value))
            return 0;
        for (size_t i = 0; i < value.len; i++)
            h = (h ^ folded(value.p[i])) * 16777619u;
        h = (h ^ '/') * 16777619u;
    }
    return h ? h : 1;
}

bool iis_item_key(const struct xml_element *item, const struct iis_collection *c, struct buf *key)
{
    for (size_t k = 0; k < IIS_KEYS_MAX && c->keys[k].name; k++) {
        struct str value = key_of(item, &c->keys[k]);
        if (iis_is_hidden(value))
            return false;
        buf_add_str(key, value);
        buf_add_c(key, "\n");
    }
    return true;
}

bool iis_same_item(const struct xml_element *a, const struct xml_element *b, const struct iis_collection *c)
{
    for (size_t k = 0; k < IIS_KEYS_MAX && c->keys[k].name; k++) {
        struct str x = key_of(a, &c->keys[k]), y = key_of(b, &c->keys[k]);
        if (!(c->keys[k].is_exact ? str_eq(x, y) : str_ieq(x, y)))
            return false;
    }
    return true;
}

/* ---- merging ---- */

struct merging {
    struct iis_tree *tree;
    const struct iis_collection *collection;
    struct iis_items *items;
    const struct iis_placed *watched;    /* whose duplicates are asked for; NULL: nobody's */
    const struct xml_element *duplicate; /* its first one */
    struct iis_item first;               /* what it repeats */
    bool is_vague; /* something was removed, and redaction hides what: nothing counts as there already */
};

static int find(struct merging *m, const struct xml_element *element, uint32_t hash, size_t *ret,
                struct err *e)
{
    const struct iis_items *items = m->items;

    *ret = items->n;
    m->tree->steps += items->n;
    if (m->tree->steps > (uint64_t)LIMIT_IIS_ITEM_STEPS)
        return err_set(e, ERR_LIMIT, "collections of too many items");
    for (size_t i = 0; hash && i < items->n && *ret == items->n; i++)
        if (items->of[i].hash == hash && iis_same_item(items->of[i].element, element, m->collection))
            *ret = i;
    return 0;
}

static void take_out(struct iis_items *items, size_t at)
{
    for (size_t i = at + 1; i < items->n; i++)
        items->of[i - 1] = items->of[i];
    items->n--;
}

static int put_in(struct merging *m, size_t at, struct iis_item item, struct err *e)
{
    struct iis_items *items = m->items;

    if (items->n >= (size_t)LIMIT_IIS_ITEMS)
        return err_set(e, ERR_LIMIT, "more than %lld items in one collection", (long long)LIMIT_IIS_ITEMS);
    for (size_t i = items->n++; i > at; i--)
        items->of[i] = items->of[i - 1];
    items->of[at] = item;
    return 0;
}

static void note_duplicate(struct merging *m, const struct iis_placed *p, const struct xml_element *element,
                           size_t at)
{
    if (p != m->watched || m->duplicate || m->is_vague)
        return;
    m->duplicate = element;
    m->first = m->items->of[at];
}

/* front: how many of this fragment's items stand in front already. */
static int merge_one(struct merging *m, const struct iis_placed *p, const struct xml_element *element,
                     size_t *front, struct err *e)
{
    bool adds = xml_is(element, m->collection->add);
    uint32_t hash = hash_of(element, m->collection);
    size_t at;

    if (xml_is(element, "clear")) {
        m->items->n = *front = 0;
        m->is_vague = false;
    }
    m->is_vague |= hash == 0 && xml_is(element, "remove");
    if (!adds && !xml_is(element, "remove"))
        return 0;
    int r = find(m, element, hash, &at, e);
    if (r < 0)
        return r;
    bool is_there = at < m->items->n;
    if (adds && is_there)
        note_duplicate(m, p, element, at);
    else if (adds)
        r = put_in(m, m->collection->is_prepended ? (*front)++ : m->items->n,
                   (struct iis_item){element, p, hash}, e);
    else if (is_there) {
        take_out(m->items, at);
        *front -= at < *front;
    }
    return r;
}

static int merge_fragment(struct merging *m, const struct iis_placed *p, struct err *e)
{
    const struct xml_element *list = iis_list_of(p->fragment->element, m->collection);
    size_t front = 0;
    int r = 0;

    for (const struct xml_element *c = list ? list->child : NULL; c && r >= 0; c = c->next)
        if (is_word(c, m->collection))
            r = merge_one(m, p, c, &front, e);
    return r;
}

static uint32_t bit_of(const struct merging *m)
{
    return (uint32_t)1 << (m->collection - iis_collections);
}

/* All fragments down to `node`; with somebody watched, his is the last one. */
static int merge(struct merging *m, const struct iis_node *node, struct err *e)
{
    const struct iis_node *way[IIS_PATH_NODES];
    size_t n = 0;
    int r = 0;

    m->items->n = 0;
    for (const struct iis_node *p = node; p && n < ARRAY_LEN(way); p = p->parent)
        if (p->collections & bit_of(m))
            way[n++] = p;
    while (n-- > 0)
        for (const struct iis_placed *p = way[n]->first; p && r >= 0; p = p->next_here) {
            if (p->collections & bit_of(m) && !p->is_broken && iis_placed_applies(p, node))
                r = merge_fragment(m, p, e);
            if (p == m->watched)
                return r;
        }
    return r;
}

int iis_items_init(struct iis_tree *t, struct iis_items *ret, struct err *e)
{
    *ret = (struct iis_items){.of = arena_array(t->arena, (size_t)LIMIT_IIS_ITEMS, sizeof *ret->of)};
    return ret->of ? 0 : err_set(e, ERR_NOMEM, "out of memory");
}

int iis_items_at(struct iis_tree *t, size_t i, const struct iis_node *node, struct iis_items *items,
                 struct err *e)
{
    struct merging m = {.tree = t, .collection = &iis_collections[i], .items = items};

    return merge(&m, node, e);
}

const struct iis_node *iis_items_origin(const struct iis_tree *t, size_t i, const struct iis_node *node)
{
    while (node != t->root && !(node->collections & (uint32_t)1 << i) &&
           !(t->has_stops && node->is_application))
        node = node->parent;
    return node;
}

/* ---- duplicates ---- */

static int break_fragment(struct iis_tree *t, struct iis_placed *p, const struct merging *m, struct err *e)
{
    struct iis_fault *fault = arena_alloc(t->arena, sizeof *fault);
    const struct iis_key *key = &m->collection->keys[0];
    struct str entry = iis_placed_entry(m->first.from), value = key_of(m->duplicate, key);
    bool is_long = value.len > 100;

    if (!fault)
        return err_set(e, ERR_NOMEM, "out of memory");
    *fault = (struct iis_fault){
        .kind = "duplicate", .hresult = HRESULT_EXISTS, .line = m->duplicate->line, .col = m->duplicate->col};
    fault->message =
        str_from(arena_printf(t->arena, "<%s> with %s=\"%.*s%s\" is in the collection already: %.*s:%u",
                              m->collection->add, key->name, (int)(is_long ? 100 : value.len), value.p,
                              is_long ? "…" : "", (int)entry.len, entry.p, m->first.element->line));
    if (!fault->message.p)
        return err_set(e, ERR_NOMEM, "out of memory");
    p->is_broken = true;
    return iis_tree_add_error(t, fault, iis_placed_entry(p), p->fragment->declaration->section, p->node, e);
}

static int check_fragment(struct iis_tree *t, struct iis_placed *p, struct iis_items *items, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < IIS_COLLECTION_COUNT && r >= 0 && !p->is_broken; i++) {
        struct merging m = {.tree = t, .collection = &iis_collections[i], .items = items, .watched = p};
        if (!(p->collections & (uint32_t)1 << i))
            continue;
        r = merge(&m, p->node, e);
        if (r >= 0 && m.duplicate)
            r = break_fragment(t, p, &m, e);
    }
    return r;
}

int iis_collections_check(struct iis_tree *t, struct err *e)
{
    struct iis_items items;
    int r = iis_items_init(t, &items, e);

    for (struct iis_placed *p = t->placed; p && r >= 0; p = p->next)
        if (p->collections && p->is_matched && !p->is_broken && !p->file->is_ignored)
            r = check_fragment(t, p, &items, e);
    return r;
}
