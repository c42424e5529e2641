/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocation lists and trust lists as rows, properties as rows, and the machine's policy for chains, which
 * comes from registry values and from its list of disallowed certificates. */
#include "extract_certificates.h"

#include <stdio.h>
#include <string.h>

#include "crl.h"
#include "ctl.h"
#include "registry.h"

enum { VALUE_BYTES = 4096 };

#define CONFIG                                                                                               \
    "HKLM\\SOFTWARE\\Microsoft\\Cryptography\\OID\\EncodingType "                                            \
    "0\\CertDllCreateCertificateChainEngine\\Config"
#define AUTO_UPDATE "HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\AuthRoot\\AutoUpdate"

/* --- policy --- */

static void read_settings(struct certificates *k)
{
    static const char *const keys[] = {CONFIG,
                                       CONFIG "\\Default"}; /* certutil writes chain\Default\… as well */

    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        const struct registry_key *key = registry_find(k->x->registry, str_from(keys[i]));
        for (const struct registry_value *v = key && !key->is_absent ? key->values : NULL; v; v = v->next) {
            if (!v->has_number || !x509_policy_set(&k->policy, v->name, (uint32_t)v->number))
                continue;
            sink_begin(k->x->sink, "chain_policy");
            sink_text(k->x->sink, "name", v->name);
            sink_int(k->x->sink, "value", (int64_t)v->number);
            sink_text(k->x->sink, "entry", v->entry);
            sink_int(k->x->sink, "line", v->line);
            sink_end(k->x->sink);
        }
    }
}

/* The lists that Windows fetched and keeps as values. */
static int read_fetched(struct certificates *k, struct err *e)
{
    static const struct {
        const char *value, *store, *physical;
    } rows[] = {{"EncodedCtl", "Root", "AuthRoot"}, {"DisallowedCertEncodedCtl", "Disallowed", "Registry"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct registry_value *v = registry_get(k->x->registry, AUTO_UPDATE, rows[i].value);
        struct certificate_place p = {.archived = -1,
                                      .location = STR("LocalMachine"),
                                      .store = str_from(rows[i].store),
                                      .physical = str_from(rows[i].physical)};
        if (!v || v->raw.len == 0)
            continue;
        p.entry = v->entry;
        p.line = v->line;
        if (certificates_take(k, &(struct store_blob){.ctl = v->raw}, &p, e))
            return -e->code;
    }
    return 0;
}

static bool is_disallowed_list(const struct ctl *c)
{
    return str_eq(c->usage, STR(CTL_USAGE_DISALLOWED));
}

static bool add_hash(struct certificates *k, struct bytes id, size_t room)
{
    struct x509_hash *h = &k->policy.disallowed[k->policy.n_disallowed];

    if (k->policy.n_disallowed == room)
        return false;
    if (id.len == 0 || id.len > sizeof(h->bytes))
        return true;
    h->len = id.len;
    memcpy(h->bytes, id.p, id.len);
    k->policy.n_disallowed++;
    return true;
}

static int read_disallowed(struct certificates *k, struct err *e)
{
    const size_t room = (size_t)LIMIT_CRL_ENTRIES;

    for (const struct certificate_list *l = k->ctls; l; l = l->next) {
        struct err ignored = {0};
        struct ctl_entry entry;
        struct ctl c;
        if (ctl_read(l->der, k->x->arena, &c, &ignored) || !is_disallowed_list(&c) ||
            !str_eq(l->place.location, STR("LocalMachine")))
            continue;
        if (!k->policy.disallowed)
            k->policy.disallowed = arena_array(k->x->arena, room, sizeof(struct x509_hash));
        if (!k->policy.disallowed)
            return err_set(e, ERR_NOMEM, "trust lists: out of memory");
        while (ctl_next(&c.entries, &entry) && add_hash(k, entry.id, room))
            continue;
    }
    return 0;
}

int certificates_read_policy(struct certificates *k, struct err *e)
{
    int r;

    read_settings(k);
    r = read_fetched(k, e);
    if (r == 0)
        r = read_disallowed(k, e);
    x509_policy_sort(&k->policy);
    return r;
}

/* --- rows --- */

static void emit_where(struct sink *s, const struct certificate_place *p)
{
    sink_text(s, "location", p->location);
    sink_text(s, "user", p->user);
    sink_text(s, "store", p->store);
    sink_text(s, "physical", p->physical);
    sink_text(s, "entry", p->entry);
    if (p->line > 0)
        sink_int(s, "line", p->line);
}

static void emit_time_value(struct sink *s, struct bytes data)
{
    uint64_t t = 0;
    char text[24];

    for (size_t i = 0; i < data.len && i < sizeof(t); i++)
        t |= (uint64_t)data.p[i] << (8 * i);
    (void)snprintf(text, sizeof(text), "%lld", t ? (long long)time_from_filetime(t) : 0LL);
    sink_c(s, "value", text);
}

static void emit_value(struct sink *s, const struct store_property *p, struct arena *a)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2 * VALUE_BYTES);

    switch (p->id) {
    case STORE_BLOB_EKU:
    case STORE_BLOB_DISALLOWED_EKU:
    case STORE_BLOB_NOT_BEFORE_EKU:
        sink_text(s, "value", x509_eku_text(p->data, a));
        return;
    case STORE_BLOB_DISALLOWED_FILETIME:
    case STORE_BLOB_NOT_BEFORE_FILETIME:
        emit_time_value(s, p->data);
        return;
    case STORE_BLOB_FRIENDLY_NAME:
    case STORE_BLOB_DESCRIPTION:
    case STORE_BLOB_AUTO_ENROLL:
        text_add_utf16le(&text, p->data.p, p->data.len);
        while (text.len > 0 && text.p[text.len - 1] == 0)
            text.len--;
        sink_text(s, "value", text.p ? buf_str(&text) : STR(""));
        return;
    default:
        sink_hex(s, "value", p->data);
    }
}

