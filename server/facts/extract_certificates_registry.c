/* SPDX-License-Identifier: Apache-2.0
 *
 * Stores in registry text: blobs of certificates, revocation lists and trust lists, with their properties. */
#include "extract_certificates.h"

#include <string.h>

#include "registry.h"

/* --- properties --- */

static struct str utf16_text(struct bytes raw, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(4096);

    text_add_utf16le(&out, raw.p, raw.len);
    while (out.len > 0 && out.p[out.len - 1] == 0)
        out.len--;
    return out.len > 0 ? arena_keep(a, buf_str(&out)) : (struct str){0};
}

static void set_key(struct bytes property, struct arena *a, struct certificate_key *ret)
{
    struct store_blob_key key;

    if (!property.p || !store_blob_key_read(property, &key))
        return;
    *ret = (struct certificate_key){.is_there = true,
                                    .is_known = true,
                                    .container = utf16_text(key.container, a),
                                    .provider = utf16_text(key.provider, a),
                                    .type = key.type,
                                    .flags = key.flags,
                                    .key_spec = key.key_spec};
}

/* A FILETIME; one of zero has always been. */
static bool filetime_of(const struct store_property *p, int64_t *ret_ms)
{
    uint64_t t = 0;

    if (!p || p->data.len != sizeof(t))
        return false;
    for (size_t i = 0; i < sizeof(t); i++)
        t |= (uint64_t)p->data.p[i] << (8 * i);
    *ret_ms = t == 0 ? 0 : time_from_filetime(t);
    return true;
}

static struct str usages_of(const struct store_property *p, struct arena *a)
{
    return p && p->data.p ? x509_eku_text(p->data, a) : (struct str){0};
}

static struct str hex_of(const struct store_property *p, struct arena *a)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(256);

    if (!p || p->data.len == 0 || p->data.len > 64)
        return (struct str){0};
    text_hex(&hex, p->data.p, p->data.len);
    return arena_keep(a, buf_str(&hex));
}

static void keep_properties(const struct store_blob *b, struct arena *a, struct certificate_place *p)
{
    struct store_property *kept = arena_array(a, b->n_properties, sizeof(*kept));
    size_t n = 0;

    for (size_t i = 0; kept && i < b->n_properties; i++)
        if (b->properties[i].id != STORE_BLOB_CERTIFICATE)
            kept[n++] = b->properties[i];
    p->properties = kept;
    p->n_properties = n;
}

void certificates_set_limits(const struct store_blob *b, struct arena *a, struct certificate_place *p)
{
    const struct store_property *eku = store_blob_property(b, STORE_BLOB_EKU);
    struct x509_properties *set = &p->set;

    set->eku = usages_of(eku, a);
    set->disallowed_eku = usages_of(store_blob_property(b, STORE_BLOB_DISALLOWED_EKU), a);
    set->not_before_eku = usages_of(store_blob_property(b, STORE_BLOB_NOT_BEFORE_EKU), a);
    set->has_disallowed_after =
        filetime_of(store_blob_property(b, STORE_BLOB_DISALLOWED_FILETIME), &set->disallowed_after_ms);
    set->has_not_before =
        filetime_of(store_blob_property(b, STORE_BLOB_NOT_BEFORE_FILETIME), &set->not_before_ms);
    p->renewed_by = hex_of(store_blob_property(b, STORE_BLOB_RENEWAL), a);
    keep_properties(b, a, p);
}

/* A bare certificate says nothing about what is set on it. */
void certificates_set_properties(const struct store_blob *b, struct arena *a, struct certificate_place *p)
{
    if (b->n_properties == 0)
        return;
    p->archived = b->is_archived;
    p->key.is_known = true;
    p->friendly_name = b->friendly_name.p ? utf16_text(b->friendly_name, a) : (struct str){0};
    set_key(b->key, a, &p->key);
    certificates_set_limits(b, a, p);
}

/* --- the trees of stores --- */

#define SYSTEM "SystemCertificates\\"

static const struct {
    const char *prefix;
    const char *location, *physical;
} trees[] = {
    {"HKLM\\SOFTWARE\\Microsoft\\" SYSTEM, "LocalMachine", "Registry"},
    {"HKLM\\SOFTWARE\\Policies\\Microsoft\\" SYSTEM, "LocalMachine", "GroupPolicy"},
    {"HKLM\\SOFTWARE\\Microsoft\\EnterpriseCertificates\\", "LocalMachine", "Enterprise"},
    {"HKCU\\Software\\Microsoft\\" SYSTEM, "CurrentUser", "Registry"},
    {"HKCU\\Software\\Policies\\Microsoft\\" SYSTEM, "CurrentUser", "GroupPolicy"},
};

/* What stands behind the prefix of a tree; a user's hive may be written as HKCU or as HKU\<SID>. p NULL:
 * another tree. */
static struct str behind(struct str key, struct str prefix, struct str *ret_user)
{
    const struct str hkcu = STR("HKCU\\"), hku = STR("HKU\\");
    struct str rest;

