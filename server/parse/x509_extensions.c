/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "x509_fields.h"

enum { NAMES = 512, OIDS_BYTES = 16384 };

#define UPN "1.3.6.1.4.1.311.20.2.3"
#define SID_EXTENSION "1.3.6.1.4.1.311.25.2"
#define SID_NAME "1.3.6.1.4.1.311.25.2.1"

/* A decoded extension; *is_there also when it does not decode, which the note then says. */
static void *decode(const struct x509 *c, int nid, bool *is_there, struct buf *note)
{
    int critical = -1;
    void *decoded = X509_get_ext_d2i(c->handle, nid, &critical, NULL);

    *is_there = critical != -1;
    if (critical == -2)
        buf_printf(note, "two extensions %s; ", OBJ_nid2sn(nid));
    else if (*is_there && !decoded)
        buf_printf(note, "extension %s does not decode; ", OBJ_nid2sn(nid));
    return decoded;
}

static bool is_oid(const ASN1_OBJECT *o, const char *dotted)
{
    char oid[80];

    return OBJ_obj2txt(oid, sizeof(oid), o, 1) > 0 && strcmp(oid, dotted) == 0;
}

/* --- usages --- */

bool x509_eku_allows_client(struct str eku)
{
    struct str rest = eku;

    while (rest.p && rest.len > 0) {
        struct str oid = str_cut(rest, ' ', &rest);
        if (str_eq(oid, STR(X509_CLIENT_AUTH)) || str_eq(oid, STR(X509_ANY_USAGE)))
            return true;
    }
    return false;
}

static struct str eku_text(const EXTENDED_KEY_USAGE *eku, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(OIDS_BYTES);

    for (int i = 0; i < sk_ASN1_OBJECT_num(eku); i++) {
        char oid[80];
        if (OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(eku, i), 1) <= 0)
            continue;
        if (out.len > 0)
            buf_add_char(&out, ' ');
        buf_add_c(&out, oid);
    }
    return arena_keep(a, out.p ? buf_str(&out) : STR(""));
}

struct str x509_eku_text(struct bytes der, struct arena *a)
{
    const unsigned char *p = der.p;
    EXTENDED_KEY_USAGE *eku = d2i_EXTENDED_KEY_USAGE(NULL, &p, (long)der.len);
    struct str text = eku ? eku_text(eku, a) : (struct str){0};

    EXTENDED_KEY_USAGE_free(eku);
    return text;
}

static void set_eku(struct x509 *c, struct arena *a, struct buf *note)
{
    EXTENDED_KEY_USAGE *eku = decode(c, NID_ext_key_usage, &c->has_eku, note);

    c->client_auth = !c->has_eku;
    if (!c->has_eku)
        return;
    c->has_broken_usage |= !eku;
    c->eku = eku ? eku_text(eku, a) : STR("");
    c->client_auth = x509_eku_allows_client(c->eku);
    if (eku && c->eku.len == 0)
        buf_add_c(note, "an enhanced key usage without any usage; ");
    EXTENDED_KEY_USAGE_free(eku);
}

static void set_key_usage(struct x509 *c, struct arena *a, struct buf *note)
{
    static const char *const names[] = {"digitalSignature", "nonRepudiation", "keyEncipherment",
                                        "dataEncipherment", "keyAgreement",   "keyCertSign",
                                        "cRLSign",          "encipherOnly",   "decipherOnly"};
    CLEANUP(buf_done) struct buf out = BUF_INIT(512);
    ASN1_BIT_STRING *bits = decode(c, NID_key_usage, &c->has_key_usage, note);

    for (int i = 0; bits && i < (int)ARRAY_LEN(names); i++) {
        if (!ASN1_BIT_STRING_get_bit(bits, i))
            continue;
        if (out.len > 0)
            buf_add_char(&out, ',');
        buf_add_c(&out, names[i]);
        if (i == 5)
            c->key_usage_bits |= X509_KU_CERT_SIGN;
    }
    c->has_broken_usage |= c->has_key_usage && !bits;
    if (c->has_key_usage)
        c->key_usage = arena_keep(a, out.p ? buf_str(&out) : STR(""));
    ASN1_BIT_STRING_free(bits);
}

static void set_basic_constraints(struct x509 *c, struct buf *note)
{
    BASIC_CONSTRAINTS *bc = decode(c, NID_basic_constraints, &c->has_basic_constraints, note);

    if (!bc)
        return;
    c->is_ca = bc->ca != 0;
    if (bc->pathlen && bc->pathlen->type != V_ASN1_NEG_INTEGER)
        c->path_length = ASN1_INTEGER_get(bc->pathlen);
    BASIC_CONSTRAINTS_free(bc);
}

