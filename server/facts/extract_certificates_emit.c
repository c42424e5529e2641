/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "extract_certificates.h"

static void emit_yes(struct sink *s, const char *column, enum x509_answer answer)
{
    if (answer != X509_CANNOT_TELL)
        sink_int(s, column, answer == X509_YES);
}

static void emit_extensions(struct sink *s, const struct x509 *c)
{
    if (c->has_basic_constraints)
        sink_int(s, "is_ca", c->is_ca);
    if (c->path_length >= 0)
        sink_int(s, "path_length", c->path_length);
    if (c->has_key_usage)
        sink_text(s, "key_usage", c->key_usage);
    if (c->has_eku)
        sink_text(s, "eku", c->eku);
    sink_int(s, "client_auth", c->client_auth);
    if (c->ski.p)
        sink_hex(s, "ski", c->ski);
    if (c->aki.p)
        sink_hex(s, "aki", c->aki);
    sink_text(s, "aki_issuer", c->aki_issuer);
    if (c->aki_serial.p)
        sink_hex(s, "aki_serial", c->aki_serial);
    sink_text(s, "template", c->template_name);
}

static void emit_algorithms(struct sink *s, const struct x509 *c)
{
    sink_c(s, "key_algorithm", c->key_algorithm);
    if (c->key_bits > 0)
        sink_int(s, "key_bits", c->key_bits);
    sink_c(s, "curve", c->curve);
    sink_c(s, "signature_algorithm", c->signature_algorithm);
    sink_c(s, "signature_hash", c->signature_hash);
    if (c->signed_digest.len > 0)
        sink_hex(s, "signed_digest", c->signed_digest);
}

static void emit_certificate(struct sink *s, const struct x509 *c)
{
    sink_begin(s, "certificate");
    sink_c(s, "thumbprint", c->thumbprint);
    sink_c(s, "sha256", c->sha256);
    sink_text(s, "subject", c->subject);
    sink_text(s, "issuer", c->issuer);
    sink_hex(s, "subject_der", c->subject_der);
    sink_hex(s, "issuer_der", c->issuer_der);
    sink_text(s, "subject_cn", c->subject_cn);
    sink_text(s, "issuer_cn", c->issuer_cn);
    sink_hex(s, "serial", c->serial);
    sink_time(s, "not_before", c->not_before_ms);
    sink_time(s, "not_after", c->not_after_ms);
    sink_int(s, "version", c->version);
    emit_yes(s, "self_signed", c->self_signed);
    sink_int(s, "self_issued", c->self_issued);
    emit_extensions(s, c);
    emit_algorithms(s, c);
    sink_int(s, "size", (int64_t)c->der.len);
    sink_blob(s, "der", c->der);
    sink_text(s, "note", c->note);
    sink_end(s);
}

/* Mappings by rules look at certificates of clients only. */
static void emit_rdns(struct sink *s, const struct x509 *c)
{
    for (const struct x509_rdn *n = c->is_ca == X509_YES ? NULL : c->rdns; n; n = n->next) {
        sink_begin(s, "certificate_rdn");
        sink_c(s, "thumbprint", c->thumbprint);
        sink_c(s, "field", n->is_issuer ? "Issuer" : "Subject");
        sink_text(s, "sub_field", n->type);
        sink_text(s, "value", n->value);
        sink_end(s);
    }
}

static void emit_names(struct sink *s, const struct x509 *c)
{
    emit_rdns(s, c);
    for (const struct x509_name *n = c->names; n; n = n->next) {
        sink_begin(s, "certificate_name");
        sink_c(s, "thumbprint", c->thumbprint);
        sink_c(s, "kind", n->kind);
        sink_text(s, "value", n->value);
        sink_end(s);
    }
    for (const struct x509_name *n = c->urls; n; n = n->next) {
        sink_begin(s, "certificate_url");
        sink_c(s, "thumbprint", c->thumbprint);
        sink_c(s, "kind", n->kind);
        sink_text(s, "url", n->value);
        sink_end(s);
    }
    for (const struct x509_name *n = c->constraints; n; n = n->next) {
        sink_begin(s, "certificate_constraint");
        sink_c(s, "thumbprint", c->thumbprint);
        sink_c(s, "kind", n->kind);
        sink_text(s, "value", n->value);
        sink_end(s);
    }
}