    *ret_user = STR("HKCU");
    if (str_istarts(key, prefix))
        return str_skip(key, prefix.len);
    if (!str_istarts(key, hku) || !str_istarts(prefix, hkcu))
        return (struct str){0};
    *ret_user = str_cut(str_skip(key, hku.len), '\\', &rest);
    prefix = str_skip(prefix, hkcu.len);
    return rest.p && str_istarts(rest, prefix) ? str_skip(rest, prefix.len) : (struct str){0};
}

static bool is_folder(struct str name)
{
    return str_ieq(name, STR("Certificates")) || str_ieq(name, STR("CRLs")) || str_ieq(name, STR("CTLs"));
}

/* '<store>\<Certificates, CRLs or CTLs>\<sha1>' */
static bool set_store(struct str tail, struct certificate_place *p)
{
    struct str rest, store = str_cut(tail, '\\', &rest), folder = str_cut(rest, '\\', &rest);

    if (!rest.p || !is_folder(folder))
        return false;
    p->store = certificates_store_name(store, &p->physical);
    return true;
}

/* HKLM\SOFTWARE\Microsoft\Cryptography\Services\<service>\SystemCertificates\… */
static bool service_place(struct str key, struct certificate_place *p)
{
    const struct str prefix = STR("HKLM\\SOFTWARE\\Microsoft\\Cryptography\\Services\\"),
                     middle = STR(SYSTEM);
    struct str rest, service;

    if (!str_istarts(key, prefix))
        return false;
    service = str_cut(str_skip(key, prefix.len), '\\', &rest);
    if (!rest.p || !str_istarts(rest, middle))
        return false;
    p->location = STR("Service");
    p->user = service;
    p->physical = STR("Registry");
    return set_store(str_skip(rest, middle.len), p);
}

static bool registry_place(const struct registry_key *key, struct certificate_place *p)
{
    for (size_t i = 0; i < ARRAY_LEN(trees); i++) {
        struct str user, tail = behind(key->key, str_from(trees[i].prefix), &user);
        if (!tail.p)
            continue;
        p->location = str_from(trees[i].location);
        p->physical = str_from(trees[i].physical);
        if (str_eq(p->location, STR("CurrentUser")))
            p->user = user;
        return set_store(tail, p);
    }
    return service_place(key->key, p);
}

/* --- blobs --- */

static void tell_damage(const struct certificates *k, const struct registry_key *key,
                        const struct certificate_place *p, const char *why)
{
    const char *name = memrchr(key->key.p, '\\', key->key.len);
    struct sink *s = k->x->sink;

    sink_problem(s, p->entry, p->line, "%s", why);
    sink_begin(s, "store_damage");
    sink_text(s, "location", p->location);
    sink_text(s, "user", p->user);
    sink_text(s, "store", p->store);
    sink_text(s, "physical", p->physical);
    sink_text(s, "name", str_skip(key->key, name ? (size_t)(name - key->key.p) + 1 : 0));
    sink_c(s, "why", why);
    sink_text(s, "entry", p->entry);
    sink_int(s, "line", p->line);
    sink_end(s);
}

/* Windows skips a certificate whose key has another name than its SHA-1: it stands in no store then. */
static void check_name(const struct certificates *k, const struct registry_key *key,
                       const struct store_blob *b, struct certificate_place *p)
{
    const char *why, *thumbprint = b->certificate.len ? certificates_sha1(b->certificate, k->x->arena) : NULL;

    if (!thumbprint || str_iends(key->key, str_from(thumbprint)))
        return;
    why = arena_printf(k->x->arena, "the key is not named after its certificate %s; Windows skips it",
                       thumbprint);
    if (why)
        tell_damage(k, key, p, why);
    p->store = (struct str){0};
}

static int read_blob(struct certificates *k, const struct registry_key *key, struct certificate_place *p,
                     struct err *e)
{
    const struct registry_value *v = registry_value(key, "Blob");
    struct store_blob b;
    struct err why = {0};
    int r;

    if (!v || v->raw.len == 0)
        return 0;
    p->entry = v->entry;
    p->line = v->line;
    r = store_blob_read(v->raw, &b, &why);
    if (r == 0 && b.certificate.len == 0 && b.crl.len == 0 && b.ctl.len == 0)
        r = err_set(&why, ERR_FORMAT, "store blob: neither a certificate nor a list is in it");
    if (r) {
        tell_damage(k, key, p, why.text);
        return 0;
    }
    check_name(k, key, &b, p);
    return certificates_take(k, &b, p, e);
}

int certificates_read_registry(struct certificates *k, struct err *e)
{
    int r = 0;

    for (const struct registry_key *key = registry_first(k->x->registry); key && r == 0; key = key->next) {
        struct certificate_place p = {.archived = -1};
        if (!key->is_absent && registry_place(key, &p))
            r = read_blob(k, key, &p, e);
    }
    return r;
}
