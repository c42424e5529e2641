/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes and random numbers of BCrypt. */
#include "win32.h"

#include <bcrypt.h>
#include <stdlib.h>

struct os_hash {
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE hash;
    ULONG n_bytes;
};

static int fail(struct err *e, NTSTATUS status)
{
    int r = err_set(e, ERR_IO, "BCrypt: status 0x%08lx", (unsigned long)status);

    e->os_code = (unsigned)status;
    return r;
}

/* A finished hash can be used again only since Windows 8: a new one is made. */
static NTSTATUS start(struct os_hash *h)
{
    if (h->hash != NULL)
        (void)BCryptDestroyHash(h->hash);
    h->hash = NULL;
    return BCryptCreateHash(h->algorithm, &h->hash, NULL, 0, NULL, 0, 0);
}

int os_hash_new(enum os_hash_kind kind, struct os_hash **ret, struct err *e)
{
    const wchar_t *name = kind == OS_SHA1 ? BCRYPT_SHA1_ALGORITHM : BCRYPT_SHA256_ALGORITHM;
    struct os_hash *h = calloc(1, sizeof *h);
    NTSTATUS status;

    if (h == NULL)
        return err_set(e, ERR_NOMEM, "hash: out of memory");
    h->n_bytes = kind == OS_SHA1 ? OS_SHA1_BYTES : OS_SHA256_BYTES;
    status = BCryptOpenAlgorithmProvider(&h->algorithm, name, NULL, 0);
    if (status == 0)
        status = start(h);
    if (status != 0) {
        os_hash_free(h);
        return fail(e, status);
    }
    *ret = h;
    return 0;
}

int os_hash_add(struct os_hash *h, const void *data, size_t len, struct err *e)
{
    const UCHAR *p = data;
    NTSTATUS status = 0;

    while (len > 0 && status == 0) {
        ULONG n = len > 0x10000000 ? 0x10000000 : (ULONG)len;

        status = BCryptHashData(h->hash, (UCHAR *)(uintptr_t)p, n, 0); /* it only reads */
        p += n;
        len -= n;
    }
    return status == 0 ? 0 : fail(e, status);
}

int os_hash_end(struct os_hash *h, uint8_t *ret, struct err *e)
{
    NTSTATUS status = BCryptFinishHash(h->hash, ret, h->n_bytes, 0);

    if (status == 0)
        status = start(h);
    return status == 0 ? 0 : fail(e, status);
}

void os_hash_free(struct os_hash *h)
{
    if (h == NULL)
        return;
    if (h->hash != NULL)
        (void)BCryptDestroyHash(h->hash);
    if (h->algorithm != NULL)
        (void)BCryptCloseAlgorithmProvider(h->algorithm, 0);
    free(h);
}

int os_random(void *ret, size_t len, struct err *e)
{
    NTSTATUS status = BCryptGenRandom(NULL, ret, (ULONG)len, BCRYPT_USE_SYSTEM_PREFERRED_RNG);

    return status == 0 ? 0 : fail(e, status);
}
