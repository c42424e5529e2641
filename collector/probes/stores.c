/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificate stores: each certificate once as DER, all that is said of it in certs/stores.json. */
#include "probe.h"

#include <stdio.h>

#include <jansson.h>

#include "chain.h"
#include "limits.h"

static const struct {
    const char *name;
    bool of_users;
} stores[] = {
#define STORE(name, user) {name, user},
#include "stores.def"
#undef STORE
};

/* One store that was looked at; its item is written behind stores.json. */
struct store_record {
    struct str name, user;
    struct bundle_end end;
    struct err why;
    struct store_record *next;
};

struct collection {
    struct probe_run *run;
    struct str entry; /* what is said of them */
    struct os_hash *sha1;
    struct buf certificates; /* "{…},{…}" */
    struct buf lists;        /* the same of CRLs and CTLs */
    struct store_record *records, **records_end;
    struct store_record *now; /* being walked */
    size_t n_chains;
    struct err fatal;
};

static void free_collection(struct collection *c)
{
    buf_done(&c->certificates);
    buf_done(&c->lists);
    os_hash_free(c->sha1);
}

/* --- one certificate --- */

static struct str location_of(const struct store_record *r)
{
    return r->user.len > 0 ? STR("CurrentUser") : STR("LocalMachine");
}

static struct str entry_of(const struct collection *c, enum os_store_object object,
                           const struct str thumbprint)
{
    static const char *const ends[] = {[OS_CERTIFICATE] = "cer", [OS_CRL] = "crl", [OS_CTL] = "stl"};
    const struct store_record *r = c->now;
    struct str entry =
        take_join(c->run, "certs/%s%.*s/%.*s/%.*s.%s", r->user.len > 0 ? "CurrentUser-" : "LocalMachine",
                  (int)r->user.len, r->user.p == NULL ? "" : r->user.p, (int)r->name.len, r->name.p,
                  (int)thumbprint.len, thumbprint.p, ends[object]);

    if (entry.p == NULL || entry_name_is_legal(entry))
        return entry;
    /* a store whose name cannot be a folder's; its certificates are still told apart */
    return take_join(c->run, "certs/LocalMachine/other/%.*s.%s", (int)thumbprint.len, thumbprint.p,
                     ends[object]);
}

static json_t *properties_of(const struct os_cert *cert)
{
    json_t *list = json_array();

    for (size_t i = 0; i < cert->n_properties; i++)
        (void)json_array_append_new(list, json_integer(cert->property_ids[i]));
    return list;
}

static json_t *values_of(const struct os_cert *cert)
{
    json_t *o = json_object();

    for (size_t i = 0; i < cert->n_values; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%u", (unsigned)cert->values[i].id);
        (void)json_object_set_new(o, id, value_hex(cert->values[i].data));
    }
    return o;
}

static json_t *key_of(const struct os_cert *cert)
{
    if (!cert->has_key)
        return json_null();
    return json_pack("{s:o,s:o,s:I,s:I,s:I}", "container", value_text(cert->container), "provider",
                     value_text(cert->provider), "type", (json_int_t)cert->provider_type, "flags",
                     (json_int_t)cert->key_flags, "keySpec", (json_int_t)cert->key_spec);
}

/* Of the certificates in My; null: not asked for. */
static json_t *chains_of(struct collection *c, const struct os_cert *cert)
{
    json_t *list;

    if (!str_ieq(c->now->name, STR("My")) || c->n_chains >= (size_t)LIMIT_COLLECT_CHAINS ||
        str_eq(str_from(os_backend(c->run->os)), STR("image")))
        return json_null();
    c->n_chains++;
    list = json_array();
    for (enum os_revocation how = OS_REVOCATION_NONE; how <= OS_REVOCATION_CACHE; how++)
        (void)json_array_append_new(list,
                                    chain_value(c->run, c->sha1, c->now->user, cert->der, how, &c->fatal));
    return list;
}

static void add_record(struct collection *c, const struct os_cert *cert, struct str thumbprint,
                       struct str entry)
{
    if (c->certificates.len > 0)
        buf_add_char(&c->certificates, ',');
    value_take(
        &c->certificates,
        json_pack("{s:o,s:o,s:o,s:s,s:o,s:o,s:o,s:b,s:o,s:o,s:o,s:o,s:o}", "location",
                  value_text(location_of(c->now)), "user",
                  c->now->user.len > 0 ? value_text(c->now->user) : json_null(), "store",
                  value_text(c->now->name), "physical", cert->physical == NULL ? "Registry" : cert->physical,
                  "thumbprint", value_text(thumbprint), "entry", value_text(entry), "friendlyName",
                  cert->friendly_name.len > 0 ? value_text(cert->friendly_name) : json_null(), "archived",
                  cert->archived, "eku", value_hex(cert->eku), "key", key_of(cert), "properties",
                  properties_of(cert), "values", values_of(cert), "chains", chains_of(c, cert)));
}