/* --- key identifiers --- */

static struct bytes keep(struct arena *a, const ASN1_OCTET_STRING *s)
{
    struct str kept = arena_keep(a, (struct str){(const char *)s->data, (size_t)s->length});

    return (struct bytes){(const uint8_t *)kept.p, kept.len};
}

static void set_identifiers(struct x509 *c, struct arena *a, struct buf *note)
{
    bool is_there;
    ASN1_OCTET_STRING *ski = decode(c, NID_subject_key_identifier, &is_there, note);
    AUTHORITY_KEYID *aki = decode(c, NID_authority_key_identifier, &is_there, note);

    if (ski && ski->length > 0)
        c->ski = keep(a, ski);
    if (aki && aki->keyid && aki->keyid->length > 0)
        c->aki = keep(a, aki->keyid);
    if (aki && aki->serial && aki->serial->length > 0)
        c->aki_serial = keep(a, aki->serial);
    for (int i = 0; aki && i < sk_GENERAL_NAME_num(aki->issuer); i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(aki->issuer, i);
        if (g->type == GEN_DIRNAME && !c->aki_issuer.p)
            c->aki_issuer = x509_fields_name_text(g->d.directoryName, a);
    }
    ASN1_OCTET_STRING_free(ski);
    AUTHORITY_KEYID_free(aki);
}

/* --- names and addresses --- */

struct list {
    struct arena *arena;
    struct x509_name **last;
    int n;
};

static void add(struct list *l, const char *kind, const void *data, size_t len)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(OIDS_BYTES);
    struct x509_name *name = l->n++ < NAMES ? arena_alloc(l->arena, sizeof(*name)) : NULL;

    if (!name)
        return;
    text_add_utf8_lossy(&text, (struct str){data, len});
    *name =
        (struct x509_name){.kind = kind, .value = arena_keep(l->arena, text.p ? buf_str(&text) : STR(""))};
    *l->last = name;
    l->last = &name->next;
}

static void add_string(struct list *l, const char *kind, const ASN1_STRING *s)
{
    add(l, kind, ASN1_STRING_get0_data(s), (size_t)ASN1_STRING_length(s));
}

static void add_ip(struct list *l, const ASN1_OCTET_STRING *ip)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(64);

    if (ip->length == 4)
        buf_printf(&text, "%d.%d.%d.%d", ip->data[0], ip->data[1], ip->data[2], ip->data[3]);
    for (int i = 0; ip->length == 16 && i < 16; i += 2)
        buf_printf(&text, "%s%x", i ? ":" : "", (unsigned)(ip->data[i] << 8 | ip->data[i + 1]));
    if (text.len > 0)
        add(l, "ip", text.p, text.len);
}

/* Name constraints give an address and a mask in one. */
static void add_address_range(struct list *l, const ASN1_OCTET_STRING *ip)
{
    CLEANUP(buf_done) struct buf text = BUF_INIT(128);
    int half = ip->length / 2;

    for (int i = 0; ip->length == 8 && i < 8; i++)
        buf_printf(&text, "%s%d", i == 4 ? "/" : i % 4 ? "." : "", ip->data[i]);
    for (int i = 0; ip->length == 32 && i < 32; i += 2)
        buf_printf(&text, "%s%x",
                   i == half  ? "/"
                   : i % half ? ":"
                              : "",
                   (unsigned)(ip->data[i] << 8 | ip->data[i + 1]));
    add(l, "ip", text.p ? text.p : "", text.len);
}

static void add_directory(struct list *l, const X509_NAME *name)
{
    struct str text = x509_fields_name_text(name, l->arena);

    if (text.p)
        add(l, "directory", text.p, text.len);
}

static void add_general_name(struct list *l, const GENERAL_NAME *g)
{
    switch (g->type) {
    case GEN_DIRNAME:
        add_directory(l, g->d.directoryName);
        break;
    case GEN_DNS:
        add_string(l, "dns", g->d.dNSName);
        break;
    case GEN_EMAIL:
        add_string(l, "email", g->d.rfc822Name);
        break;
    case GEN_URI:
        add_string(l, "uri", g->d.uniformResourceIdentifier);
        break;
    case GEN_IPADD:
        add_ip(l, g->d.iPAddress);
        break;
    case GEN_OTHERNAME:
        if (is_oid(g->d.otherName->type_id, UPN) && g->d.otherName->value->type == V_ASN1_UTF8STRING)
            add_string(l, "upn", g->d.otherName->value->value.utf8string);
        break;
    default:
        break;
    }
}

