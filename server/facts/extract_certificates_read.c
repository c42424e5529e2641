/* SPDX-License-Identifier: Apache-2.0
 *
 * certs/stores.json, and certs/stores-<SID>.json of a user whose own process gathered them */
#include "extract_certificates.h"

#include <stdio.h>
#include <string.h>

/* --- certs/stores.json --- */

void certificates_json_done(json_t **j)
{
    json_decref(*j);
}

static json_t *json_of(struct extract_state *x, const struct entry *entry, struct err *e)
{
    struct bytes bytes;
    json_error_t why;
    json_t *root = NULL;

    if (x->view->read(x->view->ctx, entry, x->arena, &bytes, e) == 0) {
        root = json_loadb((const char *)bytes.p, bytes.len, 0, &why);
        if (!root)
            (void)err_set(e, ERR_FORMAT, "line %d: %s", why.line, why.text);
    }
    if (!root)
        sink_problem(x->sink, entry->name, 0, "%s", e->text);
    return root;
}

json_t *certificates_json(struct extract_state *x, const char *entry_name, struct err *e)
{
    for (size_t i = 0; i < x->view->n_entries; i++)
        if (str_ieq(x->view->entries[i].name, str_from(entry_name)))
            return json_of(x, &x->view->entries[i], e);
    return NULL;
}

struct str certificates_json_text(const json_t *o, const char *name, struct arena *a)
{
    const json_t *v = json_object_get(o, name);

    if (!json_is_string(v) || json_string_length(v) == 0)
        return (struct str){0};
    return arena_keep(a, (struct str){json_string_value(v), json_string_length(v)});
}

static int64_t number_of(const json_t *o, const char *name)
{
    return json_integer_value(json_object_get(o, name));
}

static struct bytes bytes_of_hex(struct str hex, struct arena *a)
{
    uint8_t *p = hex.len > 0 && hex.len % 2 == 0 ? arena_alloc(a, hex.len / 2) : NULL;
    size_t len = 0;

    return p && text_unhex(hex, p, hex.len / 2, &len) ? (struct bytes){p, len} : (struct bytes){0};
}

/* `properties` lists what is set, `values` has the bytes of some of them. */
static void read_properties(const json_t *record, struct arena *a, struct certificate_place *p)
{
    const json_t *values = json_object_get(record, "values");
    struct store_blob b = {0};
    json_t *id;
    size_t i;

    json_array_foreach(json_object_get(record, "properties"), i, id)
    {
        char name[24];
        struct store_property *one = &b.properties[b.n_properties];
        if (b.n_properties == STORE_BLOB_PROPERTIES || json_integer_value(id) <= 0 ||
            json_integer_value(id) > UINT32_MAX)
            continue;
        (void)snprintf(name, sizeof(name), "%lld", (long long)json_integer_value(id));
        *one = (struct store_property){.id = (uint32_t)json_integer_value(id),
                                       .data = bytes_of_hex(certificates_json_text(values, name, a), a)};
        if (one->id == STORE_BLOB_EKU && !one->data.p)
            one->data = bytes_of_hex(certificates_json_text(record, "eku", a), a);
        b.n_properties++;
    }
    certificates_set_limits(&b, a, p);
    if (!p->set.eku.p) { /* a record that lists no properties */
        struct bytes eku = bytes_of_hex(certificates_json_text(record, "eku", a), a);
        p->set.eku = eku.p ? x509_eku_text(eku, a) : (struct str){0};
    }
}

static void read_key(const json_t *record, struct arena *a, struct certificate_key *key)
{
    const json_t *o = json_object_get(record, "key");

    key->is_known = o != NULL;
    key->is_there = json_is_object(o);
    key->container = certificates_json_text(o, "container", a);
    key->provider = certificates_json_text(o, "provider", a);
    key->type = number_of(o, "type");
    key->flags = number_of(o, "flags");
    key->key_spec = number_of(o, "keySpec");
}

static bool lower_thumbprint(struct str s, struct arena *a, const char **ret)
{
    struct str kept = s.len == 40 ? arena_keep(a, s) : (struct str){0};
    char *p = kept.p ? arena_alloc(a, 41) : NULL;

    if (!p)
        return false;
    for (size_t i = 0; i < 40; i++) {
        char c = (char)(s.p[i] >= 'A' && s.p[i] <= 'F' ? s.p[i] + 32 : s.p[i]);
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        p[i] = c;
    }
    *ret = p;
    return true;
}

