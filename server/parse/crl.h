/* SPDX-License-Identifier: Apache-2.0
 *
 * crl: one certificate revocation list, read by OpenSSL. */
#ifndef CERTTRIAGE_CRL_H
#define CERTTRIAGE_CRL_H

#include "x509.h"

struct crl {
    char sha1[41];
    struct str issuer;
    struct bytes issuer_der, aki; /* aki p NULL: none */
    unsigned long issuer_hash;    /* as x509.subject_hash */
    struct str number;            /* hex; p NULL: none */
    bool is_delta;
    int64_t this_update_ms, next_update_ms; /* TIME_NONE: none */
    int n_revoked;
    const char *signature_algorithm;
    void *handle; /* OpenSSL's X509_CRL */
};

struct crl_entry {
    struct bytes serial; /* as x509.serial */
    int64_t revoked_ms;
    const char *reason; /* NULL: not said */
};

/* DER; crl_done when it went well. -ERR_FORMAT, -ERR_LIMIT, -ERR_NOMEM. */
int crl_read(struct bytes der, struct arena *a, struct crl *ret, struct err *e);
void crl_done(struct crl *c);
/* i below n_revoked, in the order of the list. */
bool crl_entry_at(const struct crl *c, int i, struct crl_entry *ret);
/* Did this certificate's key sign it? */
enum x509_answer crl_signed_by(const struct crl *c, const struct x509 *issuer);

#endif
