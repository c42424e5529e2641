/* SPDX-License-Identifier: Apache-2.0
 *
 * chain: what the system makes of a certificate (CertGetCertificateChain), as stores.json and chains/ tell
 * it. */
#ifndef CERTTRIAGE_CHAIN_H
#define CERTTRIAGE_CHAIN_H

#include "probe.h"

/* One object of `chains` (schema/bundle.md), a new reference; NULL without memory. user empty: as the
 * machine. *fatal is set when hashing fails. */
struct json_t *chain_value(struct probe_run *run, struct os_hash *sha1, struct str user, struct bytes der,
                           enum os_revocation how, struct err *fatal);

#endif