static const ASN1_OCTET_STRING *extension_data(const struct x509 *c, const char *oid)
{
    ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
    int at = object ? X509_get_ext_by_OBJ(c->handle, object, -1) : -1;

    ASN1_OBJECT_free(object);
    return at >= 0 ? X509_EXTENSION_get_data(X509_get_ext(c->handle, at)) : NULL;
}

/* KB5014754: a sequence of an other-name whose value is an octet string with the SID as text. */
static void add_sid(const struct x509 *c, struct list *l)
{
    const ASN1_OCTET_STRING *data = extension_data(c, SID_EXTENSION);
    const unsigned char *p = data ? data->data : NULL;
    GENERAL_NAMES *names = data ? d2i_GENERAL_NAMES(NULL, &p, data->length) : NULL;

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
        if (g->type == GEN_OTHERNAME && is_oid(g->d.otherName->type_id, SID_NAME) &&
            g->d.otherName->value->type == V_ASN1_OCTET_STRING)
            add_string(l, "sid", g->d.otherName->value->value.octet_string);
    }
    GENERAL_NAMES_free(names);
}

static void set_alternative_names(struct x509 *c, struct arena *a, struct buf *note)
{
    struct list l = {.arena = a, .last = &c->names};
    bool is_there;
    GENERAL_NAMES *names = decode(c, NID_subject_alt_name, &is_there, note);

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
        add_general_name(&l, sk_GENERAL_NAME_value(names, i));
    add_sid(c, &l);
    GENERAL_NAMES_free(names);
}

/* A subtree's base: an address with its mask for ip, else as the name itself. */
static void add_subtrees(struct list *l, const STACK_OF(GENERAL_SUBTREE) * subtrees, const char *which)
{
    for (int i = 0; i < sk_GENERAL_SUBTREE_num(subtrees); i++) {
        const GENERAL_NAME *g = sk_GENERAL_SUBTREE_value(subtrees, i)->base;
        struct list one = {.arena = l->arena};
        struct x509_name *name = NULL;
        const char *kind;
        one.last = &name;
        if (g->type == GEN_IPADD)
            add_address_range(&one, g->d.iPAddress);
        else
            add_general_name(&one, g);
        kind = name ? arena_printf(l->arena, "%s %s", which, name->kind)
                    : arena_printf(l->arena, "%s other", which);
        if (kind)
            add(l, kind, name ? name->value.p : "", name ? name->value.len : 0);
    }
}

static void set_constraints(struct x509 *c, struct arena *a, struct buf *note)
{
    struct list l = {.arena = a, .last = &c->constraints};
    bool is_there;
    NAME_CONSTRAINTS *nc = decode(c, NID_name_constraints, &is_there, note);

    c->has_broken_constraints = is_there && !nc;
    if (!nc)
        return;
    add_subtrees(&l, nc->permittedSubtrees, "permitted");
    add_subtrees(&l, nc->excludedSubtrees, "excluded");
    NAME_CONSTRAINTS_free(nc);
}

static void add_points(struct list *l, const CRL_DIST_POINTS *points)
{
    for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *p = sk_DIST_POINT_value(points, i);
        const GENERAL_NAMES *names =
            p->distpoint && p->distpoint->type == 0 ? p->distpoint->name.fullname : NULL;
        for (int k = 0; k < sk_GENERAL_NAME_num(names); k++) {
            const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, k);
            if (g->type == GEN_URI)
                add_string(l, "cdp", g->d.uniformResourceIdentifier);
        }
    }
}

static void set_urls(struct x509 *c, struct arena *a, struct buf *note)
{
    struct list l = {.arena = a, .last = &c->urls};
    bool is_there;
    CRL_DIST_POINTS *points = decode(c, NID_crl_distribution_points, &is_there, note);
    AUTHORITY_INFO_ACCESS *access = decode(c, NID_info_access, &is_there, note);

    add_points(&l, points);
    for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(access); i++) {
        const ACCESS_DESCRIPTION *d = sk_ACCESS_DESCRIPTION_value(access, i);
        int method = OBJ_obj2nid(d->method);
        if (d->location->type == GEN_URI && (method == NID_ad_OCSP || method == NID_ad_ca_issuers))
            add_string(&l, method == NID_ad_OCSP ? "ocsp" : "ca-issuers",
                       d->location->d.uniformResourceIdentifier);
    }
    CRL_DIST_POINTS_free(points);
    AUTHORITY_INFO_ACCESS_free(access);
}

