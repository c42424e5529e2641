/* SPDX-License-Identifier: Apache-2.0
 *
 * certs/stores.json, `chains`: what CertGetCertificateChain said on the machine itself. */
#include "extract_certificates.h"

/* wincrypt.h, CERT_TRUST_STATUS: what only Windows can say, after those of x509_trust_text. */
static const struct {
    uint32_t bit;
    const char *name;
} system_words[] = {
    {0x4, "CERT_TRUST_IS_REVOKED"},
    {0x40, "CERT_TRUST_REVOCATION_STATUS_UNKNOWN"},
    {0x2000, "CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT"},
    {0x20000, "CERT_TRUST_CTL_IS_NOT_TIME_VALID"},
    {0x40000, "CERT_TRUST_CTL_IS_NOT_SIGNATURE_VALID"},
    {0x80000, "CERT_TRUST_CTL_IS_NOT_VALID_FOR_USAGE"},
    {0x1000000, "CERT_TRUST_IS_OFFLINE_REVOCATION"},
};

/* The bits that x509_trust_text has a word for. */
static const uint32_t chain_words = 0
#define X(name, bit) | (bit)
    X509_TRUST_LIST(X)
#undef X
    ;

/* A bit that has no name here is told as a number: no error is said only where there is none. */
static void emit_status(struct sink *s, uint32_t error)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(2048);
    uint32_t rest = error & ~chain_words;

    if (error == 0 || (error & chain_words))
        x509_trust_text(error & chain_words, &text);
    for (size_t i = 0; i < ARRAY_LEN(system_words); i++) {
        if (!(rest & system_words[i].bit))
            continue;
        buf_printf(&text, "%s%s", text.len ? " " : "", system_words[i].name);
        rest &= ~system_words[i].bit;
    }
    if (rest)
        buf_printf(&text, "%s0x%x", text.len ? " " : "", (unsigned)rest);
    sink_text(s, "status", buf_str(&text));
}

static bool status_of(const json_t *o, uint32_t *ret)
{
    const json_t *v = json_object_get(o, "error");

    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > UINT32_MAX)
        return false;
    *ret = (uint32_t)json_integer_value(v);
    return true;
}

static void emit_place(struct sink *s, const struct certificate_place *p, const char *thumbprint,
                       struct str revocation)
{
    sink_text(s, "location", p->location);
    sink_text(s, "user", p->user);
    sink_text(s, "store", p->store);
    sink_c(s, thumbprint, p->thumbprint);
    sink_text(s, "revocation", revocation);
}

static void emit_links(struct extract_state *x, const struct certificate_place *p, struct str revocation,
                       const json_t *elements)
{
    const json_t *one;
    size_t i;

    json_array_foreach(elements, i, one)
    {
        uint32_t error;
        if (i == X509_CHAIN_LINKS)
            break;
        sink_begin(x->sink, "system_chain_link");
        emit_place(x->sink, p, "leaf", revocation);
        sink_int(x->sink, "position", (int64_t)i);
        sink_text(x->sink, "thumbprint", certificates_json_text(one, "thumbprint", x->arena));
        if (status_of(one, &error))
            emit_status(x->sink, error);
        sink_end(x->sink);
    }
}

void certificates_emit_system(struct extract_state *x, const json_t *record,
                              const struct certificate_place *p)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(record, "chains"), i, one)
    {
        struct str revocation = certificates_json_text(one, "revocation", x->arena);
        const json_t *elements = json_object_get(one, "elements");
        uint32_t error;
        if (i == SYSTEM_CHAINS || !revocation.p)
            break;
        sink_begin(x->sink, "system_chain");
        emit_place(x->sink, p, "thumbprint", revocation);
        sink_text(x->sink, "outcome", certificates_json_text(one, "outcome", x->arena));
        if (status_of(one, &error)) {
            emit_status(x->sink, error);
            sink_int(x->sink, "error", error);
            sink_int(x->sink, "links", (int64_t)json_array_size(elements));
        }
        sink_text(x->sink, "entry", p->entry);
        sink_end(x->sink);
        emit_links(x, p, revocation, elements);
    }
}
