/* SPDX-License-Identifier: Apache-2.0
 *
 * random_pki: PKIs by chance: depth, links that are in no store, expiry, path lengths, usages, cross-signing,
 * two CAs of one name. srand says which. */
#ifndef CERTTRIAGE_TEST_RANDOM_PKI_H
#define CERTTRIAGE_TEST_RANDOM_PKI_H

#include "server/pki.h"

#include "x509_chain.h"

enum { RANDOM_MEMBERS = 24 };

struct random_pki {
    struct pki certs[RANDOM_MEMBERS];
    unsigned places[RANDOM_MEMBERS]; /* 0: exists, and is in no store */
    size_t n;
    struct pki leaf;
};

static inline bool random_one_of(int n)
{
    return rand() % n == 0;
}

static inline struct pki_plan random_ca(const char *name, const struct pki *issuer)
{
    struct pki_plan p = {.name = name, .issuer = issuer, .is_ca = true};

    if (random_one_of(8)) {
        p.from_days = random_one_of(2) ? -90 : 30;
        p.to_days = p.from_days + 60;
    }
    if (random_one_of(8))
        p.path_length = 1 + rand() % 2;
    if (random_one_of(10))
        p.eku = random_one_of(2) ? "serverAuth" : "clientAuth,serverAuth";
    if (random_one_of(10))
        p.key_usage = random_one_of(2) ? "critical,digitalSignature" : "critical,keyCertSign,cRLSign";
    if (random_one_of(10))
        p.no_aki = true;
    return p;
}

static inline void random_add(struct random_pki *r, struct pki_plan plan, unsigned place)
{
    r->certs[r->n] = pki_make(plan);
    r->places[r->n++] = random_one_of(7) ? 0 : place;
}

static inline void random_make(struct random_pki *r)
{
    static const char *const names[] = {"One", "Two", "Three", "Four"};
    size_t issuer, depth = (size_t)rand() % 4;

    memset(r, 0, sizeof *r);
    random_add(r, random_ca("Root A", NULL), X509_IN_ROOT);
    random_add(r, random_ca("Root B", NULL), X509_IN_ROOT);
    issuer = (size_t)rand() % 2;
    for (size_t i = 0; i < depth; i++) {
        random_add(r, random_ca(names[i], &r->certs[issuer]), X509_IN_CA);
        if (random_one_of(3)) { /* the same key, from elsewhere, or once more */
            struct pki_plan cross =
                random_ca(names[i], &r->certs[random_one_of(2) ? issuer : (size_t)rand() % 2]);
            size_t first = r->n - 1;
            cross.key = r->certs[first].key;
            random_add(r, cross, X509_IN_CA);
            issuer = first;
        } else {
            issuer = r->n - 1;
        }
        if (random_one_of(5)) /* another CA of that name, with a key of its own */
            random_add(r, random_ca(names[i], &r->certs[(size_t)rand() % 2]), X509_IN_CA);
    }
    r->leaf = pki_make((struct pki_plan){.name = "Ann",
                                         .issuer = &r->certs[issuer],
                                         .eku = random_one_of(2) ? "clientAuth" : NULL,
                                         .no_aki = random_one_of(6),
                                         .from_days = random_one_of(12) ? -20 : -100,
                                         .to_days = random_one_of(12) ? -10 : 100});
}

static inline void random_done(struct random_pki *r)
{
    for (size_t i = 0; i < r->n; i++)
        pki_done(&r->certs[i]);
    pki_done(&r->leaf);
}

#endif
