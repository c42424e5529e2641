/* SPDX-License-Identifier: Apache-2.0 */
#include "extract_wire.h"

#include <string.h>

#include <openssl/evp.h>

#include "limits.h"

static void hex_of(const uint8_t sha1[20], char ret[41])
{
    static const char DIGITS[] = "0123456789abcdef";

    for (size_t i = 0; i < 20; i++) {
        ret[2 * i] = DIGITS[sha1[i] >> 4];
        ret[2 * i + 1] = DIGITS[sha1[i] & 15];
    }
    ret[40] = '\0';
}

static bool sha1_of(struct bytes b, uint8_t ret[20])
{
    return EVP_Digest(b.p ? b.p : (const uint8_t *)"", b.len, ret, NULL, EVP_sha1(), NULL) == 1;
}

bool wire_keep_certificate(struct wire *w, struct bytes der, bool is_of_client, char ret[41])
{
    uint8_t sha1[20] = {0};

    if (!sha1_of(der, sha1))
        w->is_out_of_memory = true;
    hex_of(sha1, ret);
    for (size_t i = 0; i < w->n_certificates; i++) {
        if (memcmp(w->certificates[i].sha1, sha1, sizeof sha1) != 0)
            continue;
        w->certificates[i].is_of_client |= is_of_client;
        return true;
    }
    if (w->n_certificates == (size_t)LIMIT_HANDSHAKE_CERTIFICATES || der.len > (size_t)LIMIT_CERT_BYTES ||
        w->certificate_bytes + der.len > (size_t)LIMIT_HANDSHAKE_CERTIFICATE_BYTES) {
        w->n_certificates_left++;
        return false;
    }
    uint8_t *copy = arena_alloc(w->x->arena, der.len + 1);
    if (!copy) {
        w->is_out_of_memory = true;
        return false;
    }
    if (der.len > 0)
        memcpy(copy, der.p, der.len);
    struct wire_certificate *c = &w->certificates[w->n_certificates++];
    *c = (struct wire_certificate){.der = {copy, der.len}, .is_of_client = is_of_client};
    memcpy(c->sha1, sha1, sizeof sha1);
    w->certificate_bytes += der.len;
    return true;
}

bool wire_is_new_list(struct wire *w, struct bytes list, char ret[41])
{
    uint8_t sha1[20] = {0};

    if (!sha1_of(list, sha1))
        w->is_out_of_memory = true;
    hex_of(sha1, ret);
    for (size_t i = 0; i < w->n_lists; i++)
        if (memcmp(w->lists[i], sha1, sizeof sha1) == 0)
            return false;
    if (w->n_lists == (size_t)LIMIT_HANDSHAKE_LISTS) {
        w->n_lists_left++;
        return false;
    }
    memcpy(w->lists[w->n_lists++], sha1, sizeof sha1);
    return true;
}

/* Those of clients behind those that are mapped, for their chains are judged like theirs. */
static int give_certificates(struct wire *w)
{
    struct extract_state *x = w->x;
    size_t n = w->n_certificates;
    struct bytes *mapped = arena_array(x->arena, x->n_mapped + n + 1, sizeof *mapped);

    x->seen = arena_array(x->arena, n + 1, sizeof *x->seen);
    if (!mapped || !x->seen)
        return -ERR_NOMEM;
    if (x->n_mapped > 0)
        memcpy(mapped, x->mapped, x->n_mapped * sizeof *mapped);
    x->mapped = mapped;
    for (size_t i = 0; i < n; i++) {
        if (w->certificates[i].is_of_client)
            x->mapped[x->n_mapped++] = w->certificates[i].der;
        else
            x->seen[x->n_seen++] = w->certificates[i].der;
    }
    return 0;
}

static void tell_limits(const struct wire *w)
{
    struct sink *sink = w->x->sink;

    if (w->n_certificates_left > 0)
        sink_problem(sink, (struct str){0}, 0,
                     "handshakes: %zu certificates are named by their thumbprints only, there are too many",
                     w->n_certificates_left);
    if (w->n_lists_left > 0)
        sink_problem(sink, (struct str){0}, 0,
                     "handshakes: the names of %zu lists of issuers are left out, there are more than %lld",
                     w->n_lists_left, (long long)LIMIT_HANDSHAKE_LISTS);
}

static bool is_capture(struct str name)
{
    static const char *const SUFFIXES[] = {".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz", ".cap.gz"};

    for (size_t i = 0; str_istarts(name, STR("attach/")) && i < ARRAY_LEN(SUFFIXES); i++)
        if (str_iends(name, str_from(SUFFIXES[i])))
            return true;
    return false;
}

static bool is_probe(struct str name)
{
    return str_istarts(name, STR("tls/")) && str_iends(name, STR(".json"));
}

static int read_all(struct wire *w)
{
    const struct bundle_view *view = w->x->view;
    int r = 0;

    w->certificates = arena_array(w->x->arena, (size_t)LIMIT_HANDSHAKE_CERTIFICATES, sizeof *w->certificates);
    w->lists = arena_array(w->x->arena, (size_t)LIMIT_HANDSHAKE_LISTS, sizeof *w->lists);
    if (!w->certificates || !w->lists)
        return -ERR_NOMEM;
    for (size_t i = 0; r == 0 && i < view->n_entries; i++) {
        if (is_probe(view->entries[i].name))
            r = wire_read_probe(w, i);
        else if (is_capture(view->entries[i].name))
            r = wire_read_capture(w, i);
    }
    if (r == 0 && w->is_out_of_memory)
        r = -ERR_NOMEM;
    if (r == 0)
        r = give_certificates(w);
    tell_limits(w);
    return r;
}

int extract_wire(struct extract_state *x, struct err *e)
{
    struct wire w = {.x = x, .e = e};
    bool is_needed = false;

    for (size_t i = 0; i < x->view->n_entries; i++)
        is_needed |= is_probe(x->view->entries[i].name) || is_capture(x->view->entries[i].name);
    if (is_needed && read_all(&w) < 0)
        return err_set(e, ERR_NOMEM, "handshakes: out of memory");
    return sink_check(x->sink, e);
}
