/* SPDX-License-Identifier: Apache-2.0
 *
 * x509_fields: the parts of x509_parse; each fills its fields from c->handle and adds to the note what is
 * odd. */
#ifndef CERTTRIAGE_X509_FIELDS_H
#define CERTTRIAGE_X509_FIELDS_H

#include "x509.h"

/* Last RDN first, as certutil and the certificate dialogs print; p NULL: no memory. */
struct str x509_fields_name_text(const void *x509_name, struct arena *a);
void x509_fields_names(struct x509 *c, struct arena *a);
void x509_fields_times(struct x509 *c, struct buf *note);
void x509_fields_key(struct x509 *c, struct arena *a, struct buf *note);
void x509_fields_extensions(struct x509 *c, struct arena *a, struct buf *note);

#endif