/* Version 1: the template's name as a string; version 2: a sequence that begins with its OID. */
static struct str template_oid(const ASN1_OCTET_STRING *data, struct arena *a)
{
    const unsigned char *p = data->data, *end;
    ASN1_OBJECT *object = NULL;
    char oid[80];
    struct str text = {0};
    long len = 0;
    int tag = 0, class = 0;

    if ((ASN1_get_object(&p, &len, &tag, &class, data->length) & 0x80) || tag != V_ASN1_SEQUENCE)
        return text;
    end = p + len;
    object = d2i_ASN1_OBJECT(NULL, &p, end - p);
    if (object && OBJ_obj2txt(oid, sizeof(oid), object, 1) > 0)
        text = arena_keep(a, str_from(oid));
    ASN1_OBJECT_free(object);
    return text;
}

static void set_template(struct x509 *c, struct arena *a)
{
    CLEANUP(buf_done) struct buf out = BUF_INIT(OIDS_BYTES);
    const ASN1_OCTET_STRING *v2 = extension_data(c, "1.3.6.1.4.1.311.21.7"),
                            *v1 = extension_data(c, "1.3.6.1.4.1.311.20.2");
    const unsigned char *p = v1 ? v1->data : NULL;
    ASN1_STRING *name = v1 ? d2i_DISPLAYTEXT(NULL, &p, v1->length) : NULL;
    unsigned char *utf8 = NULL;
    int len = name ? ASN1_STRING_to_UTF8(&utf8, name) : -1;

    if (len >= 0) {
        text_add_utf8_lossy(&out, (struct str){(const char *)utf8, (size_t)len});
        c->template_name = arena_keep(a, out.p ? buf_str(&out) : STR(""));
    } else if (v2) {
        c->template_name = template_oid(v2, a);
    }
    OPENSSL_free(utf8);
    ASN1_STRING_free(name);
}

/* What Windows' engine understands in a critical extension; others make the chain invalid (causes H26). */
static bool is_understood(X509_EXTENSION *x)
{
    switch (OBJ_obj2nid(X509_EXTENSION_get_object(x))) {
    case NID_key_usage:
    case NID_ext_key_usage:
    case NID_basic_constraints:
    case NID_name_constraints:
    case NID_subject_alt_name:
    case NID_issuer_alt_name:
    case NID_certificate_policies:
    case NID_policy_constraints:
    case NID_policy_mappings:
    case NID_inhibit_any_policy:
    case NID_crl_distribution_points:
    case NID_subject_key_identifier:
    case NID_authority_key_identifier:
        return true;
    default: /* Microsoft's application policies, their constraints and mappings */
        return is_oid(X509_EXTENSION_get_object(x), "1.3.6.1.4.1.311.21.10") ||
               is_oid(X509_EXTENSION_get_object(x), "1.3.6.1.4.1.311.21.11") ||
               is_oid(X509_EXTENSION_get_object(x), "1.3.6.1.4.1.311.21.12");
    }
}

static void note_critical(struct x509 *c, struct buf *note)
{
    for (int i = 0; i < X509_get_ext_count(c->handle); i++) {
        X509_EXTENSION *x = X509_get_ext(c->handle, i);
        char oid[80];
        if (!X509_EXTENSION_get_critical(x) || is_understood(x))
            continue;
        c->has_unknown_critical = true;
        (void)OBJ_obj2txt(oid, sizeof(oid), X509_EXTENSION_get_object(x), 1);
        buf_printf(note, "critical extension %s that Windows does not know; ", oid);
    }
}

static void set_policy(struct x509 *c)
{
    c->has_policy_constraints = X509_get_ext_by_NID(c->handle, NID_policy_constraints, -1) >= 0;
}

void x509_fields_extensions(struct x509 *c, struct arena *a, struct buf *note)
{
    set_eku(c, a, note);
    set_key_usage(c, a, note);
    set_basic_constraints(c, note);
    set_identifiers(c, a, note);
    set_alternative_names(c, a, note);
    set_constraints(c, a, note);
    set_urls(c, a, note);
    set_template(c, a);
    set_policy(c);
    note_critical(c, note);
}
