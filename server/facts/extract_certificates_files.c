/* SPDX-License-Identifier: Apache-2.0
 *
 * Files under certs/ and attach/: certificates, stores, revocation and trust lists. */
#include "extract_certificates.h"

#include <string.h>

#include <openssl/evp.h>

static int no_memory(struct err *e)
{
    return err_set(e, ERR_NOMEM, "certificates: out of memory");
}

/* --- where a file belongs --- */

void certificates_set_location(struct str text, struct certificate_place *p)
{
    const struct str user = STR("CurrentUser");

    p->location = text;
    if (!str_istarts(text, user))
        return;
    p->location = user;
    if (text.len > user.len + 1 && text.p[user.len] == '-')
        p->user = str_skip(text, user.len + 1);
}

/* 'Root.sst' is Root. */
static struct str without_ending(struct str name)
{
    for (size_t i = name.len; i > 1; i--)
        if (name.p[i - 1] == '.')
            return (struct str){name.p, i - 1};
    return name;
}

bool certificates_entry_store(struct str name, struct str *ret_location, struct str *ret_store)
{
    struct str rest, location, store;

    if (!str_istarts(name, STR("certs/")))
        return false;
    (void)str_cut(name, '/', &rest);
    location = str_cut(rest, '/', &rest);
    if (!rest.p)
        return false;
    store = str_cut(rest, '/', &rest);
    if (!rest.p)
        store = without_ending(store);
    if (location.len == 0 || store.len == 0)
        return false;
    *ret_location = location;
    *ret_store = store;
    return true;
}

/* A file that lies elsewhere is known, but stands in no store. */
static void set_place(struct str name, struct certificate_place *p)
{
    struct str location, store;

    if (!certificates_entry_store(name, &location, &store))
        return;
    certificates_set_location(location, p);
    p->store = certificates_store_name(store, &p->physical);
}

/* --- what is in it --- */

/* Hex in the arena; NULL without memory. */
static const char *hash_hex(struct bytes der, const EVP_MD *algorithm, struct arena *a)
{
    CLEANUP(buf_done) struct buf hex = BUF_INIT(4 * EVP_MAX_MD_SIZE);
    unsigned char md[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (EVP_Digest(der.p, der.len, md, &len, algorithm, NULL) != 1)
        return NULL;
    text_hex(&hex, md, len);
    return hex.p ? arena_keep(a, buf_str(&hex)).p : NULL;
}

const char *certificates_sha1(struct bytes der, struct arena *a)
{
    return hash_hex(der, EVP_sha1(), a);
}

/* A certificate that OpenSSL cannot decode: it is in the store all the same, and Windows may read it. */
static int take_undecodable(struct certificates *k, struct bytes der, struct certificate_place *p,
                            const struct err *why, struct err *e)
{
    struct sink *s = k->x->sink;

    sink_problem(s, p->entry, p->line, "%s", why->text);
    if (why->code != ERR_FORMAT || der.len > (size_t)LIMIT_CERT_BYTES)
        return 0;
    p->thumbprint = certificates_sha1(der, k->x->arena);
    if (!p->thumbprint)
        return no_memory(e);
    sink_begin(s, "certificate");
    sink_c(s, "thumbprint", p->thumbprint);
    sink_c(s, "sha256", hash_hex(der, EVP_sha256(), k->x->arena));
    sink_int(s, "size", (int64_t)der.len);
    sink_c(s, "note", "cannot be decoded");
    sink_end(s);
    return p->store.p ? certificates_place(k, p, e) : 0;
}

static int take_list(struct certificates *k, struct bytes der, const struct certificate_place *where,
                     struct certificate_list **list, struct err *e)
{
    struct certificate_list *one = arena_alloc(k->x->arena, sizeof(*one));
    struct str kept = arena_keep(k->x->arena, (struct str){(const char *)der.p, der.len});

    if (!one || !kept.p)
        return no_memory(e);
    one->sha1 = certificates_sha1((struct bytes){(const uint8_t *)kept.p, kept.len}, k->x->arena);
    if (!one->sha1)
        return no_memory(e);
    if (k->n_lists++ >= (size_t)LIMIT_STORE_LISTS)
        return 0;
    one->place = *where;
    one->der = (struct bytes){(const uint8_t *)kept.p, kept.len};
    one->next = *list;
    *list = one;
    return 0;
}

int certificates_take(struct certificates *k, const struct store_blob *b,
                      const struct certificate_place *where, struct err *e)
{
    struct certificate_place p = *where;
    struct err why = {0};

    if (b->crl.len > 0)
        return take_list(k, b->crl, where, &k->crls, e);
    if (b->ctl.len > 0)
        return take_list(k, b->ctl, where, &k->ctls, e);
    certificates_set_properties(b, k->x->arena, &p);
    k->entry = where->entry;
    p.certificate = certificates_add(k, b->certificate, &why);
    if (!p.certificate && why.code == ERR_NOMEM)
        return no_memory(e);
    if (!p.certificate)
        return take_undecodable(k, b->certificate, &p, &why, e);
    p.thumbprint = p.certificate->thumbprint;
    return p.store.p ? certificates_place(k, &p, e) : 0;
}

struct file {
    struct certificates *k;
    struct certificate_place place;
};

static int take(const struct store_blob *b, void *ctx, struct err *e)
{
    struct file *f = ctx;

    return certificates_take(f->k, b, &f->place, e);
}

static bool is_certificate_file(struct str name)
{
    static const char *const ends[] = {".cer", ".crt", ".der", ".pem", ".p7b",
                                       ".p7c", ".sst", ".crl", ".stl"};

    if (str_istarts(name, STR("certs/")))
        return !certificates_is_stores(name);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (str_iends(name, str_from(ends[i])))
            return str_istarts(name, STR("attach/"));
    return false;
}

static int read_file(struct certificates *k, const struct entry *entry, struct err *e)
{
    struct file f = {.k = k, .place = {.archived = -1, .entry = entry->name}};
    struct bytes bytes;
    int r = k->x->view->read(k->x->view->ctx, entry, k->x->arena, &bytes, e);

    set_place(entry->name, &f.place);
    if (r == 0)
        r = x509_read_file(bytes, take, &f, e);
    if (r == -ERR_NOMEM)
        return r;
    if (r < 0)
        sink_problem(k->x->sink, entry->name, 0, "%s", e->text);
    return 0;
}

int certificates_read_entries(struct certificates *k, struct err *e)
{
    const struct bundle_view *view = k->x->view;
    int r = 0;

    for (size_t i = 0; r == 0 && i < view->n_entries; i++)
        if (is_certificate_file(view->entries[i].name))
            r = read_file(k, &view->entries[i], e);
    return r;
}
