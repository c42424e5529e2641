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
    sink_c(s, "key_algorithm", c->key_algorithm);
    if (c->key_bits > 0)
        sink_int(s, "key_bits", c->key_bits);
    sink_c(s, "signature_algorithm", c->signature_algorithm);
    sink_int(s, "size", (int64_t)c->der.len);
    sink_blob(s, "der", c->der);
    sink_text(s, "note", c->note);
    sink_end(s);
}

static void emit_names(struct sink *s, const struct x509 *c)
{
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
    sink_text(s, "eku_property", p->eku_property);
    sink_text(s, "entry", p->entry);
    if (p->line > 0)
        sink_int(s, "line", p->line);
    sink_end(s);
}

/* Does an earlier place of the same store hold a certificate of the same subject? The list names each subject
 * once. */
static bool is_named_before(const struct certificates *k, size_t at)
{
    const struct certificate_place *p = &k->places[at];

    for (size_t i = 0; i < at; i++) {
        const struct certificate_place *o = &k->places[i];
        if (o->certificate && str_eq(o->location, p->location) && str_ieq(o->store, p->store) &&
            o->certificate->subject_der.len == p->certificate->subject_der.len &&
            memcmp(o->certificate->subject_der.p, p->certificate->subject_der.p,
                   p->certificate->subject_der.len) == 0)
            return true;
    }
    return false;
}

/* Every store of LocalMachine that the list of issuers can come from; which one it is, a rule says (causes
 * F06). */
static void emit_issuers(const struct certificates *k)
{
    struct sink *s = k->x->sink;

    for (size_t i = 0; i < k->n_places; i++) {
        const struct certificate_place *p = &k->places[i];
        unsigned bit = certificates_place_bit(p->store);
        if (!p->certificate || !str_eq(p->location, STR("LocalMachine")) || bit == X509_IN_MY ||
            bit == X509_IN_DISALLOWED || is_named_before(k, i))
            continue;
        sink_begin(s, "issuer_list");
        sink_text(s, "source", p->store);
        sink_text(s, "subject", p->certificate->subject);
        sink_hex(s, "subject_der", p->certificate->subject_der);
        sink_int(s, "bytes", 2 + (int64_t)p->certificate->subject_der.len);
        sink_c(s, "thumbprint", p->thumbprint);
        sink_end(s);
    }
}

void certificates_emit(const struct certificates *k)
{
    for (size_t i = 0; i < k->n; i++) {
        emit_certificate(k->x->sink, k->list[i]);
        emit_names(k->x->sink, k->list[i]);
    }
    for (size_t i = 0; i < k->n_places; i++)
        emit_place(k->x->sink, &k->places[i]);
    emit_issuers(k);
}
