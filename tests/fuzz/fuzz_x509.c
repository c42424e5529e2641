/* SPDX-License-Identifier: Apache-2.0
 *
 * fuzz_x509: bytes as a file of certificates, which are then each other's stores, and as a property list.
 *
 * seeds: *.pem */
#include <stdint.h>
#include <string.h>

#include "store_blob.h"
#include "x509_chain.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CERTIFICATES = 16 };

struct found {
    struct arena a;
    struct x509 list[CERTIFICATES];
    struct x509_member members[CERTIFICATES];
    size_t n;
};

static int take(const struct store_blob *b, void *ctx, struct err *e)
{
    struct found *f = ctx;
    struct err ignored = {0};
    (void)e;

    if (f->n < CERTIFICATES && x509_parse(b->certificate, &f->a, &f->list[f->n], &ignored) == 0) {
        f->members[f->n] = (struct x509_member){.certificate = &f->list[f->n],
                                                .places = f->n % 2 ? X509_IN_CA : X509_IN_ROOT};
        f->n++;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct found f = {.a = ARENA_INIT(64 << 20)};
    const struct bytes in = {data, size};
    struct x509_pool pool;
    struct x509_chain chain;
    struct store_blob blob;
    struct store_blob_key key;
    struct err e = {0};

    (void)x509_read_file(in, take, &f, &e);
    if (store_blob_read(in, &blob, &e) == 0) {
        (void)store_blob_key_read(blob.key, &key);
        (void)x509_eku_text(blob.eku, &f.a);
        (void)take(&blob, &f, &e);
    }
    pool = (struct x509_pool){.members = f.members, .n_members = f.n};
    for (size_t i = 0; i < f.n; i++)
        (void)x509_chain_build(&pool, &f.members[i], 1767225600000, true, &f.a, &chain, &e);
    for (size_t i = 0; i < f.n; i++)
        x509_done(&f.list[i]);
    arena_done(&f.a);
    return 0;
}
