/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_mend: certificates that Windows reads and OpenSSL refuses. CryptoAPI decodes neither the texts of a
 * name nor the padding of the serial number when it opens a certificate; OpenSSL refuses all of it for a
 * UTF8String that is not UTF-8. The copy made here has the same length and differs in what OpenSSL stumbles
 * over only; what was signed is in the original. */
#ifndef CERTTRIAGE_X509_MEND_H
#define CERTTRIAGE_X509_MEND_H

#include "arena.h"

struct x509_mended {
    struct bytes der;                           /* for OpenSSL, in the arena */
    struct bytes body, issuer, subject, serial; /* where they stand in the original; serial: its content */
    bool has_odd_name, has_odd_serial;
};

/* A text of issuer or subject that is not what its type says becomes a T61String (one byte a character); a
 * serial number with needless leading bytes gets another first byte. False: there is no such thing, it is no
 * certificate, or no memory. */
bool x509_mend(struct bytes der, struct arena *a, struct x509_mended *ret);

#endif