/* Not property 2: its parts are table private_key. */
static void emit_properties(const struct certificates *k, const struct certificate_place *p)
{
    struct sink *s = k->x->sink;

    for (size_t i = 0; i < p->n_properties; i++) {
        const struct store_property *one = &p->properties[i];
        sink_begin(s, "store_property");
        emit_where(s, p);
        sink_c(s, "thumbprint", p->thumbprint);
        sink_int(s, "property", one->id);
        sink_c(s, "name", store_blob_property_name(one->id));
        if (one->data.p && one->data.len <= VALUE_BYTES && one->id != STORE_BLOB_KEY_PROV_INFO)
            emit_value(s, one, k->x->arena);
        sink_end(s);
    }
}

static enum x509_answer signer_of(const struct certificates *k, const struct crl *c)
{
    enum x509_answer best = X509_CANNOT_TELL;

    for (size_t i = 0; i < k->n && best != X509_YES; i++) {
        const struct x509 *x = k->list[i];
        enum x509_answer answer;
        if (x->subject_hash != c->issuer_hash)
            continue;
        answer = crl_signed_by(c, x);
        best = answer == X509_CANNOT_TELL ? best : answer;
    }
    return best;
}

static int64_t emit_revoked(struct sink *s, const struct crl *c, int64_t room)
{
    int64_t n = 0;

    for (int i = 0; i < c->n_revoked && n < room; i++) {
        struct crl_entry entry;
        if (!crl_entry_at(c, i, &entry))
            continue;
        sink_begin(s, "crl_entry");
        sink_c(s, "sha1", c->sha1);
        sink_hex(s, "serial", entry.serial);
        sink_time(s, "revoked", entry.revoked_ms);
        sink_c(s, "reason", entry.reason);
        sink_end(s);
        n++;
    }
    return n;
}

/* One list in two physical stores has its entries once. */
static bool is_first(const struct certificate_list *first, const struct certificate_list *l)
{
    while (first != l && strcmp(first->sha1, l->sha1) != 0)
        first = first->next;
    return first == l;
}