/* A list has no properties; its record says in which physical store it stands. */
static void add_list(struct collection *c, const struct os_cert *list, struct str sha1, struct str entry)
{
    if (c->lists.len > 0)
        buf_add_char(&c->lists, ',');
    value_take(&c->lists,
               json_pack("{s:o,s:o,s:o,s:s,s:s,s:o,s:o}", "location", value_text(location_of(c->now)), "user",
                         c->now->user.len > 0 ? value_text(c->now->user) : json_null(), "store",
                         value_text(c->now->name), "physical",
                         list->physical == NULL ? "Registry" : list->physical, "kind",
                         list->object == OS_CRL ? "crl" : "ctl", "sha1", value_text(sha1), "entry",
                         value_text(entry)));
}

static int take_cert(void *ctx, const struct os_cert *cert)
{
    struct collection *c = ctx;
    CLEANUP(buf_done) struct buf thumbprint = BUF_INIT(64);
    uint8_t digest[OS_SHA1_BYTES];
    struct err why = {0};

    if (cert->der.len == 0 || (cert->object == OS_CERTIFICATE && (int64_t)cert->der.len > LIMIT_CERT_BYTES))
        return 0;
    if (os_hash_add(c->sha1, cert->der.p, cert->der.len, &c->fatal) != 0 ||
        os_hash_end(c->sha1, digest, &c->fatal) != 0)
        return -c->fatal.code;
    text_hex(&thumbprint, digest, sizeof(digest));
    struct str entry = entry_of(c, cert->object, buf_str(&thumbprint));
    int r = bundle_entry(c->run->bundle, entry, cert->der.p, cert->der.len, NULL, &why);
    if (r != 0 && r != -ERR_CONFLICT) { /* conflict: the same certificate in another physical store */
        c->fatal = why;
        return r;
    }
    if (cert->object == OS_CERTIFICATE)
        add_record(c, cert, buf_str(&thumbprint), entry);
    else
        add_list(c, cert, buf_str(&thumbprint), entry);
    return 0;
}

/* --- one store --- */

static bool is_known(const struct collection *c, struct str user, struct str name)
{
    for (const struct store_record *r = c->records; r != NULL; r = r->next)
        if (str_ieq(r->name, name) && str_eq(r->user, user))
            return true;
    return false;
}

static struct manifest_item item_of(const struct collection *c, const struct store_record *r)
{
    struct str where = location_of(r);

    return (struct manifest_item){.kind = KIND_CERT_STORE,
                                  .source = take_join(c->run, "%.*s%s%.*s\\%.*s", (int)where.len, where.p,
                                                      r->user.len > 0 ? "\\" : "", (int)r->user.len,
                                                      r->user.p == NULL ? "" : r->user.p, (int)r->name.len,
                                                      r->name.p),
                                  .location = where,
                                  .store = r->name,
                                  .user = r->user,
                                  .original = -1,
                                  .modified_ms = TIME_NONE};
}

static int take_store(struct collection *c, struct str user, struct str name, struct err *e)
{
    struct store_record *r;

    if (is_known(c, user, name))
        return 0;
    r = arena_alloc(&c->run->arena, sizeof(*r));
    if (r == NULL)
        return err_set(e, ERR_NOMEM, "stores: out of memory");
    *r = (struct store_record){.name = name, .user = user, .end = BUNDLE_OK};
    *c->records_end = r;
    c->records_end = &r->next;
    c->now = r;
    struct manifest_item head = item_of(c, r);
    const char *excluded = bundle_excludes(c->run->bundle, &head);
    if (excluded != NULL) {
        r->end = (struct bundle_end){OUTCOME_EXCLUDED, excluded, 0, NULL};
        return 0;
    }
    int failed = os_store_walk(c->run->os, user, name, take_cert, c, &r->why);
    if (c->fatal.code == ERR_LIMIT) {
        r->end =
            (struct bundle_end){OUTCOME_TRUNCATED, "more certificates than a bundle may hold", 0, "tail"};
        c->fatal.code = 0;
    } else if (c->fatal.code != 0) {
        *e = c->fatal;
        return -e->code;
    } else if (failed != 0) {
        r->end = take_end(&r->why);
    }
    return 0;
}

/* Bindings may name stores of their own: for the certificate, or as the list of issuers. */
static int take_named(void *ctx, struct str name, uint32_t type, struct bytes data)
{
    struct collection *c = ctx;
    CLEANUP(buf_done) struct buf text = BUF_INIT(1024);

    if (type != 1 ||
        (!str_ieq(name, STR("SslCertStoreName")) && !str_ieq(name, STR("DefaultSslCtlStoreName"))))
        return 0;
    text_add_utf16le(&text, data.p, data.len);
    while (text.len > 0 && text.p[text.len - 1] == 0)
        text.len--;
    if (text.len == 0)
        return 0;
    struct str store = arena_keep(&c->run->arena, buf_str(&text));
    return store.p == NULL ? 0 : take_store(c, STR(""), store, &c->fatal);
}