static int read_record(struct certificates *k, struct str entry, const json_t *o, size_t index, struct err *e)
{
    struct arena *a = k->x->arena;
    struct certificate_place p = {.entry = entry};
    struct str location = certificates_json_text(o, "location", a), physical = {0};
    struct str store = certificates_json_text(o, "store", a);

    if (!lower_thumbprint(certificates_json_text(o, "thumbprint", a), a, &p.thumbprint) || !location.p ||
        !store.p) {
        sink_problem(k->x->sink, p.entry, 0, "certificates[%zu]: location, store or thumbprint is not one",
                     index);
        return 0;
    }
    certificates_set_location(location, &p);
    if (certificates_json_text(o, "user", a).p)
        p.user = certificates_json_text(o, "user", a);
    p.store = certificates_store_name(store, &physical);
    p.physical = certificates_json_text(o, "physical", a);
    if (physical.p)
        p.physical = physical;
    p.friendly_name = certificates_json_text(o, "friendlyName", a);
    p.archived = json_is_true(json_object_get(o, "archived"));
    read_properties(o, a, &p);
    read_key(o, a, &p.key);
    certificates_emit_system(k->x, o, &p);
    p.certificate = certificates_find(k, str_from(p.thumbprint));
    return certificates_place(k, &p, e);
}

/* The list of that name in that store: gets its physical store; in a second one it stands once more. */
static int place_list(struct certificates *k, struct certificate_list **lists,
                      const struct certificate_place *p, struct str sha1, struct err *e)
{
    struct certificate_list *same = NULL;

    for (struct certificate_list *l = *lists; l; l = l->next) {
        if (!str_ieq(str_from(l->sha1), sha1) || !str_ieq(l->place.location, p->location) ||
            !str_ieq(l->place.store, p->store) || !str_ieq(l->place.user, p->user))
            continue;
        if (!l->place.physical.p || str_ieq(l->place.physical, p->physical)) {
            l->place.physical = p->physical;
            return 0;
        }
        same = l;
    }
    if (!same || k->n_lists++ >= (size_t)LIMIT_STORE_LISTS)
        return 0;
    struct certificate_list *more = arena_alloc(k->x->arena, sizeof(*more));
    if (!more)
        return err_set(e, ERR_NOMEM, "certificates: out of memory");
    *more = *same;
    more->place.physical = p->physical;
    more->next = *lists;
    *lists = more;
    return 0;
}

static int read_list(struct certificates *k, const json_t *o, struct err *e)
{
    struct arena *a = k->x->arena;
    struct certificate_place p = {.archived = -1};
    struct str store = certificates_json_text(o, "store", a),
               location = certificates_json_text(o, "location", a);
    struct str physical = {0}, kind = certificates_json_text(o, "kind", a);

    if (!location.p || !store.p || !certificates_json_text(o, "sha1", a).p)
        return 0;
    certificates_set_location(location, &p);
    if (certificates_json_text(o, "user", a).p)
        p.user = certificates_json_text(o, "user", a);
    p.store = certificates_store_name(store, &physical);
    p.physical = physical.p ? physical : certificates_json_text(o, "physical", a);
    return p.physical.p ? place_list(k, str_eq(kind, STR("crl")) ? &k->crls : &k->ctls, &p,
                                     certificates_json_text(o, "sha1", a), e)
                        : 0;
}

bool certificates_is_stores(struct str name)
{
    return str_ieq(name, STR("certs/stores.json")) ||
           (str_istarts(name, STR("certs/stores-")) && str_iends(name, STR(".json")));
}

/* What a user's process said counts for that user's stores alone: "certs/stores-<SID>.json". */
static bool may_say(struct certificates *k, struct str entry, const json_t *o)
{
    struct str begin = STR("certs/stores-"), end = STR(".json");
    struct str location = certificates_json_text(o, "location", k->x->arena),
               user = certificates_json_text(o, "user", k->x->arena);

    if (!str_istarts(entry, begin))
        return true;
    struct str sid = {entry.p + begin.len, entry.len - begin.len - end.len};
    if (str_eq(location, STR("CurrentUser")) && str_ieq(user, sid))
        return true;
    sink_problem(k->x->sink, entry, 0, "a record that is not of %.*s", (int)sid.len, sid.p);
    return false;
}

static int read_stores(struct certificates *k, const struct entry *entry, struct err *e)
{
    CLEANUP(certificates_json_done) json_t *root = json_of(k->x, entry, e);
    json_t *o;
    size_t i;
    int r = 0;

    json_array_foreach(json_object_get(root, "certificates"), i, o)
    {
        r = may_say(k, entry->name, o) ? read_record(k, entry->name, o, i, e) : 0;
        if (r)
            return r;
    }
    json_array_foreach(json_object_get(root, "lists"), i, o)
    {
        r = may_say(k, entry->name, o) ? read_list(k, o, e) : 0;
        if (r)
            return r;
    }
    return 0;
}

int certificates_read_stores(struct certificates *k, struct err *e)
{
    const struct bundle_view *view = k->x->view;
    int r = 0;

    for (size_t i = 0; r == 0 && i < view->n_entries; i++)
        if (certificates_is_stores(view->entries[i].name))
            r = read_stores(k, &view->entries[i], e);
    return r;
}