static void emit_crl(const struct certificates *k, const struct certificate_list *l, const struct crl *c,
                     int64_t *room)
{
    struct sink *s = k->x->sink;
    enum x509_answer answer = signer_of(k, c);
    int64_t n = is_first(k->crls, l) ? emit_revoked(s, c, *room) : c->n_revoked;

    *room -= is_first(k->crls, l) ? n : 0;
    sink_begin(s, "store_crl");
    emit_where(s, &l->place);
    sink_c(s, "sha1", c->sha1);
    sink_text(s, "issuer", c->issuer);
    sink_hex(s, "issuer_der", c->issuer_der);
    if (c->aki.p)
        sink_hex(s, "aki", c->aki);
    sink_text(s, "number", c->number);
    sink_int(s, "is_delta", c->is_delta);
    sink_time(s, "this_update", c->this_update_ms);
    sink_time(s, "next_update", c->next_update_ms);
    sink_int(s, "revoked", c->n_revoked);
    sink_int(s, "listed", n);
    if (answer != X509_CANNOT_TELL)
        sink_int(s, "signed", answer == X509_YES);
    sink_c(s, "signature_algorithm", c->signature_algorithm);
    sink_int(s, "size", (int64_t)l->der.len);
    sink_end(s);
}

static void emit_attributes(struct sink *s, struct bytes attributes)
{
    CLEANUP(buf_done) struct buf ids = BUF_INIT(VALUE_BYTES);
    struct ctl_attribute one;

    while (ctl_attribute_next(&attributes, &one))
        if (one.property)
            buf_printf(&ids, "%s%u", ids.len ? " " : "", one.property);
    if (ids.len > 0)
        sink_text(s, "properties", buf_str(&ids));
}

static int64_t emit_subjects(struct sink *s, const char *sha1, struct bytes entries, int64_t *room)
{
    struct ctl_entry entry;
    int64_t n = 0;

    for (; ctl_next(&entries, &entry); n++) {
        if (*room <= 0)
            continue;
        (*room)--;
        sink_begin(s, "ctl_entry");
        sink_c(s, "sha1", sha1);
        sink_hex(s, "subject", entry.id);
        emit_attributes(s, entry.attributes);
        sink_end(s);
    }
    return n;
}

/* Microsoft's identifiers are UTF-16 texts. */
static void emit_identifier(struct sink *s, struct bytes id)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(VALUE_BYTES);

    text_add_utf16le(&text, id.p, id.len);
    while (text.len > 0 && text.p[text.len - 1] == 0)
        text.len--;
    if (text.len > 0 && text_is_printable(buf_str(&text)))
        sink_text(s, "identifier", buf_str(&text));
    else if (id.len > 0)
        sink_hex(s, "identifier", id);
}

static void emit_ctl(const struct certificates *k, const struct certificate_list *l, const struct ctl *c,
                     int64_t *room)
{
    struct sink *s = k->x->sink;
    int64_t none = 0, n = emit_subjects(s, l->sha1, c->entries, is_first(k->ctls, l) ? room : &none);

    sink_begin(s, "store_ctl");
    emit_where(s, &l->place);
    sink_c(s, "sha1", l->sha1);
    sink_text(s, "usage", c->usage);
    if (is_disallowed_list(c))
        sink_c(s, "purpose", "disallowed");
    else if (str_eq(c->usage, STR(CTL_USAGE_ROOTS)))
        sink_c(s, "purpose", "roots");
    emit_identifier(s, c->id);
    if (c->number.p)
        sink_hex(s, "number", c->number);
    sink_time(s, "this_update", c->this_update_ms);
    sink_time(s, "next_update", c->next_update_ms);
    sink_text(s, "algorithm", c->algorithm);
    sink_int(s, "entries", n);
    sink_int(s, "size", (int64_t)l->der.len);
    sink_end(s);
}

void certificates_emit_lists(const struct certificates *k)
{
    int64_t room = LIMIT_CRL_ENTRIES;

    for (size_t i = 0; i < k->n_places; i++)
        emit_properties(k, &k->places[i]);
    for (const struct certificate_list *l = k->crls; l; l = l->next) {
        struct err why = {0};
        struct crl c;
        if (crl_read(l->der, k->x->arena, &c, &why)) {
            sink_problem(k->x->sink, l->place.entry, l->place.line, "%s", why.text);
            continue;
        }
        emit_crl(k, l, &c, &room);
        crl_done(&c);
    }
    for (const struct certificate_list *l = k->ctls; l; l = l->next) {
        struct err why = {0};
        struct ctl c;
        if (ctl_read(l->der, k->x->arena, &c, &why))
            sink_problem(k->x->sink, l->place.entry, l->place.line, "%s", why.text);
        else
            emit_ctl(k, l, &c, &room);
    }
}
