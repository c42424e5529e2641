/* SPDX-License-Identifier: Apache-2.0
 *
 * tls: the server's certificate and key, as files that may be renewed while the server runs. */
#ifndef CERTTRIAGE_TLS_H
#define CERTTRIAGE_TLS_H

#include "err.h"

#include <gnutls/abstract.h>

/* Reads PEM files (the chain: server's certificate first) and, when the key belongs to the certificate, lets
 * handshakes from now on use them; those under way end as they began. On failure what was there before stays.
 * One certificate a process, because GnuTLS' callback has no context. -ERR_MISSING, -ERR_FORMAT, -ERR_LIMIT.
 */
int tls_load(const char *cert_path, const char *key_path, struct err *e);

/* For MHD_OPTION_HTTPS_CERT_CALLBACK2. */
gnutls_certificate_retrieve_function3 tls_retrieve;

#endif