static void emit_limits(struct sink *s, const struct certificate_place *p)
{
    const struct x509_properties *set = &p->set;

    sink_text(s, "eku_property", set->eku);
    sink_text(s, "disallowed_eku", set->disallowed_eku);
    if (set->has_disallowed_after)
        sink_int(s, "disallowed_after", set->disallowed_after_ms);
    if (set->has_not_before)
        sink_int(s, "not_before_limit", set->not_before_ms);
    sink_text(s, "not_before_eku", set->not_before_eku);
    sink_text(s, "renewed_by", p->renewed_by);
}

static void emit_place(struct sink *s, const struct certificate_place *p)
{
    sink_begin(s, "store_certificate");
    sink_text(s, "location", p->location);
    sink_text(s, "user", p->user);
    sink_text(s, "store", p->store);
    sink_text(s, "physical", p->physical);
    sink_c(s, "thumbprint", p->thumbprint);
    sink_text(s, "friendly_name", p->friendly_name);
    if (p->key.is_known)
        sink_int(s, "has_key_property", p->key.is_there);
    if (p->archived >= 0)
        sink_int(s, "archived", p->archived);
    emit_limits(s, p);
    sink_text(s, "entry", p->entry);
    if (p->line > 0)
        sink_int(s, "line", p->line);
    sink_end(s);
}

/* --- the list of issuers --- */

/* Which (store, subject) have been named; open addressing, twice as large as the places. */
struct named {
    const struct certificate_place **slots;
    size_t n_slots;
};

static bool is_same_issuer(const struct certificate_place *a, const struct certificate_place *b)
{
    const struct bytes *x = &a->certificate->subject_der, *y = &b->certificate->subject_der;

    return str_ieq(a->store, b->store) && x->len == y->len && memcmp(x->p, y->p, x->len) == 0;
}

/* The list names each subject once. */
static bool name_once(struct named *n, const struct certificate_place *p)
{
    size_t at = p->certificate->subject_hash % n->n_slots;

    while (n->slots[at]) {
        if (is_same_issuer(n->slots[at], p))
            return false;
        at = (at + 1) % n->n_slots;
    }
    n->slots[at] = p;
    return true;
}

static bool can_be_named(const struct certificate_place *p)
{
    unsigned bit = certificates_place_bit(p->store);

    return p->certificate && str_eq(p->location, STR("LocalMachine")) && bit != X509_IN_MY &&
           bit != X509_IN_DISALLOWED;
}

/* Every store of LocalMachine that the list of issuers can come from; which one it is, a rule says (causes
 * F06). */
static int emit_issuers(const struct certificates *k, struct err *e)
{
    struct named named = {.n_slots = 2 * k->n_places + 1};
    struct sink *s = k->x->sink;

    named.slots = arena_array(k->x->arena, named.n_slots, sizeof(*named.slots));
    if (!named.slots)
        return err_set(e, ERR_NOMEM, "certificates: out of memory");
    for (size_t i = 0; i < k->n_places; i++) {
        const struct certificate_place *p = &k->places[i];
        if (!can_be_named(p) || !name_once(&named, p))
            continue;
        sink_begin(s, "issuer_list");
        sink_text(s, "source", p->store);
        sink_text(s, "subject", p->certificate->subject);
        sink_hex(s, "subject_der", p->certificate->subject_der);
        sink_int(s, "bytes", 2 + (int64_t)p->certificate->subject_der.len);
        sink_c(s, "thumbprint", p->thumbprint);
        sink_end(s);
    }
    return 0;
}

int certificates_emit(const struct certificates *k, struct err *e)
{
    for (size_t i = 0; i < k->n; i++) {
        emit_certificate(k->x->sink, k->list[i]);
        emit_names(k->x->sink, k->list[i]);
    }
    for (size_t i = 0; i < k->n_places; i++)
        emit_place(k->x->sink, &k->places[i]);
    return emit_issuers(k, e);
}