static int skip_key(void *ctx, struct str key, int64_t modified_ms)
{
    (void)ctx, (void)key, (void)modified_ms;
    return 0;
}

static int skip_failed(void *ctx, struct str key, const struct err *why)
{
    (void)ctx, (void)key, (void)why;
    return 0;
}

static int take_bound_stores(struct collection *c, struct err *e)
{
    const struct os_reg_visitor visitor = {
        .ctx = c, .key = skip_key, .value = take_named, .failed = skip_failed};
    struct err ignored = {0}; /* http.reg says what could not be read there */

    (void)os_reg_walk(c->run->os, STR("HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters"), 32,
                      &visitor, &ignored);
    if (c->fatal.code != 0)
        *e = c->fatal;
    return -c->fatal.code;
}

static int take_machine(struct collection *c, struct err *e)
{
    for (size_t i = 0; i < ARRAY_LEN(stores); i++)
        if (take_store(c, STR(""), str_from(stores[i].name), e) != 0)
            return -e->code;
    return take_bound_stores(c, e);
}

const char *probes_user_store(size_t i)
{
    for (size_t k = 0; k < ARRAY_LEN(stores); k++)
        if (stores[k].of_users && i-- == 0)
            return stores[k].name;
    return NULL;
}

static int take_all(struct collection *c, struct err *e)
{
    const char *store;

    if (!c->run->own_part && take_machine(c, e) != 0)
        return -e->code;
    for (const struct probe_user *u = c->run->users; u != NULL; u = u->next)
        for (size_t i = 0; (store = probes_user_store(i)) != NULL; i++)
            if (!take_was_handed(c->run, u->sid, KIND_CERT_STORE) &&
                take_store(c, u->sid, str_from(store), e) != 0)
                return -e->code;
    return 0;
}

/* --- stores.json --- */

static void add_stores(const struct collection *c, struct buf *out)
{
    for (const struct store_record *r = c->records; r != NULL; r = r->next) {
        json_t *o =
            json_pack("{s:o,s:o,s:o}", "location", value_text(location_of(r)), "store", value_text(r->name),
                      "user", r->user.len > 0 ? value_text(r->user) : json_null());
        value_take(out, value_outcome(o, &r->end));
        buf_add_c(out, r->next == NULL ? "" : ",");
    }
}

static int note_stores(const struct collection *c, const char *sha256, int64_t size, struct err *e)
{
    for (const struct store_record *r = c->records; r != NULL; r = r->next) {
        struct manifest_item head = item_of(c, r);
        head.entry = c->entry;
        head.sha256 = str_from(sha256);
        head.size = size;
        if (bundle_item_note(c->run->bundle, &head, &r->end, e) != 0)
            return -e->code;
    }
    return 0;
}

static int write_json(const struct collection *c, struct err *e)
{
    CLEANUP(buf_done) struct buf json = BUF_INIT(2 * LIMIT_COLLECT_JSON_BYTES);
    char sha256[65];

    buf_add_c(&json, "{\"stores\":[");
    add_stores(c, &json);
    buf_add_c(&json, "],\"certificates\":[");
    buf_add_str(&json, buf_str(&c->certificates));
    buf_add_c(&json, "],\"lists\":[");
    buf_add_str(&json, buf_str(&c->lists));
    buf_add_c(&json, "]}\n");
    if (buf_check(&c->certificates, "certs/stores.json", e) != 0 ||
        buf_check(&c->lists, "certs/stores.json", e) != 0 || buf_check(&json, "certs/stores.json", e) != 0)
        return -e->code;
    if (bundle_entry(c->run->bundle, c->entry, json.p, json.len, sha256, e) != 0)
        return -e->code;
    return note_stores(c, sha256, (int64_t)json.len, e);
}

int probe_stores(struct probe_run *run, struct err *e)
{
    CLEANUP(free_collection)
    struct collection c = {.run = run,
                           .certificates = BUF_INIT(LIMIT_COLLECT_JSON_BYTES),
                           .lists = BUF_INIT(LIMIT_COLLECT_JSON_BYTES)};

    c.records_end = &c.records;
    c.entry = !run->own_part
                  ? STR("certs/stores.json")
                  : take_join(run, "certs/stores-%.*s.json", (int)run->own_sid.len, run->own_sid.p);
    if (os_hash_new(OS_SHA1, &c.sha1, e) != 0 || take_all(&c, e) != 0)
        return -e->code;
    return write_json(&c, e) != 0 ? -e->code : take_missing_users(run, KIND_CERT_STORE, e);
}
